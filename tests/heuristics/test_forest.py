"""Trees over named numbers."""

from heuristics.forest import Forest, Tree, parse, written

TREES = (Tree((1, 0, 0), (0.5, 2.0, 2.0), (1.0, 2.0, 3.0, 4.0)), Tree((0,), (-0.5,), (0.0, 10.0)))
FOREST = Forest(("turns", "owed"), TREES)


def test_each_node_sends_what_is_above_its_threshold_on_to_the_right() -> None:
    assert FOREST.value((2.0, 0.5)) == 11.0
    assert FOREST.value((3.0, 0.5)) == 12.0
    assert FOREST.value((3.0, 0.6)) == 14.0


def test_what_is_not_there_is_below_whatever_is() -> None:
    assert FOREST.of({"owed": 0.6}) == 3.0
    assert FOREST.of({"owed": 0.6, "turns": 0.0}) == 13.0


def test_a_forest_is_read_as_it_was_written() -> None:
    trees = [(list(t.features), list(t.thresholds), list(t.leaves)) for t in TREES]
    assert parse(written(FOREST.names, trees)) == FOREST
