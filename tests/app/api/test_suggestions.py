"""Owners decide what becomes of a suggestion."""

import asyncio
from pathlib import Path
from typing import Any

from tests.app.harness import PATIENCE, House, Line, Person, served

POLICY = {"im_threshold": 1, "interrupt_threshold": 1, "allocated_threshold": 1, "debounce": 0, "min_gap": 0}


async def asked(house: House, mode: str) -> tuple[Person, Person, str, dict[str, Any]]:
    """A room in which the agent would say something."""
    ann, bob = await house.user("Ann"), await house.user("Bob")
    room = await ann.room(agent={"name": "Mika", "mode": mode, "policy": POLICY})
    await ann.let_in(room, bob)
    async with ann.line({room: 0}) as line, bob.line({room: 0}) as other:
        await line.post(room, "1", "Mika, what tea shall we drink?")
        shown = (await line.until("suggestion"))["suggestion"] if mode == "suggest" else await kept(ann, room, line)
        assert "suggestion" not in [frame["type"] for frame in [*other.skipped, *await other.quiet()]]
    return ann, bob, room, shown


async def kept(owner: Person, room: str, line: Line) -> dict[str, Any]:
    """What is in the review list once it is there; no frame tells."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not found:
            assert "suggestion" not in [frame["type"] for frame in await line.quiet()]
            found = (await owner.got("GET", f"/rooms/{room}/suggestions"))["suggestions"]
    return found[0]


def test_an_owner_lets_it_through_and_it_is_said_once(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, room, open_ = await asked(house, "suggest")
            assert (await ann.got("GET", f"/rooms/{room}/suggestions?state=open"))["suggestions"] == [open_]
            path = f"/suggestions/{open_['run']}"
            assert (await bob.call("POST", path, {"verdict": "accept"})).status_code == 403
            said = await ann.got("POST", path, {"verdict": "accept"})
            assert (said["state"], said["by"]) == ("said", ann.id)
            *_, last = (await bob.got("GET", f"/rooms/{room}/messages"))["messages"]
            assert (last["id"], last["text"], last["author"]["name"]) == (said["message"], open_["text"], "Mika")
            again = await ann.call("POST", path, {"verdict": "reject"})
            assert (again.status_code, again.json()["error"]["field"]) == (409, "run")
            run = await ann.got("GET", f"/runs/{open_['run']}")
            assert (run["outcome"], run["message"]) == ("said", said["message"])
            spoken = (await ann.got("GET", f"/rooms/{room}/thoughts?state=spoken"))["thoughts"]
            assert [t["id"] for t in spoken] == [run["decision"]["thought"]]
            (label,) = await house.parts.store.labels.of_room(room)
            assert (label.verdict, label.source, label.run, label.user) == ("good", "suggestion", open_["run"], ann.id)

    asyncio.run(go())


def test_an_owner_puts_it_in_other_words(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, _, room, open_ = await asked(house, "suggest")
            said = await ann.got("POST", f"/suggestions/{open_['run']}", {"verdict": "accept", "text": "Green tea."})
            *_, last = (await ann.got("GET", f"/rooms/{room}/messages"))["messages"]
            assert (said["text"], last["text"]) == ("Green tea.", "Green tea.")

    asyncio.run(go())


def test_what_is_turned_down_is_a_label_and_nothing_is_said(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, _, room, open_ = await asked(house, "suggest")
            path = f"/suggestions/{open_['run']}"
            wrong = await ann.call("POST", path, {"verdict": "reject", "text": "no"})
            assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "text")
            assert (await ann.got("POST", path, {"verdict": "reject"}))["state"] == "rejected"
            assert len((await ann.got("GET", f"/rooms/{room}/messages"))["messages"]) == 1
            (label,) = await house.parts.store.labels.of_room(room)
            assert label.verdict == "too_much"

    asyncio.run(go())


def test_shadow_is_reviewed_and_says_nothing_even_when_it_is_found_good(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, _, room, open_ = await asked(house, "shadow")
            assert (await ann.got("GET", f"/rooms/{room}/suggestions?mode=suggest"))["suggestions"] == []
            assert (await ann.got("POST", f"/suggestions/{open_['run']}", {"verdict": "accept"}))["state"] == "accepted"
            assert len((await ann.got("GET", f"/rooms/{room}/messages"))["messages"]) == 1

    asyncio.run(go())


def test_what_the_room_has_overtaken_cannot_be_said_any_more(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, room, open_ = await asked(house, "suggest")
            await ann.got("PUT", f"/rooms/{room}/agents/{open_['agent']}", {"mute_until": "2999-01-01T00:00:00Z"})
            for n in range(9):
                await bob.got("POST", f"/rooms/{room}/messages", {"client_id": f"b{n}", "text": f"and {n}"})
            listed = (await ann.got("GET", f"/rooms/{room}/suggestions"))["suggestions"]
            assert "expired" in [one["state"] for one in listed if one["run"] == open_["run"]]
            assert (await ann.call("POST", f"/suggestions/{open_['run']}", {"verdict": "accept"})).status_code == 409

    asyncio.run(go())
