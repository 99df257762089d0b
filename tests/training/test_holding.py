from training.holding import told


def test_each_statement_is_one_group_with_moments_in_and_out() -> None:
    made = told()
    assert set(made) == {"choices", "statements", "circumstances"}
    groups = [{r.group for r in rows} for rows in made.values()]
    assert sum(map(len, groups)) == len(set().union(*groups))
    for rows in made.values():
        assert {r.within for r in rows} == {True, False}
        assert all(r.scope.words and r.message for r in rows)
