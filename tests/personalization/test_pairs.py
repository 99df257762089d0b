"""Ten questions, ready to be put."""

import random

import numpy as np
import pytest

from personalization.factors import Answer
from personalization.pairs import Bank, FactorsError, Offered, bank_for, likings, next_pair, parse, write
from tests.personalization.build import phi_of

REPLIES = (
    Offered("tea?", "Yes.", (1.0, 0.0)),
    Offered("tea?", "lol yes", (-1.0, 0.0)),
    Offered("tea?", "Perhaps.", (0.0, 0.1)),
)
BANK = Bank(phi_of(2), (*REPLIES, Offered("milk?", "No.", (0.0, 5.0))), {"formality": np.array([2.0, 0.0])})


def test_the_pair_that_tells_most_is_asked_first_and_none_twice() -> None:
    assert next_pair(BANK, [], []) == (0, 1)
    rest = next_pair(BANK, [], [frozenset((0, 1))])
    assert rest in ((0, 2), (1, 2))
    assert next_pair(BANK, [], [frozenset(p) for p in ((0, 1), (0, 2), (1, 2))]) is None


def test_a_pair_is_found_by_its_texts() -> None:
    assert BANK.pair(["lol yes", "Yes."]) == (1, 0)
    assert BANK.pair(["lol yes", "what was offered once"]) is None
    assert BANK.pair([1, 0]) is None
    assert BANK.usual == pytest.approx((0.0, 5.1 / 4))


def test_answers_show_what_is_liked_and_how_surely() -> None:
    before = likings(BANK, [])["formality"]
    after = likings(BANK, [Answer(BANK.difference((0, 1)), True)] * 5)["formality"]
    assert before[0] == 0 < after[0]
    assert after[1] < before[1]


def test_what_is_written_is_read() -> None:
    again = parse(write(BANK))
    assert [r.text for r in again.replies] == [r.text for r in BANK.replies]
    assert again.axes["formality"] == pytest.approx(BANK.axes["formality"])
    with pytest.raises(FactorsError, match="not a file of factors"):
        parse(b"PK")
    with pytest.raises(FactorsError, match="do not fit"):
        parse(write(Bank(phi_of(3), BANK.replies, BANK.axes)))


def found_of(seed: int) -> dict[str, float]:
    """What ten answers of somebody who likes humour tell."""
    bank, rng = bank_for(), random.Random(seed)
    answers: list[Answer] = []
    asked: list[frozenset[int]] = []
    wanted = bank.axes["humour"] / np.linalg.norm(bank.axes["humour"]) * 3
    for _ in range(10):
        pair = next_pair(bank, answers, asked)
        assert pair is not None
        asked.append(frozenset(pair))
        difference = bank.difference(pair)
        chance = 1 / (1 + np.exp(-float(wanted @ difference)))
        answers.append(Answer(difference, rng.random() < chance))
    return {name: mean for name, (mean, _) in likings(bank, answers).items()}


def test_the_bank_that_ships_finds_out_what_somebody_likes() -> None:
    """Once funny replies were long, and who liked the one was taken to like the other, too (docs/log.md)."""
    found = [found_of(seed) for seed in range(8)]
    means = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    assert all(one["humour"] > 0 for one in found)
    assert means["humour"] == max(means.values()), means
    assert means["length"] < means["humour"] / 2
