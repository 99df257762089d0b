"""Decision points of real chats: a message by somebody else, with one participant put in the agent's place."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conversation.chats import read_chat
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment, Trigger
from conversation.scene import EARLIER
from conversation.standing import talk_of
from conversation.transcript import Transcript
from memory.item import Memory

WROTE = 6
"""Messages that a participant of a chat must have written."""
LATELY = 60
"""Messages within which the participant must have spoken."""
WINDOW = 200
"""Messages of the past that a moment holds, like a live room."""
MEMORIES = 12


@dataclass(frozen=True, slots=True)
class Point:
    """`moment`: the chat up to a message by somebody else. `memories`: what the participant said before it. `next_author`:
    who wrote the next message; `spoke`: whether it was the participant."""

    chat: str
    moment: Moment
    memories: tuple[Memory, ...]
    next_author: str

    @property
    def spoke(self) -> bool:
        return self.next_author == self.moment.agent.id


def unlinked(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Without `reply_to`: annotators of such chats linked messages knowing what came later."""
    return tuple(m if m.reply_to is None else replace(m, reply_to=None) for m in messages)


def points(paths: Sequence[Path], limit: int, seed: int, participants: int = 0) -> tuple[Point, ...]:
    """`limit` points, spread evenly over the chats, in the order of the files; of `participants` members of each chat, drawn
    first, or of all where that is 0. Deterministic under `seed`."""
    rng = random.Random(seed)
    found: list[Point] = []
    for n, path in enumerate(paths):
        # A chat too short for its part leaves the rest to those after it.
        share = -(-(limit - len(found)) // (len(paths) - n))
        found += _of_chat(path, share, rng, participants)
    return tuple(found[:limit])


def rates(path: Path, least: int) -> tuple[float, ...]:
    """For each participant of a chat with `least` decision points or more at which nobody calls them: the part of these at which
    they were next."""
    chat = unlinked(read_chat(path).messages)
    taken: dict[str, list[bool]] = {}
    by_message: dict[int, list[str]] = {}
    for i, who in _eligible(chat):
        by_message.setdefault(i, []).append(who)
    for i, some in by_message.items():
        talk = talk_of(chat[i : i + 1], {who: who for who in some}, chat[i].at, some)
        for who in some:
            if not talk.standings[who].named:
                taken.setdefault(who, []).append(chat[i + 1].author.id == who)
    return tuple(sum(spoke) / len(spoke) for spoke in taken.values() if len(spoke) >= least)


def _eligible(chat: Sequence[Message]) -> list[tuple[int, str]]:
    """The decision points of a chat: the number of a message and who is put in the agent's place after it."""
    counts = Counter(m.author.id for m in chat)
    eligible = []
    last_spoke: dict[str, int] = {}
    for i, message in enumerate(chat[:-1]):
        eligible += [
            (i, who)
            for who, when in last_spoke.items()
            if who != message.author.id and i - when <= LATELY and counts[who] >= WROTE
        ]
        last_spoke[message.author.id] = i
    return eligible


def _of_chat(path: Path, share: int, rng: random.Random, participants: int) -> list[Point]:
    chat = unlinked(read_chat(path).messages)
    eligible = _eligible(chat)
    if participants:
        able = sorted({who for _, who in eligible})
        drawn = set(rng.sample(able, min(participants, len(able))))
        eligible = [(i, who) for i, who in eligible if who in drawn]
    chosen = sorted(rng.sample(eligible, min(share, len(eligible))))
    return [_point(path.stem, chat, i, who) for i, who in chosen]


def _point(name: str, chat: Sequence[Message], i: int, who: str) -> Point:
    start = max(0, i + 1 - WINDOW)
    past = Transcript(tuple(chat[start : i + 1]))
    recent = past.speakers(LATELY)
    members = tuple(Member(p, p, "agent" if p == who else "member") for p in dict.fromkeys((*recent, who)))
    me = next(m for m in members if m.id == who)
    own = [m for m in chat[:i] if m.author.id == who][-MEMORIES:]
    moment = Moment(
        room=name,
        agent=me,
        members=members,
        transcript=past,
        floor=Floor(),
        trigger=Trigger("message", chat[i].seq),
        now=chat[i].at,
        earlier=tuple(m.author.id for m in chat[max(0, start - EARLIER) : start]),
    )
    memories = tuple(Memory(f"said-{m.id}", m.text, m.seq) for m in own)
    return Point(name, moment, memories, chat[i + 1].author.id)
