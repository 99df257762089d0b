"""What a learned reader learns from: places in real chats, a message that came there, and messages that did not."""

import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from conversation.chats import read_chat
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Author, Message
from conversation.moment import Moment, Trigger
from conversation.transcript import Transcript

Kind = Literal["true", "reply elsewhere", "elsewhere", "near", "again", "verbatim"]
"""`true`: the reply that came, saying nothing that was just said. `reply elsewhere`: a reply of another chat, so that nothing but
the fit tells it from a true one. `elsewhere`: any message of another chat. `near`: said soon after in the same chat, and no
answer to a question. `again`: a message that came here and nearly repeats one of the window. `verbatim`: one of the window."""

WORDS = 4
"""Fewer say too little to fit anywhere in particular."""
NEAR = 25
"""Messages after a question among which a non-answer is looked for."""
REPEATS = 0.5
"""Part of the words of two messages that both have, from which one counts as said again."""
SEEN = 48
"""Messages of the past that a place holds: as many as a prompt shows at most."""
LATELY = 24
"""Messages among which one is repeated: as many as a prompt shows at least."""
AGENT = "Aside"
"""The name under which the author of the reply stands in the talk: the agent's own name is no more than that either."""


@dataclass(frozen=True, slots=True)
class Candidate:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """`moment`: the chat up to the message before the one that came, its author in the agent's place. `question`: whether it
    answers a message with a question mark. `answered`: whether somebody else answered it."""

    chat: str
    moment: Moment
    question: bool
    answered: bool
    candidates: tuple[Candidate, ...]


@dataclass
class _Chat:
    name: str
    messages: tuple[Message, ...]
    at: dict[str, int] = field(init=False)
    nicks: frozenset[str] = field(init=False)
    bare: list[str] = field(init=False)
    words: list[frozenset[str]] = field(init=False)
    to: list[Message | None] = field(init=False)
    """Whom each answers, where it answers somebody else."""
    answered: frozenset[str] = field(init=False)
    replies: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.at = {m.id: i for i, m in enumerate(self.messages)}
        self.nicks = frozenset(m.author.id.lower() for m in self.messages)
        self.bare = [unaddressed(m.text, self.nicks) for m in self.messages]
        self.words = [frozenset(re.findall(r"\w+", text.lower())) for text in self.bare]
        self.to = [self._to(m) for m in self.messages]
        self.answered = frozenset(m.id for m in self.to if m is not None)
        self.replies = [n for n in range(1, len(self.messages)) if self._is_reply(n)]

    def _to(self, message: Message) -> Message | None:
        found = self.messages[self.at[message.reply_to]] if message.reply_to in self.at else None
        return found if found is not None and found.author.id != message.author.id else None

    def says(self, n: int) -> bool:
        return len(self.bare[n].split()) >= WORDS

    def _is_reply(self, n: int) -> bool:
        to = self.to[n]
        return self.says(n) and to is not None and n - SEEN <= self.at[to.id] < n and not self.repeats(n)

    def repeats(self, n: int) -> bool:
        mine = self.words[n]
        return any(len(mine & w) >= REPEATS * len(mine | w) for w in self.words[max(0, n - LATELY) : n] if w)


def unaddressed(text: str, nicks: frozenset[str]) -> str:
    """`text` without the name it is addressed to at its start ("nick:", "nick, ", "@nick"), as often as there is one."""
    found = re.match(r"@?([^\s:,]+)\s*([:,]?)\s+(?=\S)", text)
    if found is None or not (found[2] == ":" or found[1].lower() in nicks):
        return text.strip()
    return unaddressed(text[found.end() :], nicks)


def places(paths: Sequence[Path], limit: int, again: int, seed: int) -> tuple[Place, ...]:
    """`limit` places of true replies and at most `again` of repeated messages, spread evenly over the chats, with one
    candidate of each other kind where there is one. Deterministic under `seed`."""
    rng = random.Random(seed)
    chats = [_Chat(path.stem, read_chat(path).messages) for path in paths]
    found: list[Place] = []
    for chat in chats:
        others = [c for c in chats if c is not chat and c.replies]
        came = sorted(rng.sample(chat.replies, min(-(-limit // len(chats)), len(chat.replies))))
        found += [_true(chat, n, others, rng) for n in came]
        repeated = [n for n in range(LATELY, len(chat.messages)) if chat.says(n) and chat.repeats(n)]
        some = sorted(rng.sample(repeated, min(-(-again // len(chats)), len(repeated))))
        found += [_place(chat, n, (Candidate("again", chat.bare[n]),)) for n in some]
    return tuple(found)


def _true(chat: _Chat, n: int, others: Sequence[_Chat], rng: random.Random) -> Place:
    candidates = [Candidate("true", chat.bare[n])]
    if others:
        one, two = rng.choice(others), rng.choice(others)
        candidates += [
            Candidate("reply elsewhere", one.bare[rng.choice(one.replies)]),
            Candidate("elsewhere", two.bare[rng.choice([i for i in range(len(two.messages)) if two.says(i)])]),
        ]
    near = [i for i in range(n + 1, min(n + 1 + NEAR, len(chat.messages))) if _no_answer(chat, i)]
    if near and _asks(chat.to[n]):
        candidates.append(Candidate("near", chat.bare[rng.choice(near)]))
    said = [
        i for i in range(max(0, n - LATELY), n) if chat.says(i) and chat.messages[i].author != chat.messages[n].author
    ]
    if said:
        candidates.append(Candidate("verbatim", chat.bare[rng.choice(said)]))
    return _place(chat, n, tuple(candidates))


def _asks(message: Message | None) -> bool:
    return message is not None and "?" in message.text


def _no_answer(chat: _Chat, i: int) -> bool:
    return chat.says(i) and not _asks(chat.to[i])


def _place(chat: _Chat, n: int, candidates: tuple[Candidate, ...]) -> Place:
    came = chat.messages[n]
    name = re.compile(rf"(?<!\w){re.escape(came.author.name)}(?!\w)", re.IGNORECASE)
    me = Author(came.author.id, AGENT, "agent")
    past = tuple(
        Message(m.id, m.seq, me if m.author == came.author else m.author, name.sub(AGENT, m.text), m.at, m.reply_to)
        for m in chat.messages[max(0, n - SEEN) : n]
    )
    people = {m.author.id: m.author.name for m in past if m.author.id != me.id}
    agent = Member(me.id, AGENT, "agent")
    moment = Moment(
        room=chat.name,
        agent=agent,
        members=(*(Member(i, name, "member") for i, name in people.items()), agent),
        transcript=Transcript(past),
        floor=Floor(),
        trigger=Trigger("message", past[-1].seq),
        now=past[-1].at,
    )
    return Place(chat.name, moment, _asks(chat.to[n]), came.id in chat.answered, candidates)


def told_apart(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """The chance that one of `positives` is above one of `negatives`, ties counting half: the area under the ROC curve.
    Neither may be empty."""
    ordered = sorted(negatives)
    below = sum(bisect_left(ordered, p) + bisect_right(ordered, p) for p in positives)
    return below / (2 * len(positives) * len(negatives))
