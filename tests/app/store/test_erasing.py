"""Nothing of what was forgotten is left in any table."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from app.protocol import NewAgent, RetrievedView
from app.review import SuggestionView
from app.store import Store
from app.thought_views import thought_view
from conversation.message import Message
from tests.app.store.opened import NOW, a_room, a_run, a_thought, opened
from tests.app.store.test_edits import everything
from tests.app.store.test_items import put, said

SECRET = "wxyzzy"


async def a_house(store: Store) -> tuple[str, str, Message]:
    """Two rooms of Ann's, an item of what she said in the first, and a run of the second that heard it: its id comes second."""
    room, ann, author = await a_room(store, NewAgent())
    message = (await store.messages.post(room, author, "c1", f"I own a {SECRET}.", None, NOW)).message
    await put(store, said(room, ann.id, "item", text=f"I own a {SECRET}.", sources=(message.id,)))
    other = await store.rooms.create("Other", ann.id, NewAgent(), NOW)
    agent = (await store.agents.of_room(other))[0].id
    thought = replace(a_thought(agent, 1, text=f"Ask about the {SECRET}."), stimuli=("item",))
    deeper = replace(a_thought(agent, 2, text=f"That {SECRET} again."), stimuli=(thought.id,))
    await store.thoughts.save_thoughts(other, [thought, deeper])
    run = a_run(other, agent, 1, "speak")
    decision = run.decision.model_copy(update={"thought": deeper.id})
    heard = RetrievedView(id="item", kind="item", text=f"Ann said: I own a {SECRET}.", saliency=0.5)
    thoughts = [thought_view(thought), thought_view(deeper)]
    run = run.model_copy(update={"decision": decision, "retrieved": [heard], "thoughts": thoughts})
    await store.runs.save_run(run)
    suggestion = SuggestionView(
        run=run.id,
        room=other,
        agent=agent,
        mode="suggest",
        state="open",
        text=f"How is your {SECRET}?",
        reply_to=None,
        seq=1,
        at=NOW,
    )
    await store.suggestions.add(suggestion)
    return room, run.id, message


def test_an_item_goes_with_all_that_came_of_it_in_any_room(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, run, message = await a_house(store)
            traced = await store.erasing.erase(["item", message.id])
            assert len(traced.thoughts) == 2
            assert len(traced.rooms) == 1
            assert [(m.id, m.room) for m in await store.erasing.said(message.author.id)] == [(message.id, room)]
            await store.edits.delete(room, message.id, message.author.id, False, NOW)
            assert SECRET not in await everything(store)
            stored, suggestion = await store.runs.get_run(run), await store.suggestions.get(run)
            assert stored is not None
            assert suggestion is not None
            assert (suggestion.text, suggestion.state) == ("", "expired")

    asyncio.run(go())


def test_a_deleted_message_takes_its_items_and_their_thoughts_with_it(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, message = await a_house(store)
            assert SECRET in await everything(store)
            await store.edits.delete(room, message.id, message.author.id, False, NOW)
            assert SECRET not in await everything(store)
            assert await store.items.count() == 0

    asyncio.run(go())


def test_an_edit_takes_what_was_kept_of_the_old_words(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, message = await a_house(store)
            await store.edits.edit(room, message.id, message.author.id, "I own nothing.", NOW)
            assert SECRET not in await everything(store)

    asyncio.run(go())


def test_a_deleted_room_leaves_nothing_in_others(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_house(store)
            await store.rooms.delete(room)
            assert SECRET not in await everything(store)

    asyncio.run(go())


def test_what_is_stored_of_it_afterwards_has_no_words(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, message = await a_house(store)
            await store.erasing.erase(["item"])
            late = replace(a_thought("agent", 9, text=f"A {SECRET}!"), stimuli=("item",))
            await store.thoughts.save_thoughts(room, [late])
            stored = await store.thoughts.get(room, late.id)
            assert stored is not None
            assert (stored.text, stored.state) == ("", "retired")
            assert await store.erasing.withheld([message.id, "item"]) == {"item"}

    asyncio.run(go())


def test_own_words_take_the_place_of_an_items(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            _, run, message = await a_house(store)
            rooms = await store.erasing.reword("item", "I own a boat.", (0.0, 1.0))
            assert len(rooms) == 1
            (item,) = await store.items.of_subject(message.author.id)
            assert (item.text, item.edited, item.embedding) == ("I own a boat.", True, (0.0, 1.0))
            stored = await store.runs.get_run(run)
            assert stored is not None
            assert SECRET not in stored.model_dump_json()

    asyncio.run(go())


def test_a_new_audience_holds_for_the_item_and_its_corrections(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            bob = (await store.users.add("Bob", NOW)).id
            claim = said(room, ann.id, "claim", kind="claim")
            await put(store, claim, said(room, ann.id, "k", kind="correction", by="aside", corrects="claim"))
            assert (await store.items.candidates([ann.id, bob], 2)).items == ()
            await store.erasing.redirect("claim", frozenset({ann.id, bob}))
            found = await store.items.candidates([ann.id, bob], 2)
            assert [i.id for i in (*found.items, *found.corrections)] == ["claim", "k"]
            await store.erasing.redirect("claim", None)
            assert len((await store.items.candidates([bob], 2)).corrections) == 1
            await store.erasing.redirect("claim", frozenset({ann.id}))
            assert (await store.items.candidates([bob], 2)).items == ()

    asyncio.run(go())


def test_what_is_older_than_the_retention_goes(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, ann, _ = await a_room(store)
            await put(store, said(room, ann.id, "old"), said(room, ann.id, "new", day=5))
            assert await store.erasing.expire(NOW + timedelta(days=1)) == 1
            assert await store.erasing.expire(NOW + timedelta(days=1)) == 0
            assert [i.id for i in await store.items.of_subject(ann.id)] == ["new"]

    asyncio.run(go())
