"""What simulated people reply, read once and kept: a policy is trained on the readings, and no turn waits for the embedder."""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.stored_embedder import StoredEmbedder
from personalization import education
from personalization.listener import Listener, heard
from personalization.person import Manners, Traits, answer
from personalization.phrasing import Phrasing, Words
from personalization.talk import Task
from personalization.wording import put
from training.phrases import ways

AGAIN = 4
"""One question in so many is put again."""
Read = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Replies:
    """`read[act, who]`: readings of what people of that kind replied to that act."""

    read: Mapping[tuple[str, tuple[str, ...]], Sequence[Read]]

    def one(self, act: str, who: tuple[str, ...], rng: random.Random) -> Read:
        return rng.choice(self.read[act, who])


def who_asked(task: Task, traits: Traits) -> tuple[str, ...]:
    return tuple(traits[name] for name in task.matter)


def asked_replies(
    task: Task, manners: Sequence[Manners], phrasing: Phrasing, listener: Listener, embedder: StoredEmbedder, number: int,
    seed: int,
) -> Replies:  # fmt: skip
    """`number` replies of each combination of traits that matter to each question, in each of `manners` in turn, one in AGAIN of
    them to the question in other words. Questions that nothing can be read from share theirs."""
    rng = random.Random(seed)
    matter = [task.space.dimension(name) for name in task.matter]
    read_of = [name for name in task.asks if name in listener.dimensions]
    deaf = [name for name in task.asks if name not in listener.dimensions]
    keys, texts, asked, put_so = [], [], [], []
    for name, values in itertools.product([*read_of, *deaf[:1]], itertools.product(*(d.values for d in matter))):
        dimension = task.space.dimension(name)
        for i in range(number):
            traits = {
                name: rng.choices(dimension.values, dimension.prior)[0],
                **dict(zip(task.matter, values, strict=True)),
            }
            keys.append((name, values))
            texts.append(answer(dimension, traits, manners[i % len(manners)], phrasing, matter, rng).text)
            asked.append(name)
            times = i // len(manners)
            put_so.append(put(dimension, times // AGAIN + 1 if times % AGAIN == AGAIN - 1 else 0))
    read = heard(listener, texts, embedder.embed, asked, put_so)
    found: dict[tuple[str, tuple[str, ...]], list[Read]] = {}
    for key, reading in zip(keys, read, strict=True):
        found.setdefault(key, []).append(reading)
    for name, (first, who) in itertools.product(deaf[1:], [k for k in found if k[0] == deaf[0]]):
        found[name, who] = found[first, who]
    return Replies(found)


def spelt(phrasing: Phrasing) -> Phrasing:
    """Each phrase in two of its ways, as `training head --ways 2` has embedded them."""

    def both(some: Words) -> Words:
        return tuple(w for phrase in some for w in ways(phrase, 2))

    return Phrasing(
        {v: both(s) for v, s in phrasing.open.items()},
        both(phrasing.vague),
        both(phrasing.off),
        both(phrasing.turn),
        phrasing.also,
        {d: {v: both(s) for v, s in values.items()} for d, values in phrasing.said.items()},
    )


def left_out_replies(
    task: Task, manners: Sequence[Manners], phrasing: Phrasing, listeners: Sequence[Listener], embedder: StoredEmbedder,
    number: int,
) -> Replies:  # fmt: skip
    """As `asked_replies`, in the phrases that listeners are fitted on, each heard by the one of `listeners` that was fitted
    without it."""
    found: dict[tuple[str, tuple[str, ...]], list[Read]] = {}
    for part, listener in enumerate(listeners):
        _, unseen = phrasing.split(part, len(listeners))
        some = asked_replies(task, manners, spelt(unseen), listener, embedder, -(-number // len(listeners)), part)
        for key, read in some.read.items():
            found.setdefault(key, []).extend(read)
    return Replies(found)


def lesson_replies(
    manners: Manners, phrasing: Phrasing, listener: Listener, embedder: StoredEmbedder, number: int, seed: int
) -> Replies:
    rng = random.Random(seed)
    keys = list(itertools.product([a for a in education.ACTS if a != "close"], education.STYLES))
    texts = [education.reply(a, s, manners, phrasing, rng).text for a, s in keys for _ in range(number)]
    asked = [asked_about(a) for a, _ in keys for _ in range(number)]
    read = heard(listener, texts, embedder.embed, asked)
    return Replies({(a, (s,)): read[i * number : (i + 1) * number] for i, (a, s) in enumerate(keys)})


def asked_about(act: str) -> str | None:
    """What the listener takes the reply for: an answer about the style, or a remark."""
    return "style" if act in ("ask", "lead") else None
