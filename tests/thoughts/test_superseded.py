import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

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
from thoughts.superseded import GONE, SUCCESSORS, gone, superseded

OLD = item("old", "The commute to Halberd eats two hours.", day=0)
NEW = item("new", "My pay slip says Norwick.", day=5)
QUESTION = "Aside, which company pays me?"
ENDS, STANDS = (1.0, 0.0), (-1.0, 0.0)


@pytest.fixture(autouse=True)
def probed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe of the model "read", of states two numbers wide: the first says that the older holds no longer, or that it does."""
    sure = Probe(np.zeros(2, np.float32), np.array([[0, 0], [10 / LENGTH, 0]], np.float32))
    known = {("closing", "read"): sure}
    monkeypatch.setattr(thoughts.superseded, "shipped", lambda name, model: known.get((name, model)))


def read(*states: tuple[float, ...], name: str = "read") -> ScriptedModel:
    return ScriptedModel(name=name, states=deque(states))


def past(
    model: ScriptedModel,
    *items: Item,
    asks: str = QUESTION,
    kind: str = "message",
    near: Sequence[float] = (0.5, 0.5),
    beside: Sequence[Item] = (),
) -> tuple[list[str], frozenset[str]]:
    """Ids of what comes to mind and of what is past among it. `beside`: what is remembered and did not come by itself."""
    now: Moment = moment([message(1, ANN, asks)], kind=kind)  # type: ignore[arg-type]
    traces = [Trace(i.id, "item", i.text, ()) for i in items]
    came = Recall(tuple(Retrieved(t, n) for t, n in zip(traces, near, strict=False)), (), {asks: (1.0, 0.0)})
    known = (*items, *beside)
    vectors = np.array([i.embedding or (1.0, 0.0) for i in known], dtype=np.float32)
    found, gone = asyncio.run(superseded(now, came, Candidates(known, vectors), model))
    return [r.trace.id for r in found.memories], gone


def test_the_older_of_two_gives_way_before_the_question_that_both_are_asked_by() -> None:
    model = read(ENDS)
    assert past(model, OLD, NEW) == (["old", "new"], frozenset({"old"}))
    (call,) = model.history
    assert call.branches == (
        "Earlier: The commute to Halberd eats two hours. Later: My pay slip says Norwick. Is the earlier one still true?",
    )
    assert past(read(STANDS), OLD, NEW) == (["old", "new"], frozenset())


def test_a_newer_one_that_did_not_come_to_mind_takes_the_place_of_the_one_that_did() -> None:
    assert past(read(ENDS), OLD, beside=[NEW]) == (["new", "old"], frozenset({"old"}))
    assert past(read(STANDS), OLD, beside=[NEW]) == (["old"], frozenset())
    far = replace(NEW, embedding=(0.0, 1.0))
    model = read(ENDS)
    assert past(model, OLD, beside=[far]) == (["old"], frozenset())
    many = [replace(NEW, id=f"n{n}", at=NEW.at + timedelta(days=n)) for n in range(4)]
    past(model, OLD, beside=many)
    assert [len(call.branches) for call in model.history] == [SUCCESSORS]


def test_what_happened_may_have_been_undone() -> None:
    assert past(read(ENDS), replace(OLD, kind="event"), replace(NEW, kind="event"))[1] == {"old"}


def test_what_is_asked_for_more_by_the_older_counts_for_it() -> None:
    assert gone(0.7, 0.4, 0.4) >= GONE > gone(0.7, 0.9, 0.3)
    assert gone(0.9, 0.5, 0.4) > gone(0.5, 0.5, 0.4) > gone(0.1, 0.5, 0.4)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (replace(OLD, subject="bob", by="bob"), NEW),
        (OLD, replace(NEW, at=OLD.at)),
        (OLD, replace(NEW, text="At work I only wear black.")),
        (OLD, replace(NEW, kind="claim")),
    ],
)
def test_two_that_may_stand_beside_each_other_are_not_looked_at(first: Item, second: Item) -> None:
    model = read(ENDS)
    assert past(model, first, second)[1] == frozenset()
    assert not model.history


def test_nobody_is_asked_where_nothing_personal_is_or_no_probe_tells() -> None:
    for asks, kind in (("What is the capital of Norway?", "message"), (QUESTION, "pause")):
        model = read(ENDS)
        assert past(model, OLD, NEW, asks=asks, kind=kind)[1] == frozenset()
        assert not model.history
    assert past(read(ENDS, name="other"), OLD, NEW)[1] == frozenset()
    assert past(read((1.0, 0.0, 0.0)), OLD, NEW)[1] == frozenset()
