"""φ of replies, from their sentences and their form."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from personalization.features import Floats
from personalization.phi import parted, shapes
from tests.personalization.build import phi_of

PHI = phi_of(2)


def _embed(texts: Sequence[str]) -> Floats:
    return np.eye(3, dtype=np.float32)[[len(t) % 3 for t in texts]]


def test_sizes_follow_from_what_was_fitted() -> None:
    assert (PHI.dim, PHI.size) == (3, 2)
    assert PHI.of(["Yes. No.", "Perhaps."], _embed).shape == (2, 2)


def test_what_two_replies_share_falls_out_of_their_difference() -> None:
    spoken = replace(PHI, whole=np.zeros_like(PHI.whole))
    both = spoken.of(["It is late. Go to bed.", "It is late. Stay up."], _embed)
    alone = spoken.of(["Go to bed.", "Stay up."], _embed)
    assert both[0] - both[1] == pytest.approx(alone[0] - alone[1], abs=1e-4)


def test_a_text_without_a_sentence_is_one() -> None:
    assert parted(["", "Yes. No."]) == [("",), ("Yes.", "No.")]
    assert shapes(["", "Yes."]).shape[0] == 2
