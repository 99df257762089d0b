import pytest
import torch

from inference.fused import Fused, fused
from inference.head import Head
from inference.sampling import WIDEST

ROWS, HIDDEN, VOCABULARY = 7, 64, 4096
PAIRS = [(row, token) for row in range(ROWS) for token in (0, 17, VOCABULARY - 1)]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Fused | None:
    """None on a machine without AVX2 or without a compiler: then torch does it all."""
    return fused(tmp_path_factory.mktemp("compiled"))


def layer(dtype: torch.dtype, bias: bool = False) -> torch.nn.Linear:
    torch.manual_seed(3)
    made = torch.nn.Linear(HIDDEN, VOCABULARY, bias=bias)
    with torch.no_grad():
        made.weight.mul_(4)
    return made.to(dtype).requires_grad_(False)


def states() -> torch.Tensor:
    return torch.randn(ROWS, HIDDEN, generator=torch.Generator().manual_seed(5))


def known(linear: torch.nn.Linear, hidden: torch.Tensor) -> torch.Tensor:
    logits = hidden.double() @ linear.weight.double().T
    return logits if linear.bias is None else logits + linear.bias.double()


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
def test_log_probabilities_are_those_of_double_precision(
    dtype: torch.dtype, within: float, bias: bool, compiled: Fused | None
) -> None:
    linear, hidden = layer(dtype, bias), states()
    expected = known(linear, hidden).log_softmax(-1)
    found = Head(linear, {}, compiled).log_next(hidden, PAIRS)
    assert found == pytest.approx([expected[row, token].item() for row, token in PAIRS], abs=within)


def test_the_best_tokens_come_first_and_with_the_sum_of_all(compiled: Fused | None) -> None:
    linear, hidden = layer(torch.bfloat16), states()
    expected = known(linear, hidden)
    logits, tokens, totals = Head(linear, {}, compiled).best(hidden)
    assert tokens.shape == (ROWS, WIDEST)
    assert torch.allclose(logits.double(), expected.gather(1, tokens), atol=0.2)
    assert torch.equal(tokens[:, 0], expected.argmax(1))
    assert torch.allclose(totals.double(), expected.logsumexp(1), atol=0.05)


def test_logits_are_scaled_and_capped_as_the_model_says() -> None:
    linear, hidden = layer(torch.float32), states()
    config = {"logits_scaling": 2.0, "final_logit_softcapping": 5.0}
    expected = torch.tanh(known(linear, hidden) / 2 / 5) * 5
    assert torch.allclose(Head(linear, config).logits(hidden).double(), expected, atol=1e-4)
    found = Head(linear, config).log_next(hidden, [(1, 2)])
    assert found == pytest.approx([expected.log_softmax(-1)[1, 2].item()], abs=1e-4)
