"""Agents and their memories."""

import asyncio
from datetime import timedelta

import pytest

from app.errors import Conflict, NotFound
from app.frames import PresenceEvent
from app.protocol import AgentChange, NewAgent, PolicyView, QuietView
from app.store.agents import AGENTS_LIMIT
from tests.app.store.opened import NOW, a_room, a_thought, opened


def test_an_agent_is_kept_as_it_was_given(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            policy = PolicyView(preset="chatty", talk_share=0.25, im_threshold=3.5)
            given = NewAgent(name="Sage", persona="Dry.", memories=["one", "two", "one"], mode="shadow", policy=policy)
            room, _, _ = await a_room(store, given)
            (view,) = await store.agents.of_room(room)
            assert (view.name, view.persona, view.mode, view.model) == ("Sage", "Dry.", "shadow", "served")
            assert view.memories == ["one", "two"]
            assert view.policy == policy
            assert (view.policy_version, view.mute_until, view.room) == (1, None, room)

    asyncio.run(go())


def test_two_agents_in_a_room_come_in_order_and_the_second_is_logged(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store, NewAgent(name="A"))
            agent, logged = await store.agents.add(room, NewAgent(name="B"), NOW + timedelta(seconds=1))
            assert isinstance(logged.frame, PresenceEvent)
            assert (logged.frame.member.id, logged.frame.member.role, logged.seq) == (agent, "agent", 1)
            assert [view.name for view in await store.agents.of_room(room)] == ["A", "B"]
            assert [(m.name, m.role) for m in await store.members.of_room(room)][1:] == [("A", "agent"), ("B", "agent")]

    asyncio.run(go())


def test_a_room_holds_only_so_many_agents(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store)
            for _ in range(AGENTS_LIMIT):
                await store.agents.add(room, NewAgent(), NOW)
            with pytest.raises(Conflict):
                await store.agents.add(room, NewAgent(), NOW)

    asyncio.run(go())


def test_a_change_sets_what_was_given_and_counts(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store, NewAgent(name="Sage", persona="Dry."))
            (before,) = await store.agents.of_room(room)
            until = NOW + timedelta(hours=1)
            assert await store.agents.change(room, before.id, AgentChange(mute_until=until), NOW) is None
            (muted,) = await store.agents.of_room(room)
            assert muted == before.model_copy(update={"mute_until": until, "policy_version": 2})
            renamed = await store.agents.change(room, before.id, AgentChange(name="Rosemary"), NOW)
            assert renamed is not None
            assert isinstance(renamed.frame, PresenceEvent)
            assert renamed.frame.member.name == "Rosemary"
            await store.agents.change(
                room, before.id, AgentChange(mute_until=None, mode="suggest", policy=PolicyView(min_gap=60)), NOW
            )
            (after,) = await store.agents.of_room(room)
            assert (after.mute_until, after.mode, after.policy.min_gap) == (None, "suggest", 60)
            assert (after.persona, after.name, after.policy_version) == ("Dry.", "Rosemary", 4)
            with pytest.raises(NotFound):
                await store.agents.change(room, "nobody", AgentChange(mode="speak"), NOW)

    asyncio.run(go())


def test_memories_that_stay_keep_their_id_and_history(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store, NewAgent(memories=["a", "b", "c"]))
            (agent,) = await store.agents.of_room(room)
            before = {m.text: m for m in await store.agents.memories(agent.id)}
            await store.agents.touch([before["b"].id], 12)
            await store.agents.change(room, agent.id, AgentChange(memories=["d", "b", "a"]), NOW)
            after = await store.agents.memories(agent.id)
            assert [m.text for m in after] == ["d", "b", "a"]
            assert (after[1].id, after[1].accessed_seq) == (before["b"].id, 12)
            assert after[2].id == before["a"].id
            assert (after[0].accessed_seq, after[0].weight) == (0, 1.0)

    asyncio.run(go())


def test_removing_takes_memories_and_thoughts_along(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store, NewAgent(memories=["a"]))
            (agent,) = await store.agents.of_room(room)
            await store.thoughts.save_thoughts(room, [a_thought(agent.id, 1)])
            logged = await store.agents.remove(room, agent.id, NOW)
            assert isinstance(logged.frame, PresenceEvent)
            assert logged.frame.state == "left"
            assert await store.agents.of_room(room) == ()
            assert await store.agents.memories(agent.id) == ()
            assert await store.thoughts.list_thoughts(room) == ()
            with pytest.raises(NotFound):
                await store.agents.remove(room, agent.id, NOW)

    asyncio.run(go())


def test_agents_of_several_rooms_at_once(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            one, _, _ = await a_room(store, NewAgent(name="A", memories=["m"]))
            two, _, _ = await a_room(store)
            found = await store.agents.of_rooms([one, two])
            assert [view.name for view in found[one]] == ["A"]
            assert two not in found

    asyncio.run(go())


def test_a_members_word_is_kept_and_changes_no_policy(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store, NewAgent(name="Sage"))
            (agent,) = await store.agents.of_room(room)
            quiet = QuietView(until=NOW + timedelta(hours=1), by=owner.id, name="Ann", message="m1")
            await store.agents.hush(room, agent.id, quiet)
            assert await store.agents.of_room(room) == (agent.model_copy(update={"quiet": quiet}),)
            await store.agents.hush(room, agent.id, None)
            assert await store.agents.of_room(room) == (agent,)
            with pytest.raises(NotFound):
                await store.agents.hush(room, "nobody", quiet)

    asyncio.run(go())
