"""A store over a migrated database, and things to put into it."""

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from app.keys import UserView
from app.protocol import DecisionView, NewAgent, RunView, TokensView, TriggerView
from app.store import Store
from app.store.database import Database
from app.store.tokens import new_id
from conversation.message import Author
from conversation.thought import Thought, ThoughtState

NOW = datetime(2026, 1, 5, 9, 30, 15, 250_000, tzinfo=UTC)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """`migrate` was run on `url` before."""
    database = Database(url)
    writing = asyncio.create_task(database.committer.run())
    try:
        yield Store(database, lambda: "served")
    finally:
        database.committer.close()
        await writing
        await database.close()


async def a_room(store: Store, agent: NewAgent | None = None) -> tuple[str, UserView, Author]:
    """A room's id, its owner, and the owner as an author."""
    owner = await store.users.add("Ann", NOW)
    room = await store.rooms.create("Tea", owner.id, agent, NOW)
    return room, owner, Author(owner.id, "Ann", "human")


def a_run(room: str, agent: str, seq: int, act: str = "silent", kind: str = "message", nth: int = 0) -> RunView:
    return RunView.model_validate(
        {
            "id": new_id(),
            "room": room,
            "agent": agent,
            "trigger": TriggerView.model_validate({"kind": kind, "seq": seq, "nth": nth}),
            "gate": None,
            "retrieved": [],
            "thoughts": [],
            "turn": {"Ann": 0.25, "anyone": 0.75},
            "decision": DecisionView.model_validate(
                {"act": act, "thought": None, "branch": "open", "bar": 3.5, "reason": "nothing to add"}
            ),
            "stages": {"formation": 12.5},
            "tokens": TokensView(prompt=10, cached=5, generated=3),
            "model": "served",
            "calibration": "served",
            "policy_version": 1,
            "seed": 7,
            "error": None,
            "at": NOW,
        }
    )


def a_thought(agent: str, seq: int, state: ThoughtState = "held", text: str = "I wonder about tea.") -> Thought:
    return Thought(new_id(), agent, "system1", text, ("m1",), seq, NOW, state, embedding=array("f", (0.5, -0.25)))
