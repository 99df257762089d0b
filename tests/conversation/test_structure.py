from conversation.structure import TWELVE, twelve
from tests.conversation.test_standing import said, talk


def test_there_are_twelve_and_they_are_what_their_names_say() -> None:
    lines = ("aaa: hi", "bbb: so", "ccc: aaa: why?")
    row = dict(zip(TWELVE, twelve(said(*lines), talk(*lines), "aaa"), strict=True))
    assert len(TWELVE) == 12
    assert (row["named"], row["others_named"], row["question"], row["turns"], row["seconds"]) == (1, 0, 1, 2, 20)
    assert row["called10"] == 1
    assert (row["length"], row["gap"], row["run"], row["said"], row["speakers"]) == (9, 10, 1, 1, 3)
