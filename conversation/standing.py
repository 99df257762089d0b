"""Where a member stands in the talk: who speaks with whom, how lately, how often. Counted from the messages, without a model,
and without a word of what they mean; nothing here knows a language or a subject."""

import re
from collections import Counter, deque
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
WARM, FADES = 12, 0.8
"""Messages whose authors count for `warmth`, and what each earlier one counts less."""
PACE = 50
"""Messages over which the pace of a room is taken."""
EDGES = "_-`^|[]{}\\'’~.,:;!?@<>()\"*"
CALLING = 10
"""Messages of which it is kept whom they call."""
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
    since. `runs_on`: the part of its messages after which it wrote again at once. `reflex`: the part of the messages that
    begin with the same sign as the last one ("!", "/", …) right after which it wrote, None where the last begins with a letter;
    `summoned`: the part of its messages that came right after a sign. `prompt`: the part of the calls to it that it answered
    at once; `latency`: median turns in which it answered calls, None before the first. `due`: of its gaps that were longer than
    the turns since it wrote, the part that ended within the next two. `called_ago`: seconds since the first call that it has not
    answered; `calls_out`: the part of its messages that call somebody. `moved_on`: whether the partner's last message calls
    somebody else and not it, None where the partner did not write since it did. `warmth`: how much it has exchanged with those
    who wrote the last messages, earlier ones counting less. `called10`: how many of the last ten messages call it. `partner`: the
    partner's id.
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
    reflex: float | None
    summoned: float
    prompt: float
    latency: float | None
    due: float
    called_ago: float | None
    calls_out: float
    moved_on: bool | None
    warmth: float
    called10: int
    partner: str | None


@dataclass(frozen=True, slots=True)
class Talk:
    """`standings` by member id, of those who wrote within LATELY and of those asked for. Of the last message:
    `question`; `names`: how many members it calls; `run`: messages that its author wrote in a row; `goes_on`: the part of its
    author's messages after which they wrote again at once. `speakers`: how many wrote of the last 20. `pace`: seconds between
    the last 50 messages, on average. `calling`: whom each of the last ten messages calls, oldest first."""

    standings: Mapping[str, Standing]
    question: bool
    names: int
    run: int
    goes_on: float
    speakers: int
    pace: float
    calling: tuple[frozenset[str], ...]


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
    called: int = 0
    called_at: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    waiting: int | None = None
    waiting_at: datetime | None = None
    calls_out: int = 0
    calling: frozenset[str] = frozenset()
    summoned: int = 0


def sign_of(text: str) -> str:
    """What a message begins with where that is no letter and no digit: bots are called so ("!help", "/roll"), in any language."""
    bare = text.lstrip()
    return "" if not bare or bare[0].isalnum() else bare[0]


@lru_cache(maxsize=1024)
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
    scan = Scan(Names({**{m.author.id: m.author.name for m in messages}, **names}))
    for place, message in enumerate(messages):
        scan.take(place, message)
    last, head = messages[-1], len(messages) - 1
    present = {m.author.id for m in messages[-LATELY:]}
    return Talk(
        standings={who: scan.standing(who, head, last, now) for who in (*present, *ask)},
        question="?" in last.text,
        names=len(scan.named),
        run=next((n for n, m in enumerate(reversed(messages)) if m.author.id != last.author.id), len(messages)),
        goes_on=scan.runs_on(last.author.id),
        speakers=len({m.author.id for m in messages[-20:]}),
        pace=max(0.0, (last.at - messages[-PACE:][0].at).total_seconds()) / max(1, min(PACE, len(messages)) - 1),
        calling=tuple(scan.calling),
    )


def due_part(gaps: Sequence[int], turns: int) -> float:
    """Drawn towards a tenth, as if three gaps more had been seen."""
    longer = [gap for gap in gaps if gap > turns]
    return (sum(gap <= turns + 2 for gap in longer) + 0.3) / (len(longer) + 3)


