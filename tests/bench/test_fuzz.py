"""What nobody should send: the service takes it, and the verdict can be bad."""

import json
from typing import Any

import pytest

from bench.fuzz import described, main, verdict

FINE: dict[str, Any] = {
    "failures": {},
    "hangs": 0,
    "odd_closes": {},
    "server_errors": 0,
    "leaked_tasks": 0,
    "open_sockets": 0,
    "rooms_left": 0,
    "autobahn": {"OK": 301},
}


def test_the_service_takes_whatever_comes(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--small"])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert status == 0, json.dumps(result)
    assert result["cases"] >= 200
    assert result["frames"] >= 1_900
    assert sum(result["autobahn"].values()) >= 290


@pytest.mark.parametrize(
    "bad",
    [
        {"failures": {"Server error": 1}},
        {"hangs": 1},
        {"odd_closes": {1011: 1}},
        {"server_errors": 1},
        {"leaked_tasks": 1},
        {"open_sockets": 1},
        {"rooms_left": 1},
        {"autobahn": {"OK": 300, "FAILED": 1}},
    ],
)
def test_what_is_wrong_is_seen(bad: dict[str, Any]) -> None:
    assert verdict(FINE) == 0
    assert verdict(FINE | bad) == 1


def test_ids_that_exist_are_named_but_where_the_room_would_be_deleted() -> None:
    room = {"in": "path", "name": "room", "schema": {"type": "string"}}
    methods = {"get": {"parameters": [dict(room)]}, "delete": {"parameters": [dict(room)]}}
    shown = described({"paths": {"/api/v1/rooms/{room}": methods}}, {"room": "r1"})["paths"]["/api/v1/rooms/{room}"]
    assert shown["get"]["parameters"][0]["schema"] == {"type": "string", "enum": ["r1", "nothing"]}
    assert shown["delete"]["parameters"][0]["schema"] == {"type": "string"}
