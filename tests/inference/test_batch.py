"""Who reads how much in which pass. No model: what a pass was asked to read is written down."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from inference.batch import _MANY, Batch, Waiting, shares
from inference.protocol import ModelError
from inference.segment import Job, Portion, Segment

BUDGET = 100


class Passes:
    """Stands for the model: `read[n]` is how many tokens of each segment, by its first token, pass `n` took."""

    def __init__(self, error: Exception | None = None) -> None:
        self.read: list[dict[int, int]] = []
        self.error = error

    def __call__(self, portions: Sequence[Portion]) -> None:
        self.read.append({segment.text[0]: tokens for segment, tokens in portions})
        if self.error is not None:
            raise self.error
        for segment, tokens in portions:
            segment.read += tokens


class Steps:
    """Jobs that read so many tokens one after the other; each marks its segments with its name."""

    def __init__(self) -> None:
        self.closed: list[int] = []

    def job(self, name: int, *lengths: int, error: Exception | None = None) -> Job[str]:
        try:
            for length in lengths:
                yield (Segment(None, [name] * length),)  # type: ignore[arg-type]
            if error is not None:
                raise error
            return f"result {name}"
        finally:
            self.closed.append(name)


def finish(batch: Batch) -> dict[int, Any]:
    found = dict[int, Any]()
    while batch:
        found |= {name: result if error is None else error for name, result, error in batch.step()}
    return found


class TestShares:
    def test_nothing_goes_over_the_budget(self) -> None:
        assert shares([Waiting(70, False, 0), Waiting(70, False, 0), Waiting(70, False, 0)], BUDGET) == [70, 30, 0]

    def test_a_step_of_a_text_goes_before_a_long_prompt(self) -> None:
        assert shares([Waiting(2000, True, 0), Waiting(3, False, 9)], BUDGET) == [97, 3]

    def test_urgent_ones_first(self) -> None:
        assert shares([Waiting(90, False, 0), Waiting(90, True, 5)], BUDGET) == [10, 90]

    def test_then_whose_owner_had_the_least(self) -> None:
        assert shares([Waiting(90, False, 4), Waiting(90, False, 2)], BUDGET) == [10, 90]

    def test_nobody_waits(self) -> None:
        assert shares([], BUDGET) == []


class TestBatch:
    def test_every_job_ends_with_its_result(self) -> None:
        batch, steps = Batch(Passes(), BUDGET), Steps()
        for name in (1, 2, 3):
            batch.add(name, steps.job(name, 50, 3, 3))
        assert finish(batch) == {1: "result 1", 2: "result 2", 3: "result 3"}
        assert sorted(steps.closed) == [1, 2, 3]

    def test_jobs_share_passes(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        for name in (1, 2, 3):
            batch.add(name, steps.job(name, 3, 3))
        finish(batch)
        assert passes.read == [{1: 3, 2: 3, 3: 3}] * 2

    def test_a_long_prompt_holds_up_a_text_by_one_pass_at_most(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        batch.add(1, steps.job(1, 2000))
        batch.step()
        batch.add(2, steps.job(2, 3, 3, 3))
        finish(batch)
        assert [read.get(2) for read in passes.read[1:4]] == [3, 3, 3]
        assert len(passes.read) == 21

    def test_long_prompts_take_turns(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        batch.add(1, steps.job(1, 2000))
        batch.step()
        batch.add(2, steps.job(2, 250))
        batch.step()
        finish(batch)
        done = next(n for n in range(len(passes.read)) if sum(read.get(2, 0) for read in passes.read[: n + 1]) == 250)
        assert done <= 6

    @pytest.mark.parametrize("length", [2000, 45])
    def test_an_owner_gets_no_more_for_having_more_jobs(self, length: int) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        for name, owner in enumerate(("den", "den", "den", "attic")):
            batch.add(name, steps.job(name, *[length] * 200), owner=owner)
        for _ in range(20):
            batch.step()
        attic = sum(read.get(3, 0) for read in passes.read)
        assert attic == pytest.approx(20 * min(length, BUDGET / 2), rel=0.1)

    def test_jobs_without_an_owner_are_their_own(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        for name in range(4):
            batch.add(name, steps.job(name, 2000))
        for _ in range(20):
            batch.step()
        assert [sum(read.get(name, 0) for read in passes.read) for name in range(4)] == [500] * 4

    def test_who_comes_later_or_asked_for_little_has_no_claim_to_more(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        batch.add(1, steps.job(1, 10_000))
        batch.add(2, steps.job(2, *[1] * 20, 10_000))
        for _ in range(20):
            batch.step()
        batch.add(3, steps.job(3, 10_000))
        for _ in range(30):
            batch.step()
        since = [sum(read.get(name, 0) for read in passes.read[20:]) for name in (1, 2, 3)]
        assert since == pytest.approx([1000] * 3, rel=0.1)

    def test_who_came_beside_an_urgent_one_is_not_held_up_by_those_who_come_later(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        batch.add(0, steps.job(0, *[300] * 40), owner="den")
        batch.add(1, steps.job(1, 5000), urgent=True, owner="hall")
        for _ in range(49):
            batch.step()
        batch.add(2, steps.job(2, 300), owner="attic")
        ended = set[int]()
        for n in range(30):
            if n % 3 == 2:
                batch.add(100 + n, steps.job(100 + n, 300), owner=f"room {n}")
            ended |= {name for name, *_ in batch.step()}
        assert 2 in ended

    def test_a_result_without_reading(self) -> None:
        batch, steps = Batch(Passes(), BUDGET), Steps()
        assert batch.add(4, steps.job(4)) == [(4, "result 4", None)]
        assert not batch

    def test_a_cancelled_job_is_closed_and_the_others_go_on(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET)
        for name in (1, 2):
            batch.add(name, steps.job(name, 3, 3, 3))
        batch.step()
        assert batch.cancel(1)
        assert not batch.cancel(1)
        assert steps.closed == [1]
        assert finish(batch) == {2: "result 2"}
        assert passes.read[1:] == [{2: 3}] * 2

    @pytest.mark.parametrize("error", [ModelError("too long"), KeyError("token")])
    def test_an_error_of_a_job_ends_that_job_alone(self, error: Exception) -> None:
        batch, steps = Batch(Passes(), BUDGET), Steps()
        batch.add(1, steps.job(1, 3, error=error))
        batch.add(2, steps.job(2, 3, 3))
        assert finish(batch) == {1: error, 2: "result 2"}

    @pytest.mark.parametrize("error", [ModelError("no memory left"), RuntimeError("shape")])
    def test_an_error_of_a_pass_ends_the_jobs_that_were_in_it(self, error: Exception) -> None:
        passes, steps = Passes(error), Steps()
        batch = Batch(passes, BUDGET)
        batch.add(1, steps.job(1, 100))
        batch.add(2, steps.job(2, 100))
        assert [(name, found) for name, _, found in batch.step()] == [(1, error)]
        assert steps.closed == [1]
        passes.error = None
        assert finish(batch) == {2: "result 2"}


class Meeting(Passes):
    """Passes that end only when two are under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = threading.Barrier(2, timeout=20)

    def __call__(self, portions: Sequence[Portion]) -> None:
        self.barrier.wait()
        super().__call__(portions)
        self.barrier.wait()


