"""What `LanguageModel` promises, as jobs: each says what it wants read, and works with what was found there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice

import torch

from inference.asked import Asked, hang, lay_out, spell
from inference.prompt import Prompt
from inference.protocol import (
    Ask,
    Continuation,
    Encodings,
    Judged,
    ModelError,
    Proposals,
    Ratings,
    Reading,
    Readings,
    Usage,
)
from inference.rendering import EMPTY_PROMPT, Rendered, Renderer, Tokens
from inference.sampling import Top, Vocabulary, begins_another, draw, generator
from inference.segment import Job, Segment
from inference.tape import Tape
from inference.tapes import Tapes
from inference.tree import ROOT, Tree

_REMEMBERED = 4096
"""Texts whose log-probability without the talk is kept: a thought that comes back is not read alone again."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A tape that is to hold a text, and the end of that text that it does not hold yet, one token at least."""

    tape: Tape
    rest: Sequence[int]
    usage: Usage


@dataclass
class _Branch:
    """A text being sampled after node `end`; `text`: what its tokens spell, which is asked for at every step."""

    end: int
    rng: torch.Generator
    text: str = ""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)


class Jobs:
    """`context`: tokens that the model reads at most."""

    def __init__(self, renderer: Renderer, vocabulary: Vocabulary, tapes: Tapes, context: int) -> None:
        self.renderer = renderer
        self._vocabulary = vocabulary
        self._opening = vocabulary.never | vocabulary.breaks
        self._tapes = tapes
        self._context = context
        self._remembered: dict[Tokens, float] = {}

    def propose(self, prompts: Sequence[Prompt], limit: int, seed: int) -> Job[Proposals]:
        if not prompts:
            return Proposals((), Usage())
        rendered = [self.renderer.render(prompt) for prompt in prompts]
        self._must_fit(max(len(r.tokens) for r in rendered) + limit)
        with self._opened(rendered[0]) as opened:
            tree, trunk = Tree(), rendered[0].tokens
            branches = [_Branch(hang(tree, r.tokens, trunk), generator(seed, i)) for i, r in enumerate(rendered)]
            usage = opened.usage + Usage(prompt=len(tree))
            segment = Segment(opened.tape, opened.rest, tree, draws=[b.end for b in branches])
            live, sampled = branches, 0
            for left in range(limit, 0, -1):
                yield (segment,)
                sampled += len(live)
                live = [b for b in live if self._grow(b, segment.tops[b.end], one_line=True)]
                if not live or left == 1:
                    break
                segment = _next_step(opened.tape, tree, live)
        texts = (Continuation(_whole(b.text).split("\n")[0].strip(), tuple(b.logprobs)) for b in branches)
        return Proposals(tuple(texts), usage + Usage(generated=sampled))

    def stream(self, prompt: Prompt, limit: int, seed: int, say: Callable[[str, Usage], None]) -> Job[None]:
        """`say` is called with each piece of valid text and what it took since the one before; at the end, where tokens were
        read or drawn for none, with an empty one."""
        rendered = self.renderer.render(prompt)
        self._must_fit(len(rendered.tokens) + limit)
        with self._opened(rendered) as opened:
            tree, branch, sent = Tree(), _Branch(ROOT, generator(seed, 0)), ""
            segment, unsaid = Segment(opened.tape, opened.rest, draws=(ROOT,)), opened.usage
            for left in range(limit, 0, -1):
                yield (segment,)
                unsaid += Usage(generated=1)
                if not self._grow(branch, segment.tops[branch.end], one_line=False):
                    break
                text = _whole(branch.text).lstrip()
                if len(text) > len(sent):
                    say(text[len(sent) :], unsaid)
                    sent, unsaid = text, Usage()
                if left == 1:
                    break
                segment = _next_step(opened.tape, tree, [branch])
            if unsaid != Usage():
                say("", unsaid)

    def rate(
        self, prompt: Prompt, branches: Sequence[str], questions: Sequence[str], options: Sequence[str]
    ) -> Job[Ratings]:
        judged = yield from self.judge([Ask(prompt, tuple(branches), tuple(questions), tuple(options))])
        return judged.ratings[0]

    def read(self, prompt: Prompt, branches: Sequence[str]) -> Job[Readings]:
        judged = yield from self.judge([Ask(prompt, tuple(branches), (), (), read=len(branches))])
        assert judged.readings[0] is not None
        return Readings(judged.readings[0], judged.usage)

    def encode(self, prompt: Prompt, branches: Sequence[str]) -> Job[Encodings]:
        if not branches:
            return Encodings((), Usage())
        rendered, tree = self.renderer.render(prompt), Tree()
        ask = Ask(prompt, tuple(branches), (), (), read=len(branches))
        # The last token of the prompt is part of the tree: what is read in the first layers alone must not stay on the tape.
        trunk = rendered.tokens[:-1]
        ends = [s.end for s in lay_out(tree, rendered, trunk, ask, self.renderer).read]
        self._must_fit(len(rendered.tokens) + max(tree.depths))
        with self._opened(rendered) as opened:
            if text := opened.rest[:-1]:
                yield (Segment(opened.tape, text),)
            segment = Segment(opened.tape, tree=tree, ends=ends, halfway=True)
            yield (segment,)
            states = tuple(tuple(segment.hidden[end].tolist()) for end in ends)
        return Encodings(states, opened.usage + Usage(prompt=len(tree) - 1))

    def judge(self, asks: Sequence[Ask]) -> Job[Judged]:
        """All `asks` as one tree over the prompt of the first, and beside it, in the same pass, what the texts that are read are
        without the talk."""
        if not asks:
            return Judged((), (), Usage())
        rendered = [self.renderer.render(ask.prompt) for ask in asks]
        tree, trunk = Tree(), rendered[0].tokens
        asked = [lay_out(tree, r, trunk, ask, self.renderer) for r, ask in zip(rendered, asks, strict=True)]
        self._must_fit(len(trunk) + 1 + max(tree.depths, default=0))
        read = [spelled for one in asked for spelled in one.read]
        unknown = [s.tokens for s in read if s.tokens not in self._remembered]
        with ExitStack() as stack:
            opened = stack.enter_context(self._opened(rendered[0]))
            pairs = [pair for one in asked for pair in one.pairs()]
            talk = Segment(opened.tape, opened.rest, tree, asked=pairs, ends=[s.end for s in read])
            usage = opened.usage + Usage(prompt=len(tree))
            if unknown:
                empty = self.renderer.render(EMPTY_PROMPT)
                opened = stack.enter_context(self._opened(empty))
                bare = Tree()
                apart = Asked((), tuple(spell(bare, ROOT, tokens) for tokens in dict.fromkeys(unknown)))
                alone = Segment(opened.tape, opened.rest, bare, asked=list(apart.pairs()))
                usage += opened.usage + Usage(prompt=len(bare))
                yield talk, alone
                self._remembered |= {s.tokens: s.total(alone.found) for s in apart.read}
            else:
                yield (talk,)
        without = self._recalled([s.tokens for s in read])
        readings = iter(
            Reading(s.total(talk.found), without[s.tokens], len(s.tokens), tuple(talk.hidden[s.end].tolist()))
            for s in read
        )
        return Judged(
            # Nobody can say which ask a shared token is for: the first carries what all took.
            tuple(one.ratings(talk.found, usage if i == 0 else Usage()) for i, one in enumerate(asked)),
            tuple(tuple(islice(readings, len(one.read))) for one in asked),
            usage,
        )

    def _recalled(self, texts: Sequence[Tokens]) -> dict[Tokens, float]:
        """What is remembered of `texts`, which is used now and so forgotten last."""
        found = {tokens: self._remembered.pop(tokens) for tokens in dict.fromkeys(texts)}
        self._remembered |= found
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return found

    @contextmanager
    def _opened(self, rendered: Rendered) -> Iterator[_Opened]:
        """A tape for `rendered`; it is given back at the end with as much of it as was read by then."""
        assert rendered.tokens
        # The last token is always read again: its hidden state is not kept, and everything starts from it.
        tape = self._tapes.take(rendered.tokens[:-1])
        cached = tape.length
        try:
            yield _Opened(tape, rendered.tokens[cached:], Usage(prompt=len(rendered.tokens) - cached, cached=cached))
        finally:
            self._tapes.give_back(tape, rendered.head)

    def _must_fit(self, tokens: int) -> None:
        if tokens > self._context:
            raise ModelError(f"the prompt and its answers take {tokens} tokens, the model reads {self._context}")

    def _grow(self, branch: _Branch, top: Top, *, one_line: bool) -> bool:
        """Sample one more token. False when it ended the text; an ending token is not part of it."""
        # Small models like to open with empty lines, which would end the text before it began.
        opened = bool(branch.text.strip())
        token, logprob = draw(top, self._vocabulary.never if opened else self._opening, branch.rng)
        if token in self._vocabulary.ends:
            return False
        breaks = bool(self._vocabulary.breaks[token])
        if one_line and breaks and not self.renderer.decode([token]).split("\n")[0]:
            return False
        longer = self.renderer.decode([*branch.tokens, token])
        if one_line and begins_another(branch.text, longer[len(branch.text) :]):
            return False
        branch.text = longer
        branch.tokens.append(token)
        branch.logprobs.append(logprob)
        return not (one_line and breaks)


def _whole(text: str) -> str:
    """Half a character decodes to a replacement mark until its other half is there, which may be never."""
    return text.replace("\ufffd", "")


def _next_step(tape: Tape, tree: Tree, live: Sequence[_Branch]) -> Segment:
    """The last token of each text in the tree, to draw the next after it."""
    start = len(tree)
    for branch in live:
        branch.end = tree.add(branch.end, branch.tokens[-1:])
    return Segment(tape, tree=tree, start=start, draws=[branch.end for branch in live])
