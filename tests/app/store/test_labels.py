"""What people thought."""

import asyncio

import pytest

from app.errors import NotFound
from app.review import LabelView
from tests.app.store.opened import NOW, a_room, opened


def label(
    room: str, user: str, verdict: str, run: str | None = None, seq: int | None = None, agent: str | None = "g"
) -> LabelView:
    return LabelView.model_validate(
        {
            "room": room,
            "user": user,
            "agent": agent,
            "run": run,
            "seq": seq,
            "verdict": verdict,
            "source": "feedback",
            "at": NOW,
        }
    )


def test_the_last_word_of_a_person_counts(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            for one in (
                label(room, "ann", "good", run="r1"),
                label(room, "bob", "good", run="r1"),
                label(room, "ann", "too_much", run="r1"),
                label(room, "ann", "should_have_spoken", seq=4, agent=None),
                label(room, "ann", "good", run="r2", agent="h"),
            ):
                await store.labels.put(one)
            found = await store.labels.of_room(room)
            assert [(one.user, one.run, one.seq, one.verdict) for one in found] == [
                ("bob", "r1", None, "good"),
                ("ann", "r1", None, "too_much"),
                ("ann", None, 4, "should_have_spoken"),
                ("ann", "r2", None, "good"),
            ]
            assert len(await store.labels.of_room(room, "g")) == 3
            assert [one.agent for one in await store.labels.of_room(room, "h")] == [None, "h"]
            with pytest.raises(NotFound):
                await store.labels.put(label("nowhere", "ann", "good", run="r"))

    asyncio.run(go())
