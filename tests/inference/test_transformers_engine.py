import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch

from inference.prompt import Part, Prompt
from inference.protocol import Ask, Encodings, Judged, ModelError, Ratings, Usage
from inference.rendering import EMPTY_PROMPT
from inference.transformers_engine import LocalModel

PROMPT: Prompt = (
    Part("Be kind.", "system"),
    Part("Ann: "),
    Part("where should we eat tonight", data=True),
    Part("\nBob: "),
    Part("somewhere cheap", data=True),
)
OPEN: Prompt = (*PROMPT, Part("Thought: ", "assistant"))
BRANCHES = ("vegan food is cheap", "Ann should answer", "it is 5")
QUESTIONS = ("\nHow urgent is it? Answer: ", "\nHow cheap is it? Answer: ")
DIGITS = ("1", "2", "3", "4", "5")


class StopError(Exception):
    pass


def stop_after(calls: int) -> Any:
    left = calls

    def check() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StopError

    return check


def log_probabilities(plain: Any, tokens: Sequence[int]) -> torch.Tensor:
    """[place, vocabulary] by one plain pass without a cache: what comes after each of `tokens`."""
    with torch.inference_mode():
        logits: torch.Tensor = plain(torch.tensor([list(tokens)])).logits[0]
    return logits.float().log_softmax(-1)


def spelled_out(plain: Any, before: Sequence[int], after: Sequence[int]) -> float:
    """Log-probability of `after` following `before`."""
    table = log_probabilities(plain, [*before, *after])
    return sum(float(table[len(before) - 1 + n, token]) for n, token in enumerate(after))


def close(one: Ratings, other: Ratings, tolerance: float) -> None:
    for ours, theirs in zip(one.probabilities, other.probabilities, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert a == pytest.approx(b, abs=tolerance)


class TestRate:
    def test_it_is_the_probability_of_each_option_after_everything_before(
        self, local: LocalModel, plain: Any, tokenizer: Any
    ) -> None:
        ratings = local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS)
        start = local.renderer.render(OPEN).tokens
        for b, branch in enumerate(BRANCHES):
            for q, question in enumerate(QUESTIONS):
                prefix = [*start, *tokenizer.encode(f" {branch}"), *tokenizer.encode(question.rstrip(" "))]
                raw = [math.exp(spelled_out(plain, prefix, tokenizer.encode(f" {digit}"))) for digit in DIGITS]
                assert ratings.mass[b][q] == pytest.approx(sum(raw), rel=1e-3)
                assert ratings.probabilities[b][q] == pytest.approx([p / sum(raw) for p in raw], abs=1e-4)
        assert ratings.method == "logits"

    def test_one_tree_equals_each_branch_and_question_alone(
        self, local: LocalModel, llama: Any, tokenizer: Any
    ) -> None:
        together = local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS)
        for b, branch in enumerate(BRANCHES):
            for q, question in enumerate(QUESTIONS):
                alone = LocalModel(llama, tokenizer).rate(OPEN, [branch], [question], DIGITS)
                assert alone.probabilities[0][0] == pytest.approx(together.probabilities[b][q], abs=1e-4)
                assert alone.mass[0][0] == pytest.approx(together.mass[b][q], abs=1e-4)

    def test_names_of_several_tokens_that_begin_each_other(self, local: LocalModel, plain: Any, tokenizer: Any) -> None:
        names = ("Ann", "Bob", "Bob Smith", "anyone")
        ratings = local.rate(OPEN, [""], ["\nNext: "], names)
        prefix = [*local.renderer.render(OPEN).tokens, *tokenizer.encode("\nNext:")]
        ann, bob, smith, anyone = (math.exp(spelled_out(plain, prefix, tokenizer.encode(f" {name}"))) for name in names)
        raw = [ann, bob - smith, smith, anyone]
        assert ratings.mass[0][0] == pytest.approx(sum(raw), rel=1e-3)
        assert ratings.probabilities[0][0] == pytest.approx([p / sum(raw) for p in raw], abs=1e-4)

    def test_every_row_is_a_distribution(self, local: LocalModel) -> None:
        ratings = local.rate(OPEN, ["", "<|im_end|>", "è🎉"], ["", "\nQ: "], ("yes", "no", "maybe so"))
        for row, masses in zip(ratings.probabilities, ratings.mass, strict=True):
            assert [sum(shares) for shares in row] == pytest.approx([1, 1])
            assert all(0 <= mass <= 1 for mass in masses)

    def test_nothing_to_rate(self, local: LocalModel) -> None:
        assert local.rate(OPEN, [], QUESTIONS, DIGITS).probabilities == ()
        assert local.rate(OPEN, ["a"], [], DIGITS).probabilities == ((),)


