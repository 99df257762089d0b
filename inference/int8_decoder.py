"""The layers of a Llama-like model in int8, with as few steps a layer as torch needs without a compiler.

transformers spends about as long between the multiplications of one decode step as in them, when these are int8. Here the
projections that read the same row are one matrix, both halves of a turned pair stand side by side, so that turning them by their
position is one complex product, and sums go into the hidden state where it stands. Hidden states and values are kept under a
rotation (inference/rotation.py), which 8 bits hold better; what goes in and comes out is as in the model that it was made of.
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import LlamaModel, MistralModel, Qwen2Model, Qwen3Model
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.qwen3.modeling_qwen3 import Qwen3DecoderLayer

from inference.attention import attend
from inference.int8 import Int8Linear
from inference.rotation import Rotation, rotation

KNOWN = (LlamaModel, MistralModel, Qwen2Model, Qwen3Model)
"""What `Decoder` computes: norm, attention with rotary positions (Qwen3 with norms of queries and keys), norm, gated MLP."""

Rows = tuple[torch.Tensor, torch.Tensor | None]
"""Weight and bias of a linear layer, in float32."""


def to_int8(model: Any) -> None:
    """Turn a transformers model on the CPU into int8 where it stands, and free what it had. A body of KNOWN becomes a `Decoder`;
    in another each linear layer is replaced, and what is left becomes float32."""
    body, head = model.base_model, model.get_output_embeddings()
    output = Int8Linear(head.weight, head.bias, fine=True)
    if type(body) in KNOWN:
        setattr(model, model.base_model_prefix, Decoder(body))
    else:
        _replace_linears(body)
        body.float()
    model.set_output_embeddings(output)


def _replace_linears(module: torch.nn.Module) -> None:
    for name, child in module.named_children():
        if type(child) is torch.nn.Linear:
            setattr(module, name, Int8Linear(child.weight, child.bias, fine=True))
        else:
            _replace_linears(child)


class Decoder(torch.nn.Module):
    """What `body`, one of KNOWN, computes. Takes its layers apart, so that each is freed once it is quantised.

    Called as `Forward` calls it: [1, rows] tokens and positions. What else is given goes to the attention.
    """

    def __init__(self, body: Any) -> None:
        super().__init__()
        assert type(body) in KNOWN, type(body)
        self._rotation = rotation(body.config.hidden_size)
        self.embed_tokens = body.embed_tokens
        self.rotary_emb = body.rotary_emb
        self.norm = torch.nn.Parameter(body.norm.weight.detach().float(), requires_grad=False)
        self._epsilon: float = body.norm.variance_epsilon
        self.layers = torch.nn.ModuleList(_Layer(layer, body.config, self._rotation) for layer in body.layers)

    def forward(
        self,
        input_ids: torch.Tensor,
        position_ids: torch.Tensor,
        use_cache: bool = False,
        **given: Any,
    ) -> BaseModelOutput:
        assert not use_cache
        hidden = self._rotation.turn(self.embed_tokens(input_ids)[0].float())
        cos, sin = self.rotary_emb(hidden, position_ids)
        half = cos.shape[-1] // 2
        turns = torch.complex(cos[0, :, None, :half], sin[0, :, None, :half])
        for layer in self.layers:
            layer(hidden, turns, given)
        out = self._rotation.undo(_normed(hidden, self._epsilon)) * self.norm
        return BaseModelOutput(last_hidden_state=out[None])


def _normed(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Divided by the root mean square of the last dimension; torch 2.13 takes longer over its own rms_norm on the CPU."""
    size = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    normed: torch.Tensor = x / size.square_().mul_(1 / x.shape[-1]).add_(epsilon).sqrt_()
    return normed


