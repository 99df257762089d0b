"""Reading a room for what is worth keeping: in batches, later, and never in the way of anybody."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import memory.sorting as sorting
from app import metrics
from app.protocol import NewAgent
from app.remembering import AGAIN, BATCH, BUSY, LULL, REST, SWEEP, Remembering
from app.store import Store
from app.tasks import Tasks
from conversation.member import Member
from conversation.message import Author
from inference.calls import OWNER
from inference.protocol import ModelUnavailableError
from inference.scripted import Call, ScriptedModel
from memory.consent import Consent
from memory.item import Item
from memory.probe import LENGTH, Probe
from memory.scope import Scope, scope_of
from memory.sorting import CLOSES, KEEPS, MAY_KEEP, SAMPLES
from tests.app.harness import PATIENCE, ManualClock, ScriptedEngine
from tests.app.store.opened import NOW, a_room, opened


@dataclass
class Desk:
    store: Store
    remembering: Remembering
    clock: ManualClock
    room: str
    ann: Author
    agent: Author
    said: int = 0

    async def says(self, text: str, who: Author | None = None, reply_to: str | None = None) -> str:
        self.said += 1
        self.clock.advance(1)
        author, now = who or self.ann, self.clock.now()
        posted = await self.store.messages.post(self.room, author, f"c{self.said}", text, reply_to, now)
        self.remembering.notice(self.room, None)
        return posted.message.id

    async def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        async with asyncio.timeout(PATIENCE):
            await self.remembering.rest()

    async def kept(self) -> tuple[Item, ...]:
        """Oldest first."""
        await self.passes(LULL)
        return tuple(reversed(await self.store.items.of_subject(self.ann.id)))


@asynccontextmanager
async def desk(url: str, model: ScriptedModel | None = None, retention: int = 0) -> AsyncIterator[Desk]:
    async with opened(url) as store:
        clock, tasks = ManualClock(NOW), Tasks()
        room, _, ann = await a_room(store, NewAgent(name="Mika"))
        mika = (await store.agents.of_room(room))[0]
        engine = ScriptedEngine(model=model or ScriptedModel())
        remembering = Remembering(store, engine, clock, tasks, retention)
        try:
            yield Desk(store, remembering, clock, room, ann, Author(mika.id, "Mika", "agent"))
        finally:
            await remembering.close()
            await tasks.close()


def texts(items: Sequence[Item]) -> list[str]:
    return [i.text for i in items]


def test_what_people_say_of_themselves_is_kept_with_its_source(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            source = await d.says("Morning! I live in Oslo. Shall we eat?")
            (item,) = await d.kept()
            assert (item.text, item.kind, item.sources) == ("I live in Oslo.", "fact", (source,))
            assert (item.subject, item.by, set(item.audience)) == (d.ann.id, d.ann.id, {d.ann.id})
            assert item.embedding

    asyncio.run(go())


def test_what_keeping_takes_is_among_the_tokens_of_the_service(sqlite_url: str) -> None:
    def read() -> float:
        return metrics.REGISTRY.get_sample_value("aside_tokens_total", {"kind": "prompt"}) or 0.0

    async def go() -> None:
        async with desk(sqlite_url, ScriptedModel(name="able")) as d:
            await d.says("I live in Oslo.")
            before = read()
            await d.passes(LULL)
            assert read() > before

    asyncio.run(go())


def test_nothing_is_read_before_the_lull_and_a_burst_is_read_at_once(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            for n in range(3):
                await d.says(f"I have {n + 2} cats in house number {n}.")
            assert await d.store.keeping.waiting(d.room) == 3
            await d.passes(LULL)
            assert await d.store.keeping.waiting(d.room) == 0

    asyncio.run(go())


def test_a_long_backlog_is_read_batch_by_batch(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            for n in range(BATCH + 5):
                await d.says(f"I bought thing number {n}.")
            assert len(await d.kept()) == BATCH + 5

    asyncio.run(go())


@pytest.mark.parametrize("patience", [30.0, 0.5])
def test_a_full_house_is_read_when_it_is_quieter_or_after_a_while(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            loop, read_at = asyncio.get_running_loop(), list[float]()

            async def read(room: str, fence: int | None) -> bool:
                read_at.append(loop.time())
                return False

            monkeypatch.setattr("app.remembering.PATIENCE", patience)
            monkeypatch.setattr(d.remembering, "read", read)
            for _ in range(BUSY):
                d.remembering.notice(d.room, None)
            last = loop.time()
            await d.passes(LULL)
            assert len(read_at) == 1
            assert min(patience, 1.0) - 0.1 <= read_at[0] - last < 3.0

    asyncio.run(go())


def test_between_batches_the_reader_leaves_the_loop_to_the_messages(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            loop, rested, ended, left = asyncio.get_running_loop(), list[float](), list[float](), [True, True, False]

            async def read(room: str, fence: int | None) -> bool:
                rested.extend(loop.time() - end for end in ended)
                await asyncio.sleep(0.01)
                ended[:] = [loop.time()]
                return left.pop(0)

            monkeypatch.setattr(d.remembering, "read", read)
            await d.says("I have two cats.")
            await d.passes(LULL)
            assert left == []
            assert all(rest >= 0.8 * REST * 0.01 for rest in rested), rested
            assert len(rested) == 2

    asyncio.run(go())


def test_the_newer_value_takes_the_place_of_the_older(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            await d.says("I live in Paris.")
            await d.passes(LULL)
            await d.says("I live in Berlin.")
            old, new = await d.kept()
            assert new.replaces == (old.id,)
            assert old.until == new.since

    asyncio.run(go())


def test_an_agents_correction_stands_beside_the_claim(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            claim = await d.says("The capital of Australia is Sydney.")
            await d.says("Actually, it is Canberra.", d.agent, reply_to=claim)
            said, answer = await d.kept()
            assert (said.kind, said.text) == ("claim", "The capital of Australia is Sydney.")
            assert (answer.kind, answer.by, answer.corrects) == ("correction", d.agent.id, said.id)

    asyncio.run(go())


def test_what_an_agent_says_is_no_fact(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            await d.says("I live in Oslo too, and I like tea.", d.agent)
            assert await d.kept() == ()

    asyncio.run(go())


@pytest.mark.parametrize("consent", [Consent(observe=False), Consent(remember=False)])
def test_no_word_of_somebody_who_opted_out_comes_before_the_model(sqlite_url: str, consent: Consent) -> None:
    async def go() -> None:
        model = ScriptedModel(name="able")
        async with desk(sqlite_url, model) as d:
            await d.store.consents.put(d.ann.id, consent, d.clock.now())
            await d.says("I live in Oslo.")
            assert await d.kept() == ()
            assert model.history == []
            assert await d.store.keeping.waiting(d.room) == 0

    asyncio.run(go())


def test_a_room_is_read_on_its_own_account_whoever_set_that_off(sqlite_url: str) -> None:
    owners: list[str] = []

    class History(list[Call]):
        def append(self, call: Call) -> None:
            owners.append(OWNER.get())

    async def go() -> None:
        OWNER.set("another room")
        async with desk(sqlite_url, ScriptedModel(name="able", history=History())) as d:
            await d.says("I live in Oslo.")
            await d.kept()
            assert set(owners) == {d.room}

    asyncio.run(go())


def test_an_able_model_sorts_what_no_rule_knows(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url, ScriptedModel(name="able", rates=deque([(0.0, 0.9, 0.1, 0.0, 0.0)]))) as d:
            await d.says("Olives, always.")
            (item,) = await d.kept()
            assert (item.kind, item.confidence) == ("preference", 0.9)

    asyncio.run(go())


HM, ENDS = (0.0, 0.0), (1.0, 0.0)


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes of the model "read": nothing is worth keeping by itself, and whatever the first number of a state says is ended."""
    no = Probe(np.array([5, 0], np.float32), np.zeros((2, 2), np.float32))
    ends = Probe(np.zeros(2, np.float32), np.array([[0, 0], [10 / LENGTH, 0]], np.float32))
    known = {"keeping": no, "closing": ends, "narrowed": no, "kinds": no}
    monkeypatch.setattr(sorting, "shipped", lambda name, model: known.get(name) if model == "read" else None)


