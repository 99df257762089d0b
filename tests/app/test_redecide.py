"""The time machine over a stored room: by its owner over REST, and from a terminal on the database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.protocol import RunView
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
