"""Agents over REST."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_two_agents_in_one_room(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent={"name": "Sage"})
            second = await ann.got("POST", f"/rooms/{room}/agents", {"name": "Thyme", "memories": ["Is green."]})
            listed = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
            assert [agent["name"] for agent in listed] == ["Sage", "Thyme"]
            assert listed[1] == second == await ann.got("GET", f"/rooms/{room}/agents/{second['id']}")
            view = await ann.got("GET", f"/rooms/{room}")
            assert view["agents"] == listed
            assert [(m["name"], m["role"]) for m in view["members"]][1:] == [("Sage", "agent"), ("Thyme", "agent")]
            await ann.got("DELETE", f"/rooms/{room}/agents/{second['id']}")
            assert [m["name"] for m in (await ann.got("GET", f"/rooms/{room}"))["members"]] == ["Ann", "Sage"]

    asyncio.run(go())


def test_a_change_keeps_what_it_does_not_name(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent={"name": "Sage", "persona": "Dry.", "policy": {"preset": "chatty"}})
            (before,) = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
            path = f"/rooms/{room}/agents/{before['id']}"
            muted = await ann.got("PUT", path, {"mute_until": "2026-01-05T12:00:00+02:00", "mode": "shadow"})
            assert muted == before | {"mute_until": "2026-01-05T10:00:00Z", "mode": "shadow", "policy_version": 2}
            back = await ann.got("PUT", path, {"mute_until": None, "policy": {"min_gap": 60}, "memories": ["a"]})
            assert (back["mute_until"], back["mode"], back["memories"]) == (None, "shadow", ["a"])
            assert (back["policy"]["preset"], back["policy"]["min_gap"]) == ("active", 60)  # a policy comes whole

    asyncio.run(go())


def test_bad_changes_name_the_field(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent={})
            (agent,) = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
            quiet = {"quiet_hours": {"start": "22:00", "end": "07:00", "zone": "Mars/Base"}}
            put, post = f"/rooms/{room}/agents/{agent['id']}", f"/rooms/{room}/agents"
            for method, path, body, field, value in (
                ("PUT", put, {"policy": quiet}, "policy.quiet_hours.zone", "'Mars/Base'"),
                ("POST", post, {"policy": quiet}, "policy.quiet_hours.zone", "'Mars/Base'"),
                ("POST", post, {"model": "other"}, "model", "'other'"),
                ("PUT", put, {"mode": "loud"}, "mode", "'loud'"),
                ("PUT", put, {"mute_until": "soon"}, "mute_until", "'soon'"),
                ("PUT", put, {"mute_until": "2026-01-05T12:00:00"}, "mute_until", "'2026-01-05T12:00:00'"),
                ("PUT", put, {"mute_until": "9999-12-31T23:00:00-12:00"}, "mute_until", "'9999-12-31T23:00:00-12:00'"),
                ("PUT", put, {"mute_until": "0001-01-01T00:00:00+12:00"}, "mute_until", "'0001-01-01T00:00:00+12:00'"),
                ("PUT", put, {"memories": ["ok", " "]}, "memories.1", "' '"),
                ("PUT", put, {"policy_version": 9}, "policy_version", "9"),
            ):
                response = await ann.call(method, path, body)
                error = response.json()["error"]
                assert (response.status_code, error["field"], error["value"]) == (422, field, value), body
            assert (await ann.got("GET", put))["policy_version"] == 1
            zone = {"quiet_hours": {"start": "22:00", "end": "07:00", "zone": "Europe/Berlin"}}
            assert (await ann.got("PUT", put, {"policy": zone}))["policy"]["quiet_hours"]["zone"] == "Europe/Berlin"

    asyncio.run(go())


def test_so_many_agents_and_no_more(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            answers = [(await ann.call("POST", f"/rooms/{room}/agents", {})).status_code for _ in range(9)]
            assert answers == [201] * 8 + [409]

    asyncio.run(go())
