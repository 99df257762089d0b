"""Joining, adding, leaving."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_an_invite_lets_a_stranger_in_as_what_it_says(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, eve = await house.user("Ann"), await house.user("Bob"), await house.user("Eve")
            room, other = await ann.room(agent=None), await ann.room(agent=None)
            code = await ann.got("POST", f"/rooms/{room}/invites", {})
            assert (code["room"], code["role"]) == (room, "member")
            watch = await ann.got("POST", f"/rooms/{room}/invites", {"role": "observer"})
            assert (await bob.call("POST", f"/rooms/{other}/members", {"invite": code["invite"]})).status_code == 404
            joined = await bob.got("POST", f"/rooms/{room}/members", {"invite": code["invite"]})
            assert (joined["id"], joined["role"]) == (room, "member")
            assert (await eve.got("POST", f"/rooms/{room}/members", {"invite": watch["invite"]}))["role"] == "observer"
            again = await ann.got("POST", f"/rooms/{room}/members", {"invite": watch["invite"]})
            assert again["role"] == "owner"  # an invite takes nothing from who is in
            assert again["seq"] == 2

    asyncio.run(go())


def test_an_owner_adds_and_changes_roles(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            async with ann.line({room: 0}) as line:
                for role in ("member", "observer", "owner"):
                    view = await ann.got("POST", f"/rooms/{room}/members", {"user": bob.id, "role": role})
                    assert {m["name"]: m["role"] for m in view["members"]} == {"Ann": "owner", "Bob": role}
                    event = await line.until("presence")
                    assert (event["state"], event["member"]["role"]) == ("joined", role)
            await bob.got("DELETE", f"/rooms/{room}/members/{ann.id}")
            assert (await ann.call("GET", f"/rooms/{room}")).status_code == 404

    asyncio.run(go())


def test_leaving(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent={})
            await ann.let_in(room, bob)
            assert (await bob.call("DELETE", f"/rooms/{room}/members/{bob.id}")).status_code == 204
            assert (await bob.call("GET", f"/rooms/{room}")).status_code == 404
            last = await ann.call("DELETE", f"/rooms/{room}/members/{ann.id}")
            assert (last.status_code, last.json()["error"]["code"]) == (409, "conflict")
            (agent,) = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
            refused = await ann.call("DELETE", f"/rooms/{room}/members/{agent['id']}")
            assert refused.status_code == 404

    asyncio.run(go())
