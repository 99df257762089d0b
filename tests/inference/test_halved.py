"""The first layers of a model, alone."""

from typing import Any

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from inference.decoder import Decoder
from inference.forward import Forward
from inference.halved import halved
from inference.rotation import Unturned, rotation
from inference.segment import Portion, Segment
from inference.tape import Tape
from inference.tree import ROOT, Tree
from tests.inference.test_decoder import exact

TOKENS = torch.tensor([[3, 4, 5, 9]])


def model() -> Any:
    torch.manual_seed(3)
    shape: dict[str, Any] = {
        "vocab_size": 64, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 5, "num_attention_heads": 2,
        "num_key_value_heads": 1, "attn_implementation": "sdpa",
    }  # fmt: skip
    made: Any = Qwen2ForCausalLM(Qwen2Config(**shape))
    return made.eval()


def states() -> tuple[torch.Tensor, ...]:
    with torch.inference_mode():
        found: tuple[torch.Tensor, ...] = (
            model().model(TOKENS, output_hidden_states=True, use_cache=False).hidden_states
        )
    return found


def test_three_of_five_layers_are_a_model_that_shares_them() -> None:
    whole = model().model
    with torch.inference_mode():
        half = halved(whole)(TOKENS, use_cache=False).last_hidden_state
        again = whole(TOKENS, use_cache=False).last_hidden_state
    torch.testing.assert_close(half, states()[3])
    torch.testing.assert_close(again, states()[5])
    assert halved(whole).layers[0] is whole.layers[0]


@pytest.mark.parametrize("turn", [Unturned, rotation])
def test_of_layers_that_are_laid_out_anew(turn: Any) -> None:
    """Over a tape, as they are called; what was read halfway is no part of it afterwards."""
    made, tape, known = model(), Tape(), states()
    made.model = Decoder(made.model, exact, turn)
    forward, tree = Forward(made), Tree()
    end = tree.add(ROOT, TOKENS[0, 2:].tolist())
    forward.read([Portion(Segment(tape, TOKENS[0, :2].tolist()), 2)])
    early = Segment(tape, tree=tree, ends=[end], halfway=True)
    forward.read([Portion(early, 2)])
    tape.set_back(2)
    late = Segment(tape, tree=tree, ends=[end])
    forward.read([Portion(late, 2)])
    torch.testing.assert_close(early.hidden[end], known[3][0, -1], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(late.hidden[end], known[5][0, -1], atol=1e-5, rtol=1e-4)


def test_what_is_built_otherwise_is_read_to_its_end() -> None:
    other = torch.nn.Linear(2, 2)
    assert halved(other) is other
