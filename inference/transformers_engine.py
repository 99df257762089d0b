"""A transformers model in this process: what `LanguageModel` promises, without asyncio, for one caller at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch

from inference.asked import Asked, Found, Pair, Spelled, lay_out, spell
from inference.forward import Check, Forward
from inference.prompt import Prompt
from inference.protocol import Ask, Continuation, Judged, ModelError, Proposals, Ratings, Reading, Readings, Usage
from inference.rendering import EMPTY_PROMPT, Renderer, Tokens
from inference.sampling import draw, generator, vocabulary
from inference.tape import Tape, Tapes, shared_length
from inference.tree import ROOT, Tree

_ROWS = 128
"""Rows of the output matrix worked out at once: 128 × 150,000 floats are 77 MB. Fewer would read the matrix, and turn it to
float32, again and again: that takes longer than 64 rows of it."""
_REMEMBERED = 4096
"""Texts whose log-probability without the talk is kept: a thought that comes back is not read alone again."""


def never_stops() -> None:
    """A `check` for calls that nobody cancels."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A prompt that was read: its tape, the hidden state of its last token [1, hidden], and what reading it took."""

    tape: Tape
    last: torch.Tensor
    usage: Usage


@dataclass
class _Branch:
    """A text being sampled after node `end`."""

    end: int
    rng: torch.Generator
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)


