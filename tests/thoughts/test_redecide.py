"""The time machine: the same policy gives the same decisions, and another says why it differs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.decision import Decision
from conversation.member import Member
from conversation.moment import Trigger
from conversation.score import Raw, Score
from conversation.thought import Thought
from heuristics.calibration import Bars, calibration_for
from heuristics.motivation import HEURISTICS, motivation, recalibrated
from tests.conversation.build import ANN, ASIDE, BOB, NOW, moment, talk, thought
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import footing
from thoughts.participation import arbitrate, decide
from thoughts.policy import Policy
from thoughts.redecide import Logged, Redecided, drive_of, rates, redecide, reweighted

CALIBRATION = replace(calibration_for("default"), presets={"active": Bars(3.5, 4.5, 2.0, 0.0)})
ECHO = Member("echo", "Echo", "agent")
POLICY = Policy()
OPEN = Turn({"anyone": 1.0}, None)
RENAMED = replace(CALIBRATION, name="the same by another name")


def scores(judged: float, silent: float = 0.0) -> tuple[Score, ...]:
    plain = [
        Score(h.name, 0.0, "judged", None, Raw(judged=judged) if h.asks else Raw(measured=silent)) for h in HEURISTICS
    ]
    return recalibrated(plain, CALIBRATION)


def idea(name: str, judged: float, policy: Policy, silent: float = 0.0, **fields: Any) -> Thought:
    rated = scores(judged, silent)
    drive = motivation(rated, CALIBRATION, policy.silence_growth, policy.silence_cap)
    return replace(thought(name, **fields), scores=rated, motivation=drive)


def run(
    ideas: Sequence[Thought],
    policy: Policy = POLICY,
    *,
    name: str = "r1",
    me: Member = ASIDE,
    turn: Turn = OPEN,
    who: Sequence[Member] = (ANN,),
    kind: Any = "message",
    seed: int = 1,
) -> Logged:
    where = footing(moment(talk(*who), agent=me, kind=kind))
    decision = decide(where, ideas, turn, policy, CALIBRATION, seed)
    cause = Trigger(kind, where.head)
    return Logged(name, me.id, cause, seed, NOW, CALIBRATION.name, tuple(ideas), decision, Basis(where, turn, policy))


def settled(*runs: Logged) -> list[Logged]:
    """As the service stores them: one of several agents speaks."""
    outcome = arbitrate({r.agent: (r.decision, drive_of(r.thoughts, r.decision) or 0.0) for r in runs})
    return [replace(r, decision=outcome[r.agent]) for r in runs]


def under(log: Sequence[Logged], **fields: Any) -> list[Redecided]:
    return list(redecide(log, CALIBRATION, lambda agent, policy: replace(policy, **fields)))


# -- the law -----------------------------------------------------------------------------------------------------------

ratings = st.floats(1, 5)
policies = st.builds(
    Policy,
    im_threshold=st.none() | ratings,
    system1_prob=st.floats(0, 1),
    silence_growth=st.floats(1, 1.2),
    silence_cap=st.integers(0, 30),
    talk_share=st.floats(0, 1),
    talk_window=st.integers(2, 20),
    messages_per_hour=st.integers(0, 5),
    min_gap=st.floats(0, 7_000),
    agent_budget=st.integers(0, 3),
    mode=st.sampled_from(["speak", "speak", "shadow", "suggest"]),
)
turns = st.sampled_from([OPEN, Turn({"bob": 0.6, "anyone": 0.4}, None), Turn({"aside": 1.0}, "aside")])


@st.composite
def logs(draw: st.DrawFn) -> list[Logged]:
    found = []
    for n in range(draw(st.integers(1, 4))):
        who = draw(st.lists(st.sampled_from([ANN, BOB, ASIDE, ECHO]), min_size=n + 1, max_size=n + 1))
        kind, group = draw(st.sampled_from(["message", "pause", "addressed"])), []
        for me in (ASIDE, ECHO):
            policy = draw(policies)
            ideas = [
                idea(f"t{i}", draw(ratings), policy, draw(st.integers(0, 40)), kind=draw(kinds))
                for i in range(draw(st.integers(0, 3)))
            ]
            one = run(
                ideas,
                policy,
                name=f"r{n}-{me.id}",
                me=me,
                turn=draw(turns),
                who=who,
                kind=kind,
                seed=draw(st.integers(0, 2**32 - 1)),
            )
            group.append(one)
        found += settled(*group)
    return found


kinds: st.SearchStrategy[Any] = st.sampled_from(["system1", "system2"])


@given(logs())
@pytest.mark.parametrize("calibration", [CALIBRATION, RENAMED], ids=["as stored", "rated again"])
def test_under_the_same_policy_every_decision_is_the_same_to_the_last_bit(calibration: Any, log: list[Logged]) -> None:
    again = list(redecide(log, calibration))
    assert {one.run.id: one.decision for one in again} == {r.id: r.decision for r in log}
    assert all(one.drive == one.drive_before and not one.flipped for one in again)


# -- another policy ----------------------------------------------------------------------------------------------------


def test_a_lower_bar_lets_it_speak_and_says_so() -> None:
    (one,) = under([run([idea("t1", 3.2, Policy())])], im_threshold=3.0)
    assert one.flipped
    assert (one.run.decision.act, one.decision.act) == ("hold", "speak")
    assert one.why == "the bar is 3.00, it was 3.50"


@pytest.mark.parametrize(
    ("then", "now", "act", "why"),
    [
        ({"mode": "shadow"}, {"mode": "speak"}, "speak", "shadow no longer holds it back"),
        ({}, {"messages_per_hour": 0}, "hold", "messages per hour holds it back"),
        ({}, {"mode": "suggest"}, "hold", "suggest holds it back"),
    ],
)
def test_a_bound_that_comes_or_goes_is_named(then: Any, now: Any, act: str, why: str) -> None:
    policy = Policy(**then)
    (one,) = under([run([idea("t1", 4.5, policy)], policy)], **now)
    assert (one.decision.act, one.why, one.flipped) == (act, why, True)


def test_silence_that_counts_for_more_raises_motivation() -> None:
    (one,) = under([run([idea("t1", 3.0, Policy(), silent=10.0)])], silence_growth=1.1)
    assert one.decision.act == "speak"
    assert one.why == f"motivation is {one.drive:.2f}, it was {one.drive_before:.2f}"


def test_other_weights_choose_another_thought() -> None:
    policy = Policy()
    plain = idea("t1", 3.0, policy)
    urgent = tuple(
        replace(s, raw=Raw(judged=5.0))
        if s.heuristic == "urgency"
        else replace(s, raw=Raw(judged=2.9))
        if s.raw.judged
        else s
        for s in plain.scores
    )
    other = replace(plain, id="t2", scores=recalibrated(urgent, CALIBRATION))
    rated = replace(other, motivation=motivation(other.scores, CALIBRATION, 1.02, 10))
    weights = {h.name: 0.0 for h in HEURISTICS if h.asks} | {"urgency": 1.0}
    (one,) = redecide([run([plain, rated])], reweighted(CALIBRATION, weights))
    assert (one.decision.thought, one.decision.act) == ("t2", "speak")


def test_a_weight_for_no_heuristic_is_refused() -> None:
    with pytest.raises(KeyError, match="humour"):
        reweighted(CALIBRATION, {"humour": 1.0})


def test_one_agent_changed_changes_who_of_several_speaks() -> None:
    log = settled(run([idea("t1", 4.0, Policy())], name="r1"), run([idea("t2", 4.6, Policy())], name="r2", me=ECHO))
    assert [r.decision.bound for r in log] == ["outbid", None]
    changed = redecide(
        log, CALIBRATION, lambda agent, policy: replace(policy, mode="shadow") if agent == "echo" else policy
    )
    assert [one.decision.act for one in changed] == ["speak", "hold"]


def test_what_was_never_decided_stays_as_it_was() -> None:
    silent = Decision("silent", None, "none", None, "It did not think: muted.")
    gated = Logged("r1", "aside", Trigger("message", 1), 0, NOW, CALIBRATION.name, (), silent, None)
    (one,) = under([gated], im_threshold=1.0)
    assert (one.decision, one.drive, one.flipped) == (silent, None, False)


# -- rates -------------------------------------------------------------------------------------------------------------


def test_rates_count_acts_and_messages() -> None:
    acts: list[Any] = ["speak", "speak", "hold", "silent", "react"]
    found = rates([Decision(act, None, "open", None, "") for act in acts], timedelta(hours=4), others=6)
    assert (found.decisions, found.speak, found.react, found.hold, found.silent) == (5, 2, 1, 1, 1)
    assert (found.rate, found.share, found.per_hour) == (0.4, 0.25, 0.5)


def test_rates_of_nothing_are_nothing_and_a_short_log_counts_as_an_hour() -> None:
    assert rates([], timedelta(), 0).rate == 0.0
    one = rates([Decision("speak", "t", "open", 1.0, "")], timedelta(minutes=1), 0)
    assert (one.per_hour, one.share) == (1.0, 1.0)
