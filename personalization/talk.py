"""A talk with a simulated person, one act a turn: what training and measuring play through. The policy sees only features of what
is believed; what the person is decides what they say."""

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from personalization import exercise
from personalization.belief import Chances, tells, updated
from personalization.curiosity import entropy
from personalization.manner import UNKNOWN, messier
from personalization.person import Traits
from personalization.space import Space
from personalization.wording import put

ACT = "act"
"""Ends the talk with what is best on the belief: a recommendation, a reply in the form believed to be liked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`success`: whether it was right; `quality`: how good it was for this person, 0–1."""

    success: bool
    quality: float


@dataclass(frozen=True, slots=True)
class Task:
    """What there is to find out. `matter`: the dimensions that the type depends on; `kinds`: names of the types; `kind` of a
    person; `chances` of each type on beliefs of `matter`; `asks`: dimensions that may be asked about."""

    name: str
    space: Space
    matter: tuple[str, ...]
    asks: tuple[str, ...]
    turns: int
    kinds: tuple[str, ...]
    kind: Callable[[Traits], int]
    chances: Callable[[Mapping[str, Chances]], Chances]
    quality: Callable[[int, int], float]

    @property
    def acts(self) -> tuple[str, ...]:
        return (*self.asks, ACT)


def exercise_task(space: Space) -> Task:
    return Task(
        name="exercise",
        space=space,
        matter=exercise.MATTER,
        asks=tuple(d.name for d in space.dimensions),
        turns=exercise.TURNS,
        kinds=tuple(str(n + 1) for n in range(exercise.PLANS)),
        kind=lambda traits: exercise.plan(traits) - 1,
        chances=exercise.plan_chances,
        quality=lambda chosen, right: float(chosen == right),
    )


FORM = ("length", "formality", "humour", "directness")


def preferences_task(space: Space) -> Task:
    """The form of a reply: one type for each combination of the values of FORM. Its quality is the part that is right."""
    dimensions = [space.dimension(name) for name in FORM]
    combinations = list(itertools.product(*(range(len(d.values)) for d in dimensions)))

    def kind(traits: Traits) -> int:
        return combinations.index(tuple(d.index(traits[d.name]) for d in dimensions))

    def chances(beliefs: Mapping[str, Chances]) -> Chances:
        return tuple(math.prod(beliefs[n][i] for n, i in zip(FORM, c, strict=True)) for c in combinations)

    def quality(chosen: int, right: int) -> float:
        same = [a == b for a, b in zip(combinations[chosen], combinations[right], strict=True)]
        return sum(same) / len(same)

    names = tuple("-".join(d.values[i] for d, i in zip(dimensions, c, strict=True)) for c in combinations)
    asks = tuple(d.name for d in space.dimensions)
    return Task("preferences", space, FORM, asks, 6, names, kind, chances, quality)


def foreseen(task: Task, beliefs: Mapping[str, Chances]) -> list[tuple[float, float]]:
    """Of each dimension of `matter`, were its value known: by how much the entropy of the type would fall (nats), and the
    chance of
    its likeliest type rise, on average."""
    now = task.chances(beliefs)
    unsure, top = entropy(now), max(now)
    found = []
    for name, chances in beliefs.items():
        known = [tuple(float(i == j) for j in range(len(chances))) for i in range(len(chances))]
        after = [task.chances({**beliefs, name: k}) for k in known]
        left = sum(c * entropy(a) for c, a in zip(chances, after, strict=True))
        best = sum(c * max(a) for c, a in zip(chances, after, strict=True))
        found.append((unsure - left, best - top))
    return found


class Talk(Protocol):
    """`acts` by number. `features` is what a policy sees. `step` plays an act and returns its number of the reply's kind, or
    None where it ended the talk; then `question` has the words of the act, and `hear` takes what was read from the reply."""

    acts: tuple[str, ...]
    truth: int
    turn: int
    done: bool

    @property
    def questions(self) -> int: ...
    @property
    def question(self) -> str: ...
    def features(self) -> list[float]: ...
    def belief(self) -> Chances: ...
    def step(self, act: int, rng: random.Random) -> str | None: ...
    def hear(self, read: Mapping[str, Sequence[float]]) -> None: ...
    def outcome(self) -> Outcome: ...


@dataclass
class AskingTalk:
    """Questions, then the act. `step` returns the dimension asked about, and `question` how it was put. `messy`: the chance
    that this person answers messily."""

    task: Task
    traits: Traits
    beliefs: dict[str, Chances] = field(init=False)
    asked: dict[str, int] = field(init=False)
    messy: float = UNKNOWN
    turn: int = 0
    done: bool = False

    def __post_init__(self) -> None:
        self.beliefs = {name: self.task.space.dimension(name).prior for name in self.task.matter}
        self.asked = dict.fromkeys(self.task.asks, 0)
        self.acts = self.task.acts
        self.truth = self.task.kind(self.traits)
        self._told = False
        self._last = ""

    def belief(self) -> Chances:
        return self.task.chances(self.beliefs)

    def features(self) -> list[float]:
        """Beliefs, what an honest answer to each question that matters would tell and better (`foreseen`), how often each
        question was asked,
        the chances of the types, the turn, how messily the person answers, and whether the last reply told anything; each about
        −1 to 1."""
        own = [math.log(c / b[-1]) / 5 for b in self.beliefs.values() for c in b[:-1]]
        told = [x for pair in foreseen(self.task, self.beliefs) for x in pair]
        asked = [min(n, 2) / 2 for n in self.asked.values()]
        return [*own, *told, *asked, *self.belief(), self.turn / self.task.turns, self.messy, float(self._told)]

    def step(self, act: int, rng: random.Random) -> str | None:
        """The last turn is the act's, whatever was chosen."""
        assert not self.done
        self.turn += 1
        if self.acts[act] == ACT or self.turn == self.task.turns:
            self.done = True
            return None
        self._last = self.acts[act]
        self.asked[self._last] += 1
        return self._last

    def hear(self, read: Mapping[str, Sequence[float]]) -> None:
        if self._last in self.beliefs:
            self.messy = messier(self.messy, read[self._last])
        for name in self.beliefs:
            floor = self.task.space.dimension(name).floor
            self.beliefs[name] = updated(self.beliefs[name], read[name], floor)
        self._told = any(tells(read[name]) for name in self.beliefs)

    def outcome(self) -> Outcome:
        belief = self.belief()
        chosen = max(range(len(belief)), key=belief.__getitem__)
        return Outcome(chosen == self.truth, self.task.quality(chosen, self.truth))

    @property
    def question(self) -> str:
        """The last one, in other words each time that the same is asked."""
        return put(self.task.space.dimension(self._last), self.asked[self._last] - 1)

    @property
    def questions(self) -> int:
        return sum(self.asked.values())
