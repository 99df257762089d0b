"""The outermost layer."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.api import errors
from app.front import BODY_LIMIT, Front
from app.store.credentials import Credentials
from app.store.users import Users
from tests.app.harness import served

HOST = (b"host", b"127.0.0.1")


def test_a_failure_is_logged_and_answered_without_a_word_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(self: Users, name: str, at: object, lasts: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(Users, "add", broken)

    async def go() -> None:
        async with served(tmp_path) as house:
            response = await house.http.post("/api/v1/users", json={"name": "Ann"})
            assert response.status_code == 500
            assert response.json()["error"]["code"] == "internal"
            assert "secret" not in response.text
            assert (await house.http.get("/healthz")).status_code == 200

    asyncio.run(go())
    assert "the secret reason" in caplog.text


def test_a_websocket_that_fails_is_closed_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(self: Credentials, token: str, now: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(Credentials, "bearer", broken)

    async def go() -> None:
        async with served(tmp_path) as house, house.dial() as line:
            await line.send(type="hello", token="t", rooms=[])
            assert await line.closed() == (1011, "")

    asyncio.run(go())
    assert "the secret reason" in caplog.text


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_past_the_limit_is_refused(tmp_path: Path, chunked: bool) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:

            async def chunks() -> Any:
                for _ in range(BODY_LIMIT // 65536 + 1):
                    yield b"x" * 65536

            content = chunks() if chunked else b"x" * (BODY_LIMIT + 1)
            response = await house.http.post("/api/v1/users", content=content)
            assert response.status_code == 413
            assert response.json()["error"]["code"] == "too_large"

    asyncio.run(go())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_a_body_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    """A quote in the bytes of a letter would hide from whoever counts brackets what the parser then finds."""

    async def go() -> None:
        async with served(tmp_path) as house:
            content = '{"name": "Zo\u00eb", "x": '.encode(encoding) + ("[" * 40 + "]" * 40 + "}").encode(encoding)
            response = await house.http.post(
                "/api/v1/users", content=content, headers={"Content-Type": "application/json"}
            )
            assert response.status_code == 422
            assert response.json()["error"]["detail"] == "a body is UTF-8 without NUL"

    asyncio.run(go())


def test_before_the_service_is_up_no_websocket_is_taken() -> None:
    async def go() -> None:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await Front(FastAPI())({"type": "websocket", "path": "/ws", "headers": [HOST]}, receive, send)
        assert sent == [{"type": "websocket.close", "code": 1008}]

    asyncio.run(go())


def test_a_failure_below_the_handlers_is_answered_too(caplog: pytest.LogCaptureFixture) -> None:
    async def go() -> None:
        sent: list[Any] = []

        class Broken(FastAPI):
            async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
                raise RuntimeError("deep down")

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/", "headers": [HOST], "query_string": b""}
        await Front(Broken())(scope, receive, send)
        assert sent[0]["status"] == 500

    asyncio.run(go())
    assert "deep down" in caplog.text


def test_openapi_is_there_without_a_running_service() -> None:
    api = FastAPI()
    errors.install(api)
    assert Front(api).openapi()["openapi"].startswith("3.")
