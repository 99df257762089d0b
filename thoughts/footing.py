"""Where an agent stands in the talk: what a decision looks at beside thoughts, turn, policy and calibration."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.moment import Moment, TriggerKind
from personalization.receptivity import Move, goodbye, moves

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Footing:
    """Stored with the run, so that its decision can be made again under any policy, without the talk.

    `head`: seq of the last message that was seen, 0 in an empty room. `heard`: how many messages were seen; `mine`: the places
    of the agent's own among them, counted from the end, 0 the last one. `said_at`: when the agent last spoke, as far as that
    was seen. `agents_in_a_row`: messages by agents since a human wrote. `tokens_today`: what the model read anew and wrote for
    the agent since midnight; None where nobody counted. `reacted`: events since it last reacted; None: not that it is known.
    `reception`: points that the reception of what it said adds to the bar; `wish`: those that the author of the last message is
    believed to want added; `moves`: the kinds of its last messages, newest
    first; `goodbye`: whether what it thinks about is one.
    """

    agent: str
    trigger: TriggerKind
    now: datetime
    head: int
    heard: int
    mine: tuple[int, ...]
    said_at: datetime | None
    said_this_hour: int
    spoke_last: bool
    agents_in_a_row: int
    tokens_today: int | None = None
    reacted: int | None = None
    reception: float = 0.0
    moves: tuple[Move, ...] = ()
    goodbye: bool = False
    wish: float = 0.0

    def share(self, window: int) -> float:
        """The part (0–1) of the last `window` messages that are the agent's; 0 in an empty room."""
        recent = min(window, self.heard)
        return sum(place < recent for place in self.mine) / recent if recent else 0.0

    def said_within(self, span: timedelta) -> bool:
        """Whether the agent spoke at or after `now - span`."""
        return self.said_at is not None and self.said_at >= self.now - span


def footing(moment: Moment, wish: float = 0.0) -> Footing:
    me, talk = moment.agent.id, moment.transcript
    own = [(place, m.at) for place, m in enumerate(reversed(talk.messages)) if m.author.id == me]
    seen = moment.said_this_hour
    return Footing(
        agent=me,
        trigger=moment.trigger.kind,
        now=moment.now,
        head=talk.last.seq if talk.last else 0,
        heard=len(talk.messages),
        mine=tuple(place for place, _ in own),
        said_at=max((at for _, at in own), default=None),
        said_this_hour=talk.count_since(me, moment.now - HOUR) if seen is None else seen,
        spoke_last=moment.spoke_last,
        agents_in_a_row=talk.agents_since_human(),
        tokens_today=moment.tokens_today,
        reacted=moment.reacted,
        reception=moment.reception,
        wish=wish,
        moves=moves(talk, me),
        goodbye=moment.about is not None and moment.about.author.id != me and goodbye(moment.about.text),
    )
