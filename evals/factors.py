"""How many answers until Aside knows which replies a person likes?

    python -m evals factors

84 people of two traits each (`personalization/tastes`) answer questions about replies on topics and in words (`evals/phrasings`)
that φ was not fitted on; what is learned of each is tested on pairs not asked about. φ comes from `training.factors`'s file
with the SVD start; --without FILE is one fitted from a random start, to compare. One JSON line last: `auc_5`, `auc_10`,
`auc_20` with questions chosen to tell most, `auc_10_random` with random ones, `auc_10_without_svd` (null without --without);
`answers_active` and `answers_random`, how many each needs for an AUC of TARGET (null: more than were asked).
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversation.places import told_apart
from inference.hidden_embedder import LAYERS, reading_with
from personalization.factors import Answer, next_question, taste
from personalization.pairs import FILE, READS, RIDGE, parse
from personalization.phi import Phi
from personalization.tastes import Reply, Taster, pairs, replies, tasters, words_in

Array = NDArray[np.float64]
Pair = tuple[Reply, Reply]
WORDS = {
    "held-out": Path(__file__).parent / "phrasings" / "replies.json",
    "unheard": Path(__file__).parents[1] / "personalization" / "phrasings" / "unheard" / "replies.json",
}
WRITTEN = 480
"""Replies, of which pairs are made."""
QUESTIONS = 4_000
"""Pairs to choose from."""
TESTS = 150
MOST = 40
TARGET = 0.9


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals factors", description=__doc__)
    parser.add_argument("--without", type=Path, help="factors fitted from a random start")
    parser.add_argument("--words", choices=sorted(WORDS), default="held-out")
    parser.add_argument("--reads", choices=("embedder", *LAYERS), default=READS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    file = options.cache.expanduser() / "embedded" / f"{options.reads}-evals-replies.npz"
    embedder = reading_with(options.reads, file, options.cache)
    rng = random.Random(options.seed)
    written = replies(words_in(WORDS[options.words]), WRITTEN, rng)
    asked, tests = pairs(written, QUESTIONS, rng), pairs(written, TESTS, rng)
    texts = list(dict.fromkeys(r.text for r in written))

    def factors(phi: Phi) -> dict[str, Array]:
        return dict(zip(texts, phi.of(texts, embedder.embed), strict=True))

    own = factors(phi_in(FILE))
    embedder.save()
    active = curve(asked, tests, own, options.seed, active=True)
    chance = curve(asked, tests, own, options.seed, active=False)
    found: dict[str, object] = {f"auc_{n}": round(active[n], 4) for n in (5, 10, 20)}
    found["auc_10_random"] = round(chance[10], 4)
    without = options.without and curve(asked, tests, factors(phi_in(options.without)), options.seed, active=True)
    found["auc_10_without_svd"] = round(without[10], 4) if without else None
    found |= {"answers_active": reached(active), "answers_random": reached(chance), "people": len(tasters())}
    print(json.dumps(found))


def phi_in(path: Path) -> Phi:
    """Raises FileNotFoundError."""
    return parse(path.read_bytes()).phi


def curve(
    asked: Sequence[Pair], tests: Sequence[Pair], factors: dict[str, Array], seed: int, *, active: bool,
    people: Sequence[Taster] = (), most: int = MOST,
) -> list[float]:  # fmt: skip
    """Mean AUC over `people`, all 84 where none are named, after 0, 1 … `most` answers; `factors`: φ by text."""
    questions = np.array([factors[a.text] - factors[b.text] for a, b in asked])
    tested = np.array([factors[a.text] - factors[b.text] for a, b in tests])
    aucs = [
        learned(person, asked, questions, tests, tested, random.Random(seed + i), active, most)
        for i, person in enumerate(people or tasters())
    ]
    return [float(np.mean([own[n] for own in aucs])) for n in range(most + 1)]


def learned(
    person: Taster, asked: Sequence[Pair], questions: Array, tests: Sequence[Pair], tested: Array,
    rng: random.Random, active: bool, most: int,
) -> list[float]:  # fmt: skip
    """AUC after each answer. Test pairs that the person likes alike are left out."""
    apart = np.array([person.liking(a) - person.liking(b) for a, b in tests])
    answers: list[Answer] = []
    open_questions = list(range(len(asked)))
    aucs = [0.5]
    known = taste(answers, questions.shape[1], RIDGE)
    for _ in range(most):
        left = questions[open_questions]
        at = next_question(left, known) if active else rng.randrange(len(open_questions))
        question = open_questions.pop(at)
        first, second = asked[question]
        answers.append(Answer(tuple(questions[question].tolist()), person.prefers(first, second, rng)))
        known = taste(answers, questions.shape[1], RIDGE)
        scores = tested @ known.weights
        aucs.append(told_apart(scores[apart > 0].tolist(), scores[apart < 0].tolist()))
    return aucs


def reached(aucs: Sequence[float]) -> int | None:
    """The answers after which TARGET is reached and kept for the rest."""
    for n in range(len(aucs)):
        if min(aucs[n:]) >= TARGET:
            return n
    return None
