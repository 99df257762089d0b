"""Registering."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_register_and_me(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("  Ann ")
            assert ann.name == "Ann"
            assert await ann.got("GET", "/me") == {"id": ann.id, "name": "Ann"}

    asyncio.run(go())


def test_registration_is_open_on_loopback_only_unless_set(tmp_path: Path) -> None:
    async def go() -> None:
        for settings, status in (
            ({"host": "127.0.0.1"}, 201),
            ({"host": "0.0.0.0"}, 403),
            ({"host": "0.0.0.0", "open_registration": True}, 201),
            ({"open_registration": False}, 403),
        ):
            async with served(tmp_path, **settings) as house:
                response = await house.http.post("/api/v1/users", json={"name": "Ann"})
                assert response.status_code == status
                assert (await house.http.get("/api/v1/info")).json()["registration_open"] == (status == 201)

    asyncio.run(go())


def test_info(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            house.engine.word = "starting"
            info = (await house.http.get("/api/v1/info")).json()
            assert info == {"model": "scripted", "model_status": "starting", "tiny": False, "registration_open": True}

    asyncio.run(go())
