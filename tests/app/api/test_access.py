"""Who asks. What they may is tests/app/test_security.py."""

import asyncio
from pathlib import Path

import pytest

from tests.app.harness import served


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Basic {token}", "{token}", "Bearer {token}x", "Bearer\t{token}"]
)
def test_only_a_bearer_token_is_a_token(tmp_path: Path, header: str | None) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            headers = {} if header is None else {"Authorization": header.format(token=ann.token)}
            response = await house.http.get("/api/v1/me", headers=headers)
            assert response.status_code == 401
            error = response.json()["error"]
            assert (error["code"], error["field"]) == ("unauthorized", "Authorization")
            assert ann.token not in response.text
            assert response.headers["www-authenticate"] == "Bearer"
            url = await house.http.get(f"/api/v1/me?token={ann.token}")
            assert (url.status_code, url.json()["error"]["field"]) == (422, "token")
            assert ann.token not in url.text

    asyncio.run(go())


def test_strangers_cannot_tell_a_room_from_no_room(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, eve = await house.user("Ann"), await house.user("Eve")
            room = await ann.room("Tea")
            there, nowhere = await eve.call("GET", f"/rooms/{room}"), await eve.call("GET", "/rooms/nowhere")
            assert there.status_code == nowhere.status_code == 404
            assert there.text.replace(room, "nowhere") == nowhere.text

    asyncio.run(go())