class LocalModel:
    """`check` is called between forward passes, a token each while sampling, and raises to cancel; whatever was read until
    then is kept for the next call."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._forward = Forward(model)
        self.renderer = Renderer(tokenizer)
        self._vocabulary = vocabulary(tokenizer, model)
        self._tapes = Tapes(self._forward.layers)
        self._remembered: dict[Tokens, float] = {}

    def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, check: Check = never_stops) -> Proposals:
        if not prompts:
            return Proposals((), Usage())
        rendered = [self.renderer.render(prompt).tokens for prompt in prompts]
        shared = min(shared_length(rendered[0], tokens) for tokens in rendered)
        self._must_fit(max(map(len, rendered)) + limit)
        with self._opened(rendered[0][:shared], check) as opened:
            tree = Tree()
            ends = [tree.graft(ROOT, tokens[shared:]) for tokens in rendered]
            read = len(tree)
            hidden = self._rows(opened, self._forward.tree(opened.tape, tree, 0, check), ends)
            branches = [_Branch(end, generator(seed, i)) for i, end in enumerate(ends)]
            live, sampled = branches, 0
            for left in range(limit, 0, -1):
                check()
                logits = self._forward.quick_logits(hidden)
                sampled += len(live)
                live = [b for b, row in zip(live, logits, strict=True) if self._grow(b, row, one_line=True)]
                if not live or left == 1:
                    break
                start = len(tree)
                for branch in live:
                    branch.end = tree.add(branch.end, branch.tokens[-1:])
                hidden = self._forward.tree(opened.tape, tree, start, check)
        return Proposals(
            tuple(Continuation(self._line(b.tokens), tuple(b.logprobs)) for b in branches),
            opened.usage + Usage(prompt=read, generated=sampled),
        )

    def stream(self, prompt: Prompt, limit: int, seed: int, check: Check = never_stops) -> Iterator[str]:
        """Pieces of valid text. Closing the iterator, or `check` raising, gives the tape back."""
        tokens = self.renderer.render(prompt).tokens
        self._must_fit(len(tokens) + limit)
        with self._opened(tokens, check) as opened:
            tree, branch, sent = Tree(), _Branch(ROOT, generator(seed, 0)), ""
            hidden = opened.last
            for left in range(limit, 0, -1):
                check()
                if not self._grow(branch, self._forward.quick_logits(hidden)[0], one_line=False):
                    break
                text = self._text(branch.tokens).lstrip()
                if len(text) > len(sent):
                    yield text[len(sent) :]
                    sent = text
                if left == 1:
                    break
                start = len(tree)
                branch.end = tree.add(branch.end, branch.tokens[-1:])
                hidden = self._forward.tree(opened.tape, tree, start, check)

    def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        check: Check = never_stops,
    ) -> Ratings:
        return self.judge([Ask(prompt, tuple(branches), tuple(questions), tuple(options))], check).ratings[0]

    def read(self, prompt: Prompt, branches: Sequence[str], check: Check = never_stops) -> Readings:
        judged = self.judge([Ask(prompt, tuple(branches), (), (), read=len(branches))], check)
        assert judged.readings[0] is not None
        return Readings(judged.readings[0], judged.usage)

    def judge(self, asks: Sequence[Ask], check: Check = never_stops) -> Judged:
        """All `asks` as one tree over what their prompts share."""
        if not asks:
            return Judged((), (), Usage())
        rendered = [self.renderer.render(ask.prompt) for ask in asks]
        shared = min(shared_length(rendered[0].tokens, r.tokens) for r in rendered)
        tree = Tree()
        asked = [lay_out(tree, r, shared, ask, self.renderer) for r, ask in zip(rendered, asks, strict=True)]
        read = [spelled for one in asked for spelled in one.read]
        found, states, usage = self._answered(rendered[0].tokens[:shared], tree, asked, read, check)
        alone, more = self._alone([spelled.tokens for spelled in read], check)
        readings = iter(
            Reading(spelled.total(found), alone[spelled.tokens], len(spelled.tokens), tuple(state.tolist()))
            for spelled, state in zip(read, states, strict=True)
        )
        usage += more
        return Judged(
            # Nobody can say which ask a shared token is for: the first carries what all took.
            tuple(one.ratings(found, usage if i == 0 else Usage()) for i, one in enumerate(asked)),
            tuple(tuple(islice(readings, len(one.read))) for one in asked),
            usage,
        )

    def _answered(
        self, prefix: Sequence[int], tree: Tree, asked: Sequence[Asked], read: Sequence[Spelled], check: Check
    ) -> tuple[Found, torch.Tensor, Usage]:
        """What comes after the nodes of `tree`, the hidden states at the ends of `read`, [texts, hidden], and what it took."""
        self._must_fit(len(prefix) + 1 + max(tree.depths, default=0))
        with self._opened(prefix, check) as opened:
            hidden = self._forward.tree(opened.tape, tree, 0, check)
            found = self._log_next(opened, hidden, [pair for one in asked for pair in one.pairs()], check)
            ends = self._rows(opened, hidden, [spelled.end for spelled in read])
        return found, ends.float().cpu(), opened.usage + Usage(prompt=len(tree))

    def _alone(self, texts: Sequence[Tokens], check: Check) -> tuple[dict[Tokens, float], Usage]:
        """Summed log-probability of each text after the empty prompt, remembered from earlier calls where it can be."""
        unknown = [tokens for tokens in dict.fromkeys(texts) if tokens not in self._remembered]
        usage = Usage()
        if unknown:
            tree = Tree()
            asked = Asked((), tuple(spell(tree, ROOT, tokens) for tokens in unknown))
            empty = self.renderer.render(EMPTY_PROMPT).tokens
            found, _, usage = self._answered(empty, tree, [asked], (), check)
            self._remembered |= {spelled.tokens: spelled.total(found) for spelled in asked.read}
        alone = {tokens: self._remembered.pop(tokens) for tokens in dict.fromkeys(texts)}
        self._remembered |= alone
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return alone, usage

    @contextmanager
    def _opened(self, tokens: Sequence[int], check: Check) -> Iterator[_Opened]:
        """A tape that holds exactly `tokens`, and is set back to them at the end."""
        assert tokens
        # The last token is always read again: its hidden state is not kept, and everything starts from it.
        tape = self._tapes.take(tokens[:-1])
        cached = tape.length
        try:
            last = self._forward.text(tape, tokens[cached:], check)
            yield _Opened(tape, last, Usage(prompt=len(tokens) - cached, cached=cached))
        except torch.OutOfMemoryError as error:
            self._tapes.clear()
            raise ModelError(f"no memory left to read {len(tokens)} tokens") from error
        finally:
            tape.set_back(len(tokens))
            self._tapes.trim()

    def _must_fit(self, tokens: int) -> None:
        if tokens > self._forward.context:
            raise ModelError(
                f"the prompt and its answers take {tokens} tokens, the model reads {self._forward.context}"
            )

    def _grow(self, branch: _Branch, logits: torch.Tensor, *, one_line: bool) -> bool:
        """Sample one more token. False when it ended the text; an ending token is not part of it."""
        forbidden = self._vocabulary.never
        if not self.renderer.decode(branch.tokens).strip():
            # Small models like to open with empty lines, which would end the text before it began.
            forbidden = forbidden | self._vocabulary.breaks
        token, logprob = draw(logits, forbidden, branch.rng)
        if token in self._vocabulary.ends:
            return False
        breaks = bool(self._vocabulary.breaks[token])
        if one_line and breaks and not self.renderer.decode([token]).split("\n")[0]:
            return False
        branch.tokens.append(token)
        branch.logprobs.append(logprob)
        return not (one_line and breaks)

    def _line(self, tokens: Sequence[int]) -> str:
        return self._text(tokens).split("\n")[0].strip()

    def _text(self, tokens: Sequence[int]) -> str:
        """Half a character decodes to a replacement mark until its other half is there, which may be never."""
        return self.renderer.decode(tokens).replace("\ufffd", "")

    def _rows(self, opened: _Opened, hidden: torch.Tensor, nodes: Sequence[int]) -> torch.Tensor:
        """Hidden states of `nodes`, ROOT among them; [nodes, hidden]."""
        return torch.cat([opened.last, hidden])[[node + 1 for node in nodes]]

    def _log_next(self, opened: _Opened, hidden: torch.Tensor, wanted: Sequence[Pair], check: Check) -> Found:
        """For each (node, token), the natural log-probability that `token` comes after `node`."""
        tokens_after = dict[int, list[int]]()
        for node, token in dict.fromkeys(wanted):
            tokens_after.setdefault(node, []).append(token)
        nodes = list(tokens_after)
        found = dict[Pair, float]()
        for start in range(0, len(nodes), _ROWS):
            check()
            some = nodes[start : start + _ROWS]
            pairs = [(row, token) for row, node in enumerate(some) for token in tokens_after[node]]
            values = self._forward.log_next(self._rows(opened, hidden, some), pairs)
            found.update(zip(((some[row], token) for row, token in pairs), values, strict=True))
        return found
