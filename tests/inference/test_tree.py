import pytest

from inference.tree import ROOT, Tree, shared_length


def test_a_chain_hangs_on_its_parent_and_counts_its_depth() -> None:
    tree = Tree()
    branch = tree.add(ROOT, [10, 11])
    leaf = tree.add(branch, [12])
    other = tree.add(ROOT, [13])
    assert tree.tokens == [10, 11, 12, 13]
    assert tree.parents == [ROOT, 0, 1, ROOT]
    assert tree.depths == [0, 1, 2, 0]
    assert (branch, leaf, other) == (1, 2, 3)


def test_nothing_added_is_the_parent_itself() -> None:
    assert Tree().add(ROOT, []) == ROOT


def test_the_path_leads_to_the_root_and_past_no_sibling() -> None:
    tree = Tree()
    branch = tree.add(ROOT, [10, 11])
    left, right = tree.add(branch, [12]), tree.add(branch, [13])
    assert tree.path(left) == [2, 1, 0]
    assert tree.path(right) == [3, 1, 0]
    assert tree.path(ROOT) == []


def test_a_graft_shares_what_an_earlier_one_has() -> None:
    tree = Tree()
    one = tree.graft(ROOT, [1, 2, 3])
    two = tree.graft(ROOT, [1, 2, 4])
    assert tree.tokens == [1, 2, 3, 4]
    assert tree.parents[one] == tree.parents[two] == 1
    assert tree.graft(ROOT, [1, 2, 3]) == one


def test_what_was_added_is_never_shared() -> None:
    tree = Tree()
    assert tree.add(ROOT, [1]) != tree.graft(ROOT, [1])


def test_a_chain_that_does_not_see_the_end_of_the_prefix_stands_further_to_the_front() -> None:
    tree = Tree()
    branch = tree.graft(ROOT, [10, 11], 3)
    assert tree.graft(ROOT, [10, 12], 3) == 2
    assert tree.graft(ROOT, [10, 12]) == 4
    assert tree.cuts == [3, 3, 3, 0, 0]
    assert tree.depths == [-3, -2, -2, 0, 1]
    assert tree.parents[branch] == 0


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [([], [], 0), ([1], [], 0), ([1, 2], [1, 3], 1), ([1, 2], [1, 2, 3], 2), ([2], [1], 0)],
)
def test_shared_length(one: list[int], other: list[int], shared: int) -> None:
    assert shared_length(one, other) == shared
