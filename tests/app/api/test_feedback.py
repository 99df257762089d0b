"""Verdicts of people, on runs, on messages and by thumb."""

import asyncio
from pathlib import Path
from typing import Any

from tests.app.harness import House, Person, served
from tests.app.store.opened import a_run


async def talked(house: House) -> tuple[Person, Person, str, dict[str, Any], list[dict[str, Any]]]:
    """Ann wrote, the agent answered, and Bob wrote what nobody thought about. The agent, and the three messages."""
    ann, bob = await house.user("Ann"), await house.user("Bob")
    room = await ann.room(agent={"name": "Mika", "mode": "shadow"})
    await ann.let_in(room, bob)
    (agent,) = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
    await ann.got("PUT", f"/rooms/{room}/agents/{agent['id']}", {"mute_until": "2999-01-01T00:00:00Z"})
    await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "a", "text": "Tea?"})
    live = await house.parts.rooms.get(room)
    said = await live.post_agent(agent["id"], "x", "Sencha.", None)
    run = a_run(room, agent["id"], 999, act="speak")
    await house.parts.store.runs.save_run(run)
    await house.parts.store.runs.finish_run(room, run.id, "said", said.id, None)
    await bob.got("POST", f"/rooms/{room}/messages", {"client_id": "b", "text": "And cake"})
    return ann, bob, room, {**agent, "run": run.id}, (await ann.got("GET", f"/rooms/{room}/messages"))["messages"]


def test_a_verdict_on_a_run_or_on_its_message_is_one_label_a_person(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, room, agent, (_, said, _) = await talked(house)
            label = await bob.got("POST", f"/runs/{agent['run']}/feedback", {"verdict": "good"})
            assert (label["user"], label["run"], label["agent"]) == (bob.id, agent["run"], agent["id"])
            again = await bob.got("POST", f"/rooms/{room}/feedback", {"seq": said["seq"], "verdict": "too_much"})
            assert (again["run"], again["seq"], again["verdict"]) == (agent["run"], None, "too_much")
            await ann.got("POST", f"/runs/{agent['run']}/feedback", {"verdict": "good"})
            labels = (await ann.got("GET", f"/rooms/{room}/labels"))["labels"]
            assert [(one["user"], one["verdict"]) for one in labels] == [(bob.id, "too_much"), (ann.id, "good")]
            assert (await bob.call("GET", f"/rooms/{room}/labels")).status_code == 403

    asyncio.run(go())


def test_it_should_have_spoken_can_be_said_of_any_message(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            _, bob, room, agent, (_, _, last) = await talked(house)
            path = f"/rooms/{room}/feedback"
            label = await bob.got("POST", path, {"seq": last["seq"], "verdict": "should_have_spoken"})
            assert (label["agent"], label["verdict"]) == (agent["id"], "should_have_spoken")
            wrong = await bob.call("POST", path, {"seq": last["seq"], "verdict": "too_much"})
            assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "verdict")
            nowhere = await bob.call("POST", path, {"seq": 4_000, "verdict": "should_have_spoken"})
            assert (nowhere.status_code, nowhere.json()["error"]["field"]) == (404, "seq")
            nobody = await bob.call("POST", path, {"seq": last["seq"], "verdict": "should_have_spoken", "agent": "x"})
            assert (nobody.status_code, nobody.json()["error"]["field"]) == (404, "agent")

    asyncio.run(go())


def test_a_thumb_on_what_an_agent_said_is_a_label_until_it_is_taken_back(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, room, agent, (first, said, _) = await talked(house)
            live = await house.parts.rooms.get(room)
            await live.react(bob.id, said["id"], "👎", True)
            await live.react(bob.id, first["id"], "👍", True)
            await live.react(ann.id, said["id"], "🎉", True)
            await live.react_agent(agent["id"], said["id"], "👍")
            (label,) = await house.parts.store.labels.of_room(room)
            assert (label.user, label.run, label.verdict, label.source) == (
                bob.id,
                agent["run"],
                "too_much",
                "reaction",
            )
            await live.react(bob.id, said["id"], "👎", False)
            assert await house.parts.store.labels.of_room(room) == ()

    asyncio.run(go())
