"""Asks laid out as one tree over what their prompts share: which node answers what. Pure; the model comes later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inference.options import Choice, Path, choice, probabilities
from inference.protocol import Ask, Ratings, Usage
from inference.rendering import Rendered, Renderer, Tokens, joined
from inference.tree import ROOT, Tree, shared_length

Pair = tuple[int, int]
"""A node and a token that may come after it."""
Found = Mapping[Pair, float]
"""The natural log-probability of each pair's token."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question after one branch; `nodes[prefix]` is where the model has read the stem and `prefix`."""

    choice: Choice
    nodes: Mapping[Path, int]

    def pairs(self) -> Iterator[Pair]:
        return ((self.nodes[path[:n]], token) for path in self.choice.paths for n, token in enumerate(path))

    def rated(self, found: Found) -> tuple[tuple[float, ...], float]:
        return probabilities(self.choice, lambda prefix, token: found[self.nodes[prefix], token])


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text token by token: `chain` is the node before the first, then that of each."""

    tokens: Tokens
    chain: tuple[int, ...]

    @property
    def end(self) -> int:
        return self.chain[-1]

    def pairs(self) -> Iterator[Pair]:
        return zip(self.chain, self.tokens, strict=False)

    def total(self, found: Found) -> float:
        return sum(found[pair] for pair in self.pairs())


@dataclass(frozen=True, slots=True)
class Asked:
    """One ask in the tree: `questions[branch][question]`, and the branches that are read."""

    questions: tuple[tuple[Question, ...], ...]
    read: tuple[Spelled, ...]

    def pairs(self) -> Iterator[Pair]:
        for row in self.questions:
            for question in row:
                yield from question.pairs()
        for spelled in self.read:
            yield from spelled.pairs()

    def ratings(self, found: Found, usage: Usage) -> Ratings:
        rows = [[question.rated(found) for question in row] for row in self.questions]
        return Ratings(
            tuple(tuple(distribution for distribution, _ in row) for row in rows),
            tuple(tuple(mass for _, mass in row) for row in rows),
            "logits",
            usage,
        )


def lay_out(tree: Tree, rendered: Rendered, trunk: Tokens, ask: Ask, renderer: Renderer) -> Asked:
    """Put `ask` into `tree`, which hangs on `trunk`. Whatever tokens it has in common with what is there already, it shares."""
    start = hang(tree, rendered.tokens, trunk)
    questions, read = [], []
    for n, branch in enumerate(ask.branches):
        text, pending = joined(rendered.pending, branch)
        spelled = spell(tree, start, renderer.plain(text))
        if n < ask.read:
            read.append(spelled)
        questions.append(tuple(_question(tree, spelled.end, pending, q, ask.options, renderer) for q in ask.questions))
    return Asked(tuple(questions), tuple(read))


def hang(tree: Tree, tokens: Tokens, trunk: Tokens) -> int:
    """The node at which `tokens` end, which begin as `trunk` does: ROOT where they are all of it. Else one of them at least
    hangs on the tree, for nothing is known of what comes after an earlier token of the trunk."""
    if tokens == trunk:
        return ROOT
    shared = min(shared_length(trunk, tokens), len(tokens) - 1)
    return tree.graft(ROOT, tokens[shared:], len(trunk) - shared)


def spell(tree: Tree, start: int, tokens: Tokens) -> Spelled:
    chain = [start]
    for token in tokens:
        chain.append(tree.graft(chain[-1], (token,)))
    return Spelled(tokens, tuple(chain))


def _question(
    tree: Tree, end: int, pending: str, question: str, options: Sequence[str], renderer: Renderer
) -> Question:
    whole = question if question[:1].isspace() else pending + question
    asked = choice([renderer.plain(whole + option) for option in options])
    stem = tree.graft(end, asked.stem)
    return Question(asked, {prefix: tree.graft(stem, prefix) for prefix in asked.inner})
