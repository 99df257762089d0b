import pytest

from memory.item import Memory, UnsourcedError
from tests.memory.build import item


def test_a_memory_starts_unused_and_of_plain_weight() -> None:
    assert Memory("k1", "I grow tomatoes.") == Memory("k1", "I grow tomatoes.", accessed_seq=0, weight=1.0)


def test_memories_of_one_text_and_two_ids_are_two() -> None:
    assert Memory("k1", "x") != Memory("k2", "x")


def test_no_source_no_item() -> None:
    with pytest.raises(UnsourcedError, match=r"I live in Oslo\."):
        item(sources=())


def test_nobody_plants_an_item_in_the_profile_of_somebody_else() -> None:
    with pytest.raises(AssertionError):
        item(subject="ann", by="bob")


def test_a_correction_is_an_agents_and_names_its_claim() -> None:
    assert item(kind="correction", by="aside", corrects="i0").corrects == "i0"
    with pytest.raises(AssertionError):
        item(kind="correction", by="aside")
    with pytest.raises(AssertionError):
        item(kind="correction", by="ann", corrects="i0")


def test_what_happened_is_episodic_and_all_else_semantic() -> None:
    assert item(kind="event").memory == "episodic"
    assert {item(kind=k).memory for k in ("claim", "fact", "preference")} == {"semantic"}
