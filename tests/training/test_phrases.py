"""What a listener learns of a toy space."""

import numpy as np
import pytest

from tests.training.toy import OUTDOOR, WORDS, Hashed
from training.phrases import examples, labelled, see


def test_every_sentence_has_its_label() -> None:
    found = {s.text: s for s in labelled((OUTDOOR,), WORDS, ["one. two. three."])}
    assert found["Woods please."].tells == {"outdoor": "yes"}
    assert (found["Nope."].opens, found["Nope."].tells) == ("no", {})
    assert found["Wait."].back
    assert found["one."].tells == {}
    assert "three." not in found


@pytest.mark.parametrize(("what", "kept"), [("embedding", slice(0, 16)), ("words", slice(16, None))])
def test_what_is_not_to_be_seen_is_blank(what: str, kept: slice) -> None:
    some = examples(labelled((OUTDOOR,), WORDS, ()), (OUTDOOR,), Hashed())
    seen = see(some, what)
    assert np.array_equal(seen.inputs[:, kept], some.inputs[:, kept])
    assert np.count_nonzero(seen.inputs) == np.count_nonzero(some.inputs[:, kept])
