"""The layers of a Llama-like model on the CPU, with as few steps a layer as torch needs without a compiler.

transformers spends about as long between the multiplications of one decode step as in them. Here the projections that read the
same row are one matrix, both halves of a turned pair stand side by side, so that turning them by their position is one complex
product, and sums go into the hidden state, float32, where it stands. What multiplies is given: inference/packed.py for bf16,
inference/int8.py for int8, whose hidden states and values are kept under a rotation (inference/rotation.py), which 8 bits hold
better. What goes in and comes out is as in the model that it was made of.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Protocol

import torch
from transformers import LlamaModel, MistralModel, Qwen2Model, Qwen3Model
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.qwen3.modeling_qwen3 import Qwen3DecoderLayer

from inference.attention import Part, attend
from inference.fused import Fused
from inference.rotation import Turn
from inference.tiled import TiledGates, TiledLayers, TiledLinear

KNOWN = (LlamaModel, MistralModel, Qwen2Model, Qwen3Model)
"""What `Decoder` computes: norm, attention with rotary positions (Qwen3 with norms of queries and keys), norm, gated MLP."""

Rows = tuple[torch.Tensor, torch.Tensor | None]
"""Weight and bias of a linear layer, in float32."""


class MakesLinear(Protocol):
    """Makes the module that multiplies by `weight` [out, in] and adds `bias` [out], both float32."""

    def __call__(self, weight: torch.Tensor, bias: torch.Tensor | None, /) -> torch.nn.Module: ...


class Decoder(torch.nn.Module):
    """What `body`, one of KNOWN, computes. Takes its layers apart, so that each is freed once its numbers are elsewhere.
    `turn`: for vectors of a size, the turn under which they are kept. `gates`: makes what multiplies gates above as many rows of
    what they let through, where `linear` is not to.

    Called as `Forward` calls it: [1, rows] tokens and positions. What else is given goes to the attention.
    """

    def __init__(
        self,
        body: Any,
        linear: MakesLinear,
        turn: Callable[[int], Turn],
        fused: Fused | None = None,
        gates: MakesLinear | None = None,
    ) -> None:
        super().__init__()
        assert type(body) in KNOWN, type(body)
        self._rotation = turn(body.config.hidden_size)
        self.embed_tokens = body.embed_tokens
        self.rotary_emb = body.rotary_emb
        self.norm = torch.nn.Parameter(body.norm.weight.detach().float(), requires_grad=False)
        self._epsilon: float = body.norm.variance_epsilon
        self.fused = fused if fused is not None and fused.computes(body.config, body.layers[0]) else None
        self._each = [
            _Layer(layer, body.config, linear, gates or linear, self._rotation, turn) for layer in body.layers
        ]
        self.layers = torch.nn.ModuleList(self._each)
        self._tiled = None if self.fused is None else _tiled(self.fused, self._each)
        self._ends = True

    def first(self, count: int) -> "Decoder":
        """The first `count` layers, which share their weights with these; what they say is given as it is, without the norm."""
        part = copy(self)
        part._each, part._ends = self._each[:count], False
        part._tiled = None if self.fused is None else _tiled(self.fused, part._each)
        return part

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
        if self.fused is not None and given.get("parts"):
            self._pass(self.fused, hidden, turns[:, 0], given["parts"])
        else:
            for layer in self._each:
                layer(hidden, turns, given)
        out = (
            self._rotation.undo(_normed(hidden, self._epsilon)) * self.norm
            if self._ends
            else self._rotation.undo(hidden)
        )
        return BaseModelOutput(last_hidden_state=out[None])

    def _pass(self, fused: Fused, hidden: torch.Tensor, turns: torch.Tensor, parts: Sequence[Part]) -> None:
        """All layers over parts, by the compiled functions: what each adds to `hidden` is added by the one that reads it next."""
        first = self._each[0]
        heads, groups = first.split
        attended = fused.attention(parts, turns, heads, groups, first.scaling)
        if self._tiled is not None:
            self._tiled.add(hidden, attended)
            return
        more: torch.Tensor | None = None
        for layer in self._each:
            seen = attended(layer.layer_idx, layer.queries_keys_values(fused.add_norm(hidden, more, layer.epsilon)))
            normed = fused.add_norm(hidden, layer.out(seen), layer.epsilon)
            gates = layer.gate_up
            more = layer.down(gates.gated(normed) if isinstance(gates, TiledGates) else fused.gate(gates(normed)))
        assert more is not None
        hidden += more


def _tiled(fused: Fused, layers: "Sequence[_Layer]") -> TiledLayers | None:
    """None where something is not in tiles."""
    matrices = [
        [part for part in (one.queries_keys_values, one.out, one.gate_up, one.down) if isinstance(part, TiledLinear)]
        for one in layers
    ]
    if any(len(some) < 4 for some in matrices):
        return None
    return TiledLayers(fused, matrices, layers[0].inner, layers[0].epsilon)


def _normed(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Divided by the root mean square of the last dimension; torch 2.13 takes longer over its own rms_norm on the CPU."""
    size = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    normed: torch.Tensor = x / size.square_().mul_(1 / x.shape[-1]).add_(epsilon).sqrt_()
    return normed


