import asyncio
from datetime import timedelta

from app.store.summaries import EVERYBODY
from personalization.summary import Edit
from tests.app.store.opened import NOW, opened

US = frozenset({"ann", "bob"})


def test_what_one_wrote_for_the_same_people_is_replaced(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = (await store.users.add("Ann", NOW)).id
            later = NOW + timedelta(hours=1)
            await store.summaries.put(ann, "Call me Annie.", US, NOW)
            await store.summaries.put(ann, "Keep it short.", None, NOW)
            await store.summaries.put(ann, "Call me An.", US, later)
            assert await store.summaries.of(ann) == (
                Edit("Call me An.", later, US),
                Edit("Keep it short.", NOW, None),
            )
            assert await store.summaries.of("nobody") == ()
            assert EVERYBODY not in US

    asyncio.run(go())


def test_it_is_taken_back_for_whom_it_was_written(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann = (await store.users.add("Ann", NOW)).id
            await store.summaries.put(ann, "Call me Annie.", US, NOW)
            await store.summaries.put(ann, "Keep it short.", None, NOW)
            await store.summaries.remove(ann, None)
            await store.summaries.remove(ann, frozenset({"cat"}))
            assert [e.audience for e in await store.summaries.of(ann)] == [US]

    asyncio.run(go())


def test_what_is_meant_is_forgotten_and_of_nobody_else(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann, bob = [(await store.users.add(n, NOW)).id for n in ("Ann", "Bob")]
            for who in (ann, bob):
                await store.summaries.put(who, "I love herring.", US, NOW)
            await store.summaries.put(ann, "Keep it short.", None, NOW)
            assert await store.summaries.forget(ann, lambda text: "herring" in text) == 1
            assert [e.text for e in await store.summaries.of(ann)] == ["Keep it short."]
            assert [e.text for e in await store.summaries.of(bob)] == ["I love herring."]

    asyncio.run(go())
