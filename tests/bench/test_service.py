import httpx
import pytest

from bench.service import await_ready, running


def test_a_service_of_its_own_is_ready_and_gone_afterwards() -> None:
    with running("scripted") as url:
        assert httpx.get(f"{url}/readyz", trust_env=False).json()["ready"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/readyz", trust_env=False)


def test_one_that_cannot_start_says_why() -> None:
    with pytest.raises(RuntimeError, match="names no model"), running("openai:"):
        pass


def test_waiting_ends_when_nothing_is_alive() -> None:
    with pytest.raises(RuntimeError, match="no answer"):
        await_ready("http://127.0.0.1:9", 60.0, lambda: False)
