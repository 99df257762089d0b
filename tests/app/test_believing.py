"""What a room's people tell of themselves, and what they are asked."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest

from app import believing
from app.believing import ACQUAINTED, ANSWERS, LATELY, Believing, read_message, read_opening
from app.store import Store
from app.tasks import Tasks
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Author, Message
from conversation.moment import Moment, Trigger
from conversation.thought import Question
from conversation.transcript import Transcript
from inference.scripted import ScriptedEmbedder
from memory.consent import Consent
from personalization.belief import set_value
from personalization.disposition import Disposition
from personalization.features import Floats
from personalization.listener import Likelihoods, listener_for
from personalization.space import Dimension, Space, space_for
from personalization.wondering import APART
from tests.app.store.opened import NOW, a_room, opened

pytestmark = pytest.mark.anyio

AGENT = Member("mika", "Mika", "agent")
TELLS: dict[str, Likelihoods] = {
    "short please": {"length": (1.0, 0.05, 0.05)},
    "leave us alone": {"chiming_in": (0.02, 0.1, 1.0)},
    "keep asking": {"questions": (1.0, 0.05)},
}


OPENS = {"Sure.": (1.0, 0.05), "Nope.": (0.05, 1.0)}


class Hears:
    """A listener that knows a few words."""

    dim = ScriptedEmbedder.dim

    def read(self, messages: Sequence[Sequence[str]], rows: object, asked: Sequence[str | None]) -> list[Likelihoods]:
        return [TELLS.get(" ".join(m), {}) for m in messages]

    def opening(self, texts: Sequence[str], rows: object) -> Floats:
        return np.array([OPENS.get(t, (1.0, 1.0)) for t in texts], dtype=np.float32)


@dataclass
class Tea:
    store: Store
    room: str
    ann: Author
    believing: Believing
    said: list[Message]

    async def say(self, text: str, author: Author | None = None) -> Message:
        author = author or self.ann
        posted = await self.store.messages.post(self.room, author, f"{len(self.said)}", text, None, NOW)
        self.said.append(posted.message)
        self.believing.hear(posted.message)
        await self.believing.rest()
        return posted.message

    def moment(self, *others: Member) -> Moment:
        talk = Transcript(tuple(self.said))
        people = (Member(self.ann.id, "Ann", "owner"), AGENT, *others)
        last = talk.last
        return Moment(self.room, AGENT, people, talk, Floor(), Trigger("message", last.seq if last else 0), NOW)


@asynccontextmanager
async def tea(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tea]:
    monkeypatch.setattr(believing, "listener_for", lambda space: Hears())
    tasks = Tasks()
    async with opened(url) as store:
        room, _, ann = await a_room(store)
        made = Believing(room, ScriptedEmbedder(), store, tasks)
        try:
            yield Tea(store, room, ann, made, [])
        finally:
            await made.close()
            await tasks.close()


async def test_what_is_said_is_believed_with_its_source_and_shapes_how_one_is_spoken_to(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tea(database_url, monkeypatch) as t:
        short = await t.say("short please")
        await t.say("nothing at all")
        await t.say("leave us alone")
        found = await t.store.beliefs.of(t.ann.id)
        assert [e.source for e in found["length"]] == [short.id]
        towards = await t.believing.disposition(t.moment())
        assert (towards.person, towards.form) == (t.ann.id, "in very few words")
        assert towards.bar > 0.1


async def test_nothing_is_inferred_of_who_does_not_want_it(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with tea(database_url, monkeypatch) as t:
        await t.say("short please")
        await t.store.consents.put(t.ann.id, Consent(infer=False), NOW)
        await t.say("leave us alone")
        assert set(await t.store.beliefs.of(t.ann.id)) == {"length"}
        assert (await t.believing.disposition(t.moment())).form == ""


async def test_what_was_set_by_hand_holds_without_inference_and_nothing_else_does(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tea(database_url, monkeypatch) as t:
        await _talks(t, 2 * APART)
        await t.say("short please")
        await t.say("leave us alone")
        assert (await t.believing.disposition(t.moment())).wonder is not None
        formal = set_value(t.store.space.dimension("formality"), "formal", "by-hand:ann", NOW)
        await t.store.beliefs.set_by_hand(t.ann.id, "formality", formal)
        await t.store.consents.put(t.ann.id, Consent(infer=False), NOW)
        assert await t.believing.disposition(t.moment()) == Disposition(t.ann.id, "in a formal tone")


async def test_what_was_said_elsewhere_shapes_nothing_before_somebody_who_was_not_there(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tea(database_url, monkeypatch) as t:
        await t.say("short please")
        stranger = Member((await t.store.users.add("Bob", NOW)).id, "Bob", "member")
        assert (await t.believing.disposition(t.moment(stranger))).form == ""


async def _talks(t: Tea, n: int) -> None:
    for i in range(n):
        await t.say(f"line {i} {len(t.said)}")


async def test_a_question_comes_late_and_seldom(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with tea(database_url, monkeypatch) as t:
        asked_at = []
        for _ in range(3 * APART):
            await _talks(t, 1)
            wonder = (await t.believing.disposition(t.moment())).wonder
            if wonder is not None:
                message = await t.say(wonder.text, Author(AGENT.id, "Mika", "agent"))
                await t.believing.asked(Question(t.ann.id, wonder.dimension, wonder.text, 1.0), message)
                asked_at.append(message.seq)
        assert asked_at
        assert asked_at[0] > max(APART, ACQUAINTED)
        assert all(b - a >= APART for a, b in itertools.pairwise(asked_at))
        asked = [q.dimension for q in await t.store.questions.of(t.ann.id)]
        assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    ("reply", "outcome"), [("short please", "answered"), ("that's private", "declined"), ("what a day", None)]
)
async def test_what_became_of_a_question(
    database_url: str, monkeypatch: pytest.MonkeyPatch, reply: str, outcome: str | None
) -> None:
    async with tea(database_url, monkeypatch) as t:
        await _talks(t, APART)
        asking = await t.say("Short or long?", Author(AGENT.id, "Mika", "agent"))
        await t.believing.asked(Question(t.ann.id, "length", "Short or long?", 1.0), asking)
        await t.say(reply)
        assert [q.outcome for q in await t.store.questions.of(t.ann.id)] == [outcome]
        await _talks(t, ANSWERS + APART)
        (after,) = await t.store.questions.of(t.ann.id)
        assert after.outcome == (outcome or "ignored")
        moment = t.moment()
        soon = (await t.believing.disposition(moment)).wonder
        later = (await t.believing.disposition(replace(moment, now=NOW + LATELY + timedelta(minutes=1)))).wonder
        assert (soon is not None, later is not None) == (outcome == "answered", outcome != "declined")


async def test_an_answer_about_what_the_deployment_alone_wants_to_know_is_told_by_its_examples(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = (("I want to get strong.",), ("I want calm.", "Peace of mind."))
    coach = Space("coach", (Dimension("goal", ("strength", "calm"), (0.5, 0.5), ask="What for?", examples=examples),))
    async with tea(database_url, monkeypatch) as t:
        t.store.space = space_for("preferences").with_own(coach)
        t.believing = Believing(t.room, ScriptedEmbedder(), t.store, Tasks())
        asking = await t.say("What for?", Author(AGENT.id, "Mika", "agent"))
        await t.believing.asked(Question(t.ann.id, "goal", "What for?", 1.0), asking)
        await t.say("A bit of peace of mind.")
        (one,) = (await t.store.beliefs.of(t.ann.id))["goal"]
        assert one.likelihood[1] > 5 * one.likelihood[0]
        assert [q.outcome for q in await t.store.questions.of(t.ann.id)] == ["answered"]


@pytest.mark.parametrize(("reply", "chosen"), [("Sure.", 0), ("Nope. Rain again.", 1), ("What a day.", None)])
async def test_a_bare_yes_tells_what_it_means_behind_the_question(
    database_url: str, monkeypatch: pytest.MonkeyPatch, reply: str, chosen: int | None
) -> None:
    async with tea(database_url, monkeypatch) as t:
        await t.say("Sure.")
        assert await t.store.beliefs.of(t.ann.id) == {}
        asking = await t.say("Are emoji fine with you?", Author(AGENT.id, "Mika", "agent"))
        await t.believing.asked(Question(t.ann.id, "emoji", "Are emoji fine with you?", 1.0), asking)
        await t.say(reply)
        found = (await t.store.beliefs.of(t.ann.id)).get("emoji", ())
        assert [e.likelihood.index(max(e.likelihood)) for e in found] == ([] if chosen is None else [chosen])


async def test_a_yes_tells_nothing_where_the_question_has_none() -> None:
    length = space_for("preferences").dimension("length")
    assert await read_opening(listener_for("exercise"), ScriptedEmbedder(), length, "Yes.") == (1.0, 1.0, 1.0)


async def test_with_another_embedder_nothing_is_read() -> None:
    assert await read_message(listener_for("preferences"), ScriptedEmbedder(), "Keep it short.", None) == {}


async def test_agents_are_not_listened_to(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with tea(database_url, monkeypatch) as t:
        await t.say("short please", replace(t.ann, kind="agent"))
        assert await t.store.beliefs.of(t.ann.id) == {}