class Scan:
    """Messages taken one after another, each with its place from 0 on."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._people: dict[str, _Person] = {}
        self._authors: list[str] = []
        self._pairs: dict[frozenset[str], tuple[float, int]] = {}
        self._after: dict[tuple[str, str], int] = {}
        self._sign = ""
        self._signs: Counter[str] = Counter()
        self._reflexes: Counter[tuple[str, str]] = Counter()
        self.named: frozenset[str] = frozenset()
        self.calling: deque[frozenset[str]] = deque(maxlen=CALLING)

    def take(self, place: int, message: Message) -> None:
        who = message.author.id
        me = self.person(who)
        if self._authors:
            before = self._authors[-1]
            self._after[before, who] = self._after.get((before, who), 0) + 1
            self._after_sign(before, who)
        self._sign = sign_of(message.text)
        if me.waiting is not None:
            me.waits.append(place - me.waiting)
            me.waiting = me.waiting_at = None
        me.at.append(place)
        me.when, me.question = message.at, "?" in message.text
        me.owed, me.owed_question, me.calls = None, False, 0
        self.named = me.calling = self.names.called(message)
        self.calling.append(self.named)
        me.calls_out += bool(self.named)
        for other in sorted(self.named):
            self._call(place, who, other, message)
        engaged = me.together is not None and place - me.together <= LATELY
        if not self.named and engaged:
            me.together = place
        self._authors.append(who)

    def _after_sign(self, before: str, who: str) -> None:
        if self._sign:
            self._signs[self._sign] += 1
            if before != who:
                self._reflexes[self._sign, who] += 1
                self.person(who).summoned += 1

    def _call(self, place: int, who: str, other: str, message: Message) -> None:
        me, them = self.person(who), self.person(other)
        them.owed, them.owed_question = place, "?" in message.text
        them.calls += 1
        them.called_at.append(place)
        if them.waiting is None:
            them.waiting, them.waiting_at, them.called = place, message.at, them.called + 1
        them.partner, them.together = who, place
        me.partner, me.together = other, place
        self._pairs[frozenset((who, other))] = (self.exchanged(who, other, place) + 1, place)

    def person(self, who: str) -> _Person:
        return self._people.setdefault(who, _Person())

    def runs_on(self, who: str) -> float:
        """Drawn towards a quarter, as if four messages more had been seen."""
        wrote = len(self._people[who].at) if who in self._people else 0
        return (self._after.get((who, who), 0) + 1) / (wrote + 4)

    def standing(self, who: str, head: int, last: Message, now: datetime) -> Standing:
        me, author = self.person(who), last.author.id
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
            exchanged=self.exchanged(who, author, head),
            follows=self._after.get((author, who), 0) / (by_author + 5),
            asked=me.question and me.owed is None,
            runs_on=self.runs_on(who),
            reflex=self._reflexes[self._sign, who] / (self._signs[self._sign] + 1) if self._sign else None,
            summoned=me.summoned / (len(me.at) + 2),
            prompt=(me.waits.count(1) + 1) / (me.called + 5),
            latency=median(me.waits) if me.waits else None,
            due=due_part(gaps, head - wrote) if wrote is not None else 0.0,
            called_ago=None if me.waiting_at is None else max(0.0, (now - me.waiting_at).total_seconds()),
            calls_out=me.calls_out / max(1, len(me.at)),
            moved_on=None if not since or partner is None else bool(partner.calling) and who not in partner.calling,
            warmth=self._warmth(who, head),
            called10=sum(head - place < 10 for place in me.called_at[-10:]),
            partner=me.partner,
        )

    def _share(self, who: str, window: int) -> float:
        recent = self._authors[-window:]
        return recent.count(who) / len(recent)

    def exchanged(self, one: str, other: str, head: int) -> float:
        calls, place = self._pairs.get(frozenset((one, other)), (0.0, head))
        return float(calls * 0.5 ** ((head - place) / HALF_LIFE))

    def _warmth(self, who: str, head: int) -> float:
        total = 0.0
        for back, other in enumerate(reversed(self._authors[-WARM:])):
            exchanged = self.exchanged(who, other, head) if other != who else 0.0
            total += FADES**back * exchanged / (1 + exchanged)
        return total
