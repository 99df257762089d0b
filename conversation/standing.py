"""Where a member stands in the talk: who speaks with whom, how lately, how often. Counted from the messages, without a model,
and without a word of what they mean; nothing here knows a language or a subject."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from statistics import median

from conversation.message import Message

LATELY = 60
"""Messages within which a member must have written to count as present."""
HALF_LIFE = 23
"""Messages after which an exchange of two members counts half."""
EDGES = "_-`^|[]{}\\'’~.,:;!?@<>()\"*"
PREFIX = 3
"""Letters of a name that are enough to call somebody at the start of a message ("elad:" for "elad`")."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the talk says of one member after its last message. Turns are messages, `None` where there is nothing to count.

    `turns`, `seconds`: since it wrote. `share5`, `share20`, `share60`: its part of the last messages. `said`: its messages.
    `usual`: median turns between two of its messages, `None` before there are three. `named`: the last message calls it.
    `owed`: turns since somebody called it that it has not answered, 0 for the last message. `owed_question`: whether that
    was a question. `calls`: how often it was called since it wrote. `together`: turns since it called its partner or was
    called by it, and what it wrote unaddressed soon after counts as to the partner; the partner is whoever that was last.
    `partner_since`: turns since the partner wrote, if that was after it did itself. `partner_of_author`: whether the last
    author's partner is it. `exchanged`: calls between it and the last author, older ones counting less. `follows`: the part
    of the last author's messages that it wrote right after. `asked`: its last message was a question and nobody called it
    since. `runs_on`: the part of its messages after which it wrote again at once.
    """

    turns: int | None
    seconds: float | None
    share5: float
    share20: float
    share60: float
    said: int
    usual: float | None
    named: bool
    owed: int | None
    owed_question: bool
    calls: int
    together: int | None
    partner_since: int | None
    partner_of_author: bool
    exchanged: float
    follows: float
    asked: bool
    runs_on: float


@dataclass(frozen=True, slots=True)
class Talk:
    """`standings` by member id, of those who wrote within LATELY and of those asked for. Of the last message:
    `question`; `names`: how many members it calls; `run`: messages that its author wrote in a row. `speakers`: how many wrote
    of the last 20."""

    standings: Mapping[str, Standing]
    question: bool
    names: int
    run: int
    speakers: int


@dataclass
class _Person:
    at: list[int] = field(default_factory=list)
    when: datetime | None = None
    question: bool = False
    owed: int | None = None
    owed_question: bool = False
    calls: int = 0
    partner: str | None = None
    together: int | None = None


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip(EDGES) for word in text.split())


class Names:
    """Which members a message calls. At its start, or after an @, a name counts in any case, elsewhere as it is written."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` by member id."""
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._long: list[tuple[re.Pattern[str], str]] = []
        for member, name in names.items():
            bare = name.strip().strip(EDGES)
            if " " in bare:
                self._long.append((re.compile(rf"(?<!\w){re.escape(bare)}(?!\w)", re.IGNORECASE), member))
                bare = bare.split()[0]
            if len(bare) > 1:
                self._exact[bare] = member
                self._folded[bare.lower()] = member

    def called(self, message: Message) -> frozenset[str]:
        found = {member for pattern, member in self._long if pattern.search(message.text)}
        words = _words(message.text)
        for place, word in enumerate(words):
            if word in self._exact:
                found.add(self._exact[word])
            elif place == 0 and word.lower() in self._folded:
                found.add(self._folded[word.lower()])
        if "@" in message.text:
            found |= self._at(message.text)
        if not found and len(words) > 1 and len(words[0]) >= PREFIX and message.text.split()[0][-1] in ":,":
            found |= self._begun(words[0].lower())
        return frozenset(found - {message.author.id})

    def _at(self, text: str) -> set[str]:
        marked = (word.strip(EDGES).lower() for word in text.split() if word.startswith("@"))
        return {self._folded[word] for word in marked if word in self._folded}

    def _begun(self, start: str) -> set[str]:
        found = {member for name, member in self._folded.items() if name.startswith(start)}
        return found if len(found) == 1 else set()


