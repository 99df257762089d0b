"""A lesson, after CURIO's second task (arXiv 2504.03206): a student takes things in by stories or by trying them, and the
teacher does not know which. At most ten turns; nothing but the teacher's own close ends it sooner."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from personalization.belief import Chances, tells, updated
from personalization.person import Manners, Said, Traits
from personalization.phrasing import Phrasing, phrased
from personalization.space import Dimension
from personalization.talk import Outcome

STYLES = ("stories", "hands_on")
ACTS: tuple[str, ...] = ("ask", "lead", "story", "practice", "check", "close")
"""Ask which way; suggest that it is hands-on; explain by a story; let them try; ask whether it is clear; end."""
TEACHES = {"story": "stories", "practice": "hands_on"}
TURNS = 10
PIECES = 4
"""Of the lesson; each act of teaching is about the first that is not understood yet."""
FITTING, OTHERWISE = 0.9, 0.45
"""Chance that a piece is understood in the student's own style, and in the other."""
LONG, DRAG, NAG = 6, 0.04, 0.05
"""Turns after which each one takes DRAG off the quality; every question asked again takes NAG."""

TELLS: Mapping[str, Mapping[str, float]] = {
    "ask": {"stories": 0.7, "hands_on": 0.9},
    "story": {"stories": 0.5, "hands_on": 0.35},
    "practice": {"stories": 0.35, "hands_on": 0.5},
    "check": {"stories": 0.1, "hands_on": 0.15},
}
"""Chance that the reply to an act says which style the student has; else it is polite and tells nothing."""
AGREES = {"stories": 0.5, "hands_on": 0.95}
"""To a leading question. Half of those who like stories say yes to please: who asks so hears what they said themselves."""


def reply(act: str, style: str, manners: Manners, phrasing: Phrasing, rng: random.Random) -> Said:
    """What the student answers. `about` is empty where it tells nothing of the style."""
    if rng.random() < manners.off:
        return Said(phrased(rng.choice(phrasing.off), rng), ())
    says = style
    if act == "lead":
        says = "hands_on" if rng.random() < AGREES[style] else style
    elif rng.random() >= TELLS[act][style]:
        return Said(phrased(rng.choice(phrasing.vague), rng), ())
    return Said(phrased(rng.choice(phrasing.of("style", says)), rng), ("style",))


@dataclass
class Lesson:
    """A `Talk` whose acts teach as well as ask."""

    dimension: Dimension
    style: str
    turn: int = 0
    done: bool = False
    understood: int = 0
    beliefs: Chances = field(init=False)
    done_acts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acts = ACTS
        self.truth = self.dimension.index(self.style)
        self.beliefs = self.dimension.prior
        self._told = False

    def belief(self) -> Chances:
        return self.beliefs

    def features(self) -> list[float]:
        counts = [min(3, self.done_acts.count(a)) / 3 for a in ACTS]
        taught = sum(a in TEACHES for a in self.done_acts)
        return [2 * self.beliefs[0] - 1, *counts, taught / PIECES, self.turn / TURNS, float(self._told)]

    def step(self, act: int, rng: random.Random) -> str | None:
        assert not self.done
        self.turn += 1
        name = ACTS[act]
        if name == "close":
            self.done = True
            return None
        self.done_acts.append(name)
        if name in TEACHES and self.understood < PIECES:
            self.understood += rng.random() < (FITTING if TEACHES[name] == self.style else OTHERWISE)
        self.done = self.turn == TURNS
        return name

    def hear(self, read: Mapping[str, Sequence[float]]) -> None:
        self.beliefs = updated(self.beliefs, read["style"], self.dimension.floor)
        self._told = tells(read["style"])

    def outcome(self) -> Outcome:
        """`success`: three of four acts of teaching were in the student's style. `quality`: what was understood, less what
        dragged."""
        taught = [TEACHES[a] for a in self.done_acts if a in TEACHES]
        fitting = sum(t == self.style for t in taught)
        again = sum(max(0, self.done_acts.count(a) - 1) for a in ("ask", "lead", "check"))
        drag = DRAG * max(0, self.turn - LONG) + NAG * again
        return Outcome(bool(taught) and fitting >= 0.75 * len(taught), max(0.0, self.understood / PIECES - drag))

    @property
    def question(self) -> str:
        """The last act, by its name."""
        return self.done_acts[-1]

    @property
    def questions(self) -> int:
        return sum(a in ("ask", "lead", "check") for a in self.done_acts)


def style_of(traits: Traits) -> str:
    return traits["style"]
