import asyncio
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tests.app.harness import ManualClock, ScriptedEngine, served


def test_routes_see_what_the_service_was_put_together_from(tmp_path: Path) -> None:
    async def go() -> None:
        engine, clock = ScriptedEngine(), ManualClock()
        async with served(tmp_path, engine, clock) as house:
            parts = house.parts
            assert (parts.engine, parts.clock, parts.settings.model) == (engine, clock, "scripted")
            with pytest.raises(FrozenInstanceError):
                parts.clock = ManualClock()  # type: ignore[misc]

    asyncio.run(go())
