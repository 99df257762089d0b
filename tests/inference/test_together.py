from types import SimpleNamespace

import pytest
import torch

from inference.attention import Part, attend
from inference.tape import Tape
from inference.together import FEW, few

LAYER = SimpleNamespace(layer_idx=0)


def part(rows: range, earlier: int) -> Part:
    """A tape with `earlier` slots before the rows, of which some row does not see the last."""
    tape = Tape()
    tape.reserve(earlier + len(rows))
    tape.write(0, (torch.randn(2, earlier, 8), torch.randn(2, earlier, 8)))
    tape.advance(earlier)
    mask = torch.zeros(len(rows), len(rows)).masked_fill(torch.rand(len(rows), len(rows)) < 0.4, -1e9)
    return Part(tape, rows, mask.fill_diagonal_(0))


@pytest.mark.parametrize("lengths", [(1, 1), (3, 1, 2), (4, 40, 3, 4), (2, 5)])
def test_together_is_one_after_the_other(lengths: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    parts, first = [], 0
    for i, rows in enumerate(lengths):
        parts.append(part(range(first, first + rows), 3 + 50 * i))
        first += rows
    query, key, value = torch.randn(1, 6, first, 8), torch.randn(1, 2, first, 8), torch.randn(1, 2, first, 8)
    ours, _ = attend(LAYER, query, key, value, None, parts, few(parts))
    known, _ = attend(LAYER, query, key, value, None, parts)
    torch.testing.assert_close(ours, known, atol=1e-5, rtol=1e-5)


def test_one_room_alone_and_long_portions_are_not_copied() -> None:
    assert few([part(range(3), 9)]) is None
    assert few([part(range(3), 9), part(range(3, 4 + FEW), 9)]) is None
