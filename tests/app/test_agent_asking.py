"""What a mind comes to believe of whom it listens to, how it speaks to them then, and what it asks them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app import believing
from app.believing import ACQUAINTED
from conversation.message import Message
from inference.scripted import ScriptedEmbedder
from memory.consent import Consent
from personalization.listener import Likelihoods
from personalization.wondering import APART
from tests.app.minds import World, world

pytestmark = pytest.mark.anyio

TELLS: dict[str, Likelihoods] = {"short please": {"length": (1.0, 0.02, 0.02)}}


class Hears:
    """A listener that knows a few words."""

    dim = ScriptedEmbedder.dim

    def read(self, messages: Sequence[Sequence[str]], rows: object, asked: Sequence[str | None]) -> list[Likelihoods]:
        return [TELLS.get(" ".join(m), {}) for m in messages]


@pytest.fixture(autouse=True)
def listener(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(believing, "listener_for", lambda space: Hears())


async def _says(w: World, text: str) -> Message:
    message = await w.kept(text)
    w.mind.heard(message)
    await w.settle()
    return message


def _written(w: World) -> str:
    (call,) = (c for c in w.model.history if c.method == "stream")
    return "\n".join(part.text for part in call.prompts[0])


async def test_what_a_person_says_of_themselves_shapes_the_reply(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.store.members.put(w.room.id, w.room.people[1], w.clock.now())
        told = await _says(w, "short please")
        found = await w.store.beliefs.of(told.author.id)
        assert [e.source for e in found["length"]] == [told.id]
        await _says(w, "Mika, what tea is this?")
        await w.passes(3)
        assert "in very few words" in _written(w)


async def test_without_consent_nothing_is_inferred_and_nothing_shapes_the_reply(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ann = w.room.people[0].id
        await w.store.consents.put(ann, Consent(infer=False), w.clock.now())
        await _says(w, "short please")
        assert await w.store.beliefs.of(ann) == {}
        await _says(w, "Mika, what tea is this?")
        await w.passes(3)
        assert "in very few words" not in _written(w)


async def test_a_message_in_new_words_is_read_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        message = await _says(w, "nothing much")
        w.room.rewords(message, "short please")
        await w.settle()
        assert set(await w.store.beliefs.of(message.author.id)) == {"length"}


async def test_a_question_competes_is_put_as_it_is_and_is_kept_in_mind(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        for n in range(max(APART, ACQUAINTED) + 1):
            await w.kept(f"line {n} of the talk")
        last = await w.kept("that is about all of it")
        w.mind.heard(last)
        await w.passes(3)
        (run,) = await w.stored()
        curious = [t for t in run.thoughts if t.kind == "curiosity"]
        assert len(curious) == 1
        assert any(s.heuristic == "information_gap" for s in curious[0].scores)
        said = next((m.text for m in w.room.said if m.author.kind == "agent"), "")
        asked = await w.store.questions.of(last.author.id)
        assert [q.body for q in asked] == ([said] if run.decision.thought == curious[0].id else [])
