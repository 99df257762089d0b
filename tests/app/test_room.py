"""One live room: order, rights, rates, presence, who sees what."""

import asyncio
from typing import Any

import pytest

from app.bus import LocalBus, Note
from app.errors import Conflict, Forbidden, NotFound, TooMany
from app.frames import Pong
from app.protocol import AgentChange, NewAgent
from app.room import TYPING_LASTS
from app.rooms import Rooms
from conversation.member import Member
from conversation.message import Message
from tests.app.scene import Given, Listening, Reader, scene
from tests.app.store.opened import NOW


def test_a_message_is_durable_then_acknowledged_then_told(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader, order = Reader(s.ann), list[str]()
            s.room.subscribe(reader)

            def committed(message: Message) -> None:
                order.append("ack")
                assert reader.got == []

            message = await s.room.send(s.ann, "c1", "Tea?", None, committed)
            assert order == ["ack"]
            assert reader.kinds() == ["message"]
            assert reader.got[0]["message"]["text"] == "Tea?"
            assert s.room.transcript().messages == (message,)
            assert s.room.head == message.seq == 1
            assert await s.store.messages.recent_messages(s.room.id, 9) == (message,)
            await asyncio.sleep(0)
            assert s.listener.told == ["Tea?"]
            assert s.bus.published[-1] == Note(seq=1)

    asyncio.run(go())


def test_everybody_gets_the_same_order(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            people = [s.ann] + [await s.person(f"P{i}") for i in range(4)]
            readers = [Reader(who) for who in people]
            for reader in readers:
                s.room.subscribe(reader)
            await asyncio.gather(*(s.room.send(who, f"c{i}", f"{who} {i}", None) for i in range(8) for who in people))
            told = [[f["seq"] for f in r.got if f["type"] == "message"] for r in readers]
            assert told[0] == list(range(5, 45))
            assert all(one == told[0] for one in told)
            texts = [m.text for m in s.room.transcript().messages]
            for who in people:
                assert [t for t in texts if t.startswith(who)] == [f"{who} {i}" for i in range(8)]

    asyncio.run(go())


def test_messages_that_wait_together_share_a_commit(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            groups: list[int] = []
            commit = s.store.database.committer._commit

            async def counted(group: Any) -> None:
                groups.append(len(group))
                await commit(group)

            s.store.database.committer._commit = counted  # type: ignore[method-assign]
            await asyncio.gather(*(s.room.send(s.ann, f"c{i}", "x", None) for i in range(9)))
            assert sum(groups) == 9
            assert len(groups) <= 2

    asyncio.run(go())


def test_the_same_message_again_is_acknowledged_and_told_to_nobody(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            first, again = await asyncio.gather(
                s.room.send(s.ann, "c1", "Tea?", None), s.room.send(s.ann, "c1", "Tea?", None)
            )
            assert first == again
            assert reader.kinds() == ["message"]
            with pytest.raises(Conflict):
                await s.room.send(s.ann, "c1", "Coffee?", None)

    asyncio.run(go())


def test_rights(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            eve = await s.person("Eve", "observer")
            message = await s.room.send(s.ann, "c1", "Tea?", None)
            for who, error in ((eve, Forbidden), ("stranger", NotFound)):
                with pytest.raises(error):
                    await s.room.send(who, "c1", "x", None)
                with pytest.raises(error):
                    await s.room.react(who, message.id, "👍", True)
                with pytest.raises(error):
                    s.room.typing(who, True)
            with pytest.raises(NotFound):
                s.room.subscribe(Reader("stranger"))

    asyncio.run(go())


def test_a_member_who_left_while_the_message_waited_did_not_write_it(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            bob = await s.person("Bob")
            left, sent = await asyncio.gather(
                s.room.leave(bob), s.room.send(bob, "c1", "wait", None), return_exceptions=True
            )
            assert left is None
            assert isinstance(sent, NotFound)
            assert s.room.transcript().messages == ()

    asyncio.run(go())


def test_rates(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            for i in range(10):
                await s.room.send(s.ann, f"c{i}", "x", None)
            with pytest.raises(TooMany, match="messages a second"):
                await s.room.send(s.ann, "c10", "x", None)
            s.clock.advance(1.0)
            for i in range(10, 15):
                await s.room.send(s.ann, f"c{i}", "x", None)

    asyncio.run(go())


def test_typing_holds_six_seconds_unless_renewed_and_ends_with_a_message(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            s.clock.advance(100)
            s.room.typing(s.ann, True)
            assert s.room.floor().typing == {s.ann}
            assert s.room.floor().quiet_for == 0
            s.clock.advance(TYPING_LASTS - 1)
            s.room.typing(s.ann, True)
            s.clock.advance(TYPING_LASTS - 1)
            assert s.room.floor().typing == {s.ann}
            s.clock.advance(1)
            assert s.room.floor().typing == frozenset()
            assert s.room.floor().quiet_for == TYPING_LASTS
            s.room.typing(s.ann, True)
            await s.room.send(s.ann, "c1", "x", None)
            assert s.room.floor().typing == frozenset()
            assert [(f["type"], f.get("on")) for f in reader.got] == [
                ("typing", True),
                ("typing", False),
                ("typing", True),
                ("typing", False),
                ("message", None),
            ]
            await asyncio.sleep(0)
            assert s.listener.told == [(s.ann, True), (s.ann, False), (s.ann, True), (s.ann, False), "x"]

    asyncio.run(go())


def test_online_is_the_first_connection_and_offline_the_last(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            bob = await s.person("Bob")
            reader, one, two = Reader(s.ann), Reader(bob), Reader(bob)
            s.room.subscribe(reader)
            for reading in (one, two):
                s.room.subscribe(reading)
            assert [m.online for m in s.room.member_views()] == [True, True]
            s.room.typing(bob, True)
            for reading in (one, two, two):
                s.room.unsubscribe(reading)
            assert [(f["type"], f.get("state", f.get("on"))) for f in reader.got] == [
                ("presence", "online"),
                ("typing", True),
                ("typing", False),
                ("presence", "offline"),
            ]
            assert [m.online for m in s.room.member_views()] == [True, False]

    asyncio.run(go())


def test_who_is_connected_and_gets_another_role_stays_online(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            bob = await s.person("Bob")
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            s.room.subscribe(Reader(bob))
            reader.got.clear()
            await s.room.join(Member(bob, "Bob", "observer"))
            assert [(f["member"]["role"], f["member"]["online"], f["state"]) for f in reader.got] == [
                ("observer", False, "joined"),
                ("observer", True, "online"),
            ]

    asyncio.run(go())


def test_who_was_removed_hears_of_it_and_nothing_more(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            bob = await s.person("Bob")
            reader = Reader(bob)
            s.room.subscribe(reader)
            await s.room.leave(bob)
            await s.room.send(s.ann, "c1", "secret", None)
            s.room.broadcast(Pong())
            assert [(f["type"], f.get("state")) for f in reader.got] == [("presence", "left")]
            assert s.room.role(bob) is None
            with pytest.raises(Conflict):
                await s.room.leave(s.ann)
            with pytest.raises(NotFound):
                await s.room.leave(bob)

    asyncio.run(go())


def test_only_those_who_watch_and_may_see_thoughts(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            bob, eve = await s.person("Bob"), await s.person("Eve", "observer")
            readers = {who: Reader(who) for who in (s.ann, bob, eve)}
            unwatching = Reader(s.ann)
            for reader in (*readers.values(), unwatching):
                s.room.subscribe(reader)
            s.room.watch(readers[s.ann], True)
            s.room.watch(readers[eve], True)
            with pytest.raises(Forbidden):
                s.room.watch(readers[bob], True)
            for reader in (*readers.values(), unwatching):
                reader.got.clear()
            s.room.broadcast_watchers(Pong())
            assert {who for who, reader in readers.items() if reader.got} == {s.ann, eve}
            assert unwatching.got == []
            await s.room.join(Member(eve, "Eve", "member"))  # no longer an observer: watching ends with the role
            s.room.broadcast_watchers(Pong())
            assert readers[eve].kinds().count("pong") == 1
            s.room.watch(readers[s.ann], False)
            s.room.broadcast_watchers(Pong())
            assert readers[s.ann].kinds().count("pong") == 2

    asyncio.run(go())


def test_an_agent_posts_once_and_is_heard_like_anybody(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url, NewAgent(name="Sage")) as s:
            agent = next(m for m in s.room.members() if m.role == "agent")
            first = await s.room.post_agent(agent.id, "run1", "Green\0 tea.", None)
            again = await s.room.post_agent(agent.id, "run1", "Green\0 tea.", None)
            assert first == again
            assert (first.text, first.author.kind, first.author.name) == ("Green tea.", "agent", "Sage")
            await s.room.react_agent(agent.id, first.id, "👍")
            await s.room.remove_agent(agent.id)
            with pytest.raises(NotFound):
                await s.room.post_agent(agent.id, "run2", "Gone.", None)
            await asyncio.sleep(0)
            assert s.listener.told == ["Green tea.", "changed"]

    asyncio.run(go())


def test_agents_come_change_and_go(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            agent = await s.room.add_agent(NewAgent(name="Sage"))
            await s.room.change_agent(agent, AgentChange(mode="shadow"))
            await s.room.change_agent(agent, AgentChange(name="Rosemary"))
            assert [m.name for m in s.room.members()] == ["Ann", "Rosemary"]
            await s.room.remove_agent(agent)
            assert [(f["state"], f["member"]["name"]) for f in reader.got] == [
                ("joined", "Sage"),
                ("joined", "Rosemary"),
                ("left", "Rosemary"),
            ]
            await asyncio.sleep(0)
            assert set(s.listener.told) == {"changed"}
            assert Note(changed=True) in s.bus.published

    asyncio.run(go())


def test_a_room_that_is_opened_again_knows_what_it_knew(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url, NewAgent()) as s:
            s.clock.advance(1)
            await s.person("Bob")
            for i in range(10):
                await s.room.send(s.ann, f"c{i}", f"{i}", None)
            s.clock.advance(10)
            for i in range(10, 20):
                await s.room.send(s.ann, f"c{i}", f"{i}", None)
            s.clock.advance(30)
            fresh = await Rooms(s.store, s.clock, LocalBus(), Given(), lambda room: Listening()).get(s.room.id)
            assert fresh.transcript() == s.room.transcript()
            assert set(fresh.members()) == set(s.room.members())
            assert fresh.head == s.room.head
            assert fresh.floor() == s.room.floor()

    asyncio.run(go())


def test_a_listener_that_fails_stops_nobody(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            failures: list[dict[str, Any]] = []
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))

            def broken(message: Message) -> None:
                raise RuntimeError("a bug in the mind")

            s.listener.heard = broken  # type: ignore[method-assign]
            await s.room.send(s.ann, "c1", "x", None)
            await s.room.send(s.ann, "c2", "y", None)
            await asyncio.sleep(0)
            assert len(failures) == 2

    asyncio.run(go())


def test_edits_and_deletions_are_events_and_change_what_the_agents_read(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            bob = await s.person("Bob")
            reader = Reader(s.ann)
            s.room.subscribe(reader)
            first = await s.room.send(bob, "c1", "Tea?", None)
            second = await s.room.send(bob, "c2", "Or not", None)
            await s.room.edit(bob, first.id, "Coffee?")
            await s.room.delete(s.ann, second.id)
            assert reader.kinds() == ["message", "message", "edited", "deleted"]
            assert [m.text for m in s.room.transcript().messages] == ["Coffee?"]
            assert s.room.transcript().revision == 2
            await asyncio.sleep(0)
            assert s.listener.told[-2:] == [("Tea?", "edited"), ("Or not", "gone")]
            with pytest.raises(Forbidden):
                await s.room.edit(s.ann, first.id, "Milk?")
            stranger = await s.store.users.add("Zed", NOW)
            with pytest.raises(NotFound):
                await s.room.delete(stranger.id, first.id)

    asyncio.run(go())


def test_a_room_that_reads_the_log_late_never_hears_what_was_deleted(sqlite_url: str) -> None:
    async def go() -> None:
        async with scene(sqlite_url) as s:
            author = s.room.member(s.ann).as_author()
            posted = await s.store.messages.post(s.room.id, author, "c1", "elsewhere", None, NOW)
            await s.store.edits.delete(s.room.id, posted.message.id, s.ann, True, NOW)
            s.bus.heard(Note(seq=2))
            await s.room.send(s.ann, "c2", "here", None)
            assert [m.text for m in s.room.transcript().messages] == ["here"]
            await asyncio.sleep(0)
            assert s.listener.told == ["here"]

    asyncio.run(go())
