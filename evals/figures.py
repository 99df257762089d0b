"""How well a number tells when somebody spoke."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conversation.places import told_apart

DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Guess:
    """`score` of one decision point: the higher, the sooner the participant is thought to speak. `calls`: whether the message
    calls the participant."""

    chat: str
    score: float
    spoke: bool
    calls: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """At a bar. Named as in ProactiveBench (arXiv 2410.12361); each is a part (0–1) of all points."""

    correct_speeches: float
    missed_needs: float
    false_alarms: float
    correct_silences: float

    @property
    def balanced_accuracy(self) -> float:
        """NaN where all spoke, or nobody."""
        spoke = self.correct_speeches + self.missed_needs
        silent = self.correct_silences + self.false_alarms
        return (
            (self.correct_speeches / spoke + self.correct_silences / silent) / 2 if spoke and silent else float("nan")
        )


def auc(guesses: Sequence[Guess]) -> float:
    """NaN where all spoke, or nobody."""
    came = [g.score for g in guesses if g.spoke]
    did_not = [g.score for g in guesses if not g.spoke]
    return told_apart(came, did_not) if came and did_not else float("nan")


def average_precision(guesses: Sequence[Guess]) -> float:
    """Points of equal score count together: their order says nothing."""
    by_score: dict[float, list[bool]] = {}
    for guess in guesses:
        by_score.setdefault(guess.score, []).append(guess.spoke)
    total, seen, hits, found = sum(g.spoke for g in guesses), 0, 0, 0.0
    for score in sorted(by_score, reverse=True):
        came = sum(by_score[score])
        seen, hits = seen + len(by_score[score]), hits + came
        found += came / total * hits / seen
    return found


def counts(guesses: Sequence[Guess]) -> Counts:
    """At the bar that speaks as often as the participants did."""
    spoken = sum(g.spoke for g in guesses)
    bar = sorted((g.score for g in guesses), reverse=True)[max(0, spoken - 1)]
    n = len(guesses)

    def part(said: bool, spoke: bool) -> float:
        return sum((g.score >= bar) == said and g.spoke == spoke for g in guesses) / n

    return Counts(part(True, True), part(False, True), part(True, False), part(False, False))


def interval(guesses: Sequence[Guess], measure: Callable[[Sequence[Guess]], float], seed: int) -> tuple[float, float]:
    """The middle 95 % of `measure` when chats are drawn anew with replacement: points of one chat are not independent."""
    rng = random.Random(seed)
    by_chat: dict[str, list[Guess]] = {}
    for guess in guesses:
        by_chat.setdefault(guess.chat, []).append(guess)
    chats = list(by_chat.values())
    drawn = sorted(
        found
        for _ in range(DRAWS)
        if (found := measure([g for chat in rng.choices(chats, k=len(chats)) for g in chat])) == found
    )
    if not drawn:
        return float("nan"), float("nan")
    return drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn))]
