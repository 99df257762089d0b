"""When it speaks: three branches, their bars, and the bounds that stand outside any model."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.decision import Bound, Branch, Decision
from conversation.member import Member
from conversation.moment import Moment, TriggerKind
from conversation.thought import Thought, ThoughtKind
from conversation.transcript import Transcript
from heuristics.calibration import Bars, calibration_for
from tests.conversation.build import ANN, ASIDE, BOB, NOW, message, moment, talk, thought
from thoughts.evaluation import Turn
from thoughts.footing import Footing, footing
from thoughts.participation import arbitrate, bound, branch_of, decide, intend
from thoughts.policy import Policy, QuietHours

CALIBRATION = replace(calibration_for("default"), presets={"active": Bars(3.5, 4.5, 2.0, 0.0)})
POLICY = Policy()
SPEAKING = ("speak", "react")


def turn(named: str | None = None, **chances: float) -> Turn:
    return Turn({named: 1.0} if named else chances or {"anyone": 1.0}, named)


OPEN, THEIRS, MINE, CALLED = turn(), turn(bob=0.6, anyone=0.4), turn(aside=0.5, bob=0.4, anyone=0.1), turn("aside")


def where(log: Transcript, kind: TriggerKind = "message") -> Footing:
    return footing(moment(log, kind=kind))


def decided(
    motivation: float, whose: Turn = OPEN, policy: Policy = POLICY, now: Moment | None = None, **fields: Any
) -> Decision:
    one = thought(motivation=motivation, **fields)
    return decide(footing(now or moment(talk(ANN))), [one], whose, policy, CALIBRATION, seed=1)


@pytest.mark.parametrize(
    ("whose", "branch", "bar"),
    [(MINE, "mine", 2.0), (CALLED, "mine", 2.0), (OPEN, "open", 3.5), (THEIRS, "theirs", 4.5)],
)
def test_each_branch_has_its_bar_and_reaching_it_is_enough(whose: Turn, branch: Branch, bar: float) -> None:
    over, under = decided(bar, whose), decided(bar - 0.01, whose)
    assert (over.act, over.branch, over.bar, over.thought) == ("speak", branch, bar, "t1")
    assert (under.act, under.branch, under.bar, under.thought) == ("hold", branch, bar, "t1")
    assert f"{bar:.2f}" in over.reason


@pytest.mark.parametrize(
    ("whose", "kind", "branch"),
    [
        (turn("aside"), "message", "mine"),
        (turn("bob"), "message", "theirs"),
        (turn("bob"), "pause", "open"),
        (turn(bob=0.9, anyone=0.1), "message", "theirs"),
        (turn(bob=0.9, anyone=0.1), "pause", "open"),
        (turn(aside=0.9, anyone=0.1), "message", "mine"),
        (turn(aside=0.3, bob=0.3, anyone=0.4), "message", "open"),
    ],
)
def test_the_turn_is_whoevers_is_most_probable_and_a_pause_is_everybodys(
    whose: Turn, kind: TriggerKind, branch: Branch
) -> None:
    assert branch_of(where(talk(ANN), kind=kind), whose) == branch


def test_nothing_came_up_is_silence() -> None:
    assert decide(where(talk(ANN)), [], OPEN, POLICY, CALIBRATION, 1).act == "silent"
    unrated = [thought(motivation=None)]
    assert decide(where(talk(ANN)), unrated, OPEN, POLICY, CALIBRATION, 1).act == "silent"


def test_the_most_motivated_thought_is_the_one_and_ties_go_by_id() -> None:
    three = [thought("c", motivation=4.0), thought("b", motivation=4.2), thought("a", motivation=4.2)]
    assert decide(where(talk(ANN)), three, OPEN, POLICY, CALIBRATION, 1).thought == "a"


def test_the_chance_of_a_quick_thought_is_as_large_as_the_policy_says_and_repeatable() -> None:
    policy = Policy(system1_prob=0.3)
    pair = [thought("slow", motivation=3.0), thought("quick", kind="system1", motivation=2.0)]

    def spoken() -> list[str | None]:
        found = [decide(where(talk(ANN)), pair, OPEN, policy, CALIBRATION, seed) for seed in range(1_000)]
        return [d.thought if d.act == "speak" else None for d in found]

    first = spoken()
    assert first == spoken()
    assert set(first) == {"quick", None}
    assert 250 < first.count("quick") < 350


@pytest.mark.parametrize(("prob", "act"), [(0.0, "hold"), (1.0, "speak")])
def test_the_chance_at_its_ends_is_never_and_always(prob: float, act: str) -> None:
    policy = Policy(system1_prob=prob)
    for seed in range(50):
        one = [thought(kind="system1", motivation=1.0)]
        assert decide(where(talk(ANN)), one, OPEN, policy, CALIBRATION, seed).act == act


@pytest.mark.parametrize(("whose", "motivation"), [(THEIRS, 4.0), (MINE, 1.5)])
def test_a_quick_thought_slips_out_on_an_open_turn_only(whose: Turn, motivation: float) -> None:
    assert decided(motivation, whose, Policy(system1_prob=1.0), kind="system1").act == "hold"


def test_a_slow_thought_never_slips_out() -> None:
    assert decided(3.0, OPEN, Policy(system1_prob=1.0), kind="system2").act == "hold"


# -- bounds ------------------------------------------------------------------------------------------------------------

NIGHT = QuietHours(time(11), time(13), "UTC")
FLOOD = Transcript(tuple(message(n, ASIDE if n % 2 else ANN, ago=3_000 - 60 * n) for n in range(1, 13)))
LATELY = Transcript(tuple(message(n, ASIDE if n in (9, 11) else ANN, ago=3_000 - 60 * n) for n in range(1, 13)))
SOON = Transcript((message(1, ASIDE, ago=3), message(2, ANN, ago=1)))
ASIDE_AND_ECHO = talk(ANN, Member("echo", "Echo", "agent"), Member("echo", "Echo", "agent"))

ALWAYS = [
    (talk(ANN), Policy(mute_until=NOW + timedelta(seconds=1)), "muted"),
    (talk(ANN), Policy(quiet_until=NOW + timedelta(seconds=1)), "hushed"),
    (talk(ANN, ASIDE), POLICY, "own_turn"),
    (ASIDE_AND_ECHO, POLICY, "agent_budget"),
    (talk(ANN), Policy(mode="shadow"), "shadow"),
    (talk(ANN), Policy(mode="suggest"), "suggest"),
]
UNASKED = [
    (talk(ANN), Policy(quiet_hours=NIGHT), "quiet_hours"),
    (FLOOD, POLICY, "talk_share"),
    (FLOOD, Policy(talk_share=0.5), "talk_share"),
    (LATELY, Policy(talk_window=4), "talk_share"),
    (FLOOD, Policy(talk_share=1.0, messages_per_hour=6), "messages_per_hour"),
    (talk(ANN), Policy(messages_per_hour=0), "messages_per_hour"),
    (SOON, Policy(talk_share=1.0), "min_gap"),
]


@pytest.mark.parametrize(("log", "policy", "bit"), ALWAYS)
@pytest.mark.parametrize("asked", [False, True])
def test_these_bounds_hold_even_when_asked(log: Transcript, policy: Policy, bit: Bound, asked: bool) -> None:
    assert bound(where(log), policy, asked) == bit


@pytest.mark.parametrize(("log", "policy", "bit"), UNASKED)
def test_these_bounds_hold_for_what_nobody_asked_for(log: Transcript, policy: Policy, bit: Bound) -> None:
    assert bound(where(log), policy, asked=False) == bit
    assert bound(where(log), policy, asked=True) is None


@pytest.mark.parametrize(("log", "policy", "bit"), ALWAYS + UNASKED)
def test_a_bound_that_bites_holds_the_thought_and_is_named(log: Transcript, policy: Policy, bit: Bound) -> None:
    held = decide(where(log), [thought(motivation=5.0)], OPEN, policy, CALIBRATION, 1)
    assert (held.act, held.bound, held.thought) == ("hold", bit, "t1")
    assert bit.replace("_", " ") in held.reason


@pytest.mark.parametrize(
    ("log", "policy"),
    [
        (talk(ANN), POLICY),
        (talk(ANN), Policy(mute_until=NOW, quiet_until=NOW)),
        (talk(ANN), Policy(tokens_per_day=1)),
        (FLOOD, Policy(talk_share=0.51)),
        (LATELY, Policy(talk_window=12)),
        (FLOOD, Policy(talk_share=1.0, messages_per_hour=7)),
        (SOON, Policy(talk_share=1.0, min_gap=2.0)),
        (ASIDE_AND_ECHO, Policy(agent_budget=3)),
        (talk(ANN), Policy(quiet_hours=QuietHours(time(13), time(11), "UTC"))),
        (talk(ANN), Policy(quiet_hours=replace(NIGHT, zone="Asia/Tokyo"))),
    ],
)
def test_just_inside_every_bound_nothing_bites(log: Transcript, policy: Policy) -> None:
    assert bound(where(log), policy, asked=False) is None


@pytest.mark.parametrize("asked", [False, True])
def test_a_day_that_is_used_up_is_over_for_everybody(asked: bool) -> None:
    now = replace(where(talk(ANN)), tokens_today=5_000)
    assert bound(now, Policy(tokens_per_day=5_000), asked) == "tokens_per_day"
    assert bound(now, Policy(tokens_per_day=5_001), asked) is None


def test_a_share_of_yesterday_forbids_nothing_today() -> None:
    yesterday = Transcript((message(1, ASIDE, ago=90_000), message(2, ANN, ago=1)))
    assert bound(where(yesterday), POLICY, asked=False) is None


def test_a_bound_is_no_reason_where_nothing_was_wanted() -> None:
    assert decided(1.0, policy=Policy(mode="shadow")).bound is None


def test_being_asked_is_being_named_not_only_expected() -> None:
    quiet = Policy(quiet_hours=NIGHT)
    assert decided(4.0, CALLED, quiet).act == "speak"
    assert decided(4.0, MINE, quiet).bound == "quiet_hours"


# -- laws --------------------------------------------------------------------------------------------------------------

motivations = st.floats(1, 5)
thought_kinds: st.SearchStrategy[ThoughtKind] = st.sampled_from(["system1", "system2"])
ideas = st.lists(st.tuples(motivations, thought_kinds), max_size=5).map(
    lambda found: [thought(f"t{i}", motivation=m, kind=k) for i, (m, k) in enumerate(found)]
)
talks = st.lists(st.sampled_from([ANN, BOB, ASIDE]), min_size=1, max_size=12).map(lambda who: talk(*who))
turns = st.sampled_from([OPEN, THEIRS, MINE, CALLED, turn("bob")])
kinds = st.sampled_from(["message", "pause", "addressed"])
policies = st.builds(
    Policy,
    im_threshold=motivations,
    interrupt_threshold=motivations,
    allocated_threshold=motivations,
    system1_prob=st.floats(0, 1),
    talk_share=st.floats(0, 1),
    messages_per_hour=st.integers(0, 20),
    min_gap=st.floats(0, 600),
    agent_budget=st.integers(0, 3),
    mode=st.sampled_from(["speak", "shadow", "suggest"]),
)
seeds = st.integers(0, 2**32 - 1)


@given(log=talks, kind=kinds, found=ideas, whose=turns, policy=policies, seed=seeds)
def test_the_same_values_give_the_same_decision(
    log: Transcript, kind: TriggerKind, found: list[Thought], whose: Turn, policy: Policy, seed: int
) -> None:
    first, again, shuffled = (
        decide(where(log, kind=kind), given_, whose, policy, CALIBRATION, seed)
        for given_ in (found, found, found[::-1])
    )
    assert first == again == shuffled


@given(log=talks, kind=kinds, found=ideas, whose=turns, policy=policies, seed=seeds)
def test_it_speaks_only_a_thought_it_had_and_only_in_mode_speak(
    log: Transcript, kind: TriggerKind, found: list[Thought], whose: Turn, policy: Policy, seed: int
) -> None:
    decision = decide(where(log, kind=kind), found, whose, policy, CALIBRATION, seed)
    assert decision.thought in {None, *(t.id for t in found)}
    assert (decision.act == "silent") == (not found)
    if decision.act in SPEAKING:
        assert policy.mode == "speak"
        assert decision.bound is None
        assert log.last is not None
        assert log.last.author.id != ASIDE.id


@given(log=talks, kind=kinds, found=ideas, whose=turns, policy=policies, seed=seeds, more=st.floats(0, 4))
@pytest.mark.parametrize("bar", ["im_threshold", "interrupt_threshold", "allocated_threshold"])
def test_raising_a_bar_never_makes_it_speak(
    bar: str,
    log: Transcript,
    kind: TriggerKind,
    found: list[Thought],
    whose: Turn,
    policy: Policy,
    seed: int,
    more: float,
) -> None:
    changed: dict[str, Any] = {bar: getattr(policy, bar) + more}
    higher = replace(policy, **changed)
    before, after = (decide(where(log, kind=kind), found, whose, p, CALIBRATION, seed) for p in (policy, higher))
    assert not (after.act in SPEAKING and before.act not in SPEAKING)


@given(found=ideas, whose=turns, policy=policies, seed=seeds)
def test_without_the_chance_it_wants_to_speak_exactly_from_the_bar_on(
    found: list[Thought], whose: Turn, policy: Policy, seed: int
) -> None:
    plain = replace(policy, system1_prob=0.0)
    intent = intend(where(talk(ANN)), found, whose, plain, CALIBRATION, seed)
    best = max((t.motivation or 0.0 for t in found), default=None)
    assert intent.wants == (best is not None and intent.bar is not None and best >= intent.bar)


# -- reacting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Nice!", "ok", "Great idea!", "Haha, good one.", "Thank you so much!", "I agree.", "I really like that idea"],
)
def test_a_mere_nod_becomes_a_reaction(text: str) -> None:
    assert decided(4.0, OPEN, text=text).act == "react"


@pytest.mark.parametrize(
    "text",
    ["Nice to swim there in June.", "Ok but who drives?", "Goodbye", "Okra is good", "I like swimming in June.", ""],
)
def test_what_says_more_is_said(text: str) -> None:
    assert decided(4.0, OPEN, text=text).act == "speak"


@pytest.mark.parametrize(
    ("reacted", "act", "bit"), [(0, "hold", "reacted_lately"), (4, "hold", "reacted_lately"), (5, "react", None)]
)
def test_it_does_not_nod_at_everything(reacted: int, act: str, bit: Bound | None) -> None:
    lately = replace(moment(talk(ANN)), reacted=reacted)
    nod = decided(4.0, OPEN, now=lately, text="Thanks!")
    assert (nod.act, nod.bound, nod.emoji) == (act, bit, "🙏" if act == "react" else None)
    assert decided(4.0, OPEN, now=lately).act == "speak"


def test_whoever_is_asked_answers_in_words() -> None:
    assert decided(4.0, CALLED, text="Yes!").act == "speak"


# -- several agents ----------------------------------------------------------------------------------------------------


def wanting(act: str, name: str = "t") -> Decision:
    return Decision(act, name, "open", 3.5, "It wants to.")  # type: ignore[arg-type]


def test_of_several_the_most_motivated_speaks_and_the_others_hold() -> None:
    outcome = arbitrate({"a": (wanting("speak"), 3.9), "b": (wanting("react"), 4.1), "c": (wanting("hold"), 5.0)})
    assert [outcome[agent].act for agent in "abc"] == ["hold", "react", "hold"]
    assert (outcome["a"].bound, outcome["b"].bound, outcome["c"].bound) == ("outbid", None, None)


def test_equal_motivation_goes_to_the_first_id() -> None:
    outcome = arbitrate({"b": (wanting("speak"), 4.0), "a": (wanting("speak"), 4.0)})
    assert (outcome["a"].act, outcome["b"].act) == ("speak", "hold")


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(st.sampled_from(["speak", "react", "hold", "silent"]), motivations)
    )
)
def test_exactly_one_speaks_where_any_would_and_it_is_the_highest(found: dict[str, tuple[str, float]]) -> None:
    outcome = arbitrate({agent: (wanting(act), drive) for agent, (act, drive) in found.items()})
    would = [drive for act, drive in found.values() if act in SPEAKING]
    speaks = [agent for agent, decision in outcome.items() if decision.act in SPEAKING]
    assert len(speaks) == min(1, len(would))
    assert [found[agent][1] for agent in speaks] == ([max(would)] if would else [])
    assert all(outcome[agent].act == act for agent, (act, _) in found.items() if act not in SPEAKING)


# -- reception ---------------------------------------------------------------------------------------------------------


def test_how_it_was_received_moves_the_bar_of_what_nobody_asked_for() -> None:
    welcome, unwelcome = (replace(moment(talk(ANN)), reception=points) for points in (-0.1, 0.3))
    assert (decided(3.45, now=welcome).act, decided(3.7, now=unwelcome).act) == ("speak", "hold")
    assert decided(3.7, now=unwelcome).bar == pytest.approx(3.8)
    assert decided(2.0, CALLED, now=unwelcome).act == "speak"


def test_the_same_move_again_needs_more() -> None:
    asked = moment(talk((ASIDE, "tea?"), ANN, BOB, ANN, BOB, ANN))
    assert decided(3.6, now=asked, text="And cake?").act == "hold"
    assert decided(3.6, now=asked, text="The lake is warm.").act == "speak"


def test_a_goodbye_is_never_answered_with_a_hook() -> None:
    leaving = moment(talk(ANN, (BOB, "ok, good night!")))
    held = decided(5.0, now=leaving, text="What will you do tomorrow?", kind="system1")
    assert (held.act, held.bound) == ("hold", "goodbye")
    called = moment(talk(ANN, (BOB, "good night Aside")))
    assert decided(5.0, CALLED, now=called, text="I wonder what you will dream of.", kind="system1").bound == "goodbye"
    assert decided(5.0, now=leaving, text="Sleep well.", kind="system1").act == "speak"
    pair = [
        thought("a", motivation=5.0, text="Where to?"),
        thought("b", motivation=4.0, text="Sleep well.", kind="system1"),
    ]
    assert decide(footing(leaving), pair, OPEN, POLICY, CALIBRATION, 1).thought == "b"
