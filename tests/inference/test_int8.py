import pytest
import torch

from inference.int8 import Int8Linear, quantise


def test_a_row_and_its_scale_are_near_the_row() -> None:
    sizes = torch.tensor([[1e-3], [1.0], [30.0], [0.0], [1e4]])
    rows = torch.randn(5, 64, generator=torch.Generator().manual_seed(1)) * sizes
    numbers, scale = quantise(rows)
    assert numbers.dtype == torch.int8
    assert scale.shape == (5, 1)
    assert bool(((numbers * scale - rows).abs() <= scale * 0.5001).all())
    assert numbers[3].tolist() == [0] * 64


@pytest.mark.parametrize("bias", [False, True])
def test_it_is_a_linear_layer(bias: bool) -> None:
    torch.manual_seed(1)
    known = torch.nn.Linear(96, 40, bias=bias).requires_grad_(False)
    x = torch.randn(2, 7, 96)
    ours = Int8Linear(known.weight, known.bias)(x)
    assert ours.shape == (2, 7, 40)
    assert float((ours - known(x)).norm() / known(x).norm()) < 0.008


def test_a_row_does_not_depend_on_the_others() -> None:
    torch.manual_seed(1)
    layer = Int8Linear(torch.randn(70, 96), torch.randn(70))
    rows = torch.randn(33, 96) * torch.logspace(-3, 3, 33)[:, None]
    together = layer(rows)
    for n, row in enumerate(rows):
        assert torch.equal(layer(row[None])[0], together[n])


def test_it_leaves_only_the_error_of_the_weights() -> None:
    torch.manual_seed(1)
    weight, rows = torch.randn(40, 96), torch.randn(9, 96)
    layer = Int8Linear(weight)
    exact = rows @ (layer.weight * layer.scale[:, None]).t()
    assert float((layer(rows) - exact).norm() / exact.norm()) < 1e-4


def test_a_weight_takes_a_quarter_of_the_memory() -> None:
    layer = Int8Linear(torch.randn(40, 96, dtype=torch.bfloat16))
    assert layer.weight.dtype == torch.int8
    assert sum(b.numel() * b.element_size() for b in layer.buffers()) == 40 * 96 + 40 * 4
