"""Messages of many rooms at once."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, Forbidden, NotFound
from app.protocol import NewAgent
from app.store.owners import Fenced
from app.store.posting import Post, Posted, post_all
from app.store.questions import Asked
from app.store.quick import quick
from app.store.tokens import new_id
from conversation.member import Member
from conversation.message import Author
from tests.app.store.opened import NOW, a_room, opened


def test_many_rooms_cost_as_many_statements_as_one(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            places = [await a_room(store, NewAgent() if i % 2 else None) for i in range(20)]
            statements: list[str] = []
            async with store.database._writer.connect() as connection:
                quick(connection)._connection.set_trace_callback(statements.append)  # type: ignore[union-attr]

            async def burst(n: int) -> int:
                """Questions and transactions of five messages in each of `n` rooms, all wanted at the same moment."""
                statements.clear()
                await asyncio.gather(
                    *(
                        store.messages.post(r, ann, new_id(), "x", None, NOW)
                        for r, _, ann in places[:n]
                        for _ in range(5)
                    )
                )
                return sum(not one.startswith(("INSERT", "UPDATE", "PRAGMA")) for one in statements)

            await burst(2)
            assert await burst(20) == await burst(2) == 5, "BEGIN, rooms, earlier ones, agents, COMMIT"

    asyncio.run(go())


def test_each_gets_its_own_answer(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            other, _, bob = await a_room(store, NewAgent())
            first = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            fence = await store.owners.claim(other, "me", alone=True)
            assert fence is not None
            wanted = [
                Post(room, ann, "c1", "Tea?", None, NOW, None),  # again
                Post(room, ann, "c1", "Coffee?", None, NOW, None),  # under a used id
                Post(room, ann, "c2", "yes", first.message.id, NOW, None),
                Post(other, bob, "c2", "no", first.message.id, NOW, None),  # of another room
                Post(other, bob, "c3", "mine", None, NOW, fence),
                Post(other, bob, "c4", "late", None, NOW, fence - 1),
                Post("nowhere", bob, "c5", "x", None, NOW, None),
                Post(other, bob, "c6", "twice", None, NOW, None),
                Post(other, bob, "c6", "twice", None, NOW, None),
            ]
            got = await asyncio.gather(
                *(
                    store.messages.post(p.room, p.author, p.client_id, p.text, p.reply_to, p.at, p.fence)
                    for p in wanted
                ),
                return_exceptions=True,
            )
            assert got[0] == Posted(first.message, None)
            assert [type(g) for g in got] == [
                Posted, Conflict, Posted, NotFound, Posted, Fenced, NotFound, Posted, Posted,
            ]  # fmt: skip
            assert [(g.message.seq, g.logged is None) for g in got if isinstance(g, Posted)] == [
                (1, True), (2, False), (1, False), (2, False), (2, True),
            ]  # fmt: skip
            assert [p.seq for p in await store.outbox.pending(other)] == [1, 2]
            assert await store.outbox.pending(room) == ()

    asyncio.run(go())


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 6)), min_size=1, max_size=40))
def test_whatever_is_wanted_at_once_is_there_once_and_without_gaps(
    sqlite_url: str, wanted: list[tuple[int, int, int]]
) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            places = [(await a_room(store))[0] for _ in range(3)]
            authors = [Author(f"u{i}", "Ann", "human") for i in range(2)]
            got = await asyncio.gather(
                *(store.messages.post(places[r], authors[a], f"c{c}", f"text {c}", None, NOW) for r, a, c in wanted)
            )
            acked = {(w, g.message.id, g.message.seq) for w, g in zip(wanted, got, strict=True)}
            assert len(acked) == len(set(wanted)), "the same client_id, the same answer"
            assert sum(g.logged is not None for g in got) == len(set(wanted))
            for number, room in enumerate(places):
                there = await store.messages.page(room, 0, None, 100)
                assert [m.seq for m in there] == list(range(1, len(there) + 1))
                assert {(m.id, m.seq) for m in there} == {(i, s) for (r, _, _), i, s in acked if r == number}
                assert [seq for seq, _ in await store.events.bodies(room, 0)] == [m.seq for m in there]

    asyncio.run(go())


def test_two_processes_that_post_at_once_take_turns(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as one, opened(database_url) as other:
            places = [await a_room(one) for _ in range(6)]
            posts = [
                Post(room, replace(ann, id=f"{ann.id}{n % 3}"), f"c{n % 4}", "x", None, NOW, None)
                for n in range(40)
                for room, _, ann in places
            ]
            got = await asyncio.gather(
                *(
                    (one, other)[i % 2].messages.post(p.room, p.author, p.client_id, p.text, None, p.at)
                    for i, p in enumerate(posts)
                )
            )
            assert len({(p.key, g.message.id) for p, g in zip(posts, got, strict=True)}) == len({p.key for p in posts})
            for room, _, _ in places:
                there = await one.messages.page(room, 0, None, 100)
                assert [m.seq for m in there] == list(range(1, 13))

    asyncio.run(go())


def test_who_is_put_out_or_only_reads_by_now_writes_no_more(postgres_url: str) -> None:
    """Another process said so a moment ago, and this one has not heard of it."""

    async def go() -> None:
        async with opened(postgres_url) as store:
            room, _, ann = await a_room(store)
            bob = await store.users.add("Bob", NOW)
            author = Author(bob.id, "Bob", "human")

            async def say(name: str, who: Author = author) -> object:
                return await store.messages.post(room, who, name, "x", None, NOW, allowed=True)

            await store.members.put(room, Member(bob.id, "Bob", "member"), NOW)
            assert isinstance(await say("c1"), Posted)
            await store.members.put(room, Member(bob.id, "Bob", "observer"), NOW)
            refused, heard = await asyncio.gather(say("c2"), say("c3", ann), return_exceptions=True)
            assert isinstance(refused, Forbidden)
            assert isinstance(heard, Posted)
            await store.members.remove(room, Member(bob.id, "Bob", "observer"), NOW)
            with pytest.raises(NotFound, match="not in it"):
                await say("c4")
            assert isinstance(await store.messages.post(room, author, "c5", "x", None, NOW), Posted), "nobody asked"

    asyncio.run(go())


def test_who_only_refers_to_a_room_does_not_wait_for_who_writes_there(postgres_url: str) -> None:
    """Or two processes could wait for each other in a ring: what people are asked is not written in the order of rooms."""

    async def go() -> None:
        async with opened(postgres_url) as here, opened(postgres_url) as there:
            room, owner, ann = await a_room(here)
            posted, referred = asyncio.Event(), asyncio.Event()

            async def slowly(connection: AsyncConnection) -> None:
                await post_all(connection, [Post(room, ann, "c1", "x", None, NOW, None)])
                posted.set()
                await referred.wait()

            posting = asyncio.ensure_future(there.database.write(slowly, room))
            await posted.wait()
            asking = asyncio.ensure_future(here.questions.add(Asked(new_id(), owner.id, NOW, "Why?", room, 1)))
            done, _ = await asyncio.wait([asking], timeout=5)
            referred.set()
            await posting
            assert done

    asyncio.run(go())