class _Layer(torch.nn.Module):
    """One layer; `forward` adds to `hidden` [rows, width] in place. `turns`: [rows, 1, size / 2], complex."""

    def __init__(
        self,
        layer: Any,
        config: Any,
        linear: MakesLinear,
        gates: MakesLinear,
        around: Turn,
        turn: Callable[[int], Turn],
    ) -> None:
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.layer_idx: int = attention.layer_idx
        self._size: int = attention.head_dim
        self.scaling: float = attention.scaling
        self.split = (config.num_attention_heads, config.num_key_value_heads)
        self._act = mlp.act_fn
        self.inner: int = config.intermediate_size
        self.epsilon: float = layer.input_layernorm.variance_epsilon
        self.head_norm = (
            _HeadNorm(attention, self.split) if isinstance(layer, Qwen3DecoderLayer) else torch.nn.Identity()
        )
        values = turn(self._size)
        self.queries_keys_values = linear(
            *_reading(
                [
                    _pairs_together(_rows_of(attention.q_proj), self._size),
                    _pairs_together(_rows_of(attention.k_proj), self._size),
                    _turned_values(_rows_of(attention.v_proj), values, self._size),
                ],
                layer.input_layernorm,
                around,
            )
        )
        weight, bias = _rows_of(attention.o_proj)
        weight = values.turn(weight.view(len(weight), -1, self._size)).flatten(-2)
        self.out = linear(*_adding((weight, bias), around))
        self.gate_up = gates(
            *_reading([_rows_of(mlp.gate_proj), _rows_of(mlp.up_proj)], layer.post_attention_layernorm, around)
        )
        self.down = linear(*_adding(_rows_of(mlp.down_proj), around))
        layer.to("meta")

    def forward(self, hidden: torch.Tensor, turns: torch.Tensor, given: dict[str, Any]) -> None:
        rows = len(hidden)
        mixed = self.queries_keys_values(_normed(hidden, self.epsilon)).view(rows, -1, self._size)
        turned, values = mixed.split((sum(self.split), self.split[1]), dim=1)
        turned = self.head_norm(turned.float())
        torch.view_as_complex(turned.view(*turned.shape[:-1], -1, 2)).mul_(turns)
        queries, keys = turned.to(mixed.dtype).transpose(0, 1)[None].split(self.split, dim=1)
        values = values.transpose(0, 1)[None]
        seen, _ = attend(self, queries, keys, values, None, scaling=self.scaling, **given)
        hidden += self.out(seen.reshape(rows, -1))
        gate, up = self.gate_up(_normed(hidden, self.epsilon)).chunk(2, dim=-1)
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


def _reading(layers: Sequence[Rows], norm: Any, around: Turn) -> Rows:
    """One layer above another, as one that reads turned hidden states whose norm had no weight."""
    biases = [bias for _, bias in layers if bias is not None]
    assert len(biases) in (0, len(layers))
    weight = torch.cat([weight for weight, _ in layers]) * norm.weight.detach().float()
    return around.turn(weight), torch.cat(biases) if biases else None


def _adding(layer: Rows, around: Turn) -> Rows:
    """A layer whose result is turned."""
    weight, bias = layer
    return around.turn(weight.t()).t(), None if bias is None else around.turn(bias)


def _turned_values(layer: Rows, values: Turn, size: int) -> Rows:
    """A layer whose result is turned head by head, `size` numbers each."""
    weight, bias = layer
    turned = values.turn(weight.t().reshape(weight.shape[1], -1, size)).flatten(-2).t()
    return turned, None if bias is None else values.turn(bias.view(-1, size)).flatten()


def _together(size: int) -> torch.Tensor:
    """transformers turns number i of a head with number i + size / 2; in this order they are neighbours."""
    return torch.arange(size).view(2, -1).t().flatten()


def _pairs_together(layer: Rows, size: int) -> Rows:
    weight, bias = layer
    order = (torch.arange(0, len(weight), size)[:, None] + _together(size)).flatten()
    return weight[order], None if bias is None else bias[order]
