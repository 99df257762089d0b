"""Rooms for tests: Aside the agent with Ann and Bob, and talk in few words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment, Trigger, TriggerKind
from conversation.score import Raw, Score
from conversation.thought import Thought, ThoughtKind
from conversation.transcript import Transcript

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ASIDE = Member("aside", "Aside", "agent")
ANN = Member("ann", "Ann", "owner")
BOB = Member("bob", "Bob", "member")
CAT = Member("cat", "Cat", "member")
ROOM = (ASIDE, ANN, BOB)


def message(
    seq: int, author: Member, text: str = "", *, ago: float | None = None, reply_to: str | None = None
) -> Message:
    """`ago`: seconds before NOW; by default a minute for each seq before 100."""
    at = NOW - timedelta(seconds=60 * (100 - seq) if ago is None else ago)
    return Message(f"m{seq}", seq, author.as_author(), text or f"line {seq}", at, reply_to)


def talk(*lines: tuple[Member, str] | Member) -> Transcript:
    """Messages from seq 1: who, or who and what."""
    said = [(line, "") if isinstance(line, Member) else line for line in lines]
    return Transcript(tuple(message(seq, who, text) for seq, (who, text) in enumerate(said, start=1)))


def moment(
    transcript: Transcript | Sequence[Message] = (),
    *,
    agent: Member = ASIDE,
    members: tuple[Member, ...] = ROOM,
    kind: TriggerKind = "message",
    nth: int = 0,
    typing: frozenset[str] = frozenset(),
    quiet_for: float = 0.0,
    now: datetime = NOW,
) -> Moment:
    log = transcript if isinstance(transcript, Transcript) else Transcript(tuple(transcript))
    seq = log.last.seq if log.last else 0
    return Moment("room", agent, members, log, Floor(typing, quiet_for), Trigger(kind, seq, nth), now)


def thought(
    name: str = "t1",
    *,
    text: str = "The lake is warm in June.",
    kind: ThoughtKind = "system2",
    motivation: float | None = None,
    embedding: tuple[float, ...] = (),
    formed_seq: int = 1,
    accessed_seq: int = 0,
) -> Thought:
    plain = Thought(name, ASIDE.id, kind, text, ("m1",), formed_seq, NOW, accessed_seq=accessed_seq)
    return replace(plain, motivation=motivation, embedding=embedding)


def score(heuristic: str, value: float, measured: float | None = None) -> Score:
    return Score(heuristic, value, "measured", None, Raw(measured=measured))
