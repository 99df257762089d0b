"""Occasions to speak, counted."""

from pathlib import Path

from heuristics.facts import COUNTED
from tests.thoughts.test_points import chat
from training.occasions import occasions


def test_each_row_is_a_member_that_might_have_spoken(tmp_path: Path) -> None:
    found = occasions([chat(tmp_path, "ab" * 20)], 5)
    assert len(found.spoke) == 7
    assert found.spoke.all()  # the two alternate, and who wrote last is no candidate
    assert set(found.facts) == set(COUNTED)
    assert (found.facts["turns"] == 1).all()
    assert set(found.who.tolist()) == {0, 1}
    assert not found.called.any()
    assert not found.others.any()


def test_those_who_wrote_little_are_left_out(tmp_path: Path) -> None:
    assert len(occasions([chat(tmp_path, "aaaaa" + "b" * 30)], 3).spoke) == 0
