"""What is killed comes back."""

import time
from pathlib import Path

import pytest

from bench.victims import Redis, Victim, installed


def test_a_redis_is_killed_and_comes_back(tmp_path: Path) -> None:
    if not installed():
        pytest.skip("nothing to kill: no PostgreSQL in /usr/lib/postgresql, or no redis-server in PATH")
    with Redis(tmp_path) as redis:
        first = redis.back_at
        redis.kill()
        redis.start()
        assert first < redis.back_at <= time.monotonic()


def test_what_does_not_start_says_what_it_logged(tmp_path: Path) -> None:
    class Silent(Victim):
        def answers(self) -> None:
            assert self._process is not None
            self._process.wait()
            raise RuntimeError("no answer")

    with pytest.raises(RuntimeError, match="sorry"), Silent(tmp_path, ["echo", "sorry"]):
        pass
