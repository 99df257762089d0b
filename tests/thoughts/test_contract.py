"""How near the limits are, and what an agent may still do."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.decision import Bound
from tests.conversation.build import ANN, NOW, moment, talk
from thoughts.contract import FULL, Allowance, Level, allowance, midnight
from thoughts.footing import Footing, footing
from thoughts.policy import Policy, QuietHours

NOTHING = footing(moment(talk(ANN)))
DAY = Policy(tokens_per_day=1_000)


def shared(mine: int, heard: int = 100) -> Footing:
    """The agent wrote `mine` of the last `heard` messages."""
    return replace(NOTHING, heard=heard, mine=tuple(range(mine)), said_at=NOW - timedelta(hours=2))


def test_a_share_of_yesterday_is_none() -> None:
    old = replace(shared(20, 20), said_at=NOW - timedelta(days=2))
    assert allowance(old, Policy(), asked=False) == FULL
    assert allowance(old, Policy(talk_share=0.0), asked=False).level == "mute"


@pytest.mark.parametrize(
    ("used", "policy", "level", "bound"),
    [
        (NOTHING, Policy(), "full", None),
        (shared(29), Policy(talk_window=100), "full", None),
        (shared(30), Policy(talk_window=100), "less", "talk_share"),
        (shared(36), Policy(talk_window=100), "measured", "talk_share"),
        (shared(40), Policy(talk_window=100), "mute", "talk_share"),
        (replace(NOTHING, said_this_hour=22), Policy(), "full", None),
        (replace(NOTHING, said_this_hour=23), Policy(), "less", "messages_per_hour"),
        (replace(NOTHING, said_this_hour=27), Policy(), "measured", "messages_per_hour"),
        (replace(NOTHING, said_this_hour=30), Policy(), "mute", "messages_per_hour"),
        (NOTHING, Policy(messages_per_hour=0), "mute", "messages_per_hour"),
        (replace(NOTHING, tokens_today=749), DAY, "full", None),
        (replace(NOTHING, tokens_today=750), DAY, "less", "tokens_per_day"),
        (replace(NOTHING, tokens_today=900), DAY, "measured", "tokens_per_day"),
        (replace(NOTHING, tokens_today=1_000), DAY, "mute", "tokens_per_day"),
        (replace(NOTHING, tokens_today=9_000), Policy(), "full", None),
        (replace(NOTHING, agents_in_a_row=2), Policy(), "mute", "agent_budget"),
        (NOTHING, Policy(quiet_hours=QuietHours(time(11), time(13), "UTC")), "mute", "quiet_hours"),
        (
            replace(NOTHING, said_this_hour=24, mine=(0,), heard=3, said_at=NOW),
            Policy(talk_share=0.36),
            "measured",
            "talk_share",
        ),
    ],
)
def test_as_a_limit_nears_it_thinks_less_then_nothing_new_then_not_at_all(
    used: Footing, policy: Policy, level: Level, bound: Bound | None
) -> None:
    found = allowance(used, policy, asked=False)
    assert (found.level, found.bound) == (level, bound)


def test_how_much_is_used_is_told_where_it_matters() -> None:
    assert allowance(replace(NOTHING, said_this_hour=24), Policy(), asked=False) == Allowance(
        "less", "messages_per_hour", 0.8
    )
    assert allowance(replace(NOTHING, said_this_hour=3), Policy(), asked=False) == FULL


@pytest.mark.parametrize(("tokens", "level"), [(0, "full"), (800, "less"), (950, "less"), (1_000, "mute")])
def test_whoever_is_asked_answers_as_long_as_the_day_has_tokens(tokens: int, level: Level) -> None:
    much = replace(shared(100), said_this_hour=99, tokens_today=tokens)
    assert allowance(much, DAY, asked=True).level == level


LEVELS: tuple[Level, ...] = ("full", "less", "measured", "mute")


@given(
    mine=st.integers(0, 20),
    hour=st.integers(0, 60),
    tokens=st.integers(0, 2_000),
    more=st.integers(0, 500),
    asked=st.booleans(),
)
def test_spending_more_never_lets_it_think_more(mine: int, hour: int, tokens: int, more: int, asked: bool) -> None:
    before = replace(shared(mine, 20), said_this_hour=hour, tokens_today=tokens)
    after = replace(before, tokens_today=tokens + more, said_this_hour=hour + more)
    levels = [LEVELS.index(allowance(where, DAY, asked).level) for where in (before, after)]
    assert levels == sorted(levels)


@pytest.mark.parametrize(
    ("zone", "began"),
    [
        ("UTC", datetime(2026, 3, 14, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 3, 13, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 14, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_where_the_room_is(zone: str, began: datetime) -> None:
    assert midnight(NOW, zone) == began


def test_the_day_on_which_the_clocks_change_begins_by_the_old_clock() -> None:
    assert midnight(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)
