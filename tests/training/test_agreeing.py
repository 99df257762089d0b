import numpy as np

from training.agreeing import branches, fitted, spoken


def test_every_statement_comes_with_what_it_speaks_for_and_another() -> None:
    some = spoken()
    assert {one.part for one in some} == {"choices", "moments", "agreeing"}
    assert len(some) > 1_200
    for one in some:
        assert one.applied != one.free
        right, wrong = branches(one)
        assert f"Option: {one.applied}." in right
        assert f"Option: {one.free}." in wrong
        assert right.split("Option:")[0] == wrong.split("Option:")[0]
    firsts = [one.first for one in some]
    assert 0.4 < sum(firsts) / len(firsts) < 0.6


def test_the_fit_goes_by_what_the_right_one_has_more_of() -> None:
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(200, 3)).astype(np.float32)
    apart[:, 0] = np.abs(apart[:, 0])
    weights = fitted(apart, np.ones(200))
    assert weights[0] > 3 * np.abs(weights[1:]).max()
