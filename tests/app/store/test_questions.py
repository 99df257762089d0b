"""What people were asked."""

import asyncio
from dataclasses import replace

from app.store.questions import Asked, Thumb, declined
from conversation.member import Member
from conversation.message import Author
from memory.consent import Consent
from tests.app.store.opened import NOW, a_room, opened


def test_a_question_is_settled_once(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store)
            asked = Asked("q1", owner.id, NOW, "Short?", room, 7, "length")
            await store.questions.add(asked)
            await store.questions.add(replace(asked, id="q2", seq=40, dimension="humour"))
            assert await store.questions.last_seq(room) == 40
            assert await store.questions.last_seq("elsewhere") == 0
            assert await store.questions.settle("q1", "declined")
            assert not await store.questions.settle("q1", "answered")
            found = await store.questions.of(owner.id)
            assert [(q.id, q.outcome) for q in found] == [("q1", "declined"), ("q2", None)]
            assert declined(found)
            assert not declined(found[1:])
            await store.rooms.delete(room)
            assert await store.questions.of(owner.id) == ()

    asyncio.run(go())


def test_an_answer_may_change_what_is_kept_and_all_can_be_forgotten(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            _, owner, _ = await a_room(store)
            await store.questions.add(Asked("q1", owner.id, NOW, "{}"))
            await store.questions.settle("q1", "answered", '{"choice": "first"}')
            assert (await store.questions.of(owner.id))[0].body == '{"choice": "first"}'
            await store.questions.forget(owner.id)
            assert await store.questions.of(owner.id) == ()

    asyncio.run(go())


def test_thumbs_on_what_agents_said_count_where_all_readers_saw_them(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, ann = await a_room(store)
            agent = Author("mika", "Mika", "agent")
            said = [(await store.messages.post(room, agent, f"c{i}", f"line {i}", None, NOW)).message for i in range(3)]
            own = (await store.messages.post(room, ann, "c9", "mine", None, NOW)).message
            for message, emoji in ((said[0], "👍"), (said[1], "👎"), (said[2], "🎉"), (own, "👍")):
                await store.messages.react(room, message.id, owner.id, emoji, True, NOW)
            assert await store.questions.thumbs(owner.id) == (Thumb("line 0", True), Thumb("line 1", False))
            assert len(await store.questions.thumbs(owner.id, [owner.id, ann.id])) == 2
            stranger = (await store.users.add("Eve", NOW)).id
            assert await store.questions.thumbs(owner.id, [owner.id, stranger]) == ()
            await store.members.put(room, Member(stranger, "Eve", "member"), NOW)
            assert len(await store.questions.thumbs(owner.id, [owner.id, stranger])) == 2
            await store.messages.react(room, said[0].id, owner.id, "👍", False, NOW)
            assert await store.questions.thumbs(owner.id) == (Thumb("line 1", False),)

    asyncio.run(go())


def test_who_lets_nothing_be_inferred_is_no_part_of_everybody(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            _, owner, _ = await a_room(store)
            eve = await store.users.add("Eve", NOW)
            for n, user in enumerate((owner.id, eve.id)):
                await store.questions.add(Asked(f"q{n}", user, NOW, "{}"))
                await store.questions.settle(f"q{n}", "answered", '{"choice": "first"}')
            assert {owner.id, eve.id} <= set(await store.questions.everybody())
            await store.consents.put(eve.id, Consent(infer=False), NOW)
            assert {owner.id, eve.id} & set(await store.questions.everybody()) == {owner.id}

    asyncio.run(go())