def talk_of(messages: Sequence[Message], names: Mapping[str, str], now: datetime, ask: Iterable[str] = ()) -> Talk:
    """`messages`, oldest first, may not be empty; `names` by member id."""
    assert messages, "an empty room has no talk"
    scan = _Scan(Names({**{m.author.id: m.author.name for m in messages}, **names}))
    for place, message in enumerate(messages):
        scan.take(place, message)
    last, head = messages[-1], len(messages) - 1
    present = {m.author.id for m in messages[-LATELY:]}
    return Talk(
        standings={who: scan.standing(who, head, last, now) for who in (*present, *ask)},
        question="?" in last.text,
        names=len(scan.named),
        run=next((n for n, m in enumerate(reversed(messages)) if m.author.id != last.author.id), len(messages)),
        speakers=len({m.author.id for m in messages[-20:]}),
    )


class _Scan:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._people: dict[str, _Person] = {}
        self._authors: list[str] = []
        self._calls: list[tuple[int, str, str]] = []
        self._after: dict[tuple[str, str], int] = {}
        self.named: frozenset[str] = frozenset()

    def take(self, place: int, message: Message) -> None:
        who = message.author.id
        me = self._person(who)
        if self._authors:
            before = self._authors[-1]
            self._after[before, who] = self._after.get((before, who), 0) + 1
        me.at.append(place)
        me.when, me.question = message.at, "?" in message.text
        me.owed, me.owed_question, me.calls = None, False, 0
        self.named = self._names.called(message)
        for other in sorted(self.named):
            self._call(place, who, other, me.question)
        engaged = me.together is not None and place - me.together <= LATELY
        if not self.named and engaged:
            me.together = place
        self._authors.append(who)

    def _call(self, place: int, who: str, other: str, question: bool) -> None:
        me, them = self._person(who), self._person(other)
        them.owed, them.owed_question = place, question
        them.calls += 1
        them.partner, them.together = who, place
        me.partner, me.together = other, place
        self._calls.append((place, who, other))

    def _person(self, who: str) -> _Person:
        return self._people.setdefault(who, _Person())

    def runs_on(self, who: str) -> float:
        """Drawn towards a quarter, as if four messages more had been seen."""
        wrote = len(self._people[who].at) if who in self._people else 0
        return (self._after.get((who, who), 0) + 1) / (wrote + 4)

    def standing(self, who: str, head: int, last: Message, now: datetime) -> Standing:
        me, author = self._person(who), last.author.id
        wrote = me.at[-1] if me.at else None
        gaps = [b - a for a, b in zip(me.at, me.at[1:], strict=False)]
        partner = self._people.get(me.partner) if me.partner else None
        theirs = partner.at[-1] if partner is not None and partner.at else None
        since = theirs is not None and wrote is not None and theirs > wrote
        by_author = len(self._people[author].at)
        return Standing(
            turns=None if wrote is None else head - wrote,
            seconds=None if me.when is None else max(0.0, (now - me.when).total_seconds()),
            share5=self._share(who, 5),
            share20=self._share(who, 20),
            share60=self._share(who, LATELY),
            said=len(me.at),
            usual=median(gaps) if len(gaps) > 1 else None,
            named=who in self.named,
            owed=None if me.owed is None else head - me.owed,
            owed_question=me.owed_question,
            calls=me.calls,
            together=None if me.together is None else head - me.together,
            partner_since=head - theirs if since and theirs is not None else None,
            partner_of_author=self._people[author].partner == who,
            exchanged=self._exchanged(who, author, head),
            follows=self._after.get((author, who), 0) / (by_author + 5),
            asked=me.question and me.owed is None,
            runs_on=self.runs_on(who),
        )

    def _share(self, who: str, window: int) -> float:
        recent = self._authors[-window:]
        return recent.count(who) / len(recent)

    def _exchanged(self, one: str, other: str, head: int) -> float:
        pair = {one, other}
        return float(sum(0.5 ** ((head - place) / HALF_LIFE) for place, a, b in self._calls if {a, b} == pair))