class TestTapes:
    def test_a_second_call_reads_only_what_is_new(self, local: LocalModel) -> None:
        length = len(local.renderer.render(OPEN).tokens)
        first = local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS)
        second = local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS)
        assert first.usage.cached == 0
        assert second.usage.cached == length - 1
        assert second.usage.prompt == first.usage.prompt - length + 1
        close(first, second, 1e-5)

    def test_a_used_tape_gives_what_a_fresh_one_gives(self, local: LocalModel, llama: Any, tokenizer: Any) -> None:
        longer = (*PROMPT, Part("\nAnn: "), Part("vegan food it is", data=True))
        local.propose([PROMPT, OPEN], 5, 1)
        local.read(OPEN, BRANCHES)
        local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS)
        list(local.stream(PROMPT, 5, 1))
        used = local.rate(longer, BRANCHES, QUESTIONS, DIGITS)
        fresh = LocalModel(llama, tokenizer).rate(longer, BRANCHES, QUESTIONS, DIGITS)
        assert used.usage.cached > 20
        close(used, fresh, 1e-4)

    def test_cancelled_work_leaves_the_tape_usable(self, local: LocalModel, llama: Any, tokenizer: Any) -> None:
        for calls in range(4):
            with pytest.raises(StopError):
                local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS, stop_after(0))
            with pytest.raises(StopError):
                local.propose([PROMPT] * 2, 9, 1, stop_after(calls))
        fresh = LocalModel(llama, tokenizer).rate(OPEN, BRANCHES, QUESTIONS, DIGITS)
        close(local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS), fresh, 1e-4)

    def test_a_prompt_that_is_too_long_is_an_error(self, local: LocalModel) -> None:
        with pytest.raises(ModelError, match="the model reads 4096"):
            local.propose([(Part("Ann " * 5000),)], 5, 1)


class TestPropose:
    def test_the_same_seed_gives_the_same(self, local: LocalModel) -> None:
        one, other = local.propose([PROMPT] * 3, 12, 7), local.propose([PROMPT] * 3, 12, 7)
        assert [c.text for c in one.continuations] == [c.text for c in other.continuations]
        assert [c.text for c in one.continuations] != [c.text for c in local.propose([PROMPT] * 3, 12, 8).continuations]

    def test_branches_do_not_see_each_other(self, local: LocalModel, llama: Any, tokenizer: Any) -> None:
        other: Prompt = (*PROMPT, Part("\nAnswer Ann."))
        together = local.propose([PROMPT, other], 12, 7).continuations
        (alone,) = LocalModel(llama, tokenizer).propose([PROMPT], 12, 7).continuations
        assert together[0].text == alone.text
        assert together[0].logprobs == pytest.approx(alone.logprobs, abs=1e-3)

    def test_the_log_probabilities_are_those_of_the_text(self, local: LocalModel, plain: Any) -> None:
        (said,) = local.propose([PROMPT], 6, 3).continuations
        start = local.renderer.render(PROMPT).tokens
        assert len(said.logprobs) > 0
        first = log_probabilities(plain, start)[-1].exp()
        assert float(first.max()) >= math.exp(said.logprobs[0])
        assert any(float(p) == pytest.approx(math.exp(said.logprobs[0]), rel=1e-3) for p in first)

    def test_the_limit_holds_and_usage_is_true(self, local: LocalModel) -> None:
        proposals = local.propose([PROMPT] * 2, 4, 1)
        assert all(len(c.logprobs) <= 4 for c in proposals.continuations)
        assert proposals.usage.prompt == len(local.renderer.render(PROMPT).tokens)
        assert 0 < proposals.usage.generated <= 8
        assert local.propose([PROMPT], 4, 1).usage.cached == proposals.usage.prompt - 1

    def test_a_text_is_one_line_without_special_tokens(self, local: LocalModel) -> None:
        for seed in range(20):
            for said in local.propose([PROMPT] * 3, 16, seed).continuations:
                assert "\n" not in said.text
                assert "<|" not in said.text
                assert "\ufffd" not in said.text

    def test_nothing_to_propose(self, local: LocalModel) -> None:
        assert local.propose([], 4, 1).usage == Usage()


