"""The time machine over a stored room: by its owner over REST, and from a terminal on the database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.chat_file import ChatFile, Person, save
from app.logged import logged
from app.protocol import RedecideView, RunView
from app.redecide_cli import lines
from bench.redecide import log
from tests.app.harness import House, served
from tests.app.harness import Person as Somebody

ROWS = [RunView.model_validate_json(row) for row in log(60, 2, seed=3)]


async def filled(house: House, owner: Somebody) -> str:
    """A room with a thought log of two agents."""
    room = await owner.room(agent=None)
    for row in ROWS:
        await house.parts.store.runs.save_run(row.model_copy(update={"room": room}))
    return room


async def asked(who: Somebody, room: str, **ask: Any) -> Any:
    return await who.got("POST", f"/rooms/{room}/redecide", ask)


def test_the_same_policy_gives_the_same_log(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            found = await asked(ann, await filled(house, ann))
            assert (found["runs"], found["same"], found["identical"], found["flips"]) == (60, 60, True, [])
            assert found["before"] == found["after"]
            assert sum(found["before"][act] for act in ("speak", "react", "hold", "silent")) == 60

    asyncio.run(go())


def test_another_policy_flips_some_and_says_why(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await filled(house, ann)
            found = await asked(ann, room, mode="shadow", policy={"decay": 0.5})
            spoke = found["before"]["speak"]
            assert spoke > 0
            assert (found["after"]["speak"], found["flipped"], len(found["flips"])) == (0, spoke, spoke)
            assert {flip["why"] for flip in found["flips"]} == {"shadow holds it back"}
            assert found["without_effect"] == ["decay"]
            newest = [flip["seq"] for flip in found["flips"]]
            assert newest == sorted(newest, reverse=True)
            stored = await house.parts.store.runs.get_run(found["flips"][0]["run"])
            assert stored is not None
            assert stored.decision.act == "speak"

    asyncio.run(go())


def test_one_agent_alone_is_changed_and_shown(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await filled(house, ann)
            found = await asked(ann, room, mode="shadow", agent="agent0")
            assert found["runs"] == 30
            assert found["after"]["speak"] == 0

    asyncio.run(go())


def test_weights_and_calibrations_rate_again(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await filled(house, ann)
            other = await asked(ann, room, weights={"urgency": 10.0})
            assert other["calibration"].endswith("reweighted")
            assert other["same"] < 60
            assert (await asked(ann, room, calibration="tiny"))["calibration"].startswith("tiny")
            assert (await asked(ann, room, calibration="default"))["identical"] is True

    asyncio.run(go())


def test_the_last_runs_come_with_all_of_their_triggers(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await filled(house, ann)
            assert (await asked(ann, room, limit=3))["runs"] == 4
            assert (await asked(ann, room, after=ROWS[49].id))["runs"] == 10
            empty = await ann.room(agent=None)
            assert (await asked(ann, empty))["runs"] == 0

    asyncio.run(go())


@pytest.mark.parametrize(
    ("ask", "field", "value"),
    [
        ({"calibration": "gpt"}, "calibration", "'gpt'"),
        ({"weights": {"humour": 1.0}}, "weights", "'humour'"),
        ({"after": "nothing"}, "after", "'nothing'"),
        ({"limit": 0}, "limit", "0"),
        ({"policy": {"quiet_hours": {"start": "22:00", "end": "07:00", "zone": "Mars"}}}, None, "'Mars'"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(ask: Any, field: str | None, value: str, tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            refused = await ann.call("POST", f"/rooms/{await filled(house, ann)}/redecide", ask)
            assert 400 <= refused.status_code < 500
            error = refused.json()["error"]
            assert error["field"] == (field or "policy.quiet_hours.zone")
            assert error["value"] == value

    asyncio.run(go())


def test_owners_and_observers_only(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, cat, eve = [await house.user(name) for name in ("Ann", "Bob", "Cat", "Eve")]
            room = await filled(house, ann)
            await ann.let_in(room, bob)
            await ann.let_in(room, cat, role="observer")
            path = f"/rooms/{room}/redecide"
            answers = [(await who.call("POST", path, {})).status_code for who in (ann, cat, bob, eve)]
            assert answers == [200, 200, 403, 404]

    asyncio.run(go())


def test_a_reaction_whose_words_were_deleted_stays_one() -> None:
    row = next(row for row in ROWS if row.decision.act == "speak")
    reacted = row.model_copy(update={"decision": row.decision.model_copy(update={"act": "react"})})
    assert logged(reacted).basis is not None
    wordless = [thought.model_copy(update={"text": ""}) for thought in row.thoughts]
    assert logged(reacted.model_copy(update={"thoughts": wordless})).basis is None


# -- from a terminal ---------------------------------------------------------------------------------------------------


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
