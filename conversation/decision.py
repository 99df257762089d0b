"""What the agent decided to do. Silence is a value here, never a string in the room."""

from dataclasses import dataclass
from typing import Literal

Act = Literal["speak", "react", "hold", "silent"]
Branch = Literal["mine", "open", "theirs", "none"]
Bound = Literal[
    "muted",
    "hushed",
    "shadow",
    "suggest",
    "quiet_hours",
    "talk_share",
    "messages_per_hour",
    "tokens_per_day",
    "min_gap",
    "agent_budget",
    "own_turn",
    "outbid",
    "reacted_lately",
    "goodbye",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """`bar`: the motivation that was needed, 1–5; None where no bar applied. `bound`: the limit outside the model that
    bit, if one did. `hold` keeps a thought for later, because it is below the bar or a bound bit; `silent` had none to keep.
    `emoji`: with what it reacts."""

    act: Act
    thought: str | None
    branch: Branch
    bar: float | None
    reason: str
    bound: Bound | None = None
    emoji: str | None = None
