from inference.segment import Segment
from inference.tape import Tape
from inference.tree import ROOT, Tree


def segment() -> Segment:
    tree = Tree()
    stem = tree.add(ROOT, [20, 21])
    tree.add(stem, [22])
    tree.add(ROOT, [23])
    tape = Tape()
    tape.tokens, tape.length = [1, 2], 2
    return Segment(tape, [10, 11, 12], tree)


def test_rows_are_the_text_and_then_the_tree() -> None:
    one = segment()
    assert (len(one), one.left) == (7, 7)
    assert [one.row(node) for node in (ROOT, 0, 3)] == [2, 3, 6]
    assert one.tokens(range(7)) == [10, 11, 12, 20, 21, 22, 23]
    assert one.positions(range(7)) == [2, 3, 4, 5, 6, 7, 5]


def test_any_part_of_it_can_be_read_next() -> None:
    one = segment()
    assert one.tokens(range(1, 5)) == [11, 12, 20, 21]
    assert one.tokens(range(4, 6)) == [21, 22]
    assert one.tokens(range(2)) == [10, 11]
    one.tape.tokens += [10, 11, 12]
    assert one.positions(range(4, 7)) == [6, 7, 5]


def test_a_tree_goes_on_after_what_was_read() -> None:
    tree = segment().tree
    leaf = tree.add(2, [30])
    more = Segment(Tape(), tree=tree, start=leaf)
    assert (len(more), more.tokens(range(1)), more.row(leaf)) == (1, [30], 0)
