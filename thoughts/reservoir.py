"""Held thoughts: they wait, come back, are said, or fade. Bounded, and every change of state has its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from conversation.message import Message
from conversation.thought import Thought
from memory.saliency import Vector, cosine

CAPACITY = 30
"""Held thoughts an agent keeps in one room; the least motivated beyond that expire."""
LIFE_TURNS = 80
"""Events of the room after which a held thought that did not come back expires."""
LIFE = timedelta(hours=24)
SAME = 0.85
"""Cosine (MiniLM) from which two texts say the same; `python -m training saliency` prints what it was read from."""
SAID = 0.75
"""Cosine from which somebody's message says what a held thought would have said."""


def near(vector: Vector, others: Iterable[Vector], threshold: float = SAME) -> bool:
    """Whether `vector` says what one of `others` says; those that another embedder placed are passed over."""
    return any(cosine(vector, other) >= threshold for other in others if len(other) == len(vector))


def foreign(held: Iterable[Thought], dim: int) -> tuple[Thought, ...]:
    """Those of `held` that another embedder placed, as expired: they cannot be compared with anything any more."""
    return tuple(
        replace(t, state="expired", why="another embedder is in use") for t in held if len(t.embedding) not in (0, dim)
    )


def overtaken(
    held: Iterable[Thought], messages: Iterable[Message], embeddings: Mapping[str, Vector]
) -> tuple[Thought, ...]:
    """Those of `held` that somebody has said since they were formed, as retired. `embeddings`: by message text."""
    spoken = tuple(messages)
    changed = []
    for thought in held:
        for message in spoken:
            later = message.seq > thought.formed_seq and message.author.id != thought.agent
            if later and near(thought.embedding, (embeddings[message.text],), SAID):
                changed.append(replace(thought, state="retired", why=f"said by {message.author.name}"))
                break
    return tuple(changed)


def faded(held: Iterable[Thought], seq: int, now: datetime) -> tuple[Thought, ...]:
    """Those of `held` whose time is over, and the least motivated beyond CAPACITY, as expired."""
    expired, alive = [], []
    for thought in held:
        if seq - max(thought.formed_seq, thought.accessed_seq) > LIFE_TURNS or now - thought.formed_at > LIFE:
            expired.append(replace(thought, state="expired", why="its moment is over"))
        else:
            alive.append(thought)
    alive.sort(key=lambda t: (t.motivation or 0.0, t.formed_seq, t.id))
    crowded = alive[: max(0, len(alive) - CAPACITY)]
    return (*expired, *(replace(t, state="expired", why="crowded out by stronger thoughts") for t in crowded))


def said(thought: Thought, held: Iterable[Thought]) -> tuple[Thought, ...]:
    """`thought` as spoken, and those of `held` that say the same as retired."""
    like = tuple(
        replace(t, state="retired", why="the agent said as much")
        for t in held
        if t.id != thought.id and near(t.embedding, (thought.embedding,))
    )
    return (replace(thought, state="spoken", why="said"), *like)