def _no_pass(portions: Sequence[Portion]) -> None:
    raise AssertionError(f"nobody was to read {portions!r}")


class TestTwoThreads:
    def helped(self, batch: Batch) -> tuple[threading.Thread, list[Any]]:
        """A thread that has begun to wait for something to help with, and what comes of its one pass."""
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.extend(batch.help()), daemon=True)
        thread.start()
        while not batch._helped:
            thread.join(0.001)
        return thread, found

    def test_what_many_jobs_wait_for_is_read_in_two_passes_at_once(self) -> None:
        passes, steps = Meeting(), Steps()
        batch = Batch(_no_pass, BUDGET, beside=passes)
        thread, found = self.helped(batch)
        for name in range(_MANY):
            batch.add(name, steps.job(name, 15))
        ended = batch.step()
        thread.join(20)
        assert sorted(name for name, *_ in (*ended, *found)) == [*range(_MANY)]
        one, other = passes.read
        assert not one.keys() & other.keys()

    def test_few_jobs_have_one_pass_with_the_whole_machine(self) -> None:
        passes, steps = Passes(), Steps()
        batch = Batch(passes, BUDGET, beside=_no_pass)
        self.helped(batch)
        for name in range(_MANY - 1):
            batch.add(name, steps.job(name, 15, 15))
        while batch:
            batch.step()
        assert sum(sum(read.values()) for read in passes.read) == 30 * (_MANY - 1)

    def test_who_is_cancelled_during_a_pass_is_closed_after_it(self) -> None:
        begun, going_on, steps = threading.Event(), threading.Event(), Steps()

        def read(portions: Sequence[Portion]) -> None:
            begun.set()
            assert going_on.wait(20)
            Passes()(portions)

        batch = Batch(read, BUDGET)
        batch.add(1, steps.job(1, 3, 3))
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.extend(batch.step()), daemon=True)
        thread.start()
        assert begun.wait(20)
        assert not batch.waiting
        assert batch.step() == []
        assert batch.cancel(1)
        assert not batch.cancel(1)
        assert not steps.closed
        going_on.set()
        thread.join(20)
        assert (found, steps.closed, len(batch)) == ([], [1], 0)
