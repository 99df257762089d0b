import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.saliency import FADED, THRESHOLD, Cue, Trace, Vector, cosine, retrieve, saliency

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)
vectors = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).filter(lambda v: math.hypot(*v) > 1e-3)


def trace(name: str = "k", embedding: Vector = EAST, accessed: int = 0, weight: float = 1.0) -> Trace:
    return Trace(name, "memory", "text", embedding, accessed, weight)


def toward(degrees: float) -> Vector:
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


@given(vectors, vectors)
def test_cosine_is_symmetric_and_bounded(a: Vector, b: Vector) -> None:
    assert cosine(a, b) == pytest.approx(cosine(b, a))
    assert -1 - 1e-9 <= cosine(a, b) <= 1 + 1e-9


@given(vectors, st.floats(0.1, 10))
def test_cosine_does_not_see_length(a: Vector, length: float) -> None:
    assert cosine(a, tuple(length * x for x in a)) == pytest.approx(1.0)


def test_a_vector_without_length_is_like_nothing() -> None:
    assert cosine((0.0, 0.0), EAST) == 0.0


def test_vectors_of_two_embedders_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="longer"):
        cosine(EAST, (1.0, 0.0, 0.0))


def test_it_takes_the_nearer_of_utterance_and_meaning() -> None:
    assert saliency(trace(), Cue(utterance=NORTH, meaning=EAST), 0, 0.95) == pytest.approx(1.0)
    assert saliency(trace(), Cue(utterance=EAST, meaning=NORTH), 0, 0.95) == pytest.approx(1.0)


def test_it_is_cosine_times_weight_times_decay() -> None:
    cue = Cue(toward(60), toward(60))
    assert saliency(trace(weight=0.5, accessed=4), cue, 7, 0.95) == pytest.approx(0.5 * 0.5 * 0.95**3)


@given(st.integers(0, 100), st.floats(0.5, 1))
def test_it_fades_with_every_turn_until_it_fades_no_further(turns: int, decay: float) -> None:
    cue = Cue(EAST, EAST)
    now, next_turn, last = (saliency(trace(), cue, seq, decay) for seq in (turns, turns + 1, FADED))
    assert now >= next_turn >= last or turns >= FADED
    assert saliency(trace(), cue, FADED + turns, decay) == last


def test_what_was_used_in_the_future_has_not_faded() -> None:
    assert saliency(trace(accessed=9), Cue(EAST, EAST), 3, 0.5) == pytest.approx(1.0)


def test_at_the_papers_decay_half_is_left_at_last() -> None:
    assert math.isclose(0.95**FADED, 0.5, abs_tol=0.02)


def test_retrieval_ranks_limits_and_leaves_out_what_is_far() -> None:
    traces = [trace("far", toward(90)), trace("near", toward(10)), trace("nearer", toward(5)), trace("mid", toward(60))]
    cue = Cue(EAST, EAST)
    assert [r.trace.id for r in retrieve(traces, cue, 0, 0.95, limit=10)] == ["nearer", "near", "mid"]
    assert [r.trace.id for r in retrieve(traces, cue, 0, 0.95, limit=1)] == ["nearer"]
    assert retrieve(traces, cue, 0, 0.95, limit=0) == ()


def test_the_threshold_itself_is_enough() -> None:
    just = trace(weight=THRESHOLD)
    assert len(retrieve([just], Cue(EAST, EAST), 0, 0.95, limit=1)) == 1
    assert retrieve([just], Cue(EAST, EAST), 0, 0.95, limit=1, threshold=THRESHOLD + 1e-9) == ()


@given(st.permutations(["a", "b", "c", "d"]))
def test_ties_go_by_id_whatever_the_order(names: list[str]) -> None:
    found = retrieve([trace(n) for n in names], Cue(EAST, EAST), 0, 0.95, limit=3)
    assert [r.trace.id for r in found] == ["a", "b", "c"]


@given(st.lists(vectors, max_size=12), vectors, st.integers(0, 12))
def test_what_is_left_out_is_never_more_salient(embeddings: list[Vector], cue: Vector, limit: int) -> None:
    traces = [trace(f"k{i:02}", e) for i, e in enumerate(embeddings)]
    found = retrieve(traces, Cue(cue, cue), 0, 0.95, limit)
    kept = {r.trace.id for r in found}
    worst = min((r.saliency for r in found), default=None)
    for other in traces:
        if other.id not in kept and worst is not None and len(found) == limit:
            assert saliency(other, Cue(cue, cue), 0, 0.95) <= worst