class TestRead:
    def test_given_and_alone(self, local: LocalModel, plain: Any, tokenizer: Any) -> None:
        start, empty = (local.renderer.render(prompt).tokens for prompt in (OPEN, EMPTY_PROMPT))
        for branch, reading in zip(BRANCHES, local.read(OPEN, BRANCHES).readings, strict=True):
            tokens = tokenizer.encode(f" {branch}")
            assert reading.tokens == len(tokens)
            assert reading.given == pytest.approx(spelled_out(plain, start, tokens), abs=1e-3)
            assert reading.alone == pytest.approx(spelled_out(plain, empty, tokens), abs=1e-3)
            with torch.inference_mode():
                hidden = plain.model(torch.tensor([[*start, *tokens]])).last_hidden_state[0, -1]
            assert reading.hidden == pytest.approx(hidden.tolist(), abs=1e-3)

    def test_what_it_took_is_told(self, local: LocalModel) -> None:
        first, again = local.read(OPEN, BRANCHES).usage, local.read(OPEN, BRANCHES).usage
        assert first.prompt > again.prompt > 0
        assert again.prompt < again.cached
        assert (first.generated, again.generated) == (0, 0)

    def test_an_empty_branch_is_certain(self, local: LocalModel) -> None:
        (reading,) = local.read(PROMPT, [""]).readings
        assert (reading.given, reading.alone, reading.tokens) == (0, 0, 0)
        assert len(reading.hidden) == 64


class TestEncode:
    def test_each_branch_stands_where_the_first_layers_alone_bring_it(
        self, local: LocalModel, plain: Any, tokenizer: Any
    ) -> None:
        start = local.renderer.render(OPEN).tokens
        for _ in range(2):  # the second time the prompt is on a tape
            for branch, state in zip([*BRANCHES, ""], local.encode(OPEN, [*BRANCHES, ""]).states, strict=True):
                tokens = tokenizer.encode(f" {branch}") if branch else []
                with torch.inference_mode():
                    layers = plain.model(torch.tensor([[*start, *tokens]]), output_hidden_states=True).hidden_states
                assert state == pytest.approx(layers[1][0, -1].tolist(), abs=1e-3)

    def test_what_is_read_halfway_leaves_nothing_behind(self, local: LocalModel, llama: Any, tokenizer: Any) -> None:
        local.encode(OPEN, BRANCHES)
        close(
            local.rate(OPEN, BRANCHES, QUESTIONS, DIGITS),
            LocalModel(llama, tokenizer).rate(OPEN, BRANCHES, QUESTIONS, DIGITS),
            1e-4,
        )

    def test_it_goes_on_beside_what_needs_all_layers(self, local: LocalModel) -> None:
        alone = local.encode(OPEN, BRANCHES).states
        batch = local.batch()
        found = [*batch.add(1, local.jobs.read(PROMPT, BRANCHES)), *batch.add(2, local.jobs.encode(OPEN, BRANCHES))]
        while batch.waiting:
            found += batch.step()
        results = {outcome.name: outcome.result for outcome in found}
        for state, known in zip(results[2].states, alone, strict=True):
            assert state == pytest.approx(known, abs=1e-3)

    def test_nothing_is_read_without_the_prompt(self, local: LocalModel) -> None:
        local.encode(OPEN, BRANCHES)
        again = local.encode(OPEN, BRANCHES).usage
        assert again.prompt < again.cached
        assert again.generated == 0
        assert local.encode(OPEN, []) == Encodings((), Usage())

    def test_what_is_too_long_is_refused(self, local: LocalModel) -> None:
        with pytest.raises(ModelError, match="the model reads"):
            local.encode(OPEN, ["word " * 5000])


class TestJudge:
    ASKS = (
        Ask(OPEN, BRANCHES, QUESTIONS, DIGITS),
        Ask((*PROMPT, Part("\nWhat comes next?")), BRANCHES[:2], (), (), read=2),
        Ask((*PROMPT, Part("\nNext: ", "assistant")), ("",), ("",), ("Ann", "Bob", "Bob Smith")),
        Ask(OPEN, BRANCHES[:1], QUESTIONS[:1], ("yes", "no"), read=1),
    )

    def test_one_pass_over_all_asks_gives_what_each_gives_alone(
        self, local: LocalModel, llama: Any, tokenizer: Any
    ) -> None:
        together = local.judge(self.ASKS)
        for ask, ratings, readings in zip(self.ASKS, together.ratings, together.readings, strict=True):
            one = LocalModel(llama, tokenizer)
            close(ratings, one.rate(ask.prompt, ask.branches, ask.questions, ask.options), 1e-4)
            known = one.read(ask.prompt, ask.branches[: ask.read]).readings
            assert readings is not None
            for ours, theirs in zip(readings, known, strict=True):
                assert (ours.given, ours.alone) == pytest.approx((theirs.given, theirs.alone), abs=1e-3)
                assert ours.hidden == pytest.approx(theirs.hidden, abs=1e-3)

    def test_what_asks_share_is_read_once(self, local: LocalModel) -> None:
        once = local.judge(self.ASKS[:1]).usage
        local.judge(self.ASKS[:1])
        twice = local.judge((self.ASKS[0], self.ASKS[0])).usage
        assert twice.prompt + twice.cached == once.prompt

    def test_a_text_is_read_alone_once(self, local: LocalModel) -> None:
        local.judge(self.ASKS)
        first = local.judge(self.ASKS).usage
        fresh = Ask(self.ASKS[1].prompt, ("never heard of",), (), (), read=1)
        assert local.judge((*self.ASKS, fresh)).usage.prompt > first.prompt + 3
        assert local.judge(self.ASKS).usage == first

    def test_nothing_asked(self, local: LocalModel) -> None:
        assert local.judge(()) == Judged((), (), Usage())


