"""Open websockets and the tokens that opened them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import TooMany, Unavailable
from app.sessions import BLIND, DRAIN, LOOK, PER_PERSON, Sessions
from app.store import Store
from app.store.credentials import LASTS, Bearer
from tests.app.harness import PATIENCE, House, Line, ManualClock, Person, served
from tests.app.store.opened import NOW, opened

BAR = 2.0
"""Seconds within which a socket of a revoked token is closed, wherever it was revoked."""


@dataclass(eq=False)
class Socket:
    bearer: Bearer
    told: list[str] = field(default_factory=list)
    owed: int = 0

    def refuse(self, reason: str) -> None:
        self.told.append("refused")

    def leave(self, now: bool) -> None:
        self.told.append("now" if now else "soon")


@asynccontextmanager
async def sessions(url: str) -> AsyncIterator[tuple[Store, Sessions, ManualClock, Socket]]:
    async with opened(url) as store:
        clock = ManualClock(NOW)
        ann = await store.users.add("Ann", NOW)
        bearer = await store.credentials.bearer(ann.token, NOW)
        assert bearer is not None
        yield store, Sessions(store, clock), clock, Socket(bearer)


def test_what_was_revoked_elsewhere_is_seen_at_the_next_look(database_url: str) -> None:
    async def go() -> None:
        async with sessions(database_url) as (store, here, _, socket):
            here.add(socket)
            await here.look()
            assert socket.told == []
            await store.credentials.revoke(socket.bearer.id, None, NOW)
            await here.look()
            assert socket.told == ["refused"]

    asyncio.run(go())


def test_a_token_that_is_over_closes_and_one_that_was_renewed_meanwhile_does_not(sqlite_url: str) -> None:
    async def go() -> None:
        async with sessions(sqlite_url) as (store, here, clock, socket):
            issued = await store.credentials.issue(socket.bearer.id, "", NOW, timedelta(days=2), renews=False)
            fixed = await store.credentials.bearer(issued.token, NOW)
            assert fixed is not None
            short = Socket(fixed)
            here.add(socket)
            here.add(short)
            await store.credentials.still(socket.bearer, NOW + timedelta(days=30))
            clock.advance(timedelta(days=2).total_seconds())
            await here.look()
            assert (socket.told, short.told) == ([], ["refused"])
            here.remove(short)
            clock.advance(LASTS.total_seconds() - 1)
            await here.look()
            assert socket.told == []
            clock.advance(3 * LASTS.total_seconds())
            await here.look()
            assert socket.told == ["refused"]

    asyncio.run(go())


@pytest.mark.parametrize("hangs", [False, True])
def test_who_cannot_look_any_more_keeps_nobody(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, hangs: bool) -> None:
    async def away(now: object) -> None:
        if hangs:
            await asyncio.Event().wait()
        raise Unavailable("the database did not answer")

    async def go() -> None:
        async with sessions(sqlite_url) as (store, here, clock, socket):
            here.add(socket)
            running = asyncio.ensure_future(here.run())
            monkeypatch.setattr(store.credentials, "lost", away)
            for _ in range(int(BLIND / LOOK) + 1):
                assert "refused" not in socket.told, "its token is as good as it was"
                clock.advance(LOOK)
                await asyncio.sleep(0.03)
            running.cancel()
            assert set(socket.told) == {"now"}

    if hangs:
        monkeypatch.setattr("app.sessions.BLIND", 0.02)  # by the loop's clock too
    asyncio.run(go())


def test_an_open_socket_is_a_use_of_its_token(sqlite_url: str) -> None:
    async def go() -> None:
        async with sessions(sqlite_url) as (_, here, clock, socket):
            here.add(socket)
            for _ in range(2 * LASTS.days):
                clock.advance(24 * 3600.0)
                await here.look()
            assert socket.told == []

    asyncio.run(go())


def test_draining_waits_for_the_last_and_no_longer(sqlite_url: str) -> None:
    async def go() -> None:
        async with sessions(sqlite_url) as (_, here, clock, quick):
            slow = Socket(quick.bearer)
            for one in (quick, slow):
                here.add(one)
            draining = asyncio.ensure_future(here.drain())
            await asyncio.sleep(0)
            assert here.draining
            assert (quick.told, slow.told) == (["soon"], ["soon"])
            here.remove(quick)
            clock.advance(DRAIN)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert slow.told == ["soon", "now"]
            here.remove(slow)
            await asyncio.wait_for(draining, PATIENCE)

    asyncio.run(go())


def test_one_person_has_so_many_and_leaving_makes_room(sqlite_url: str) -> None:
    async def go() -> None:
        async with sessions(sqlite_url) as (_, here, _, socket):
            many = [Socket(socket.bearer) for _ in range(PER_PERSON + 1)]
            for one in many[:-1]:
                here.add(one)
            with pytest.raises(TooMany):
                here.add(many[-1])
            here.remove(many[-1])
            here.remove(many[0])
            here.add(many[0])
            assert len(here) == PER_PERSON
            for one in many[:-1]:
                here.remove(one)
            assert (len(here), here.everybody()) == (0, ())

    asyncio.run(go())


def test_a_socket_is_closed_when_its_token_is_revoked_here(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            other = await ann.got("POST", "/tokens", {})
            async with ann.line({room: 0}) as mine:
                ann.token, token = other["token"], ann.token
                async with ann.line({room: 0}) as second:
                    ann.token = token
                    assert (await ann.call("DELETE", f"/tokens/{other['id']}")).status_code == 204
                    error = await second.until("error")
                    assert (error["code"], error["detail"]) == ("unauthorized", "this token is no longer valid")
                    assert (await second.closed())[0] == 4401
                assert (await mine.post(room, "c1", "still here"))["type"] == "ack"
            assert len(house.parts.sessions) == 0

    asyncio.run(go())


def test_a_socket_on_another_process_is_closed_in_time_without_a_word_between_the_two(
    tmp_path: Path, postgres_url: str
) -> None:
    async def go() -> None:
        async with served(tmp_path, database=postgres_url) as one, served(tmp_path, database=postgres_url) as two:
            ann = await one.user("Ann")
            room = await ann.room(agent=None)
            there = Person(two, {"id": ann.id, "name": ann.name, "token": ann.token})
            for _ in range(5):
                issued = await ann.got("POST", "/tokens", {})
                there.token = issued["token"]
                async with there.line({room: 0}) as line:
                    await ann.got("DELETE", f"/tokens/{issued['id']}")
                    async with asyncio.timeout(BAR):
                        assert (await line.closed())[0] == 4401

    asyncio.run(go())


def test_a_look_is_often_enough() -> None:
    assert 2 * LOOK < BAR


def test_a_replay_ends_where_this_process_knows_who_is_in(tmp_path: Path, postgres_url: str) -> None:
    """Somebody is put out on one process; the other has not heard of it, and its replay reads a log that is ahead of it."""

    async def go() -> None:
        async with served(tmp_path, database=postgres_url) as one, served(tmp_path, database=postgres_url) as two:
            ann, bob = await one.user("Ann"), await one.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            deaf = await _deaf(two, room)
            two.parts.rooms._shared = False  # nor does it look who is in when it is asked
            await ann.got("DELETE", f"/rooms/{room}/members/{bob.id}")
            await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "secret"})
            there = Person(two, {"id": bob.id, "name": bob.name, "token": bob.token})
            async with there.line({room: 0}) as line:
                assert "secret" not in str([*line.skipped, *await line.quiet()])
                deaf.clear()
                async with asyncio.timeout(PATIENCE):
                    await _left(line)
                assert "secret" not in str(line.skipped)

    asyncio.run(go())


def test_what_somebody_may_do_is_what_the_database_says_in_every_process(tmp_path: Path, postgres_url: str) -> None:
    """One process puts people out, gives them another role, deletes the room; the other has not heard of any of it."""

    async def go() -> None:
        async with served(tmp_path, database=postgres_url) as one, served(tmp_path, database=postgres_url) as two:
            ann, bob, cat = await one.user("Ann"), await one.user("Bob"), await one.user("Cat")
            room = await ann.room("Den", agent={"name": "Mika", "mode": "shadow"})
            await ann.let_in(room, bob)
            await ann.let_in(room, cat, role="owner")
            (agent,) = (await ann.got("GET", f"/rooms/{room}"))["agents"]
            invite = (await ann.got("POST", f"/rooms/{room}/invites", {}))["invite"]
            there = {p.name: Person(two, {"id": p.id, "name": p.name, "token": p.token}) for p in (ann, bob, cat)}
            async with there["Bob"].line({room: 0}) as line:
                await _deaf(two, room)
                await ann.got("DELETE", f"/rooms/{room}/members/{bob.id}")
                await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "secret"})
                error = await line.post(room, "c2", "I am still here")
                assert error["code"] == "not_found"
                assert "secret" not in str([*line.skipped, *await line.quiet()])
            await ann.let_in(room, bob)
            await there["Bob"].got("GET", f"/rooms/{room}/messages")
            await ann.got("DELETE", f"/rooms/{room}/members/{bob.id}")
            for method, path, body in (
                ("GET", "/messages", None),
                ("GET", "/search?q=secret", None),
                ("POST", "/messages", {"client_id": "c3", "text": "still"}),
                ("POST", "/members", {"invite": invite}),
            ):
                answer = await there["Bob"].call(method, f"/rooms/{room}{path}", body)
                assert answer.status_code == 404, (method, path, answer.text)
            assert room not in str(await there["Bob"].got("GET", "/rooms"))

            await ann.let_in(room, cat, role="member")
            for method, path, body in (
                ("PATCH", "", {"name": "Mine"}),
                ("GET", "/runs", None),
                ("PUT", f"/agents/{agent['id']}", {"persona": "mine"}),
            ):
                answer = await there["Cat"].call(method, f"/rooms/{room}{path}", body)
                assert answer.status_code == 403, (method, path, answer.text)

            assert (await there["Ann"].call("GET", f"/rooms/{room}")).status_code == 200
            await ann.got("DELETE", f"/rooms/{room}")
            assert (await there["Ann"].call("GET", f"/rooms/{room}/messages")).status_code == 404

    asyncio.run(go())


def test_who_comes_back_to_a_process_that_lags_has_not_read_beyond_the_log(tmp_path: Path, postgres_url: str) -> None:
    """What they had acknowledged on one process the other has not heard of yet."""

    async def go() -> None:
        async with served(tmp_path, database=postgres_url) as one, served(tmp_path, database=postgres_url) as two:
            ann = await one.user("Ann")
            room = await ann.room(agent=None)
            there = Person(two, {"id": ann.id, "name": ann.name, "token": ann.token})
            async with there.line({room: 0}):
                await _deaf(two, room)
                ack = await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "tea"})
                async with there.line({room: ack["seq"]}, live=False) as line:
                    welcome = await line.until("welcome")
                    assert [(r["room"], r["seq"]) for r in welcome["rooms"]] == [(room, ack["seq"])]
                    await line.until("live")
                async with there.line({room: ack["seq"] + 1}, live=False) as line:
                    error = await line.until("error")
                    assert (error["code"], error["field"]) == ("bad_input", "after")

    asyncio.run(go())


async def _deaf(house: House, room: str) -> list[int]:
    """From here on `room` learns nothing of other processes, until the list is emptied."""
    live = await house.parts.rooms.get(room)
    deaf, listen = [1], live._note
    live._note = lambda note: None if deaf else listen(note)  # type: ignore[method-assign]
    joined = house.parts.rooms._owners._rooms[room]  # type: ignore[attr-defined]
    joined.heard = live._note
    return deaf


async def _left(line: Line) -> None:
    while True:
        frame = await line.next()
        line.skipped.append(frame)
        if frame["type"] == "presence" and frame["state"] == "left":
            return
