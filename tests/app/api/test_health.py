"""Alive and ready."""

import asyncio
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.store.database import Database
from tests.app.harness import served


def test_alive_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            assert (await house.http.get("/healthz")).json() == {"status": "ok"}
            ready = await house.http.get("/readyz")
            assert (ready.status_code, ready.json()["ready"]) == (200, True)

            async def broken(self: Database) -> None:
                raise Unavailable("the disk is full")

            monkeypatch.setattr(Database, "probe", broken)
            ready = await house.http.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["checks"] == {"database": "the disk is full", "model": "ok"}
            assert (await house.http.get("/healthz")).status_code == 200

    asyncio.run(go())
