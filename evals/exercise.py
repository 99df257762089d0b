"""Does the agent find out in few questions which exercise plan suits a person?

    python -m evals exercise --policy head --users 1000 --seed 0 --people messy

People answer in words; the listener reads them. Their phrasings are ones that nothing was trained on (`evals/phrasings`), or
with --phrasing known those of training, with unheard those that were looked at while it was tuned. Policies: `head`, the
trained asker; `planned`, the best order of questions for answers that are always true and always understood, worked out
exactly; `ahead`, who looks ahead to the last turn and knows that answers may be misheard;
`careful`, the question of the largest value of information while it exceeds its cost; `trusting`, the question of the largest
information gain, which trusts every answer: what it most likely says is known from then on; `greedy`, the same gain, to which an
answer tells one value from the other by a factor of 50, so that it asks again while turns are left; `random`. A question that is
asked again is put in other words (`wording.put`). With --hears truth the listener is left out: what an answer is about is known.
One JSON line last: `success`, `questions`, `worst` and `per_type`.
"""

import argparse
import json
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from inference.hidden_embedder import BEHIND, READERS, reading_with
from inference.stored_embedder import StoredEmbedder
from personalization.asker import asker_for
from personalization.asking import Question, best
from personalization.belief import Chances, tells
from personalization.curiosity import entropy
from personalization.exercise import MATTER, plan_chances
from personalization.listener import Listener, heard, listener_for
from personalization.person import MANNERS, Manners, Said, answer, draw
from personalization.phrasing import Phrasing, phrasing_for, phrasing_in, unheard_for
from personalization.planning import Wary, wary
from personalization.space import space_for
from personalization.talk import ACT, AskingTalk, exercise_task

PHRASINGS = Path(__file__).parent / "phrasings"
WORDS: Mapping[str, Callable[[], Phrasing]] = {
    "held-out": lambda: phrasing_in(PHRASINGS, "exercise"),
    "unheard": lambda: unheard_for("exercise"),
    "known": lambda: phrasing_for("exercise"),
}
COST = 0.02
"""Of a question, in units of a right recommendation: `careful` asks while more is to be had."""
CERTAIN = 1e-6
SURE = 0.8
Choose = Callable[[Sequence[AskingTalk], random.Random], list[int]]
"""The act of each talk."""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals exercise", description=__doc__)
    parser.add_argument("--policy", choices=sorted(POLICIES), default="head")
    parser.add_argument("--people", choices=sorted(MANNERS), default="plain")
    parser.add_argument("--reads", choices=("embedder", *READERS), default=BEHIND)
    parser.add_argument("--hears", choices=("words", "truth"), default="words")
    parser.add_argument("--phrasing", choices=sorted(WORDS), default="held-out")
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    file = options.cache.expanduser() / "embedded" / f"{options.reads}-evals-exercise.npz"
    embedder = reading_with(options.reads, file, options.cache)
    listener = listener_for("exercise", options.reads)
    hears = Hearing(WORDS[options.phrasing](), MANNERS[options.people], listener, embedder, options.hears == "truth")
    talks = play(options.policy, options.users, hears, options.seed)
    embedder.save()
    named = {
        "policy": options.policy,
        "people": options.people,
        "phrasing": options.phrasing,
        "hears": options.hears,
        "reads": options.reads,
        "users": len(talks),
    }
    print(json.dumps({**named, **figures(talks)}))


class Hearing:
    """From a question to what was made of the reply. With `truth`, what the reply is about is known without reading it."""

    def __init__(
        self, phrasing: Phrasing, manners: Manners, listener: Listener, embedder: StoredEmbedder, truth: bool
    ) -> None:
        self._phrasing, self._manners, self._listener = phrasing, manners, listener
        self._embedder, self._truth = embedder, truth

    def replies(
        self, asked: Sequence[tuple[str, AskingTalk]], rng: random.Random
    ) -> tuple[Mapping[str, tuple[float, ...]], ...]:
        said = []
        for name, talk in asked:
            space = talk.task.space
            matter = [space.dimension(n) for n in MATTER]
            said.append(answer(space.dimension(name), talk.traits, self._manners, self._phrasing, matter, rng))
        if self._truth:
            return tuple(_known(s, talk) for s, (_, talk) in zip(said, asked, strict=True))
        texts = [s.text for s in said]
        names, put = [name for name, _ in asked], [talk.question for _, talk in asked]
        return heard(self._listener, texts, self._embedder.embed, names, put)


def _known(said: Said, talk: AskingTalk) -> dict[str, tuple[float, ...]]:
    found: dict[str, tuple[float, ...]] = {}
    for name in MATTER:
        right = (1.0, CERTAIN) if talk.traits[name] == "yes" else (CERTAIN, 1.0)
        found[name] = right if name in said.about else (1.0, 1.0)
    return found


def play(policy: str, users: int, hears: Hearing, seed: int) -> list[AskingTalk]:
    """All talks in step, so that a turn's replies are read together."""
    rng = random.Random(seed)
    space = space_for("exercise")
    task = exercise_task(space)
    talks = [AskingTalk(task, draw(space, rng)) for _ in range(users)]
    choose = POLICIES[policy]
    while live := [t for t in talks if not t.done]:
        acts = choose(live, rng)
        named = [(t.step(act, rng), t) for t, act in zip(live, acts, strict=True)]
        asked = [(name, t) for name, t in named if name is not None]
        if not asked:
            continue
        for (_, talk), read in zip(asked, hears.replies(asked, rng), strict=True):
            talk.hear(trusted(read) if policy in ("greedy", "trusting") else read)
            if policy == "trusting":
                settle(talk, read)
    return talks


