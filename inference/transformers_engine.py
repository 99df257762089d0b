"""A transformers model in this process: what `LanguageModel` promises, without asyncio, for one caller at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from inference.forward import Check, Forward
from inference.options import Choice, Path, choice, probabilities
from inference.prompt import Prompt
from inference.protocol import Ask, Continuation, Judged, ModelError, Proposals, Ratings, Reading, Readings, Usage
from inference.rendering import EMPTY_PROMPT, Renderer, Tokens, joined
from inference.sampling import draw, generator, vocabulary
from inference.tape import Tape, Tapes, shared_length
from inference.tree import ROOT, Tree

_ROWS = 128
"""Rows of the output matrix worked out at once: 128 × 150,000 floats are 77 MB. Fewer would read the matrix, and turn it to
float32, again and again: that takes longer than 64 rows of it."""


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question after one branch; `nodes[prefix]` is where the model has read the stem and `prefix`."""

    choice: Choice
    nodes: dict[Path, int]


def _rated(asked: _Asked, found: dict[tuple[int, int], float]) -> tuple[tuple[float, ...], float]:
    return probabilities(asked.choice, lambda prefix, token: found[asked.nodes[prefix], token])


class LocalModel:
    """`check` is called between forward passes, a token each while sampling, and raises to cancel; whatever was read until
    then is kept for the next call."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._forward = Forward(model)
        self.renderer = Renderer(tokenizer)
        self._vocabulary = vocabulary(tokenizer, model)
        self._tapes = Tapes(self._forward.layers)

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
        rendered = self.renderer.render(prompt)
        tree = Tree()
        asked = [
            [self._ask(tree, end, pending, question, options) for question in questions]
            for end, pending in (self._branch(tree, rendered.pending, branch) for branch in branches)
        ]
        self._must_fit(len(rendered.tokens) + 1 + max(tree.depths, default=0))
        with self._opened(rendered.tokens, check) as opened:
            hidden = self._forward.tree(opened.tape, tree, 0, check)
            wanted = [
                (a.nodes[path[:n]], token)
                for row in asked
                for a in row
                for path in a.choice.paths
                for n, token in enumerate(path)
            ]
            found = self._log_next(opened, hidden, wanted, check)
        rows = [[_rated(a, found) for a in row] for row in asked]
        return Ratings(
            tuple(tuple(distribution for distribution, _ in row) for row in rows),
            tuple(tuple(mass for _, mass in row) for row in rows),
            "logits",
            opened.usage + Usage(prompt=len(tree)),
        )

    def judge(self, asks: Sequence[Ask], check: Check = never_stops) -> Judged:
        rated = [self.rate(a.prompt, a.branches, a.questions, a.options, check) for a in asks]
        read = [self.read(a.prompt, a.branches[: a.read], check) if a.read else Readings((), Usage()) for a in asks]
        usage = sum((r.usage for r in rated), Usage()) + sum((r.usage for r in read), Usage())
        return Judged(tuple(rated), tuple(r.readings for r in read), usage)

    def read(self, prompt: Prompt, branches: Sequence[str], check: Check = never_stops) -> Readings:
        rendered = self.renderer.render(prompt)
        spelled = [self.renderer.plain(joined(rendered.pending, branch)[0]) for branch in branches]
        given, states, usage = self._spell(rendered.tokens, spelled, check)
        alone, _, more = self._spell(self.renderer.render(EMPTY_PROMPT).tokens, spelled, check)
        readings = tuple(
            Reading(g, a, len(tokens), tuple(state.tolist()))
            for g, a, tokens, state in zip(given, alone, spelled, states, strict=True)
        )
        return Readings(readings, usage + more)

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

    def _branch(self, tree: Tree, pending: str, branch: str) -> tuple[int, str]:
        text, pending = joined(pending, branch)
        return tree.add(ROOT, self.renderer.plain(text)), pending

    def _ask(self, tree: Tree, end: int, pending: str, question: str, options: Sequence[str]) -> _Asked:
        whole = question if question[:1].isspace() else pending + question
        asked = choice([self.renderer.plain(whole + option) for option in options])
        stem = tree.add(end, asked.stem)
        return _Asked(asked, {prefix: tree.graft(stem, prefix) for prefix in asked.inner})

    def _rows(self, opened: _Opened, hidden: torch.Tensor, nodes: Sequence[int]) -> torch.Tensor:
        """Hidden states of `nodes`, ROOT among them; [nodes, hidden]."""
        return torch.cat([opened.last, hidden])[[node + 1 for node in nodes]]

    def _log_next(
        self, opened: _Opened, hidden: torch.Tensor, wanted: Sequence[tuple[int, int]], check: Check
    ) -> dict[tuple[int, int], float]:
        """For each (node, token), the natural log-probability that `token` comes after `node`."""
        tokens_after = dict[int, list[int]]()
        for node, token in dict.fromkeys(wanted):
            tokens_after.setdefault(node, []).append(token)
        nodes = list(tokens_after)
        found = dict[tuple[int, int], float]()
        for start in range(0, len(nodes), _ROWS):
            check()
            some = nodes[start : start + _ROWS]
            rows = self._forward.log_probabilities(self._rows(opened, hidden, some))
            for node, row in zip(some, rows, strict=True):
                tokens = tokens_after[node]
                found.update(zip(((node, t) for t in tokens), row[tokens].tolist(), strict=True))
        return found

    def _spell(
        self, prefix: Sequence[int], spelled: Sequence[Tokens], check: Check
    ) -> tuple[list[float], torch.Tensor, Usage]:
        """Summed log-probability of each text after `prefix`, the hidden states at their ends, [texts, hidden], and what it
        took."""
        tree = Tree()
        chains = [self._chain(tree, tokens) for tokens in spelled]
        self._must_fit(len(prefix) + max(map(len, spelled), default=0))
        with self._opened(prefix, check) as opened:
            hidden = self._forward.tree(opened.tape, tree, 0, check)
            pairs = [list(zip(chain, tokens, strict=False)) for chain, tokens in zip(chains, spelled, strict=True)]
            found = self._log_next(opened, hidden, [pair for chain in pairs for pair in chain], check)
            ends = self._rows(opened, hidden, [chain[-1] for chain in chains])
        sums = [sum(found[pair] for pair in chain) for chain in pairs]
        return sums, ends.float().cpu(), opened.usage + Usage(prompt=len(tree))

    @staticmethod
    def _chain(tree: Tree, tokens: Tokens) -> list[int]:
        """ROOT and the nodes of `tokens` after it."""
        chain = [ROOT]
        for token in tokens:
            chain.append(tree.add(chain[-1], (token,)))
        return chain
