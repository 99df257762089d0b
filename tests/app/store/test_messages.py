"""Messages: once, in order, for ever."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.errors import Conflict, NotFound
from app.frames import MessageEvent
from app.store import Store
from app.store.database import Database
from conversation.message import Author
from tests.app.store.opened import NOW, a_room, opened


def test_a_message_is_stored_and_logged_as_it_is_sent(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            posted = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            assert posted.logged is not None
            assert (posted.logged.seq, posted.message.seq) == (1, 1)
            frame = MessageEvent.model_validate_json(posted.logged.body)
            assert frame.message.text == "Tea?"
            assert frame.message.at == NOW
            assert await store.messages.recent_messages(room, 10) == (posted.message,)
            assert await store.messages.get(room, posted.message.id) == posted.message
            assert await store.messages.count_since(room, ann.id, NOW) == 1
            assert await store.messages.count_since(room, ann.id, NOW + timedelta(seconds=1)) == 0
            assert await store.messages.count_since(room, "somebody", NOW) == 0
            assert await store.messages.get("elsewhere", posted.message.id) is None

    asyncio.run(go())


def test_who_wrote_before_is_told_up_to_so_many(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            posted = [await store.messages.post(room, ann, f"c{n}", f"{n}", None, NOW) for n in range(4)]
            last = posted[-1].message
            assert await store.messages.authors_before(room, last.seq, 10) == (ann.id,) * 3
            assert await store.messages.authors_before(room, last.seq, 2) == (ann.id,) * 2
            assert await store.messages.authors_before(room, posted[0].message.seq, 10) == ()
            await store.edits.delete(room, posted[0].message.id, ann.id, False, NOW)
            await store.erasing.erase([posted[1].message.id])
            assert await store.messages.authors_before(room, last.seq, 10) == (ann.id,)

    asyncio.run(go())


def test_the_same_again_is_the_same_message(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            first = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            again = await store.messages.post(room, replace(ann, name="Anna"), "c1", "Tea?", None, NOW)
            assert again.message == first.message
            assert again.logged is None
            assert len(await store.events.after(room, 0)) == 1

    asyncio.run(go())


def test_a_client_id_used_for_something_else_is_a_conflict(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            first = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
            with pytest.raises(Conflict) as other_text:
                await store.messages.post(room, ann, "c1", "Coffee?", None, NOW)
            assert (other_text.value.field, other_text.value.value) == ("text", "'Coffee?'")
            with pytest.raises(Conflict) as other_reply:
                await store.messages.post(room, ann, "c1", "Tea?", first.message.id, NOW)
            assert other_reply.value.field == "reply_to"
            bob = Author("bob", "Bob", "human")
            assert (await store.messages.post(room, bob, "c1", "Coffee?", None, NOW)).logged is not None

    asyncio.run(go())


def test_a_failed_message_takes_no_seq(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            with pytest.raises(NotFound) as missing:
                await store.messages.post(room, ann, "c1", "Yes", "nothing", NOW)
            assert (missing.value.field, missing.value.value) == ("reply_to", "'nothing'")
            posted = await store.messages.post(room, ann, "c1", "Yes", None, NOW)
            assert posted.message.seq == 1

    asyncio.run(go())


def test_a_reply_must_be_to_a_message_of_the_same_room(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, ann = await a_room(store)
            elsewhere, _, _ = await a_room(store)
            there = await store.messages.post(elsewhere, ann, "c1", "Here", None, NOW)
            with pytest.raises(NotFound):
                await store.messages.post(room, ann, "c1", "Yes", there.message.id, NOW)

    asyncio.run(go())


def test_no_room_no_message(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            with pytest.raises(NotFound):
                await store.messages.post("nowhere", Author("a", "Ann", "human"), "c1", "Tea?", None, NOW)

    asyncio.run(go())


def test_many_at_once_get_each_its_own_seq(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            posts = [store.messages.post(room, ann, f"c{i % 40}", f"{i % 40}", None, NOW) for i in range(80)]
            posted = await asyncio.gather(*posts)
            assert sorted(p.logged.seq for p in posted if p.logged) == list(range(1, 41))
            assert [m.seq for m in await store.messages.recent_messages(room, 100)] == list(range(1, 41))

    asyncio.run(go())


def test_two_processes_on_one_database_make_one_log(postgres_url: str) -> None:
    """And one message where both post the same."""

    async def go() -> None:
        async with opened(postgres_url) as here, opened(postgres_url) as there:
            room, _, ann = await a_room(here)

            def post(store: Store, i: int) -> object:
                return store.messages.post(room, ann, f"c{i}", f"{i}", None, NOW)

            await asyncio.gather(*(post(store, i) for i in range(50) for store in (here, there)))  # type: ignore[call-overload]
            logged = await here.events.after(room, 0)
            assert [event.seq for event in logged] == list(range(1, 51))
            assert {e.frame.message.text for e in logged if isinstance(e.frame, MessageEvent)} == {
                str(i) for i in range(50)
            }

    asyncio.run(go())


def test_pages(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            for i in range(1, 8):
                await store.messages.post(room, ann, f"c{i}", str(i), None, NOW)

            async def seqs(after: int | None, before: int | None, limit: int) -> list[int]:
                return [m.seq for m in await store.messages.page(room, after, before, limit)]

            assert await seqs(None, None, 3) == [5, 6, 7]
            assert await seqs(None, 5, 3) == [2, 3, 4]
            assert await seqs(0, None, 3) == [1, 2, 3]
            assert await seqs(3, 6, 10) == [4, 5]
            assert await seqs(7, None, 10) == []

    asyncio.run(go())


def test_reactions_come_and_go_once_each(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            message = (await store.messages.post(room, ann, "c1", "Tea?", None, NOW)).message

            async def react(user: str, emoji: str, on: bool) -> int | None:
                logged = await store.messages.react(room, message.id, user, emoji, on, NOW)
                return logged.seq if logged else None

            assert await react("ann", "👍", True) == 2
            assert await react("ann", "👍", True) is None
            assert await react("bob", "👍", True) == 3
            assert await react("bob", "🍵", True) == 4
            assert await react("ann", "👍", False) == 5
            assert await react("ann", "👍", False) is None
            (view,) = await store.messages.page(room, 0, None, 10)
            assert [(r.emoji, r.users) for r in view.reactions] == [("👍", ["bob"]), ("🍵", ["bob"])]
            with pytest.raises(NotFound):
                await store.messages.react(room, "nothing", "ann", "👍", True, NOW)

    asyncio.run(go())


def test_what_was_acknowledged_is_there_after_the_process_died(sqlite_url: str) -> None:
    async def go() -> None:
        dying = Database(sqlite_url)
        writing = asyncio.create_task(dying.committer.run())
        store = Store(dying, lambda: "served")
        room, _, ann = await a_room(store)
        posted = await store.messages.post(room, ann, "c1", "Tea?", None, NOW)
        async with opened(sqlite_url) as other:  # while the first still has it open, as after a kill
            assert await other.messages.recent_messages(room, 1) == (posted.message,)
        writing.cancel()
        await dying.close()

    asyncio.run(go())


def test_what_others_left_on_an_authors_messages(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, ann = await a_room(store)
            said = (await store.messages.post(room, ann, "1", "hello", None, NOW)).message
            for user, emoji in (("bob", "👍"), ("eve", "👎"), (ann.id, "🎉")):
                await store.messages.react(room, said.id, user, emoji, True, NOW)
            left = await store.messages.reactions_to(room, ann.id)
            assert {message: set(emojis) for message, emojis in left.items()} == {said.id: {"👍", "👎"}}
            assert await store.messages.reactions_to(room, "nobody") == {}

    asyncio.run(go())