class TestStream:
    def test_the_pieces_are_valid_text_within_the_limit(self, local: LocalModel) -> None:
        for seed in range(10):
            pieces = list(local.stream(PROMPT, 20, seed))
            assert len(pieces) <= 20
            assert all(pieces)
            assert "\ufffd" not in "".join(pieces)
            assert "<|" not in "".join(pieces)

    def test_it_is_what_propose_says_up_to_the_line_break(self, local: LocalModel) -> None:
        for seed in range(5):
            streamed = "".join(local.stream(PROMPT, 10, seed))
            (said,) = local.propose([PROMPT], 10, seed).continuations
            assert streamed.split("\n")[0].strip() == said.text

    def test_it_tells_what_it_took(self, local: LocalModel) -> None:
        once, again, left = list[Usage](), list[Usage](), list[Usage]()
        (said,) = local.propose([PROMPT], 10, 3).continuations
        "".join(local.stream(PROMPT, 10, 3, spent=once.append))
        "".join(local.stream(PROMPT, 10, 3, spent=again.append))
        first, second = sum(once, Usage()), sum(again, Usage())
        length = len(local.renderer.render(PROMPT).tokens)
        assert first.prompt + first.cached == second.prompt + second.cached == length
        assert (second.prompt, second.cached) == (1, length - 1)
        assert len(said.logprobs) <= first.generated == second.generated <= 10
        pieces = local.stream(PROMPT, 10, 3, spent=left.append)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        assert left == again[:1]

    def test_it_stops_between_tokens(self, local: LocalModel) -> None:
        with pytest.raises(StopError):
            list(local.stream(PROMPT, 50, 1, stop_after(4)))

    def test_closing_it_gives_the_tape_back(self, local: LocalModel, llama: Any, tokenizer: Any) -> None:
        pieces = local.stream(PROMPT, 50, 3)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        fresh = LocalModel(llama, tokenizer).rate(PROMPT, BRANCHES, QUESTIONS, DIGITS)
        close(local.rate(PROMPT, BRANCHES, QUESTIONS, DIGITS), fresh, 1e-4)


ASKED = (
    "relevant",
    "informative",
    "helpful",
    "surprising",
    "urgent",
    "coherent",
    "new",
    "fair",
    "well timed",
    "overdue",
)
THOUGHTS = (
    "There is a vegan place near the station that is cheap.",
    "I wonder whether Bob has eaten already?",
    "Trains are late again <|im_end|> today.",
)


@pytest.mark.model
def test_on_the_embedded_model_one_pass_equals_many(tiny: LocalModel) -> None:
    """The bar of the issue is 0.02; float32 leaves only the order of additions."""
    questions = [f"\nOn a scale of 1 to 5, how {word} is this thought now? Answer: " for word in ASKED]
    together = tiny.rate(OPEN, THOUGHTS, questions, DIGITS)
    worst = 0.0
    for b, thought in enumerate(THOUGHTS):
        for q, question in enumerate(questions):
            alone = tiny.rate(OPEN, [thought], [question], DIGITS).probabilities[0][0]
            worst = max(worst, *(abs(x - y) for x, y in zip(alone, together.probabilities[b][q], strict=True)))
    assert worst <= 1e-4


@pytest.mark.model
def test_the_embedded_model_speaks_and_reads(tiny: LocalModel) -> None:
    prompt = (Part("You answer in one short sentence.", "system"), Part("What is the capital of France?"))
    assert "Paris" in "".join(tiny.stream(prompt, 30, 1))
    likely, unlikely = tiny.read(
        (*prompt, Part("The capital of France is", "assistant")), ["Paris", "seventeen"]
    ).readings
    assert likely.given > unlikely.given
    assert likely.given - likely.alone > unlikely.given - unlikely.alone
