"""Forward passes of a transformers model over a tape: text at its end, and trees that hang on it for a while."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from inference.protocol import ModelUnavailableError
from inference.tape import Tape
from inference.tree import Tree

CHUNK = 512
"""Tokens of one pass. Between passes a call can be cancelled."""
_EXACT = 64
"""Logits of a row that are multiplied out again: what is left out of them weighs next to nothing in their sum, or is so much
that its rounding evens out."""

Check = Callable[[], None]
"""Called between passes; raises to stop the work."""


class Forward:
    """One model, on its own device and in its own precision. Tensors that come out stay on that device."""

    def __init__(self, model: Any) -> None:
        config = model.config.get_text_config().to_dict()
        kinds = set(config.get("layer_types") or ())
        if kinds - {"full_attention", "sliding_attention"}:
            raise ModelUnavailableError(
                f"layers of kind {sorted(kinds)!r} cannot be set back: serve this model with vLLM and use openai:<name>"
            )
        model.requires_grad_(False)
        self._body = model.base_model
        self._head = model.get_output_embeddings()
        self._softcap: float | None = config.get("final_logit_softcapping")
        self._scale = (config.get("logit_scale") or 1.0) / (config.get("logits_scaling") or 1.0)
        self.layers: int = config["num_hidden_layers"]
        self.context: int = config["max_position_embeddings"]
        if "sliding_attention" in kinds:
            # Our mask shows a layer the whole tape, which is right as long as the tape fits its window.
            self.context = min(self.context, config["sliding_window"])
        self.device: torch.device = model.device
        self.dtype: torch.dtype = model.dtype

    def text(self, tape: Tape, tokens: Sequence[int], check: Check) -> torch.Tensor:
        """Append `tokens` (at least one) to the tape. Returns the hidden state of the last, [1, hidden]."""
        assert tokens
        assert tape.length == len(tape.tokens)
        for start in range(0, len(tokens), CHUNK):
            check()
            chunk = tokens[start : start + CHUNK]
            mask = self._blank_mask(len(chunk), tape.length + len(chunk))
            future = torch.ones(len(chunk), len(chunk), dtype=torch.bool, device=self.device).triu(1)
            mask[:, tape.length :].masked_fill_(future, torch.finfo(self.dtype).min)
            hidden = self._run(tape, chunk, range(tape.length, tape.length + len(chunk)), mask)
            tape.advance(len(chunk), chunk)
        return hidden[-1:]

    def tree(self, tape: Tape, tree: Tree, start: int, check: Check) -> torch.Tensor:
        """Read the nodes of `tree` from `start` on, the earlier ones being read already. Hidden states, [nodes, hidden].

        The nodes take slots behind the tape's text; call `tape.set_back` when done with the tree.
        """
        base = len(tape.tokens)
        assert tape.length == base + start, (tape.length, base, start)
        parts = [torch.empty(0, self._head.weight.shape[1], dtype=self.dtype, device=self.device)]
        for first in range(start, len(tree), CHUNK):
            check()
            nodes = range(first, min(first + CHUNK, len(tree)))
            mask = self._blank_mask(len(nodes), tape.length + len(nodes))
            mask[:, base:] = torch.finfo(self.dtype).min
            seen = [(row, base + node) for row, leaf in enumerate(nodes) for node in tree.path(leaf)]
            rows, columns = torch.tensor(seen, device=self.device).unbind(1)
            mask[rows, columns] = 0.0
            tokens = tree.tokens[nodes.start : nodes.stop]
            parts.append(self._run(tape, tokens, [base + tree.depths[node] for node in nodes], mask))
            tape.advance(len(nodes))
        return torch.cat(parts)

    def quick_logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """[rows, hidden] → [rows, vocabulary], float32 numbers of the model's own precision: good enough to sample from."""
        return self._finish(self._head(hidden).float())

    def log_next(self, hidden: torch.Tensor, pairs: Sequence[tuple[int, int]]) -> list[float]:
        """For each (row of `hidden`, token), the natural log-probability of that token. The logits that matter, those of the
        tokens asked for and the largest, which make the sum, are multiplied out in float32: bf16 logits around 20 come in steps
        of 1/8, which would show in every rating. Turning the whole matrix to float32 would take longer than the pass."""
        if not pairs:
            return []
        rows, tokens = torch.tensor(pairs, device=self.device).unbind(1)
        with torch.inference_mode():
            logits = self.quick_logits(hidden)
            if self._head.weight.dtype != torch.float32:
                largest = logits.topk(min(_EXACT, logits.shape[1])).indices
                logits.scatter_(1, largest, self._exact(hidden, largest))
                asked = self._exact(hidden[rows], tokens[:, None])[:, 0]
            else:
                asked = logits[rows, tokens]
            return (asked - torch.logsumexp(logits, dim=-1)[rows]).tolist()

    def _exact(self, hidden: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Logits of `tokens`, [rows, n], after each of `hidden`, [rows, hidden], in float32."""
        weight, bias = self._head.weight, self._head.bias
        logits = torch.bmm(weight[tokens].float(), hidden.float()[:, :, None])[:, :, 0]
        return self._finish(logits if bias is None else logits + bias[tokens].float())

    def _finish(self, logits: torch.Tensor) -> torch.Tensor:
        logits = logits * self._scale
        return logits if self._softcap is None else torch.tanh(logits / self._softcap) * self._softcap

    def _blank_mask(self, rows: int, columns: int) -> torch.Tensor:
        return torch.zeros(rows, columns, dtype=self.dtype, device=self.device)

    def _run(self, tape: Tape, tokens: Sequence[int], positions: Sequence[int], mask: torch.Tensor) -> torch.Tensor:
        tape.reserve(len(tokens))
        with torch.inference_mode():
            out = self._body(
                input_ids=torch.tensor([tokens], device=self.device),
                position_ids=torch.tensor([list(positions)], device=self.device),
                attention_mask=mask[None, None],
                past_key_values=tape.cache,
                use_cache=True,
            )
        hidden: torch.Tensor = out.last_hidden_state[0]
        return hidden
