from evals.occasions import report


def test_parts_are_of_what_was_kept() -> None:
    found = [("inside", "within"), ("inside", "outside"), ("inside", None), ("outside", "unclear")]
    assert report(found) == {
        "inside": {"within": 0.5, "unclear": 0.0, "outside": 0.5},
        "outside": {"within": 0.0, "unclear": 1.0, "outside": 0.0},
        "kept": 0.75,
        "n": {"inside": 2, "outside": 1},
    }
