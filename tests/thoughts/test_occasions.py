import asyncio
import math
from collections import deque
from collections.abc import Sequence

import numpy as np
import pytest

import thoughts.occasions
from conversation.moment import Moment
from inference.scripted import ScriptedModel
from memory.occasion import Fit
from memory.probe import LENGTH, Probe
from memory.recall import NEAR
from memory.saliency import Retrieved, Trace
from memory.scope import Scope
from tests.conversation.build import ANN, message, moment
from tests.memory.build import item
from thoughts.occasions import joined, occasions, situation, told
from thoughts.retrieval import Recall

AT_WORK = item("work", "At work I only wear black.", kind="preference")
WEEKDAYS = item("weekdays", "On weekdays I drink juice.", kind="preference")
CUSTOMERS = item("customers", "I speak French with customers.", kind="preference")
ALWAYS = item("always", "I like herring.", kind="preference")
ITEMS = (AT_WORK, WEEKDAYS, CUSTOMERS, ALWAYS)


class Places:
    """Texts that speak of work, and all others at a right angle to them."""

    dim = 2

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        return tuple((1.0, 0.0) if "work" in text or "office" in text else (0.0, 1.0) for text in texts)


class Apart(Places):
    """No two texts have anything to do with each other, but for those that are one."""

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        known = {text: n for n, text in enumerate(dict.fromkeys(texts))}
        return tuple(tuple(float(known[text] == n) for n in range(len(known))) for text in texts)


class Between(Places):
    """Everything else lies half way to work."""

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        return tuple((1.0, 0.0) if "work" in text else (0.3, math.sqrt(0.91)) for text in texts)


def asks(text: str, kind: str = "message") -> Moment:
    return moment([message(1, ANN, text)], kind=kind)  # type: ignore[arg-type]


def fits(
    now: Moment, *names: str, embedder: Places | None = None, model: ScriptedModel | None = None, near: float = 0.5
) -> dict[str, Fit]:
    came = Recall(tuple(Retrieved(Trace(n, "item", "", ()), near) for n in names), (), {})
    found = asyncio.run(occasions(now, came, ITEMS, embedder or Places(), model or ScriptedModel()))
    return {one: reading.fit for one, reading in found.items()}


def test_what_has_a_scope_is_held_against_the_moment_and_nothing_else_is() -> None:
    assert fits(asks("I go to the office. Red or black?"), "work", "always") == {"work": "within"}
    assert fits(asks("The party begins. Red or black?"), "work", embedder=Apart()) == {"work": "outside"}
    assert fits(asks("The office?", "pause"), "work") == {}


def test_the_calendar_decides_where_both_name_a_time() -> None:
    assert fits(asks("It's Saturday. Juice or beer?"), "weekdays") == {"weekdays": "outside"}
    assert fits(asks("It's Tuesday. Juice or beer?"), "weekdays", embedder=Apart()) == {"weekdays": "within"}


def test_what_one_asks_of_oneself_and_what_is_a_guess_is_not_put_aside() -> None:
    assert fits(asks("What do I wear at parties?"), "work", embedder=Apart()) == {"work": "unclear"}
    assert fits(asks("The party begins. French or German?"), "customers", embedder=Apart()) == {"customers": "unclear"}


def test_a_model_is_asked_where_the_signs_leave_it_open_and_not_where_a_time_decides() -> None:
    model = ScriptedModel(name="able")
    model.rates.append((0.9, 0.1))
    fits(asks("I sit with a friend. Red or black?"), "work", embedder=Between(), model=model)
    few, more = model.history
    assert few.branches == more.branches
    assert few.branches == ("Situation: I sit with a friend. Circumstance: At work. Does it hold?",)
    model = ScriptedModel(name="able")
    assert fits(asks("It's Tuesday. Juice or beer?"), "weekdays", embedder=Apart(), model=model) == {
        "weekdays": "within"
    }
    assert not model.history


def test_a_situation_is_what_is_told_where_anything_is() -> None:
    assert situation("we're at the beach. It's late! Decaf or espresso?") == "We're at the beach. It's late!"
    assert situation("what do I\nwear to work?") == "What do I wear to work?"
    assert situation("") == ""


def test_what_a_model_says_is_in_logits() -> None:
    model = ScriptedModel(name="able")
    model.rates.extend([(0.5, 0.5), (0.8, 0.2)])
    # The mean of both ways of asking.
    assert asyncio.run(told([("I am at work.", "at work")], model)) == pytest.approx([math.log(4) / 2])


def test_a_model_that_sorts_no_better_than_the_rules_is_not_asked() -> None:
    model = ScriptedModel(name="tiny")
    assert fits(asks("I sit with a friend. Red or black?"), "work", embedder=Apart(), model=model) == {
        "work": "outside"
    }
    assert not model.history


def test_what_is_not_near_counts_only_on_its_own_occasion() -> None:
    guess = asks("The party begins. French or German?")
    assert fits(guess, "customers", embedder=Apart(), near=NEAR - 0.01) == {"customers": "outside"}
    assert fits(asks("I go to the office. Red or black?"), "work", near=NEAR - 0.01) == {"work": "within"}


def probed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Probes of the model "read", of states two numbers wide: the first says yes or no."""
    sure = Probe(np.zeros(2, np.float32), np.array([[0, 0], [10 / LENGTH, 0]], np.float32))
    monkeypatch.setattr(
        thoughts.occasions, "shipped", lambda name, model: sure if name in names and model == "read" else None
    )


YES, NO = (1.0, 0.0), (-1.0, 0.0)


def test_two_probes_read_the_circumstance_and_the_statement_and_a_time_still_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probed(monkeypatch, "holding", "applying")
    for state, fit in ((YES, "within"), (NO, "outside")):
        model = ScriptedModel(name="read", states=deque([state, state]))
        now = asks("I sit with a friend. Red or black?")
        assert fits(now, "work", embedder=Between(), model=model) == {"work": fit}
        assert [call.branches for call in model.history] == [
            ("Situation: I sit with a friend. Circumstance: At work. Does it hold?",),
            ("Said: At work I only wear black. Situation: I sit with a friend. Does it apply?",),
        ]
        assert fits(asks("It's Saturday. Juice or beer?"), "weekdays", model=model) == {"weekdays": "outside"}


def test_where_a_probe_is_missing_or_reads_another_width_the_model_answers_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for names, states in ((("holding",), ()), (("holding", "applying"), ((1.0, 0.0, 0.0), YES))):
        probed(monkeypatch, *names)
        model = ScriptedModel(name="read", states=deque(states))
        model.rates.append((0.9, 0.1))
        fits(asks("I sit with a friend. Red or black?"), "work", embedder=Between(), model=model)
        assert [call.method for call in model.history if call.method == "rate"] == ["rate", "rate"]


def test_an_exception_turns_the_circumstance_around_and_not_the_statement() -> None:
    at, but = Scope("at work", ""), Scope("at work", "", holds=False)
    assert joined(at, 0.9, 0.9) == pytest.approx(1 - joined(at, 0.1, 0.1), abs=0.2)
    assert joined(at, 0.9, 0.9) > 0.7 > 0.3 > joined(at, 0.1, 0.1)
    assert joined(but, 0.9, 0.1) > 0.7 > 0.3 > joined(but, 0.1, 0.9)
    assert joined(at, 0.9, 0.9) > joined(at, 0.9, 0.3) > joined(at, 0.1, 0.3)
