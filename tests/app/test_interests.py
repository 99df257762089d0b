import asyncio
from dataclasses import replace
from datetime import timedelta

from app.interests import Interests
from app.store import Store
from app.tasks import Tasks
from conversation.member import Member
from conversation.moment import Moment
from inference.scripted import ScriptedModel
from memory.consent import Consent
from tests.app.store.opened import NOW, opened
from tests.app.test_portraits import BASIL, home, of, put
from tests.conversation.build import message, moment
from tests.memory.build import START
from thoughts.interests import Interest

MIKA = Member("m", "Mika", "agent")


def seen(ann: str, *others: str) -> Moment:
    people = (Member(ann, "Ann", "owner"), *(Member(o, "Bob", "member") for o in others))
    talk = [message(1, people[0], "hello")]
    return replace(moment(talk, agent=MIKA, members=(*people, MIKA)), now=START + timedelta(days=30))


async def found_by(mind: Interests, store: Store, ann: str, *others: str) -> tuple[Interest, ...]:
    heard = await store.items.candidates([ann, *others], 2)
    return await mind.of(seen(ann, *others), heard)


def test_what_everybody_here_heard_makes_an_interest_and_nothing_else(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, bob = await home(store)
            await put(store, *(of(room, ann, f"i{n}", text, day=n) for n, text in enumerate(BASIL)))
            mind = Interests(store, ScriptedModel(), Tasks())
            (found,) = await found_by(mind, store, ann)
            assert found.trace.text.startswith(
                "Ann has been into grow light since 1 March, and has not mentioned it for 28"
            )
            assert found.dormant
            assert found.trace.audience == frozenset({ann})
            assert {t.id for t in found.sources} == {f"{room}-i{n}" for n in range(3)}
            assert await found_by(mind, store, ann, bob) == ()

    asyncio.run(go())


def test_what_is_erased_is_in_no_interest_the_next_time(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await home(store)
            await put(store, *(of(room, ann, f"i{n}", text, day=n) for n, text in enumerate(BASIL)))
            mind = Interests(store, ScriptedModel(), Tasks())
            assert len(await found_by(mind, store, ann)) == 1
            await store.erasing.erase([f"{room}-i1"])
            assert await found_by(mind, store, ann) == ()
            mind.forget()

    asyncio.run(go())


def test_who_does_not_let_agents_infer_has_none(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await home(store)
            await put(store, *(of(room, ann, f"i{n}", text, day=n) for n, text in enumerate(BASIL)))
            await store.consents.put(ann, Consent(infer=False), NOW)
            assert await found_by(Interests(store, ScriptedModel(), Tasks()), store, ann) == ()

    asyncio.run(go())


def test_a_model_that_is_able_to_names_it_behind_the_thinking(database_url: str) -> None:
    async def go() -> None:
        async with opened(database_url) as store:
            room, ann, _ = await home(store)
            await put(store, *(of(room, ann, f"i{n}", text, day=n) for n, text in enumerate(BASIL)))
            model, tasks = ScriptedModel(name="able"), Tasks()
            model.says.append("growing basil under a grow light")
            mind = Interests(store, model, tasks)
            (first,) = await found_by(mind, store, ann)
            assert "grow light since" in first.trace.text
            await asyncio.wait([t for t in asyncio.all_tasks() if t.get_name() == "name an interest"])
            (second,) = await found_by(mind, store, ann)
            assert "growing basil under a grow light since" in second.trace.text
            mind.forget()
            (third,) = await found_by(mind, store, ann)
            assert "growing basil" not in third.trace.text
            await tasks.close()

    asyncio.run(go())
