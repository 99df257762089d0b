"""The rhythm of a room and the habits of its members over a whole chat, as numbers of one member: what a hunch is made of beside
the facts of the talk (`heuristics.hunch`). Counted from who wrote and when; of the words only how long they are, question marks,
and whom they call."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

from conversation.message import Message
from conversation.standing import LATELY, Talk, due_part

EARLIER = 1_000
"""Authors of messages before the talk that a scene counts at most."""
SOON = 5
"""Messages within which somebody wrote after somebody else."""
NEVER = -1.0
"""In place of a number that is not there; all that are there are 0 or more."""

OF_ROOM = (
    "length",
    "author_length",
    "gap",
    "gap5",
    "minute",
    "minutes5",
    "minutes15",
    "owing",
    "lively",
    "calls10",
    "questions5",
    "speakers10",
    "author_said",
    "author_runs_on",
)
OF_MEMBER = (
    "own_length",
    "last_length",
    "own_minutes5",
    "rank_turns",
    "rank_said",
    "rank_owed",
    "alternation",
    "partner_turns",
    "second_last",
    "third_last",
    "last_gap",
    "last_gaps",
    "others_called5",
    *(f"author{n}" for n in range(1, SOON + 1)),
    *(f"calls{n}" for n in range(1, SOON + 1)),
    "all_said",
    "all_usual",
    "all_late",
    "all_due",
    "all_runs_on",
    "all_share",
    "rate",
    "first",
    "ends_now",
    "ends_soon",
    "longer",
    "right_after",
    "right_after_part",
    "soon_after",
    "soon_after_part",
    "soon_before",
)
NUMBERS = (*OF_ROOM, *OF_MEMBER)


class Scene:
    """After the last of `messages`. `earlier`: ids of the authors of what was written before these, oldest first.

    Of the room: `length`, `author_length`: characters of the last message, and of its author's on average. `gap`, `gap5`: seconds
    since the message before, and since the fifth before. `minute`, `minutes5`, `minutes15`: messages within that time.
    `owing`: members who were called and have not answered; `lively`: those who wrote within the last five. `calls10`,
    `questions5`: how many of the last ten call somebody, of the last five ask. `speakers10`: who wrote of the last ten.
    `author_said`, `author_runs_on`: the author's messages, and the part of them after which they wrote again at once.

    Of a member: `own_length`, `last_length`: characters of its messages on average, and of its last. `own_minutes5`: its
    messages of five minutes. `rank_turns`, `rank_said`, `rank_owed`: how many of those present wrote later, more, were called
    later. `alternation`: messages at the end that are its own or the author's. `partner_turns`: messages since its partner's.
    `second_last`, `third_last`: messages since those of its own. `last_gap`, `last_gaps`: messages between its last two, and
    on average of five. `others_called5`: how many of the last five call others. `author1` … `author5`: whose the last
    messages are, 0 its own, 1 its partner's, 2 the author's, 3 another's; `calls1` …: whether they call it (2) or somebody
    else (1). Over the whole chat: `all_said`, `all_usual`, `all_late`, `all_due`, `all_runs_on` as in `Standing` and the
    facts; `all_share`, `rate`: its part of all messages and of those since its first; `first`: messages since that.
    `ends_now`, `ends_soon`: the part of its gaps of as many messages as now that ended with the next, within ten; `longer`:
    the part of all that was as long. `right_after`, `soon_after`: how often it wrote after the author, at once or within
    five; `…_part`: of the author's messages; `soon_before`: how often the author did after it."""

    def __init__(self, messages: Sequence[Message], earlier: Sequence[str], talk: Talk) -> None:
        """`talk`: of the same messages. Raises AssertionError where there are none."""
        assert messages, "an empty room has no scene"
        self._messages, self._talk = messages, talk
        self._authors = [*earlier[-EARLIER:], *(m.author.id for m in messages)]
        self._places: dict[str, list[int]] = {}
        for place, who in enumerate(self._authors):
            self._places.setdefault(who, []).append(place)
        self._head = len(self._authors) - 1
        self._author = messages[-1].author.id
        self._lengths: dict[str, list[int]] = {}
        for m in messages:
            self._lengths.setdefault(m.author.id, []).append(len(m.text))
        present = [who for who, s in talk.standings.items() if s.turns is not None and 0 < s.turns <= LATELY]
        self._turns = [self._head - self._places[who][-1] for who in present]
        self._said = [len(self._places[who]) for who in present]
        self._owed = sorted(s.owed for s in talk.standings.values() if s.owed is not None)
        self.room = self._of_room()

    def of(self, who: str) -> dict[str, float]:
        """By name, all of NUMBERS. Of a member that has written; raises KeyError for another."""
        return {**self.room, **self._lately(who), **self._habits(who)}

    def _of_room(self) -> dict[str, float]:
        messages, now = self._messages, self._messages[-1].at
        ago = [(now - m.at).total_seconds() for m in messages]
        theirs = self._places[self._author]
        return {
            "length": float(len(messages[-1].text)),
            "author_length": fmean(self._lengths[self._author]),
            "gap": max(0.0, ago[-2]) if len(ago) > 1 else 0.0,
            "gap5": max(0.0, ago[-1 - SOON]) if len(ago) > SOON else max(0.0, ago[0]),
            "minute": float(sum(s <= 60 for s in ago)),
            "minutes5": float(sum(s <= 300 for s in ago)),
            "minutes15": float(sum(s <= 900 for s in ago)),
            "owing": float(len(self._owed)),
            "lively": float(sum(turns <= SOON for turns in self._turns)),
            "calls10": float(sum(map(bool, self._talk.calling))),
            "questions5": float(sum("?" in m.text for m in messages[-SOON:])),
            "speakers10": float(len(set(self._authors[-10:]))),
            "author_said": float(len(theirs)),
            "author_runs_on": (_runs(theirs) + 1) / (len(theirs) + 4),
        }

    def _lately(self, who: str) -> dict[str, float]:
        own, standing, now = self._places[who], self._talk.standings[who], self._messages[-1].at
        partner = standing.partner
        turns, gaps = self._head - own[-1], _gaps(own)
        theirs = self._places.get(partner) if partner is not None else None
        lengths = self._lengths[who]
        found = {
            "own_length": fmean(lengths),
            "last_length": float(lengths[-1]),
            "own_minutes5": float(
                sum(m.author.id == who and (now - m.at).total_seconds() <= 300 for m in self._messages)
            ),
            "rank_turns": float(sum(other < turns for other in self._turns)),
            "rank_said": float(sum(other > len(own) for other in self._said)),
            "rank_owed": float(len(self._owed) if standing.owed is None else bisect_left(self._owed, standing.owed)),
            "alternation": float(self._alternation(who)),
            "partner_turns": float(self._head - theirs[-1]) if theirs else NEVER,
            "second_last": float(self._head - own[-2]) if len(own) > 1 else NEVER,
            "third_last": float(self._head - own[-3]) if len(own) > 2 else NEVER,
            "last_gap": float(gaps[-1]) if gaps else NEVER,
            "last_gaps": fmean(gaps[-5:]) if gaps else NEVER,
            "others_called5": float(sum(bool(c) and who not in c for c in self._talk.calling[-SOON:])),
        }
        for n in range(1, SOON + 1):
            there = n <= len(self._messages)
            found[f"author{n}"] = self._whose(self._authors[-n], who, partner) if there else NEVER
            found[f"calls{n}"] = _called(self._talk.calling[-n], who) if n <= len(self._talk.calling) else NEVER
        return found

    def _alternation(self, who: str) -> int:
        length = 0
        while length <= self._head and self._authors[-1 - length] in (who, self._author):
            length += 1
        return length

    def _whose(self, author: str, who: str, partner: str | None) -> float:
        return 0.0 if author == who else 1.0 if author == partner else 2.0 if author == self._author else 3.0

    def _habits(self, who: str) -> dict[str, float]:
        own, theirs = self._places[who], self._places[self._author]
        gaps, turns = _gaps(own), self._head - own[-1]
        longer = sum(gap >= turns for gap in gaps)
        usual = median(gaps) if len(gaps) > 1 else None
        right, soon = _after(own, theirs, 1), _after(own, theirs, SOON)
        return {
            "all_said": float(len(own)),
            "all_usual": NEVER if usual is None else float(usual),
            "all_late": NEVER if usual is None else turns / (usual + 1),
            "all_due": due_part(gaps, turns),
            "all_runs_on": (_runs(own) + 1) / (len(own) + 4),
            "all_share": len(own) / len(self._authors),
            "rate": len(own) / (self._head - own[0] + 1),
            "first": float(self._head - own[0]),
            "ends_now": (gaps.count(turns) + 0.05) / (longer + 1),
            "ends_soon": (sum(turns <= gap <= turns + 10 for gap in gaps) + 0.3) / (longer + 1),
            "longer": longer / (len(gaps) + 1),
            "right_after": float(right),
            "right_after_part": right / (len(theirs) + 5),
            "soon_after": float(soon),
            "soon_after_part": (soon + 0.5) / (len(theirs) + 5),
            "soon_before": float(_after(theirs, own, SOON)),
        }


def _gaps(places: Sequence[int]) -> list[int]:
    return [later - sooner for sooner, later in pairwise(places)]


def _runs(places: Sequence[int]) -> int:
    return _gaps(places).count(1)


def _called(calling: frozenset[str], who: str) -> float:
    return 2.0 if who in calling else float(bool(calling))


def _after(own: Sequence[int], theirs: Sequence[int], within: int) -> int:
    """How many of `own` come after one of `theirs` by `within` places at most."""
    return sum(bisect_right(theirs, place - 1) > bisect_left(theirs, place - within) for place in own)
