"""Twelve numbers of a talk and one of its members that need no understanding: the floor that a measure of timing has to beat
(`python -m evals timing`), after the page of the data. The page names seven of its twelve; with these five, boosted trees have on
dev what the page says of its own."""

from collections.abc import Sequence

from conversation.message import Message
from conversation.standing import Talk

TWELVE = (
    "named",
    "others_named",
    "question",
    "turns",
    "seconds",
    "share20",
    "speakers",
    "said",
    "length",
    "gap",
    "run",
    "called10",
)


def twelve(messages: Sequence[Message], talk: Talk, who: str) -> tuple[float, ...]:
    """In the order of TWELVE, of a member that has spoken. `length`: characters of the last message; `gap`: seconds since the one
    before; the rest as in `Standing` and `Talk`."""
    own, last = talk.standings[who], messages[-1]
    assert own.turns is not None, f"{who!r} has not spoken"
    assert own.seconds is not None, f"{who!r} has not spoken"
    return (
        float(own.named),
        float(talk.names > 0 and not own.named),
        float(talk.question),
        float(own.turns),
        own.seconds,
        own.share20,
        float(talk.speakers),
        float(own.said),
        float(len(last.text)),
        (last.at - messages[-2].at).total_seconds() if len(messages) > 1 else 0.0,
        float(talk.run),
        float(own.called10),
    )
