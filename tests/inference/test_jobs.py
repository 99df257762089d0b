"""Jobs of several rooms in one batch, on random weights: each gets what it gets alone."""

from typing import Any

import pytest

from inference.prompt import Part, Prompt
from inference.protocol import Ask, Judged, Proposals, Usage
from inference.segment import Job
from inference.tapes import Tapes
from inference.transformers_engine import LocalModel

TALK = "where should we eat tonight somewhere cheap with vegan food "
DIGITS = ("1", "2", "3", "4", "5")


def prompt(room: int) -> Prompt:
    return (Part("Be kind.", "system"), Part(f"Room {room}: " + TALK * (1 + 9 * room)))


def proposing(local: LocalModel, room: int) -> Job[Proposals]:
    other = (*prompt(room), Part("\nAnswer Ann."))
    return local.jobs.propose([prompt(room), other], 12, room)


def judging(local: LocalModel, room: int) -> Job[Judged]:
    thoughts = (f"vegan food is {room}", "Ann should answer")
    return local.jobs.judge(
        [
            Ask((*prompt(room), Part("Thought:", "assistant")), thoughts, ("\nurgent? ", "\ncheap? "), DIGITS),
            Ask((*prompt(room), Part("Next:", "assistant")), thoughts, (), (), read=2),
        ]
    )


def test_a_stream_tells_of_its_prompt_with_the_first_piece(llama: Any, tokenizer: Any) -> None:
    local, said = LocalModel(llama, tokenizer), list[tuple[str, Usage]]()
    finished(local, {1: local.jobs.stream(prompt(1), 8, 4, lambda *one: said.append(one))})
    length = len(local.renderer.render(prompt(1)).tokens)
    assert said[0][1].prompt == length
    assert all(usage.prompt == usage.cached == 0 for _, usage in said[1:])
    assert 0 < sum(usage.generated for _, usage in said) <= 8


def finished(local: LocalModel, jobs: dict[int, Job[Any]], cancel: int | None = None, after: int = 3) -> dict[int, Any]:
    batch, found, passes = local.batch(), dict[int, Any](), 0
    for name, job in jobs.items():
        batch.add(name, job)
    while batch:
        passes += 1
        if passes == after and cancel is not None:
            assert batch.cancel(cancel)
        for name, result, error in batch.step():
            assert error is None, error
            found[name] = result
    return found


def same(one: Any, other: Any) -> None:
    if isinstance(one, Proposals):
        assert [c.text for c in one.continuations] == [c.text for c in other.continuations]
        for ours, theirs in zip(one.continuations, other.continuations, strict=True):
            assert ours.logprobs == pytest.approx(theirs.logprobs, abs=1e-3)
        return
    for ours, theirs in zip(one.ratings[0].probabilities, other.ratings[0].probabilities, strict=True):
        assert ours[0] == pytest.approx(theirs[0], abs=1e-4)
    for a, b in zip(one.readings[1], other.readings[1], strict=True):
        assert (a.given, a.alone) == pytest.approx((b.given, b.alone), abs=1e-3)


@pytest.fixture
def alone(llama: Any, tokenizer: Any) -> dict[int, Any]:
    """What each job gives with the model to itself, nothing read before."""
    found = dict[int, Any]()
    for room in range(3):
        for name, make in ((room, proposing), (10 + room, judging)):
            local = LocalModel(llama, tokenizer)
            found |= finished(local, {name: make(local, room)})
    return found


def every(local: LocalModel) -> dict[int, Job[Any]]:
    jobs: dict[int, Job[Any]] = {room: proposing(local, room) for room in range(3)}
    return jobs | {10 + room: judging(local, room) for room in range(3)}


def test_a_job_in_a_batch_gives_what_it_gives_alone(local: LocalModel, alone: dict[int, Any]) -> None:
    for _ in range(2):
        found = finished(local, every(local))
        assert found.keys() == alone.keys()
        for name, result in found.items():
            same(result, alone[name])


@pytest.mark.parametrize("gone", [0, 2, 11])
def test_cancelling_one_leaves_the_others_as_they_are(local: LocalModel, alone: dict[int, Any], gone: int) -> None:
    found = finished(local, every(local), cancel=gone, after=2)
    assert found.keys() == alone.keys() - {gone}
    for name, result in found.items():
        same(result, alone[name])
    # What the cancelled one held is free, and right.
    again = finished(local, {gone: every(local)[gone]})
    same(again[gone], alone[gone])


def test_rooms_that_were_dropped_are_read_again(llama: Any, tokenizer: Any, alone: dict[int, Any]) -> None:
    tapes = Tapes(budget=1)
    local = LocalModel(llama, tokenizer, tapes)
    for _ in range(2):
        for name, result in finished(local, every(local)).items():
            same(result, alone[name])
        assert len(tapes) == 0


def test_rooms_of_one_agent_read_its_beginning_once(local: LocalModel) -> None:
    persona = Part(TALK * 5, "system")
    length = len(local.renderer.plain(TALK * 5))
    first = local.propose([(persona, Part("Ann: one"))], 3, 1).usage
    assert first.cached == 0
    for n in range(4):
        usage = local.propose([(persona, Part(f"Bob: {n} and more of it"))], 3, 1).usage
        assert usage.cached > length


def test_after_an_edit_only_the_rest_is_read(local: LocalModel, llama: Any, tokenizer: Any) -> None:
    lines = [Part(f"Ann: {TALK}{n}\n", data=True) for n in range(6)]
    edited = [*lines[:3], Part("Ann: never mind\n", data=True), *lines[4:]]
    asked = (("vegan",), ("\nurgent? ",), DIGITS)
    local.rate(tuple(lines), *asked)
    again = local.rate(tuple(edited), *asked)
    fresh = LocalModel(llama, tokenizer).rate(tuple(edited), *asked)
    assert again.usage.cached > sum(len(local.renderer.plain(part.text)) for part in lines[:3])
    assert again.probabilities[0][0] == pytest.approx(fresh.probabilities[0][0], abs=1e-4)


def test_a_text_is_not_known_before_it_was_read(local: LocalModel) -> None:
    """Two jobs that need the same text alone, at once: each reads it."""
    found = finished(local, {1: judging(local, 1), 2: judging(local, 1)})
    same(found[1], found[2])
