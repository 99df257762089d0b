import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from memory.item import Item
from memory.recall import Candidates, recollect, told
from memory.saliency import Cue
from memory.validity import Recalled
from tests.memory.build import item

EAST = (1.0, 0.0)
CUE = Cue(EAST, EAST)


def near(degrees: float) -> tuple[float, ...]:
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def among(items: Sequence[Item], corrections: Sequence[Item] = ()) -> Candidates:
    vectors = np.array([i.embedding or EAST for i in items], dtype=np.float32)
    return Candidates(tuple(items), vectors, tuple(corrections), {"ann": "Ann", "aside": "Aside"})


def ids(candidates: Candidates, **options: object) -> list[str]:
    return [r.trace.id for r in recollect(candidates, CUE, **options)]  # type: ignore[arg-type]


OLD = item("old", "one", day=0, embedding=near(0))
MID = item("mid", "two", day=1, embedding=near(40))
NEW = item("new", "three", day=2, embedding=near(70))
FAR = item("far", "four", day=3, embedding=near(80))


def test_recency_comes_first_where_that_is_asked_for() -> None:
    assert ids(among([OLD, MID, NEW, FAR]), first="recency") == ["new", "mid", "old"]


def test_what_is_nearest_comes_first_and_of_what_speaks_of_the_same_the_newest() -> None:
    assert ids(among([MID, replace(NEW, embedding=near(5))])) == ["new", "mid"]
    same = [replace(OLD, id=f"v{day}", text=f"value {day}", at=OLD.at + timedelta(days=day)) for day in range(5)]
    assert ids(among([*same, FAR])) == ["v4", "v3", "v2"]
    apart = [replace(one, embedding=near(20)) for one in same[:1]]
    assert ids(among([*apart, replace(NEW, embedding=near(0))]), limit=1) == ["new"]


def test_or_likeness_where_that_is_asked_for() -> None:
    assert ids(among([OLD, MID, NEW, FAR]), first="saliency", limit=2) == ["mid", "old"]


def test_the_same_words_before_two_audiences_come_once() -> None:
    twice = [replace(OLD, id="a", text="One"), replace(MID, id="b", text="one", embedding=near(0))]
    assert ids(among(twice)) == ["b"]


def test_another_embedders_vectors_bring_nothing_to_mind() -> None:
    assert recollect(among([OLD]), Cue((1.0, 0.0, 0.0), (1.0, 0.0, 0.0))) == ()
    assert recollect(Candidates(), CUE) == ()


def test_what_comes_to_mind_is_for_those_who_heard_all_of_it() -> None:
    claim = item("c", "The moon is a cheese.", kind="claim", audience=("ann", "bob", "cat"))
    answer = item("k", "It is rock.", kind="correction", by="aside", corrects="c", audience=("bob",))
    (found,) = recollect(among([claim], [answer]), CUE)
    assert found.trace.audience == frozenset({"ann", "bob"})
    assert found.trace.kind == "item"
    assert recollect(among([replace(OLD, public=True)]), CUE)[0].trace.audience is None


def test_a_claim_is_told_as_one_with_what_was_answered() -> None:
    claim = item("c", "The moon is a cheese.", kind="claim")
    answer = item("k", "It is rock.", kind="correction", by="aside", corrects="c", day=1)
    names = {"ann": "Ann", "aside": "Aside"}
    said = "Ann claimed on 2026-03-01: The moon is a cheese. (Aside corrected: It is rock.)"
    assert told(Recalled(claim, (answer,)), names) == said
    assert told(Recalled(OLD), {}) == "Somebody said on 2026-03-01: one"


def test_a_newer_value_is_found_by_how_the_older_one_was_put() -> None:
    """It comes as it was said itself: what it took the place of is no more than a way to it."""
    far = replace(NEW, embedding=near(85))
    alone = among([MID, far])
    assert ids(alone) == ["mid"]
    led = replace(alone, former=(1,), earlier=np.array([near(5)], dtype=np.float32))
    assert ids(led) == ["new", "mid"]
    assert recollect(led, CUE)[0].saliency == pytest.approx(math.cos(math.radians(5)), abs=1e-6)
    assert recollect(led, CUE)[0].trace.embedding == far.embedding
