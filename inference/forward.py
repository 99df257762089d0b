"""Forward passes of a transformers model over portions of many texts and trees at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from inference.attention import NAME as ATTENTION
from inference.attention import Part
from inference.decoder import Decoder
from inference.halved import halved
from inference.head import ROWS, Head
from inference.norms import quicken
from inference.protocol import ModelUnavailableError
from inference.segment import Portion, Segment
from inference.static_decode import StaticDecode, Step, captured, plainly
from inference.tape import Tape
from inference.tree import ROOT, Tree


class Forward:
    """One model, on its own device and in its own precision. `static`: decode over a static cache, as a GPU needs it; None:
    where there is one."""

    def __init__(self, model: Any, static: bool | None = None) -> None:
        config = model.config.get_text_config().to_dict()
        kinds = set(config.get("layer_types") or ())
        if kinds - {"full_attention", "sliding_attention"}:
            raise ModelUnavailableError(
                f"layers of kind {sorted(kinds)!r} cannot be set back: serve this model with vLLM and use openai:<name>"
            )
        if not model._supports_attention_backend:
            raise ModelUnavailableError(
                f"{type(model).__name__} brings its own attention: serve it with vLLM and use openai:<name>"
            )
        model.requires_grad_(False)
        model.set_attn_implementation(ATTENTION)
        self._body = model.base_model
        self._half = halved(self._body)
        fused = self._body.fused if isinstance(self._body, Decoder) else None
        self.head = Head(model.get_output_embeddings(), config, fused)
        self.context: int = config["max_position_embeddings"]
        if "sliding_attention" in kinds:
            # Our mask shows a layer the whole tape, which is right as long as the tape fits its window.
            self.context = min(self.context, config["sliding_window"])
        self.device: torch.device = model.device
        self.dtype: torch.dtype = model.dtype
        on_gpu = self.device.type == "cuda"
        if on_gpu:
            # It makes a plan for every new number of rows and slots, which takes longer than many passes; ours are always new.
            torch.backends.cuda.enable_cudnn_sdp(False)
            quicken(self._body)
        self._static: StaticDecode | None = None
        if on_gpu if static is None else static:
            self._static = StaticDecode(
                self._step, self._mask, self.device, self.dtype, captured if on_gpu else plainly
            )

    def read(self, portions: Sequence[Portion]) -> None:
        """One pass over all `portions`, each of a segment with a tape of its own. Their tapes hold them afterwards, and their
        segments what was found. Steps of texts being written are a pass of their own over a static cache, where there is one, and
        so is what the first layers alone read."""
        steps = []
        if self._static is not None:
            with torch.inference_mode():
                steps = [portion for portion in portions if self._static.takes(portion)]
                self._static.step(steps)
        rest = [portion for portion in portions if portion not in steps]
        if whole := [portion for portion in rest if not portion.segment.halfway]:
            self._read(whole, self._body)
        if early := [portion for portion in rest if portion.segment.halfway]:
            self._read(early, self._half)

    def warm_up(self) -> None:
        """What a first step of a text takes long for."""
        if self._static is None:
            return
        tape, tree = Tape(), Tree()
        tree.add(ROOT, [0])
        self.read([Portion(Segment(tape, [0], tree), 2)])
        end = tree.add(0, [0])
        self.read([Portion(Segment(tape, tree=tree, start=1, draws=[end]), 1)])
        with torch.inference_mode():
            self._static.warm_up()
        tape.set_back(0)

    def _read(self, portions: Sequence[Portion], body: Any) -> None:
        # Tapes that begin alike stand together: attention reads their beginning once.
        portions = sorted(portions, key=lambda portion: (id(portion.segment.tape.origin), portion.segment.tape.common))
        ranges = [range(s.read, s.read + tokens) for s, tokens in portions]
        parts, first = [], 0
        for (segment, tokens), rows in zip(portions, ranges, strict=True):
            with torch.inference_mode():
                segment.tape.stand_up()
            segment.tape.reserve(segment.left)
            parts.append(Part(segment.tape, range(first, first + tokens), self._mask(segment, rows).to(self.device)))
            first += tokens
        hidden = self._run(
            [token for (segment, _), rows in zip(portions, ranges, strict=True) for token in segment.tokens(rows)],
            [place for (segment, _), rows in zip(portions, ranges, strict=True) for place in segment.positions(rows)],
            parts,
            body,
        )
        for (segment, tokens), rows in zip(portions, ranges, strict=True):
            segment.tape.advance(tokens, segment.text[rows.start : rows.stop])
            segment.read = rows.stop
        shifts = [part.rows.start - rows.start for part, rows in zip(parts, ranges, strict=True)]
        here = [(p.segment, rows, shift) for p, rows, shift in zip(portions, ranges, shifts, strict=True)]
        self._answer_draws(hidden, here)
        self._answer_asked(hidden, here)
        for segment, rows, shift in here:
            for node in segment.ends:
                if (row := segment.row(node)) in rows:
                    segment.hidden[node] = hidden[row + shift].float().cpu()

    def _answer_draws(self, hidden: torch.Tensor, here: "Iterable[_Here]") -> None:
        wanted = [
            (segment, node, row + shift)
            for segment, rows, shift in here
            for node in segment.draws
            if (row := segment.row(node)) in rows
        ]
        if wanted:
            with torch.inference_mode():
                found = self.head.best(hidden[[row for *_, row in wanted]]).tops()
            for (segment, node, _), top in zip(wanted, found, strict=True):
                segment.tops[node] = top

    def _answer_asked(self, hidden: torch.Tensor, here: "Iterable[_Here]") -> None:
        wanted = dict[int, list[tuple[Segment, int, int]]]()
        for segment, rows, shift in here:
            for node, token in dict.fromkeys(segment.asked):
                if (row := segment.row(node)) in rows:
                    wanted.setdefault(row + shift, []).append((segment, node, token))
        order = list(wanted)
        for start in range(0, len(order), ROWS):
            some = order[start : start + ROWS]
            asked = [(i, *one) for i, row in enumerate(some) for one in wanted[row]]
            values = self.head.log_next(hidden[some], [(i, token) for i, _, _, token in asked])
            for (_, segment, node, token), value in zip(asked, values, strict=True):
                segment.found[node, token] = value

    def _mask(self, segment: Segment, rows: range) -> torch.Tensor:
        """Added to the scores of `rows`: [rows, slots from the first that some row does not see to the last]. A text sees what
        is before it; a node sees its ancestors, and the text without what is cut off."""
        texts = len(segment.text[rows.start : rows.stop])
        behind = segment.tape.length - len(segment.tape.tokens)
        first = segment.node(rows.start + texts)
        nodes = range(first, first + len(rows) - texts)
        earlier = max(0, max((segment.tree.cuts[node] for node in nodes), default=0) - texts)
        # Columns: text that was read before, the tree that was, and this pass. Where it has text, no tree was read before it.
        here, ended = earlier + behind, earlier + texts
        seen = torch.zeros(len(rows), here + len(rows), dtype=torch.bool)
        seen[:, :earlier] = True
        seen[:, here : here + texts] = True
        seen[:texts, here : here + texts].tril_()
        for row, node in enumerate(nodes, start=texts):
            parent = segment.tree.parents[node]
            if parent >= first:
                seen[row] = seen[texts + parent - first]
            else:
                seen[row, ended - segment.tree.cuts[node] : ended] = False
                seen[row, [earlier + ancestor for ancestor in segment.tree.path(parent)]] = True
            seen[row, here + row] = True
        blank = torch.zeros(seen.shape, dtype=self.dtype)
        return blank.masked_fill_(~seen, torch.finfo(self.dtype).min)

    def _step(self, tokens: torch.Tensor, positions: torch.Tensor, step: Step) -> torch.Tensor:
        out = self._body(input_ids=tokens[None], position_ids=positions[None], use_cache=False, step=step)
        return self.head.logits(out.last_hidden_state[0])

    def _run(self, tokens: Sequence[int], positions: Sequence[int], parts: Sequence[Part], body: Any) -> torch.Tensor:
        with torch.inference_mode():
            out = body(
                input_ids=torch.tensor([tokens], device=self.device),
                position_ids=torch.tensor([positions], device=self.device),
                use_cache=False,
                parts=parts,
            )
        hidden: torch.Tensor = out.last_hidden_state[0]
        return hidden


_Here = tuple[Segment, range, int]
"""A segment, which of its tokens this pass read, and how many rows further on they stand in it."""
