"""What agents would have said."""

import asyncio

import pytest

from app.errors import Conflict, NotFound
from app.review import SuggestionView
from tests.app.store.opened import NOW, a_room, opened


def suggestion(room: str, run: str, mode: str = "suggest", agent: str = "g") -> SuggestionView:
    return SuggestionView.model_validate(
        {
            "run": run,
            "room": room,
            "agent": agent,
            "mode": mode,
            "state": "open",
            "text": "Tea?",
            "reply_to": None,
            "seq": 1,
            "at": NOW,
        }
    )


def test_a_new_suggestion_takes_the_place_of_the_open_one_of_that_agent(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, _, _ = await a_room(store)
            for one in (
                suggestion(room, f"{room}1", "shadow"),
                suggestion(room, f"{room}2"),
                suggestion(room, f"{room}3", agent="h"),
                suggestion(room, f"{room}4"),
            ):
                await store.suggestions.add(one)
            found = await store.suggestions.of_room(room)
            assert [(one.run[-1], one.state) for one in found] == [
                ("4", "open"),
                ("3", "open"),
                ("2", "expired"),
                ("1", "open"),
            ]
            assert [one.run[-1] for one in await store.suggestions.of_room(room, "shadow")] == ["1"]
            assert await store.suggestions.get("nothing") is None
            with pytest.raises(NotFound):
                await store.suggestions.add(suggestion("nowhere", "x"))

    asyncio.run(go())


def test_of_two_who_decide_one_does(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, owner, _ = await a_room(store)
            await store.suggestions.add(suggestion(room, f"{room}1"))
            said = await store.suggestions.change(f"{room}1", "open", state="said", by=owner.id, decided_at=NOW)
            assert (said.state, said.by) == ("said", owner.id)
            assert await store.suggestions.get(f"{room}1") == said
            with pytest.raises(Conflict):
                await store.suggestions.change(f"{room}1", "open", state="rejected")

    asyncio.run(go())
