"""The time machine from a terminal, on the database or on a running service."""

import asyncio
import json
from pathlib import Path

import pytest

from app import cli
from app.chat_file import ChatFile, Person, save
from app.redecide_cli import lines
from app.review import RedecideView
from tests.app.harness import served
from tests.app.test_redecide import filled


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """In a database that no service has open."""
    monkeypatch.setenv("ASIDE_DATABASE", f"sqlite+aiosqlite:///{tmp_path / 'aside.db'}")

    async def go() -> str:
        async with served(tmp_path) as house:
            return await filled(house, await house.user("Ann"))

    return asyncio.run(go())


def test_the_database_is_read_from_a_terminal(room: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["redecide", room, "--policy", "mode=shadow", "decay=0.5", "--json"]) == 0
    view = RedecideView.model_validate_json(capsys.readouterr().out)
    assert (view.runs, view.after.speak, view.without_effect) == (60, 0, ["decay"])
    assert cli.main(["redecide", room]) == 0
    assert "to the last bit" in capsys.readouterr().out


def test_a_policy_may_be_a_file(room: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"preset": "chatty", "im_threshold": None, "mode": "speak"}))
    assert cli.main(["redecide", room, "--policy", str(file), "messages_per_hour=3600"]) == 0
    shown = capsys.readouterr().out
    assert "no longer holds it back" in shown
    assert "after: " in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "room='nowhere'"),
        (["ROOM", "--policy", "im_threshold=9"], "policy.im_threshold=9"),
        (["ROOM", "--policy", "cheek=1"], "policy.cheek=1"),
        (["ROOM", "--policy", "no.json"], "'no.json'"),
        (["ROOM", "--weights", "humour=1"], "humour"),
        (["ROOM", "--url", "http://127.0.0.1:9", "--state", "none.json"], "nobody chatted there"),
    ],
)
def test_what_a_terminal_gets_wrong_is_named(
    arguments: list[str], said: str, room: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["redecide", *(room if a == "ROOM" else a for a in arguments)]) == 1
    assert said in capsys.readouterr().err


def test_a_running_service_is_asked_as_who_chatted_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await filled(house, ann)
            file, state = ChatFile(), tmp_path / "chat.json"
            file.keep(house.url, Person(id=ann.id, name="Ann", token=ann.token))
            save(state, file)
            arguments = ["redecide", room, "--url", house.url, "--state", str(state), "--json"]
            assert await asyncio.to_thread(cli.main, arguments) == 0

    asyncio.run(go())
    assert RedecideView.model_validate_json(capsys.readouterr().out).identical


def test_many_flips_are_cut_short_for_people(room: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        cli.main(["redecide", room, "--policy", "mode=speak", "im_threshold=1", "allocated_threshold=1", "--json"]) == 0
    )
    view = RedecideView.model_validate_json(capsys.readouterr().out)
    many = view.model_copy(update={"flips": view.flips[:1] * 30, "flipped": 30})
    assert "… and 10 more (--json)" in lines(many)
