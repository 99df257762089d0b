from typing import Any

import pytest
import torch

from inference.sampling import Top, begins_another, best, draw, generator, largest, log_total, vocabulary

NOTHING = torch.zeros(6, dtype=torch.bool)


def top_of(logits: torch.Tensor) -> Top:
    return best(logits[None]).tops()[0]


def test_what_ends_a_text_and_what_is_never_drawn(tokenizer: Any, llama: Any) -> None:
    found = vocabulary(tokenizer, llama)
    ids = {
        name: tokenizer.convert_tokens_to_ids(name)
        for name in ("<|im_end|>", "<|endoftext|>", "<|im_start|>", "<|other|>")
    }
    assert {ids["<|im_end|>"], ids["<|endoftext|>"], ids["<|im_start|>"]} <= found.ends
    assert found.never[ids["<|other|>"]]
    assert not found.never[list(found.ends)].any()
    # The matrix has five rows more than the tokenizer has tokens.
    assert found.never[len(tokenizer) :].all()
    assert len(found.never) == len(tokenizer) + 5


def test_line_breaks_are_known_inside_tokens(tokenizer: Any, llama: Any) -> None:
    breaks = vocabulary(tokenizer, llama).breaks
    (newline,) = tokenizer.encode("\n", add_special_tokens=False)
    assert breaks[newline]
    assert not breaks[tokenizer.encode("Ann", add_special_tokens=False)].any()


def test_the_same_seed_draws_the_same() -> None:
    logits = torch.randn(6)

    def drawn(seed: int, branch: int) -> list[tuple[int, float]]:
        rng = generator(seed, branch)
        return [draw(top_of(logits), NOTHING, rng) for _ in range(20)]

    assert drawn(3, 0) == drawn(3, 0)
    assert len({tuple(drawn(3, branch)) for branch in range(4)}) == 4


def test_the_forbidden_and_the_tail_are_never_drawn() -> None:
    logits = torch.tensor([9.0, 8.0, 7.5, -9.0, -9.0, -9.0])
    forbidden = NOTHING.clone()
    forbidden[0] = True
    rng = generator(1, 0)
    assert {draw(top_of(logits), forbidden, rng)[0] for _ in range(200)} == {1, 2}


def test_the_log_probability_is_that_of_the_model_itself() -> None:
    logits = torch.tensor([0.5, -40.0, -40.0, -40.0, 3.0, -40.0])
    forbidden = NOTHING.clone()
    forbidden[4] = True
    token, logprob = draw(top_of(logits), forbidden, generator(1, 0))
    assert token == 0
    assert logprob == pytest.approx(float(logits.log_softmax(-1)[0]))


def test_a_row_has_its_likeliest_tokens_and_the_sum_of_all() -> None:
    first, second = best(torch.tensor([[1.0, 3.0, 2.0], [0.0, 0.0, 9.0]])).tops()
    assert (first.tokens.tolist(), first.logits.tolist()) == ([1, 2, 0], [3.0, 2.0, 1.0])
    assert first.total == pytest.approx(3.407606)
    assert int(second.tokens[0]) == 2


@pytest.mark.parametrize(
    ("text", "piece", "another"),
    [
        ("I like it.", " But", True),
        ("Is it far?", " I", True),
        ('I said "no!"', " and", True),
        ("I like it.", '"', False),
        ("I paid 3.", " euros", False),
        ("I like it", " a", False),
        ("I like it.", "com", False),
        ("", " I", False),
    ],
)
def test_a_sentence_is_over_when_another_begins(text: str, piece: str, another: bool) -> None:
    assert begins_another(text, piece) is another


@pytest.mark.parametrize(("size", "most"), [(300, 8), (5003, 16), (5003, 300), (7, 16)])
def test_the_largest_of_a_row_wherever_they_stand(size: int, most: int) -> None:
    torch.manual_seed(size)
    numbers = torch.randn(4, size).bfloat16().float()
    found, where = largest(numbers, most)
    torch.testing.assert_close(found, numbers.topk(min(most, size)).values)
    torch.testing.assert_close(numbers.gather(1, where), found)
    assert all(len(set(row.tolist())) == len(row) for row in where)


def test_the_total_of_many_rows() -> None:
    logits = 5 * torch.randn(19, 300)
    torch.testing.assert_close(log_total(logits), logits.logsumexp(1))
