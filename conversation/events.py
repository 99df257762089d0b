"""The last messages as they stand to one member: whose they are, whom they call, how long after the one before. A sequence for a
network to read (`heuristics.net`)."""

from collections.abc import Mapping, Sequence
from math import log1p

from conversation.message import Message
from conversation.standing import Names, Scan, sign_of

EVENT = (
    "own",
    "partners",
    "partner_of",
    "calls",
    "calls_other",
    "question",
    "run",
    "turn_back",
    "length",
    "gap",
    "sign",
    "exchanged",
    "asked",
    "long",
)
STEPS = 60
"""Messages that are read."""
BEFORE = 60
"""Messages before these that still say who is whose partner."""
LONG = 120
"""Characters of a long message."""

Event = tuple[float, ...]


class Events:
    """Messages taken one after another. An event, in the order of EVENT, each from 0 to about 1: whether the message is the
    member's own, its partner's, of somebody whose partner it is; calls it; calls somebody else; asks; is by the author of the
    one before, of the one before that; its length and the seconds since the one before, both as logarithms; whether it begins
    with a sign; how much its author and the member have exchanged; whether the member's last message asks; whether the
    message is long."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` by member id."""
        self._scan = Scan(Names(names))
        self._place = -1
        self._last: Message | None = None
        self._authors = ("", "", "")
        self._gap = 0.0

    def take(self, message: Message) -> None:
        if self._last is not None:
            self._gap = max(0.0, (message.at - self._last.at).total_seconds())
        self._place, self._last = self._place + 1, message
        self._authors = (*self._authors[1:], message.author.id)
        self._scan.take(self._place, message)

    def know(self, names: Mapping[str, str]) -> None:
        """From now on these are the members' names."""
        self._scan.names = Names(names)

    def of(self, who: str) -> Event:
        """The last message that was taken, as it stands to `who`. Raises AssertionError before the first."""
        last, named = self._last, self._scan.named
        assert last is not None, "no message was taken"
        me, author = self._scan.person(who), last.author.id
        own, text = who == author, last.text
        exchanged = 0.0 if own else self._scan.exchanged(who, author, self._place)
        return (
            float(own),
            float(not own and me.partner == author),
            float(not own and self._scan.person(author).partner == who),
            float(who in named),
            float(bool(named) and who not in named),
            float("?" in text),
            float(self._authors[1] == author),
            float(self._authors[0] == author),
            log1p(len(text)) / 5,
            log1p(self._gap) / 5,
            float(bool(sign_of(text))),
            exchanged / (1 + exchanged),
            float(me.question),
            float(len(text) > LONG),
        )


def events_of(messages: Sequence[Message], names: Mapping[str, str], who: str) -> list[Event]:
    """The last STEPS of `messages`, oldest first, as they stand to `who`."""
    read = messages[-STEPS - BEFORE :]
    events = Events({**{m.author.id: m.author.name for m in read}, **names})
    found = []
    for left, message in zip(range(len(read), 0, -1), read, strict=True):
        events.take(message)
        if left <= STEPS:
            found.append(events.of(who))
    return found
