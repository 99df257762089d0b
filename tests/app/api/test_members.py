"""Joining, adding, leaving."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from app.store.invites import Invites
from conversation.member import Role
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


def test_an_invite_that_is_withdrawn_in_the_middle_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Putting somebody out withdraws the invites first: one that was looked at just before is of no use after."""
    look = Invites.role

    async def just_before(self: Invites, room: str, code: str, now: datetime) -> Role | None:
        role = await look(self, room, code, now)
        await self.withdraw(room)
        return role

    monkeypatch.setattr(Invites, "role", just_before)

    async def go() -> None:
        async with served(tmp_path, database=database_url) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            invite = (await ann.got("POST", f"/rooms/{room}/invites", {}))["invite"]
            answer = await bob.call("POST", f"/rooms/{room}/members", {"invite": invite})
            assert (answer.status_code, answer.json()["error"]["field"]) == (404, "invite")
            assert (await bob.call("GET", f"/rooms/{room}")).status_code == 404

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
