"""The log: shapes, ids, and no secrets."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from app.log import REQUEST, ROOM, set_up, without_secrets
from app.room import Room
from app.store.tokens import new_secret
from app.store.users import Users
from tests.app.harness import served


@pytest.fixture(autouse=True)
def _root_as_it_was() -> object:
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)


@pytest.mark.parametrize("shape", ["text", "json"])
def test_no_secret_is_written_whoever_logs_it(shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(logging.DEBUG, shape)  # type: ignore[arg-type]
    token = new_secret()
    log = logging.getLogger("somebody.else")
    log.warning("hello %s", {"type": "hello", "token": token})
    log.info("Authorization: Bearer short-one")
    log.debug("postgresql+asyncpg://aside:pa55word@db/aside and redis://:hunter2@cache")
    try:
        raise RuntimeError(f"in a traceback: {token}")
    except RuntimeError:
        log.exception("broke")
    shown = capsys.readouterr().err
    assert "somebody.else" in shown
    assert not any(secret in shown for secret in (token, "short-one", "pa55word", "hunter2"))


def test_json_is_one_object_a_line_with_the_request_and_the_room(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(logging.INFO, "json")
    REQUEST.set("r1")
    ROOM.set("den")
    logging.getLogger("app.x").info('two\nlines and a "quote" of %s', "Ann")
    line = json.loads(capsys.readouterr().err)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "app.x",
        "message": 'two\nlines and a "quote" of Ann',
        "request": "r1",
        "room": "den",
    }


@pytest.mark.parametrize("library", ["httpx", "httpx2", "openai"])
def test_a_request_to_the_model_is_no_news(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(logging.INFO, "text")
    logging.getLogger(library).info("HTTP Request: POST http://127.0.0.1:8100/v1/chat/completions")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("innocent", ["0123456789abcdef", "a" * 42, "a" * 44, "d" * 64, "the room is full", "skill"])
def test_other_words_stay(innocent: str) -> None:
    assert without_secrets(innocent) == innocent


def test_a_whole_visit_at_debug_leaves_no_token_and_no_word_of_it_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def go() -> list[str]:
        async with served(tmp_path) as house:
            set_up(logging.DEBUG, "json")
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            invite = (await ann.got("POST", f"/rooms/{room}/invites", {}))["invite"]
            await bob.got("POST", f"/rooms/{room}/members", {"invite": invite})
            ticket = (await ann.got("POST", "/tickets"))["ticket"]
            async with house.dial() as line:
                await line.send(type="hello", ticket=ticket, rooms=[{"room": room, "after": 0}])
                await line.until("live")
                await line.post(room, "c1", "between ourselves")
                await line.send(type="hello", token=bob.token)
                await line.closed()
            await house.http.get(f"/api/v1/me?token={ann.token}")
            answer = await house.http.get("/api/v1/me", headers={"Authorization": f"Bearer {ann.token}x"})
            assert len(answer.headers["x-request-id"]) == 16
            return [ann.token, bob.token, invite, ticket, "between ourselves"]

    secrets = asyncio.run(go())
    shown = capsys.readouterr().err
    assert "answered with 401" in shown
    assert [line for line in shown.splitlines() if any(secret in line for secret in secrets)] == []


def test_an_error_of_the_database_is_logged_without_what_it_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "between ourselves"

    async def broken(self: Users, name: str, at: object, lasts: object) -> None:
        async with self._database.read() as connection:
            await connection.execute(text("INSERT INTO users (name) VALUES (:words)"), {"words": words})

    monkeypatch.setattr(Users, "add", broken)

    async def go() -> None:
        async with served(tmp_path) as house:
            set_up(logging.INFO, "json")
            await house.http.post("/api/v1/users", json={"name": "Ann"})

    asyncio.run(go())
    shown = capsys.readouterr().err
    assert "INSERT INTO users" in shown
    assert words not in shown


def test_a_frame_that_fails_is_logged_with_its_websocket_and_its_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Room, *given: object) -> None:
        raise RuntimeError("deep down")

    monkeypatch.setattr(Room, "react", broken)

    async def go() -> str:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            async with ann.line({room: 0}) as line:
                set_up(logging.INFO, "json")
                await line.send(type="react", room=room, id="m", emoji="x", on=True)
                assert (await line.closed())[0] == 1011
            return room

    room = asyncio.run(go())
    (failed,) = [
        line
        for line in map(json.loads, capsys.readouterr().err.splitlines())
        if line["message"] == "a websocket failed"
    ]
    assert failed["room"] == room
    assert len(failed["request"]) == 16
    assert "deep down" in failed["traceback"]


def test_nobody_fills_the_log_with_what_is_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(logging.INFO, "text")
    logging.getLogger("uvicorn.error").error("Invalid UTF-8 sequence received from client.")
    logging.getLogger("uvicorn.error").error("something else")
    shown = capsys.readouterr().err
    assert "UTF-8" not in shown
    assert "something else" in shown
