import asyncio

from memory.consent import Consent
from tests.app.store.opened import NOW, opened


def test_what_is_not_taken_back_is_given_and_the_last_word_counts(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            ann, bob = [(await store.users.add(name, NOW)).id for name in ("Ann", "Bob")]
            assert await store.consents.get(ann) == Consent()
            await store.consents.put(ann, Consent(observe=False), NOW)
            await store.consents.put(ann, Consent(observe=False, infer=False), NOW)
            assert await store.consents.get(ann) == Consent(observe=False, infer=False)
            await store.consents.put(bob, Consent(remember=False), NOW)
            assert await store.consents.unobserved([ann, bob, "nobody"]) == {ann}

    asyncio.run(go())
