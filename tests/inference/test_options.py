import math

import pytest

from inference.options import Path, choice, probabilities


def test_what_all_options_share_belongs_to_the_question() -> None:
    asked = choice([(7, 8, 1), (7, 8, 2)])
    assert asked.stem == (7, 8)
    assert asked.paths == ((1,), (2,))
    assert asked.inner == ((),)


def test_a_joined_boundary_parts_the_options_earlier() -> None:
    """ "Answer: " + "4" may be one token where the colon is not: then the question's last token is the options'."""
    asked = choice([(7, 81), (7, 82), (7, 8, 3)])
    assert asked.stem == (7,)
    assert asked.paths == ((81,), (82,), (8, 3))
    assert asked.inner == ((), (8,))


def test_an_option_that_begins_another_keeps_what_that_leaves() -> None:
    asked = choice([(7, 1), (7, 1, 2), (7, 3)])
    assert asked.paths == ((1,), (1, 2), (3,))
    table: dict[tuple[Path, int], float] = {((), 1): 0.6, ((), 3): 0.2, ((1,), 2): 0.25}
    shares, mass = probabilities(asked, lambda prefix, token: math.log(table[prefix, token]))
    assert mass == pytest.approx(0.8)
    assert shares == pytest.approx((0.6 * 0.75 / 0.8, 0.6 * 0.25 / 0.8, 0.2 / 0.8))


def test_several_tokens_multiply() -> None:
    asked = choice([(1, 2), (3, 4)])
    shares, mass = probabilities(asked, lambda prefix, token: math.log({1: 0.5, 2: 0.5, 3: 0.25, 4: 1.0}[token]))
    assert shares == pytest.approx((0.5, 0.5))
    assert mass == pytest.approx(0.5)


def test_a_single_option_is_certain_and_its_mass_is_its_probability() -> None:
    shares, mass = probabilities(choice([(1,)]), lambda _p, _t: math.log(0.3))
    assert shares == (1.0,)
    assert mass == pytest.approx(0.3)


def test_nothing_left_is_even_and_without_mass() -> None:
    assert probabilities(choice([(1,), (2,)]), lambda _p, _t: -math.inf) == ((0.5, 0.5), 0.0)


@pytest.mark.parametrize("spelled", [[(1,), (1,)], [(1,), ()]])
def test_options_must_differ_and_be_something(spelled: list[Path]) -> None:
    with pytest.raises(ValueError, match="different and not empty"):
        choice(spelled)