@pytest.mark.usefixtures("probed")
@pytest.mark.parametrize("ends", [True, False])
def test_what_is_not_worth_keeping_is_kept_where_it_ends_what_is(ends: bool, sqlite_url: str) -> None:
    async def go() -> None:
        states: deque[Sequence[float] | Exception] = deque([HM, HM, ENDS if ends else (-1.0, 0.0), HM])
        async with desk(sqlite_url, ScriptedModel(name="read", states=states)) as d:
            await d.says("My hair is brown, as it always was.")
            assert texts(await d.kept()) == ["My hair is brown, as it always was."]
            await d.says("Brown hair no longer, as red as it gets!")
            found = await d.kept()
            if not ends:
                assert texts(found) == ["My hair is brown, as it always was."]
                return
            old, new = found
            assert (new.text, new.kind, new.replaces) == ("Brown hair no longer, as red as it gets!", "fact", (old.id,))
            assert new.confidence == CLOSES

    asyncio.run(go())


def test_what_may_be_worth_keeping_is_kept_beside_something_of_the_kind_and_not_by_itself(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    maybe = Probe(np.array([1.5, 0], np.float32), np.zeros((2, 2), np.float32))
    no = Probe(np.array([5, 0], np.float32), np.zeros((2, 2), np.float32))
    known = {"keeping": maybe, "closing": no, "narrowed": no, "kinds": no}
    monkeypatch.setattr(sorting, "shipped", lambda name, model: known.get(name) if model == "read" else None)

    async def go() -> None:
        async with desk(sqlite_url, ScriptedModel(name="read", states=deque([HM] * 9))) as d:
            await d.says("Brown hair and red hair, what a day!")
            assert texts(await d.kept()) == []
            await d.says("My hair is brown, as it always was.")
            await d.says("Brown hair no longer, as red as it gets!")
            old, new = await d.kept()
            assert (old.text, new.text) == (
                "My hair is brown, as it always was.",
                "Brown hair no longer, as red as it gets!",
            )
            assert (new.kind, new.replaces) == ("fact", ())
            assert MAY_KEEP < new.confidence < KEEPS

    asyncio.run(go())


@pytest.mark.usefixtures("probed")
def test_whether_it_is_kept_hangs_on_nothing_that_some_who_heard_it_do_not_know(sqlite_url: str) -> None:
    async def go() -> None:
        states: deque[Sequence[float] | Exception] = deque([HM, HM, ENDS, HM])
        async with desk(sqlite_url, ScriptedModel(name="read", states=states)) as d:
            await d.says("My hair is brown, as it always was.")
            await d.kept()
            bob = await d.store.users.add("Bob", NOW)
            await d.store.members.put(d.room, Member(bob.id, "Bob", "member"), NOW)
            await d.says("Brown hair no longer, as red as it gets!")
            assert texts(await d.kept()) == ["My hair is brown, as it always was."]

    asyncio.run(go())


@pytest.mark.usefixtures("probed")
def test_no_sentence_ends_what_was_put_right_nor_what_its_own_message_says(sqlite_url: str) -> None:
    async def go() -> None:
        states: deque[Sequence[float] | Exception] = deque([HM, HM, ENDS, HM])
        async with desk(sqlite_url, ScriptedModel(name="read", states=states)) as d:
            await d.says("Brown hair no longer, as red as it gets! My hair is red, as it never was.")
            assert texts(await d.kept()) == ["My hair is red, as it never was."]
        states = deque([HM, HM, ENDS, HM])
        async with desk(sqlite_url, ScriptedModel(name="read", states=states)) as d:
            await d.says("My hair is brown, as it always was.")
            (old,) = await d.kept()
            await d.store.erasing.reword(old.id, "My hair is dark brown.", old.embedding)
            await d.says("Brown hair no longer, as red as it gets!")
            assert texts(await d.kept()) == ["My hair is dark brown."]

    asyncio.run(go())


def test_the_circumstance_that_a_model_names_is_kept_beside_what_is_preferred(sqlite_url: str) -> None:
    async def go() -> None:
        rates: deque[Sequence[float] | Exception] = deque([(0.0, 0.9, 0.1, 0.0, 0.0)])
        model = ScriptedModel(name="able", rates=rates, says=deque(["when it rains"] * SAMPLES))
        async with desk(sqlite_url, model) as d:
            await d.says("Rain means the bus.")
            (item,) = await d.kept()
            assert (item.text, item.circumstance) == ("Rain means the bus.", "when it rains")
            assert scope_of(item) == Scope("when it rains", "Rain means the bus.")

    asyncio.run(go())


def test_a_model_that_fails_is_asked_again_later(sqlite_url: str) -> None:
    async def go() -> None:
        rates: deque[Sequence[float] | Exception] = deque([ModelUnavailableError("loading"), (0.0, 0.9, 0.1, 0.0, 0.0)])
        async with desk(sqlite_url, ScriptedModel(name="able", rates=rates)) as d:
            await d.says("Olives, always.")
            assert await d.kept() == ()
            await d.passes(AGAIN)
            assert texts(await d.kept()) == ["Olives, always."]

    asyncio.run(go())


def test_a_room_that_another_process_reads_is_left_alone(sqlite_url: str) -> None:
    async def go() -> None:
        async with desk(sqlite_url) as d:
            await d.says("I live in Oslo.")
            d.remembering.leave(d.room)
            assert await d.kept() == ()
            d.remembering.notice(d.room, 99)  # a fence that is not the room's
            assert await d.kept() == ()
            assert await d.store.keeping.waiting(d.room) == 1

    asyncio.run(go())


def test_what_is_older_than_the_retention_goes_by_itself(sqlite_url: str, tmp_path: Path) -> None:
    async def go() -> None:
        async with desk(sqlite_url, retention=10) as d:
            await d.says("I live in Wxyzzy.")
            assert len(await d.kept()) == 1
            d.remembering.start()
            d.clock.advance(timedelta(days=10).total_seconds() - LULL)
            assert len(await d.store.items.of_subject(d.ann.id)) == 1
            d.clock.advance(SWEEP)
            async with asyncio.timeout(PATIENCE):
                while await d.store.items.of_subject(d.ann.id):
                    await d.remembering.rest()

    asyncio.run(go())
