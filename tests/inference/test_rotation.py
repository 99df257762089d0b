import pytest
import torch

from inference.rotation import rotation


@pytest.mark.parametrize("size", [8, 64, 96, 576])
def test_lengths_and_products_stay(size: int) -> None:
    turn = rotation(size).turn
    one, other = torch.randn(2, 5, size, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close((turn(one) * turn(other)).sum(-1), (one * other).sum(-1), atol=1e-4, rtol=1e-4)


def test_undone_it_is_as_it_was() -> None:
    around, rows = rotation(192), torch.randn(4, 192, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(around.undo(around.turn(rows)), rows, atol=1e-5, rtol=1e-5)


def test_no_direction_stays_much_larger_than_the_others() -> None:
    rows = torch.randn(20, 576, generator=torch.Generator().manual_seed(1))
    rows[:, 7] = 100.0
    turned = rotation(576).turn(rows)
    assert float(turned.abs().amax() / turned.square().mean().sqrt()) < 8
    assert float(rows.abs().amax() / rows.square().mean().sqrt()) > 20


def test_it_is_the_same_every_time() -> None:
    assert torch.equal(rotation(96).inner, rotation(96).inner)
