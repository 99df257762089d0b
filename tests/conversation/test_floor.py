from conversation.floor import Floor


def test_a_new_floor_is_just_taken_and_nobody_types() -> None:
    assert Floor() == Floor(typing=frozenset(), quiet_for=0.0)


def test_floors_differ_by_who_types() -> None:
    assert Floor(typing=frozenset({"ann"})) != Floor(typing=frozenset({"bob"}))