def figures(talks: Sequence[AskingTalk]) -> dict[str, object]:
    """Pure."""
    kinds: dict[str, list[bool]] = {}
    for talk in talks:
        kinds.setdefault(talk.task.kinds[talk.truth], []).append(talk.outcome().success)
    right = [r for results in kinds.values() for r in results]
    per_type = {kind: round(sum(r) / len(r), 3) for kind, r in sorted(kinds.items())}
    return {
        "success": round(sum(right) / len(right), 4),
        "questions": round(sum(t.questions for t in talks) / len(talks), 3),
        "worst": min(per_type.values()),
        "per_type": per_type,
    }


def settle(talk: AskingTalk, read: Mapping[str, Sequence[float]]) -> None:
    """What was said is known, whatever was said before, and however faintly it was heard."""
    for name, likelihood in read.items():
        if name in talk.beliefs and tells(likelihood):
            yes = likelihood[0] > likelihood[1]
            talk.beliefs[name] = (1 - CERTAIN, CERTAIN) if yes else (CERTAIN, 1 - CERTAIN)


def trusted(read: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    """What an answer most likely says, taken for certain; where it more likely says nothing, nothing."""
    found = {}
    for name, likelihood in read.items():
        sure = max(likelihood) > 2 * min(likelihood)
        found[name] = tuple(1.0 if not sure or x == max(likelihood) else CERTAIN for x in likelihood)
    return found


def by_head(talks: Sequence[AskingTalk], rng: random.Random) -> list[int]:
    return asker_for("exercise").choose([t.features() for t in talks])


def by_value(talks: Sequence[AskingTalk], rng: random.Random) -> list[int]:
    return [_careful(t) for t in talks]


def by_gain(talks: Sequence[AskingTalk], rng: random.Random) -> list[int]:
    return [_greedy(t) for t in talks]


def by_chance(talks: Sequence[AskingTalk], rng: random.Random) -> list[int]:
    return [rng.randrange(len(t.acts) - 1) for t in talks]


def by_looking_ahead(talks: Sequence[AskingTalk], rng: random.Random) -> list[int]:
    plan = _planner()
    asked = [plan.question(t.beliefs, t.task.turns - 1 - t.turn, t.messy) for t in talks]
    return [t.acts.index(q or ACT) for q, t in zip(asked, talks, strict=True)]


@cache
def _planner() -> Wary:
    return wary(exercise_task(space_for("exercise")))


def by_plan(talks: Sequence[AskingTalk], rng: random.Random) -> list[int]:
    return [_planned(t) for t in talks]


POLICIES: Mapping[str, Choose] = {
    "head": by_head,
    "planned": by_plan,
    "ahead": by_looking_ahead,
    "careful": by_value,
    "greedy": by_gain,
    "trusting": by_gain,
    "random": by_chance,
}


Known = tuple[float | None, ...]
"""By MATTER: the chance of yes, 0 or 1, where it is known."""


@cache
def best_plan(known: Known) -> tuple[float, str]:
    """Questions still to come until the plan is certain, on average, and the first of them ("" where it is certain now)."""
    space = space_for("exercise")
    prior = [space.dimension(name).prior[0] for name in MATTER]
    yes = {name: p if k is None else k for name, k, p in zip(MATTER, known, prior, strict=True)}
    if max(plan_chances({name: (p, 1 - p) for name, p in yes.items()})) > 1 - CERTAIN:
        return 0.0, ""
    worths = []
    for i, name in enumerate(MATTER):
        if known[i] is None:
            after = [best_plan((*known[:i], answer, *known[i + 1 :]))[0] for answer in (1.0, 0.0)]
            worths.append((1 + prior[i] * after[0] + (1 - prior[i]) * after[1], name))
    return min(worths)


def _planned(talk: AskingTalk) -> int:
    """Takes for known what is believed with SURE."""
    chances = [talk.beliefs[name][0] for name in MATTER]
    known = tuple(1.0 if p > SURE else 0.0 if p < 1 - SURE else None for p in chances)
    question = best_plan(known)[1]
    return talk.acts.index(question) if question else len(talk.acts) - 1


def _careful(talk: AskingTalk) -> int:
    """Values of information over the plans, an answer taken to be true."""
    belief = talk.belief()
    payoff = [[float(i == j) for j in range(len(belief))] for i in range(len(belief))]
    questions = []
    for name in MATTER:
        rows = [_answers(talk.beliefs, name, i) for i in range(len(belief))]
        questions.append(Question(name, tuple(rows)))
    asked = best(questions, belief, payoff, COST)
    # A question may be worth nothing alone and much together with the next: then the largest gain decides.
    return talk.acts.index(asked.question) if asked is not None else _greedy(talk, least=0.1)


def _answers(beliefs: Mapping[str, Chances], name: str, plan: int) -> tuple[float, float]:
    """P(yes), P(no) of a person of that plan."""
    whole = plan_chances(beliefs)[plan]
    yes = plan_chances({**beliefs, name: (1.0, 0.0)})[plan] * beliefs[name][0]
    part = min(1.0, yes / whole) if whole > 0 else 0.5
    return (part, 1 - part)


def _greedy(talk: AskingTalk, least: float = 0.02) -> int:
    """The largest expected fall of the entropy of the plan, or the act where none is above `least`."""
    now = entropy(talk.belief())
    gains = {}
    for name in MATTER:
        yes, no = talk.beliefs[name]
        after = yes * entropy(plan_chances({**talk.beliefs, name: (1.0, 0.0)}))
        after += no * entropy(plan_chances({**talk.beliefs, name: (0.0, 1.0)}))
        gains[name] = now - after
    top = max(gains, key=lambda n: gains[n])
    return talk.acts.index(top) if gains[top] > least else len(talk.acts) - 1
