import asyncio
import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

import thoughts.superseded
from conversation.moment import Moment
from inference.scripted import ScriptedModel
from memory.item import Item
from memory.probe import LENGTH, Probe
from memory.recall import Candidates
from memory.saliency import Retrieved, Trace
from tests.conversation.build import ANN, message, moment
from tests.memory.build import item
from thoughts.retrieval import Recall
from thoughts.superseded import APART, GONE, SUCCESSORS, gone, past_now, superseded

OLD = item("old", "The commute to Halberd eats two hours.", day=0)
NEW = item("new", "My pay slip says Norwick.", day=5)
QUESTION = "Aside, which company pays me?"
NAMES = {"ann": "Ann", "bob": "Bob"}
ENDS, STANDS = (1.0, 0.0), (-1.0, 0.0)


@pytest.fixture(autouse=True)
def probed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe of the model "read", of states two numbers wide: the first says whether the newer answers what is asked."""
    sure = Probe(np.zeros(2, np.float32), np.array([[0, 0], [10 / LENGTH, 0]], np.float32))
    known = {("answering", "read"): sure}
    monkeypatch.setattr(thoughts.superseded, "shipped", lambda name, model: known.get((name, model)))


def read(*states: tuple[float, ...], name: str = "read") -> ScriptedModel:
    return ScriptedModel(name=name, states=deque(states))


def brought_in(
    model: ScriptedModel,
    *items: Item,
    asks: str = QUESTION,
    kind: str = "message",
    near: Sequence[float] = (0.5, 0.5),
    beside: Sequence[Item] = (),
    names: Mapping[str, str] = NAMES,
) -> tuple[list[Retrieved], dict[str, list[str]]]:
    """What comes to mind, and what takes the place of what in it. `beside`: what is remembered and did not come by itself."""
    now: Moment = moment([message(1, ANN, asks)], kind=kind)  # type: ignore[arg-type]
    traces = [Trace(i.id, "item", i.text, ()) for i in items]
    came = Recall(tuple(Retrieved(t, n) for t, n in zip(traces, near, strict=False)), (), {asks: (1.0, 0.0)})
    known = (*items, *beside)
    vectors = np.array([i.embedding or (1.0, 0.0) for i in known], dtype=np.float32)
    found, past = asyncio.run(superseded(now, came, Candidates(known, vectors, (), names), model))
    return list(found.memories), {older: list(newer) for older, newer in past.items()}


def past(model: ScriptedModel, *items: Item, **options: Any) -> tuple[list[str], dict[str, list[str]]]:
    memories, found = brought_in(model, *items, **options)
    return [r.trace.id for r in memories], found


def test_the_older_of_two_gives_way_before_the_question_that_both_are_asked_by() -> None:
    model = read(ENDS)
    assert past(model, OLD, NEW) == (["old", "new"], {"old": ["new"]})
    (call,) = model.history
    assert call.branches == (
        "Asked: which company pays me? Earlier: The commute to Halberd eats two hours. Later: My pay slip says Norwick. "
        "Answered by:",
    )
    assert past(read(STANDS), OLD, NEW) == (["old", "new"], {})


def test_a_newer_one_that_did_not_come_to_mind_takes_the_place_of_the_one_that_did() -> None:
    memories, found = brought_in(read(ENDS), OLD, near=(0.4,), beside=[NEW])
    assert found == {"old": ["new"]}
    assert memories[0].trace.text == "Ann said on 2026-03-06: My pay slip says Norwick."
    assert memories[0].trace.audience == NEW.audience
    assert memories[0].saliency == 0.4
    assert past(read(STANDS), OLD, beside=[NEW]) == (["old"], {})
    assert past(read(ENDS), OLD, beside=[replace(NEW, embedding=(0.0, 1.0))]) == (["old"], {})
    assert past(read(ENDS), OLD, beside=[replace(NEW, text=OLD.text)]) == (["old"], {})


def test_it_is_told_as_everything_that_comes_to_mind_is() -> None:
    """Somebody who is not here and has the name of somebody who is, is another."""
    away = [replace(one, subject="x", by="x", audience=frozenset({"x", "ann"})) for one in (OLD, NEW)]
    memories, _ = brought_in(read(ENDS), away[0], beside=[away[1]], asks="Aside, tea or coffee?", names={"x": "Ann\nB"})
    assert memories[0].trace.text.startswith("Ann B said on")
    memories, _ = brought_in(read(ENDS), away[0], beside=[away[1]], asks="Aside, tea or coffee?", names={"x": "Ann"})
    assert memories[0].trace.text.startswith("another Ann said on")


def test_of_two_successors_the_likelier_and_then_the_newer_takes_the_place() -> None:
    first, later = (
        replace(NEW, id="first"),
        replace(NEW, id="later", at=NEW.at + timedelta(days=1), text="It says Bosch."),
    )
    for some in ([first, later], [later, first]):
        assert past(read(ENDS), OLD, beside=some) == (["later", "old"], {"old": ["later"]})
    nearer = replace(first, embedding=(1.0, 0.0))
    farther = replace(later, embedding=(0.5, 0.866))
    assert past(read(ENDS), OLD, beside=[farther, nearer]) == (["first", "old"], {"old": ["first"]})
    model = read(ENDS)
    past(model, OLD, beside=[replace(NEW, id=f"n{n}", text=f"It says {n}.") for n in range(4)])
    assert [len(call.branches) for call in model.history] == [SUCCESSORS]


def test_only_those_whom_the_question_is_about_are_looked_at() -> None:
    bobs = replace(OLD, id="bobs", subject="bob", by="bob")
    model = read(ENDS)
    assert past(model, bobs, OLD, near=(0.9, 0.5), beside=[NEW]) == (["new", "bobs", "old"], {"old": ["new"]})
    assert len(model.history[0].branches) == 1


def test_what_happened_may_have_been_undone() -> None:
    assert past(read(ENDS), replace(OLD, kind="event"), replace(NEW, kind="event"))[1] == {"old": ["new"]}


def test_one_keeps_its_place_where_the_other_does_not_hold_on_this_occasion() -> None:
    assert past_now({"old": ["new"], "one": ["two"]}, {"new": "outside", "two": "within"}) == {"one"}
    assert past_now({"old": ["new"]}, {}) == {"old"}
    assert past_now({"old": ["new"]}, {"new": "within"}) == {"old"}
    assert past_now({"old": ["new"]}, {"new": "unclear"}) == frozenset()
    assert past_now({"old": ["new"]}, {"new": "unclear", "old": "unclear"}) == {"old"}


def test_a_general_one_takes_the_place_where_a_narrow_one_does_not_hold() -> None:
    narrow = replace(NEW, id="narrow", text="At work I only wear black.")
    later = replace(NEW, id="later", at=NEW.at + timedelta(days=2), text="It says Bosch.")
    for likelier in ((0.5, 0.9, 0.5), (0.5, 0.5, 0.9)):
        some = [
            replace(i, embedding=(x, math.sqrt(1 - x * x))) for i, x in zip((OLD, narrow, later), likelier, strict=True)
        ]
        _, found = past(read(ENDS), *some, near=(0.5, 0.5, 0.5))
        assert found["old"] == (["narrow", "later"] if likelier[1] > likelier[2] else ["later"])
    assert past_now({"old": ["narrow", "later"]}, {"narrow": "outside"}) == {"old"}
    assert past_now({"old": ["narrow"]}, {"narrow": "outside"}) == frozenset()


def test_what_a_call_adds_to_a_question_counts_for_neither() -> None:
    near, far = replace(OLD, embedding=(1.0, 0.0)), replace(NEW, embedding=(0.0, 1.0))
    now = moment([message(1, ANN, QUESTION)])
    traces = tuple(Retrieved(Trace(i.id, "item", i.text, ()), 0.5) for i in (near, far))
    known = Candidates((near, far), np.array([near.embedding, far.embedding], dtype=np.float32), (), NAMES)
    part = math.log(0.55 / 0.45) / 10
    for bare, gone_ in (((1.0, 0.0), {}), ((0.0, 1.0), {"old": ["new"]})):
        came = Recall(traces, (), {QUESTION: (1.0, 0.0)}, bare)
        model = read((part, math.sqrt(1 - part**2)))
        assert asyncio.run(superseded(now, came, known, model))[1] == gone_


def test_what_is_asked_for_more_by_the_older_counts_for_it() -> None:
    assert gone(0.5, 0.4, 0.4) >= GONE > gone(0.5, 0.9, 0.3)
    assert gone(0.9, 0.5, 0.4) > gone(0.5, 0.5, 0.4) > gone(0.1, 0.5, 0.4)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (replace(OLD, subject="bob", by="bob"), NEW),
        (OLD, replace(NEW, at=OLD.at)),
        (OLD, replace(NEW, kind="claim")),
    ],
)
def test_two_that_may_stand_beside_each_other_are_not_looked_at(first: Item, second: Item) -> None:
    model = read(ENDS)
    assert past(model, first, second)[1] == {}
    assert not model.history


def test_what_holds_on_some_occasions_gives_way_or_takes_a_place_only_where_the_pair_says_so() -> None:
    narrow = replace(OLD, text="At work I only wear black.")
    assert past(read(ENDS), narrow, NEW)[1] == {"old": ["new"]}
    assert past(read(ENDS), OLD, replace(NEW, text=narrow.text))[1] == {"old": ["new"]}
    part = math.log((APART - 0.05) / (1 - APART + 0.05)) / 10
    unsure = (part, math.sqrt(1 - part**2))
    assert past(read(unsure), OLD, NEW)[1] == {"old": ["new"]}
    assert past(read(unsure), narrow, NEW)[1] == {}
    assert past(read(unsure), OLD, replace(NEW, text=narrow.text))[1] == {}


def test_nobody_is_asked_where_nothing_personal_is_or_no_probe_tells() -> None:
    for asks, kind in (("What is the capital of Norway?", "message"), (QUESTION, "pause")):
        model = read(ENDS)
        assert past(model, OLD, NEW, asks=asks, kind=kind)[1] == {}
        assert not model.history
    assert past(read(ENDS, name="other"), OLD, NEW)[1] == {}
    assert past(read((1.0, 0.0, 0.0)), OLD, NEW)[1] == {}
