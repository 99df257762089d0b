from memory.item import Memory


def test_a_memory_starts_unused_and_of_plain_weight() -> None:
    assert Memory("k1", "I grow tomatoes.") == Memory("k1", "I grow tomatoes.", accessed_seq=0, weight=1.0)


def test_memories_of_one_text_and_two_ids_are_two() -> None:
    assert Memory("k1", "x") != Memory("k2", "x")
