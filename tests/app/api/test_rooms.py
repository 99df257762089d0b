"""Rooms over REST."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_create_with_the_default_agent_with_one_of_ones_own_and_with_none(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            plain = await ann.got("POST", "/rooms", {"name": " Tea "})
            assert (plain["name"], plain["role"], plain["seq"]) == ("Tea", "owner", 0)
            assert [(m["name"], m["role"], m["online"]) for m in plain["members"]] == [
                ("Ann", "owner", False),
                ("Aside", "agent", True),
            ]
            assert (plain["agents"][0]["model"], plain["agents"][0]["mode"]) == ("scripted", "speak")
            own = await ann.got(
                "POST",
                "/rooms",
                {
                    "name": "Tea",
                    "agent": {
                        "name": "Sage",
                        "persona": "Dry.",
                        "memories": ["Likes tea."],
                        "model": "scripted",
                        "policy": {"preset": "chatty"},
                    },
                },
            )
            (agent,) = own["agents"]
            assert (agent["name"], agent["memories"], agent["policy"]["preset"]) == ("Sage", ["Likes tea."], "chatty")
            assert (await ann.got("POST", "/rooms", {"name": "Tea", "agent": None}))["agents"] == []
            listed = await ann.got("GET", "/rooms")
            assert [len(room["agents"]) for room in listed["rooms"]] == [1, 1, 0]
            assert listed["rooms"][1] == own == await ann.got("GET", f"/rooms/{own['id']}")

    asyncio.run(go())


def test_the_list_has_the_callers_rooms_and_role(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            await ann.room(agent=None)
            assert await bob.got("GET", "/rooms") == {"rooms": []}
            await ann.let_in(room, bob, role="observer")
            (seen,) = (await bob.got("GET", "/rooms"))["rooms"]
            assert (seen["id"], seen["role"], seen["seq"]) == (room, "observer", 1)

    asyncio.run(go())


def test_rename_and_delete(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            assert (await ann.got("PATCH", f"/rooms/{room}", {"name": "Coffee"}))["name"] == "Coffee"
            assert (await bob.got("GET", f"/rooms/{room}"))["name"] == "Coffee"
            async with bob.line({room: 0}) as line:
                assert (await ann.call("DELETE", f"/rooms/{room}")).status_code == 204
                left = await line.until("presence")
                assert (left["state"], left["member"]["id"]) == ("left", bob.id)
                await line.send(type="typing", room=room, on=True)
                assert (await line.next())["code"] == "not_found"
            assert (await ann.call("GET", f"/rooms/{room}")).status_code == 404
            assert await ann.got("GET", "/rooms") == {"rooms": []}

    asyncio.run(go())
