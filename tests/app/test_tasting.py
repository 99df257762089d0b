"""What is known of tastes, and what a mind makes of it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app import speech
from app.speech import DRAFTS
from app.store import Store
from app.store.questions import Asked
from app.tasting import POOL_HOLDS, Tasting, answers, numbers, thumbed
from conversation.message import Author
from inference.protocol import ModelError
from inference.scripted import ScriptedEmbedder
from memory.consent import Consent
from personalization.factors import BOUND
from personalization.pairs import Bank, bank_for
from personalization.palate import KNOWN, choose, pooled
from tests.app.minds import world
from tests.app.store.opened import NOW, a_room, opened

pytestmark = pytest.mark.anyio

SHIPPED = bank_for()


class Fitting(ScriptedEmbedder):
    """As wide as φ wants it."""

    dim = SHIPPED.phi.dim


async def _answers(store: Store, user: str, number: int, choice: str = "first") -> None:
    """To pairs of which the first is the longer one."""
    told = 0
    for one in SHIPPED.replies:
        for other in SHIPPED.replies:
            if told < number and one.message == other.message and len(one.text) > len(other.text) + 100:
                body = json.dumps({"pair": [one.text, other.text], "choice": choice})
                await store.questions.add(Asked(f"{user}-{told}", user, NOW, body, outcome="answered"))
                told += 1
    assert told == number


async def test_a_taste_counts_from_some_answers_on(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        _, ann, _ = await a_room(store)
        await _answers(store, ann.id, KNOWN - 1)
        known = Tasting(Fitting(), store)
        assert await known.palate(ann.id, [ann.id], NOW) is None
        eve = (await store.users.add("Eve", NOW)).id
        await _answers(store, eve, KNOWN)
        own = await known.palate(eve, [eve], NOW)  # ann's few are everybody else's
        assert own is not None
        assert np.array(own.own) @ SHIPPED.axes["length"] > np.array(own.pool) @ SHIPPED.axes["length"] > 0


@pytest.mark.parametrize("times", [KNOWN, 4 * KNOWN])
async def test_nobody_moves_drafts_by_more_than_the_bound_through_everybodys_taste(sqlite_url: str, times: int) -> None:
    drafts = np.array([r.factors for r in SHIPPED.replies[:60]])
    async with opened(sqlite_url) as store:
        _, ann, _ = await a_room(store)
        await _answers(store, ann.id, times)
        own = await Tasting(Fitting(), store).palate(ann.id, [ann.id], NOW)
        assert own is not None
        assert own.pool == (0.0,) * SHIPPED.size
        choice = choose(own, drafts)
        assert max(choice.mixed) - min(choice.mixed) <= BOUND + 1e-9
        eve = (await store.users.add("Eve", NOW)).id
        await _answers(store, eve, KNOWN, "second")
        beside = await Tasting(Fitting(), store).palate(ann.id, [ann.id], NOW)
        assert beside is not None
        only = await Tasting(Fitting(), store).palate(eve, [eve], NOW)
        assert only is not None
        assert beside.pool == pytest.approx(pooled([np.array(only.own)], SHIPPED.size))


async def test_thumbs_are_answers_where_the_embedder_is_the_one_that_was_fitted(database_url: str) -> None:
    async with opened(database_url) as store:
        room, ann, _ = await a_room(store)
        agent = Author("mika", "Mika", "agent")
        for n in range(KNOWN):
            said = await store.messages.post(room, agent, f"c{n}", f"Yes, number {n} it is.", None, NOW)
            await store.messages.react(room, said.message.id, ann.id, "👎", True, NOW)
        thumbs = await store.questions.thumbs(ann.id)
        told = await thumbed(SHIPPED, Fitting(), thumbs)
        assert [a.first for a in told] == [False] * KNOWN
        assert await thumbed(SHIPPED, ScriptedEmbedder(), thumbs) == []
        own = await Tasting(Fitting(), store).palate(ann.id, [ann.id], NOW)
        assert own is not None
        assert any(own.own)
        assert await Tasting(Fitting(), store).palate(ann.id, [ann.id, "somebody"], NOW) is None


async def test_everybodys_taste_is_kept_for_a_while(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        _, ann, _ = await a_room(store)
        bob, eve = [(await store.users.add(name, NOW)).id for name in ("Bob", "Eve")]
        await _answers(store, ann.id, KNOWN)
        await _answers(store, bob, KNOWN)
        known = Tasting(Fitting(), store)
        first = await known.palate(ann.id, [ann.id], NOW)
        await _answers(store, eve, KNOWN, "second")
        again = await known.palate(ann.id, [ann.id], NOW)
        later = await known.palate(ann.id, [ann.id], NOW + 2 * POOL_HOLDS)
        assert first is not None
        assert again is not None
        assert later is not None
        assert first.pool == again.pool != later.pool
        assert later.pool == pytest.approx((0.0,) * SHIPPED.size, abs=1e-6)  # they want the opposite
        await store.consents.put(eve, Consent(infer=False), NOW)
        alone = await known.palate(ann.id, [ann.id], NOW + 4 * POOL_HOLDS)
        assert alone is not None
        assert alone.pool == pytest.approx(first.pool)


async def test_a_taste_is_worth_no_runs_failure(database_url: str) -> None:
    class Broken(Fitting):
        async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
            raise ModelError("no vectors today")

    async with opened(database_url) as store:
        room, ann, _ = await a_room(store)
        said = await store.messages.post(room, Author("mika", "Mika", "agent"), "c", "Yes.", None, NOW)
        await store.messages.react(room, said.message.id, ann.id, "👍", True, NOW)
        await _answers(store, ann.id, KNOWN)
        assert await Tasting(Broken(), store).palate(ann.id, [ann.id], NOW) is None


def test_an_answer_about_replies_that_are_not_offered_any_more_is_none() -> None:
    texts = [r.text for r in SHIPPED.replies[:2]]
    asked = [
        Asked("1", "ann", NOW, json.dumps({"pair": texts, "choice": "first"})),
        Asked("2", "ann", NOW, json.dumps({"pair": texts, "choice": "neither"})),
        Asked("3", "ann", NOW, json.dumps({"pair": [3, 5], "choice": "first"})),
        Asked("4", "ann", NOW, "Short or long?", "tea", 4, "length"),
    ]
    assert len(answers(SHIPPED, asked)) == 1


async def test_a_reply_to_somebody_of_known_taste_is_one_of_several_drafts_and_the_run_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def last_is_best(bank: Bank, embedder: object, texts: Sequence[str]) -> np.ndarray:
        weights = np.array(bank.axes["length"])
        return np.array([weights * n for n in range(len(texts))])

    monkeypatch.setattr(speech, "numbers", last_is_best)
    drafts = ["It is green tea.", "It is green tea, from the hills.", "It is green tea, from the hills, picked in May."]
    async with world(tmp_path) as w:
        ann = w.room.people[0].id
        await _answers(w.store, ann, KNOWN + 1)
        w.model.replies.extend(drafts)
        w.mind.heard(await w.kept("Mika, what tea is this?"))
        await w.passes(3)
        (run,) = await w.stored()
        assert run.outcome == "said"
        assert run.choice is not None
        assert (run.choice.taken, len(run.choice.pool)) == (DRAFTS - 1, DRAFTS)
        assert w.room.said[-1].text == drafts[-1]
        assert run.tokens.generated >= sum(len(d.split()) for d in drafts)
        await w.store.consents.put(ann, Consent(infer=False), w.clock.now())
        w.model.replies.append("It was picked in the hills.")
        w.mind.heard(await w.kept("Mika, and who picked it?"))
        await w.passes(3)
        assert [r.choice is None for r in await w.stored()].count(True) == 1


async def test_texts_of_no_letter_have_numbers_too() -> None:
    found = await numbers(SHIPPED, Fitting(), ["🎉", "Yes."])
    assert found is not None
    assert found.shape == (2, SHIPPED.size)
