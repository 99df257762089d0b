"""The service's part of this is tested with the minds: tests/app/test_agent_limits.py and tests/app/test_agent.py."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from app.counted import counted
from app.protocol import NewAgent
from app.resident import Resident
from app.thought_views import policy_of
from conversation.message import Author
from tests.app.store.opened import NOW, a_room, opened
from tests.conversation.build import moment


def test_a_moment_gets_what_only_the_store_can_count(sqlite_url: str) -> None:
    async def go() -> None:
        async with opened(sqlite_url) as store:
            room, _, _ = await a_room(store, NewAgent())
            view = (await store.agents.of_room(room))[0]
            me = Author(view.id, view.name, "agent")
            for n, ago in enumerate((90, 30, 10)):
                await store.messages.post(room, me, f"c{n}", f"line {n}", None, NOW - timedelta(minutes=ago))
            resident = Resident(view, policy_of(view))
            now = await counted(store, resident, replace(moment(now=NOW), room=room), frozenset())
            assert (now.said_this_hour, now.tokens_today) == (2, None)
            bound = replace(resident, policy=replace(resident.policy, tokens_per_day=1_000))
            assert (await counted(store, bound, replace(moment(now=NOW), room=room), frozenset())).tokens_today == 0

    asyncio.run(go())
