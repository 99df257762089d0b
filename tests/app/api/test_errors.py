"""Errors of routes: always `{"error": …}`, with the field and its value."""

import asyncio
from pathlib import Path

import pytest

from app.protocol import ErrorBody
from tests.app.harness import served

NESTED = "agent.policy.talk_share"
CASES: list[tuple[str, str, bytes | None, int, str, str | None, str | None]] = [
    ("POST", "/users", b'{"name": 7}', 422, "bad_input", "name", "7"),
    ("POST", "/users", b'{"name": ""}', 422, "bad_input", "name", "''"),
    ("POST", "/users", b'{"name": "   "}', 422, "bad_input", "name", "'   '"),
    ("POST", "/users", b'{"name": "a\\u0000b"}', 422, "bad_input", "name", "'a\\x00b'"),
    ("POST", "/users", b'{"name": "\\ud800"}', 422, "bad_input", "name", "'\\ud800'"),
    ("POST", "/users", b'{"name": "Ann", "admin": true}', 422, "bad_input", "admin", "True"),
    ("POST", "/users", b"{}", 422, "bad_input", "name", None),
    ("POST", "/users", b"[]", 422, "bad_input", None, "[]"),
    ("POST", "/users", b"{", 422, "bad_input", None, None),
    ("POST", "/users", b"\xff", 422, "bad_input", None, None),
    ("POST", "/users", b"", 422, "bad_input", None, None),
    ("POST", "/rooms", b'{"name": "Tea", "agent": {"policy": {"talk_share": 2}}}', 422, "bad_input", NESTED, "2"),
    ("POST", "/rooms", b'{"name": "Tea", "agent": {"model": "gpt"}}', 422, "bad_input", "agent.model", "'gpt'"),
    ("GET", "/rooms/nowhere", None, 404, "not_found", "room", "'nowhere'"),
    ("GET", "/rooms/%00", None, 422, "bad_input", "room", "'\\x00'"),
    ("GET", "/rooms/{room}/messages?limit=0", None, 422, "bad_input", "limit", "'0'"),
    ("GET", "/rooms/{room}/messages?limit=many", None, 422, "bad_input", "limit", "'many'"),
    ("GET", "/rooms/{room}/messages?after=-1", None, 422, "bad_input", "after", "'-1'"),
    ("GET", "/rooms/{room}/messages?afte=1", None, 422, "bad_input", "afte", "'1'"),
    ("GET", "/rooms/{room}/runs?decision=shout", None, 422, "bad_input", "decision", "'shout'"),
    ("GET", "/rooms/{room}/runs?before=nothing", None, 422, "bad_input", "before", "'nothing'"),
    ("GET", "/rooms/{room}/thoughts?state=lost", None, 422, "bad_input", "state", "'lost'"),
    ("GET", "/rooms/{room}/agents/nobody", None, 404, "not_found", "agent", "'nobody'"),
    ("PUT", "/rooms/{room}/agents/nobody", b"{}", 404, "not_found", "agent", "'nobody'"),
    ("DELETE", "/rooms/{room}/agents/nobody", None, 404, "not_found", "agent", "'nobody'"),
    ("GET", "/runs/nothing", None, 404, "not_found", "run", "'nothing'"),
    ("POST", "/rooms/{room}/members", b"{}", 422, "bad_input", "user", None),
    ("POST", "/rooms/{room}/members", b'{"user": "nobody"}', 404, "not_found", "user", "'nobody'"),
    ("POST", "/rooms/{room}/members", b'{"user": "a", "invite": "b"}', 422, "bad_input", "user", "'a'"),
    ("POST", "/rooms/{room}/members", b'{"invite": "guess"}', 404, "not_found", "invite", None),
    ("POST", "/rooms/{room}/members", b'{"user": "a", "role": "agent"}', 422, "bad_input", "role", "'agent'"),
    ("DELETE", "/rooms/{room}/members/nobody", None, 404, "not_found", "user", "'nobody'"),
    ("GET", "/nothing", None, 404, "not_found", "path", "/api/v1/nothing"),
    ("PUT", "/rooms", b"{}", 405, "method_not_allowed", "path", "/api/v1/rooms"),
]


def test_every_kind_of_bad_request(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room("Tea")
            headers = {"Authorization": f"Bearer {ann.token}", "Content-Type": "application/json"}
            for method, path, body, status, code, field, value in CASES:
                url = f"/api/v1{path.format(room=room)}"
                response = await house.http.request(method, url, content=body, headers=headers)
                case = (method, path, body, response.text)
                assert response.status_code == status, case
                error = ErrorBody.model_validate_json(response.content).error
                assert error.code == code, case
                assert error.value == value, case
                assert error.field == field, case
                assert "Traceback" not in response.text

    asyncio.run(go())


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_does_not_say_it_is_json_is_none(tmp_path: Path, content_type: str) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            response = await house.http.post(
                "/api/v1/users", content=b'{"name":"Ann"}', headers={"Content-Type": content_type}
            )
            assert response.status_code == 422
            assert response.json()["error"]["code"] == "bad_input"

    asyncio.run(go())


def test_json_too_deep_to_read(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            response = await house.http.post(
                "/api/v1/users", content=b"[" * 50_000, headers={"Content-Type": "application/json"}
            )
            assert response.status_code == 422
            assert response.json()["error"]["code"] == "bad_input"

    asyncio.run(go())
