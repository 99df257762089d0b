"""What a running service is made of."""

import asyncio
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from app.clock import WallClock
from tests.app.harness import served


def test_the_parts_belong_together_and_cannot_be_exchanged(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            parts = house.parts
            assert parts.engine is house.engine
            assert isinstance(parts.clock, WallClock)
            ann = await house.user("Ann")
            assert await parts.store.credentials.bearer(ann.token, parts.clock.now()) is not None
            with pytest.raises(FrozenInstanceError):
                parts.engine = parts.engine  # type: ignore[misc]

    asyncio.run(go())
