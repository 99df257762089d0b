"""The websocket's handshake: who may open one, and what its first frame must be."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from app.socket import HELLO_WITHIN
from tests.app.harness import ManualClock, served


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_hello_welcome_live(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            async with ann.line({room: 0}) as line:
                welcome, joined = line.skipped
                assert welcome["user"] == {"id": ann.id, "name": "Ann"}
                assert welcome["rooms"] == [
                    {
                        "room": room,
                        "seq": 1,
                        "members": [
                            {"id": ann.id, "name": "Ann", "role": "owner", "online": True},
                            {"id": bob.id, "name": "Bob", "role": "member", "online": False},
                        ],
                    }
                ]
                assert (joined["type"], joined["seq"], joined["state"]) == ("presence", 1, "joined")
            async with ann.line() as line:
                assert (await line.next())["rooms"] == []

    run(go())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"type":"ping"}', "unauthorized"),
        ('{"type":"hello","token":"wrong"}', "unauthorized"),
        ('{"type":"hello"}', "bad_input"),
        ("nonsense", "bad_input"),
        (b"binary", "bad_input"),
    ],
)
def test_a_first_frame_that_is_no_valid_hello_closes(tmp_path: Path, frame: str | bytes, code: str) -> None:
    async def go() -> None:
        async with served(tmp_path) as house, house.dial() as line:
            await line.connection.send(frame)
            assert (await line.next())["code"] == code
            assert (await line.closed())[0] == 4401

    run(go())


def test_a_token_in_the_url_closes(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            for name in ("token", "access_token", "Token"):
                async with house.dial(f"?{name}={ann.token}") as line:
                    code, reason = await line.closed()
                    assert code == 4401
                    assert "URL" in reason

    run(go())


def test_no_hello_in_ten_seconds_closes(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann = await house.user("Ann")
            async with house.dial() as silent, ann.line() as talking:
                await talking.quiet()
                clock.advance(HELLO_WITHIN)
                assert (await silent.closed())[0] == 4401
                await talking.quiet()

    run(go())


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://{own}", True),
        ("https://friend.example", True),
        ("https://evil.example", False),
        ("http://{own}.evil.example", False),
        ("null", False),
    ],
)
def test_only_pages_of_ours_and_of_the_list_may_open_one(tmp_path: Path, origin: str | None, allowed: bool) -> None:
    async def go() -> None:
        async with served(tmp_path, origins=["https://friend.example"]) as house:
            named = origin.format(own=house.url.removeprefix("http://")) if origin else None
            if allowed:
                async with house.dial(origin=named) as line:
                    await line.send(type="ping")
                    assert (await line.next())["code"] == "unauthorized"
            else:
                with pytest.raises(InvalidStatus) as refused:
                    async with house.dial(origin=named):
                        pass
                assert refused.value.response.status_code == 403

    run(go())


def test_only_ws_is_a_websocket(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            house.ws += "x"
            with pytest.raises(InvalidStatus):
                async with house.dial():
                    pass

    run(go())
