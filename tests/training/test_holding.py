import numpy as np

from training.holding import joined, told


def test_each_statement_is_one_group_with_moments_in_and_out() -> None:
    made = told()
    assert set(made) == {"choices", "statements", "circumstances"}
    groups = [{r.group for r in rows} for rows in made.values()]
    assert sum(map(len, groups)) == len(set().union(*groups))
    for rows in made.values():
        assert {r.within for r in rows} == {True, False}
        assert all(r.scope.words and r.message for r in rows)


def test_what_an_exception_spares_is_where_the_statement_does_not_hold() -> None:
    exceptions = [r for r in told()["statements"] if not r.scope.holds]
    assert len(exceptions) > 150
    by_group = {r.group: [e.within for e in exceptions if e.group == r.group] for r in exceptions}
    assert all(within == [False, True, True] for within in by_group.values())  # inside, outside, elsewhere


def test_both_readings_are_joined_by_what_each_is_worth() -> None:
    truth = np.array([n % 2 == 0 for n in range(400)])
    rng = np.random.default_rng(0)
    telling, idle = np.where(truth, 2.0, -2.0) + rng.normal(size=400), rng.normal(size=400)
    found, (_, first, second) = joined(np.stack([telling, idle], axis=1), truth, np.arange(400) // 3)
    assert ((found > 0) == truth).mean() > 0.9
    assert first > 5 * abs(second)
