"""What came of a deleted message goes with it, whenever it was stored."""

import asyncio
from dataclasses import replace

from app.protocol import NewAgent, RetrievedView, SaidView, WeighingView
from app.store import Store
from app.store.forgetting import WHY, without
from app.thought_views import thought_view
from conversation.message import Message
from conversation.thought import Thought
from tests.app.store.opened import NOW, a_room, a_run, a_thought, opened
from tests.app.store.test_edits import everything

SECRET = "wxyzzy"


async def a_talk(store: Store) -> tuple[str, Message, str]:
    room, _, ann = await a_room(store, NewAgent())
    message = (await store.messages.post(room, ann, "c1", f"the code is {SECRET}", None, NOW)).message
    return room, message, (await store.agents.of_room(room))[0].id


def about(agent: str, *stimuli: str) -> Thought:
    return replace(a_thought(agent, 1, text=f"They use {SECRET}."), stimuli=stimuli)


def test_a_run_loses_which_way_something_spoke_that_is_gone() -> None:
    weighed = WeighingView(
        taken=0, chance=0.7, reasons=8, reasoned=0.5, suits=0.1, said=[SaidView(agrees=2, holds=0.1)]
    )
    came = RetrievedView(id="i1", kind="item", text="At work I drink tea.", saliency=1.0)
    run = a_run("room", "aside", 1).model_copy(update={"retrieved": [came], "weighing": weighed})
    assert without(run, {"i2"}).weighing == weighed
    assert without(run, {"i1"}).weighing == WeighingView(taken=0, chance=0.7, reasons=8)


def test_thoughts_and_runs_lose_the_words_of_what_they_came_of(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, message, agent = await a_talk(store)
            thought = about(agent, message.id)
            deeper = about(agent, thought.id)
            other = a_thought(agent, 1, text="Unrelated.")
            await store.thoughts.save_thoughts(room, [thought, deeper, other])
            run = a_run(room, agent, 1).model_copy(
                update={
                    "thoughts": [thought_view(t) for t in (thought, other)],
                    "retrieved": [RetrievedView(id=deeper.id, kind="thought", text=deeper.text, saliency=1.0)],
                }
            )
            await store.runs.save_run(run)
            assert SECRET in await everything(store)
            await store.edits.delete(room, message.id, message.author.id, False, NOW)
            assert SECRET not in await everything(store)
            assert [t.id for t in await store.thoughts.held(room, agent)] == [other.id]
            retired = await store.thoughts.list_thoughts(room, "retired")
            assert {(t.id, t.text, t.why) for t in retired} == {(thought.id, "", WHY), (deeper.id, "", WHY)}
            stored = await store.runs.get_run(run.id)
            assert stored is not None
            assert [t.text for t in stored.thoughts] == ["", "Unrelated."]

    asyncio.run(go())


def test_what_is_stored_after_the_deletion_has_no_words_either(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, message, agent = await a_talk(store)
            await store.edits.delete(room, message.id, message.author.id, False, NOW)
            thought = about(agent, message.id)
            await store.thoughts.save_thoughts(room, [thought])
            await store.runs.save_run(a_run(room, agent, 1).model_copy(update={"thoughts": [thought_view(thought)]}))
            assert SECRET not in await everything(store)
            assert await store.thoughts.held(room, agent) == ()

    asyncio.run(go())
