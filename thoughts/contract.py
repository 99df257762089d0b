"""How near an agent is to the limits of its room, and how much it may still think. Pure; the run records what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from conversation.decision import Bound
from thoughts.footing import Footing
from thoughts.policy import Policy

Level = Literal["full", "less", "measured", "mute"]
"""`less`: one quick thought instead of three. `measured`: no call to the language model; held thoughts are weighed again by
what can be measured. `mute`: no thinking."""

LESS = 0.75
"""Part of a limit from which the agent thinks less."""
MEASURED = 0.9
"""Part of a limit from which it thinks nothing new."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """`bound`: the limit that is nearest to being reached, and `used` the part of it that is gone (1 and more: all of it);
    both only where they made the level less than full."""

    level: Level = "full"
    bound: Bound | None = None
    used: float = 0.0


FULL = Allowance()


def allowance(where: Footing, policy: Policy, asked: bool) -> Allowance:
    """Of all limits the nearest decides. Whoever is `asked` thinks whole as long as the limits that hold always allow it;
    near the day's tokens it still answers, from a quick thought."""
    always: list[tuple[Bound, float]] = [("agent_budget", _part(where.agents_in_a_row, policy.agent_budget))]
    if policy.tokens_per_day is not None and where.tokens_today is not None:
        always.append(("tokens_per_day", _part(where.tokens_today, policy.tokens_per_day)))
    share = where.share(policy.talk_window) if where.said_within(DAY) else 0.0
    unasked: list[tuple[Bound, float]] = [
        ("talk_share", _part(share, policy.talk_share)),
        ("messages_per_hour", _part(where.said_this_hour, policy.messages_per_hour)),
        ("quiet_hours", float(policy.quiet_hours is not None and policy.quiet_hours.holds(where.now))),
    ]
    name, used = max(always if asked else [*always, *unasked], key=lambda one: one[1])
    level = _level(used)
    if level == "full":
        return FULL
    return Allowance("less" if asked and level == "measured" else level, name, used)


def _part(used: float, limit: float) -> float:
    """A limit of nothing is always reached. Rounded, so that three quarters of 0.4 are three quarters."""
    return round(used / limit, 9) if limit else 1.0


def _level(used: float) -> Level:
    if used >= 1.0:
        return "mute"
    return "measured" if used >= MEASURED else "less" if used >= LESS else "full"


def midnight(now: datetime, zone: str) -> datetime:
    """When the day of `now` began by the wall clock of `zone` (an IANA name), in UTC."""
    here = ZoneInfo(zone)
    return datetime.combine(now.astimezone(here).date(), time(), here).astimezone(UTC)
