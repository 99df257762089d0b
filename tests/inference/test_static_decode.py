"""The steps of a GPU, on the CPU: the same tensors and the same work, without a graph."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from inference import static_decode
from inference.attention import Part, attend
from inference.forward import Forward
from inference.prompt import Part as Text
from inference.sampling import Best
from inference.segment import Portion, Segment
from inference.static_decode import ROWS, SEATS, SLOTS, StaticCache, Step
from inference.tape import Tape
from inference.transformers_engine import LocalModel
from inference.tree import ROOT, Tree
from tests.inference.conftest import make_model
from tests.inference.test_forward import last, near, path, read
from tests.inference.test_jobs import every, finished, prompt, proposing, same


class Graphs:
    """A capture that counts: what was made, and how often each was replayed."""

    def __init__(self) -> None:
        self.replays: list[int] = []

    def __call__(self, work: Callable[[], Best]) -> Callable[[], Best]:
        which = len(self.replays)
        self.replays.append(0)
        work()

        def again() -> Best:
            self.replays[which] += 1
            return work()

        return again


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> Graphs:
    found = Graphs()
    monkeypatch.setattr("inference.forward.plainly", found)
    return found


def seated(local: LocalModel) -> int:
    static = local._forward._static
    assert static is not None
    return len(static._cache.seated)


def test_rooms_get_what_they_get_alone(llama: Any, tokenizer: Any, graphs: Graphs) -> None:
    plain = LocalModel(llama, tokenizer, static=False)
    known = {name: finished(plain, {name: job})[name] for name, job in every(plain).items()}
    local = LocalModel(llama, tokenizer, static=True)
    for _ in range(2):
        for name, result in finished(local, every(local)).items():
            same(result, known[name])
        assert seated(local) == 0
    assert sum(graphs.replays) > 0


def test_a_step_of_all_rooms_is_one_replay(llama: Any, tokenizer: Any, graphs: Graphs) -> None:
    local = LocalModel(llama, tokenizer, static=True)
    result = finished(local, {room: proposing(local, room) for room in range(3)})
    longest = max(len(c.logprobs) for proposals in result.values() for c in proposals.continuations)
    assert sum(graphs.replays) <= longest + 1
    made = len(graphs.replays)
    finished(local, {room: proposing(local, room) for room in range(3)})
    assert len(graphs.replays) == made


def test_rooms_without_a_seat_decode_all_the_same(llama: Any, tokenizer: Any) -> None:
    plain, local = LocalModel(llama, tokenizer, static=False), LocalModel(llama, tokenizer, static=True)
    rooms = range(SEATS[-1] + 3)
    found = finished(local, {room: proposing(local, room % 4) for room in rooms})
    known = [plain.propose(*_asked(plain, room)) for room in range(4)]
    for room in rooms:
        same(found[room], known[room % 4])


def _asked(local: LocalModel, room: int) -> Any:
    return [prompt(room), (*prompt(room), Text("\nAnswer Ann."))], 12, room


def test_a_cancelled_job_leaves_its_seat(llama: Any, tokenizer: Any) -> None:
    local = LocalModel(llama, tokenizer, static=True)
    batch = local.batch()
    batch.add(1, proposing(local, 1))
    for _ in range(4):
        batch.step()
    assert seated(local) == 1
    assert batch.cancel(1)
    assert seated(local) == 0


def grown(forward: Forward, tape: Tape, tree: Tree, tokens: list[int], steps: int) -> None:
    """One chain of the tree, a token a step."""
    end = len(tree) - 1
    for n in range(steps):
        start = len(tree)
        end = tree.add(end, [tokens[n]])
        segment = Segment(tape, tree=tree, start=start, draws=[end])
        forward.read([Portion(segment, 1)])
        assert set(segment.tops) == {end}


def test_a_tape_that_is_read_on_otherwise_takes_its_steps_along(llama: Any, plain: Any) -> None:
    forward, tape, tree = Forward(llama, static=True), Tape(), Tree()
    tree.add(ROOT, [20])
    read(forward, Segment(tape, [9, 8, 7], tree))
    grown(forward, tape, tree, [21, 22, 23], 3)
    assert tape.seat is not None
    end = len(tree) - 1
    start = len(tree)
    ends = [tree.add(end, [30 + n, 40]) for n in range(4)]
    segment = Segment(tape, tree=tree, start=start, ends=ends)
    read(forward, segment)
    assert tape.seat is None
    for one in ends:
        near(segment.hidden[one], last(plain, [9, 8, 7, *path(tree, one)]))


def test_a_long_talk_decodes_without_a_graph(plain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, tape, tree = Forward(make_model(plain.config.vocab_size), static=True), Tape(), Tree()
    tree.add(ROOT, [20])
    read(forward, Segment(tape, [5 + n % 200 for n in range(SLOTS[-1])], tree), most=600)
    grown(forward, tape, tree, [21], 1)
    assert tape.seat is None


def test_a_talk_outgrows_its_seat(llama: Any, plain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_decode, "SLOTS", (8, 12))
    forward, tape, tree = Forward(llama, static=True), Tape(), Tree()
    tree.add(ROOT, [20])
    read(forward, Segment(tape, [9, 8, 7], tree))
    tokens = [21 + n for n in range(9)]
    grown(forward, tape, tree, tokens, 9)
    assert tape.seat is None
    start = len(tree)
    segment = Segment(tape, tree=tree, start=start, ends=[tree.add(start - 1, [60])])
    read(forward, segment)
    near(segment.hidden[start], last(plain, [9, 8, 7, 20, *tokens, 60]))


def test_a_model_that_cannot_be_captured_writes_all_the_same(
    llama: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = LocalModel(llama, tokenizer, static=False)
    known = finished(plain, every(plain))

    def refused(work: Callable[[], Best]) -> Callable[[], Best]:
        raise RuntimeError("operation not permitted when stream is capturing")

    local = LocalModel(llama, tokenizer, static=True)
    static = local._forward._static
    assert static is not None
    local.propose([prompt(0)], 3, 0)
    monkeypatch.setattr(static, "_capture", refused)
    static._graphs.clear()
    local.warm_up()
    assert "operation not permitted" in caplog.text
    for name, result in finished(local, every(local)).items():
        same(result, known[name])
    assert seated(local) == 0


def test_a_soft_cap_holds_in_steps_too() -> None:
    torch.manual_seed(1)
    cache, tape = StaticCache(1, 8), Tape()
    tape.reserve(3 + ROWS)
    earlier = torch.randn(2, 3, 8)
    tape.write(0, (earlier, earlier))
    tape.advance(3)
    assert cache.seat(tape)
    query, key, value = (torch.randn(1, heads, ROWS, 8) for heads in (4, 2, 2))
    mask = torch.zeros(ROWS, ROWS).masked_fill(torch.ones(ROWS, ROWS).triu(1).bool(), -1e9)
    whole = torch.full((1, 1, ROWS, 8), -1e9)
    whole[..., :3], whole[..., 3:7] = 0, mask
    given = torch.stack([torch.zeros(1, ROWS), torch.zeros(1, ROWS), torch.arange(3.0, 7.0)[None]]).long()
    step = Step(cache, given, whole)
    layer = SimpleNamespace(layer_idx=0)
    for softcap in (None, 2.0):
        known, _ = attend(layer, query, key, value, None, [Part(tape, range(ROWS), mask)], softcap=softcap)
        ours, _ = attend(layer, query, key, value, None, step=step, softcap=softcap)
        torch.testing.assert_close(ours, known, atol=1e-5, rtol=1e-5)


def test_every_graph_is_made_at_the_start(llama: Any, tokenizer: Any, graphs: Graphs) -> None:
    local = LocalModel(llama, tokenizer, static=True)
    local.warm_up()
    assert len(graphs.replays) == len(SEATS) * len(SLOTS)
    finished(local, every(local))
    assert len(graphs.replays) == len(SEATS) * len(SLOTS)


def test_without_memory_for_it_texts_are_written_all_the_same(
    llama: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*shape: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(StaticCache, "_of", full)
    plain, local = LocalModel(llama, tokenizer, static=False), LocalModel(llama, tokenizer, static=True)
    local.warm_up()
    for name, result in finished(local, {room: proposing(local, room) for room in range(3)}).items():
        same(result, plain.propose(*_asked(plain, name)))
    assert seated(local) == 0