class _Layer(torch.nn.Module):
    """One layer; `forward` adds to `hidden` [rows, width] in place. `turns`: [rows, 1, size / 2], complex."""

    def __init__(self, layer: Any, config: Any, around: Rotation) -> None:
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.layer_idx: int = attention.layer_idx
        self._size: int = attention.head_dim
        self._scaling: float = attention.scaling
        self._split = (config.num_attention_heads, config.num_key_value_heads)
        self._act = mlp.act_fn
        self._epsilon: float = layer.input_layernorm.variance_epsilon
        self.head_norm = (
            _HeadNorm(attention, self._split) if isinstance(layer, Qwen3DecoderLayer) else torch.nn.Identity()
        )
        values = rotation(self._size)
        self.queries_keys_values = Int8Linear(
            *_reading(
                [
                    _pairs_together(_rows_of(attention.q_proj), self._size),
                    _pairs_together(_rows_of(attention.k_proj), self._size),
                    _turned_values(_rows_of(attention.v_proj), values),
                ],
                layer.input_layernorm,
                around,
            ),
            fine=False,
        )
        weight, bias = _rows_of(attention.o_proj)
        weight = values.turn(weight.view(len(weight), -1, self._size)).flatten(-2)
        self.out = Int8Linear(*_adding((weight, bias), around), fine=False)
        self.gate_up = Int8Linear(
            *_reading([_rows_of(mlp.gate_proj), _rows_of(mlp.up_proj)], layer.post_attention_layernorm, around),
            fine=False,
        )
        self.down = Int8Linear(*_adding(_rows_of(mlp.down_proj), around), fine=True)
        layer.to("meta")

    def forward(self, hidden: torch.Tensor, turns: torch.Tensor, given: dict[str, Any]) -> None:
        rows = len(hidden)
        mixed = self.queries_keys_values(_normed(hidden, self._epsilon)).view(rows, -1, self._size)
        turned, values = mixed.split((sum(self._split), self._split[1]), dim=1)
        turned = self.head_norm(turned)
        torch.view_as_complex(turned.view(*turned.shape[:-1], -1, 2)).mul_(turns)
        queries, keys = turned.transpose(0, 1)[None].split(self._split, dim=1)
        values = values.transpose(0, 1)[None]
        seen, _ = attend(self, queries, keys, values, None, scaling=self._scaling, **given)
        hidden += self.out(seen.reshape(rows, -1))
        gate, up = self.gate_up(_normed(hidden, self._epsilon)).chunk(2, dim=-1)
        hidden += self.down(self._act(gate).mul_(up))


class _HeadNorm(torch.nn.Module):
    """Norms of each query and key, [rows, heads, size], with the pairs together."""

    def __init__(self, attention: Any, split: tuple[int, int]) -> None:
        super().__init__()
        order = _together(attention.head_dim)
        each = [norm.weight.detach().float()[order] for norm in (attention.q_norm, attention.k_norm)]
        weight = torch.cat([row.expand(heads, -1) for row, heads in zip(each, split, strict=True)])
        self.weight = torch.nn.Parameter(weight, requires_grad=False)
        self.epsilon: float = attention.q_norm.variance_epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return _normed(x, self.epsilon) * self.weight


def _rows_of(linear: Any) -> Rows:
    return linear.weight.detach().float(), None if linear.bias is None else linear.bias.detach().float()


def _reading(layers: Sequence[Rows], norm: Any, around: Rotation) -> Rows:
    """One layer above another, as one that reads turned hidden states whose norm had no weight."""
    biases = [bias for _, bias in layers if bias is not None]
    assert len(biases) in (0, len(layers))
    weight = torch.cat([weight for weight, _ in layers]) * norm.weight.detach().float()
    return around.turn(weight), torch.cat(biases) if biases else None


def _adding(layer: Rows, around: Rotation) -> Rows:
    """A layer whose result is turned."""
    weight, bias = layer
    return around.turn(weight.t()).t(), None if bias is None else around.turn(bias)


def _turned_values(layer: Rows, values: Rotation) -> Rows:
    """A layer whose result is turned head by head."""
    weight, bias = layer
    size = len(values.outer) * len(values.inner)
    turned = values.turn(weight.t().reshape(weight.shape[1], -1, size)).flatten(-2).t()
    return turned, None if bias is None else values.turn(bias.view(-1, size)).flatten()


def _together(size: int) -> torch.Tensor:
    """transformers turns number i of a head with number i + size / 2; in this order they are neighbours."""
    return torch.arange(size).view(2, -1).t().flatten()


def _pairs_together(layer: Rows, size: int) -> Rows:
    weight, bias = layer
    order = (torch.arange(0, len(weight), size)[:, None] + _together(size)).flatten()
    return weight[order], None if bias is None else bias[order]
