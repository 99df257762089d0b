"""An hour of chat in milliseconds: the pure machine, driven with invented times."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.member import Member
from conversation.moment import Trigger
from tests.conversation.build import ANN, ASIDE, BOB, NOW, moment, talk
from thoughts.contract import FULL, Allowance
from thoughts.policy import Policy
from thoughts.trigger import BURST, PAUSES, Schedule, Stop, due, fired, gate, limit, message, typing, withdrawn

PAUSE, DEBOUNCE = 10.0, 1.5


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@dataclass
class Room:
    """Plays what a mind does: events at seconds since the start, and each wake-up when it is due."""

    schedule: Schedule = field(default_factory=lambda: Schedule(PAUSE, DEBOUNCE, quiet_since=NOW))
    seq: int = 0
    woke: list[tuple[float, Trigger]] = field(default_factory=list)

    def says(self, second: float, author: str = "ann", *, addressed: bool = False, wakes: bool = True) -> None:
        self.runs_until(second)
        self.seq += 1
        self.schedule = message(self.schedule, self.seq, author, addressed=addressed, wakes=wakes, now=at(second))

    def types(self, second: float, on: bool, user: str = "ann") -> None:
        self.runs_until(second)
        self.schedule = typing(self.schedule, user, on, at(second))

    def runs_until(self, second: float) -> None:
        """Wakes for everything that is due strictly before `second`."""
        while (up := due(self.schedule)) is not None and up[0] < at(second):
            self.woke.append(((up[0] - NOW).total_seconds(), up[1]))
            self.schedule = fired(self.schedule, up[1], up[0])

    def triggers(self) -> list[Trigger]:
        return [trigger for _, trigger in self.woke]


def test_nothing_runs_where_nobody_ever_spoke() -> None:
    room = Room()
    room.runs_until(3_600)
    assert room.woke == []


def test_a_message_is_thought_about_once_the_author_had_time_for_more() -> None:
    room = Room()
    room.says(0)
    room.runs_until(5)
    assert room.woke == [(DEBOUNCE, Trigger("message", 1))]


def test_a_burst_is_one_thought_about_its_last_message() -> None:
    room = Room()
    for second in (0.0, 1.0, 2.0):
        room.says(second)
    room.runs_until(9)
    assert room.woke == [(2.0 + DEBOUNCE, Trigger("message", 3))]


def test_somebody_who_never_stops_is_heard_after_four_debounces() -> None:
    room = Room()
    for second in range(13):
        room.says(float(second))
    room.runs_until(13.1)
    limit = BURST * DEBOUNCE
    assert room.woke == [(limit, Trigger("message", 7)), (7 + limit, Trigger("message", 13))]


def test_being_addressed_waits_for_nothing() -> None:
    room = Room()
    room.says(3.0, addressed=True)
    room.runs_until(3.1)
    assert room.woke == [(3.0, Trigger("addressed", 1))]


def test_a_call_within_a_burst_ends_the_wait() -> None:
    room = Room()
    room.says(0.0)
    room.says(0.5, addressed=True)
    room.runs_until(0.6)
    assert room.woke == [(0.5, Trigger("addressed", 2))]


def test_a_call_that_was_not_heard_yet_is_not_forgotten_over_the_next_message() -> None:
    called = message(Room().schedule, 1, "ann", addressed=True, wakes=True, now=NOW)
    after = message(called, 2, "ann", addressed=False, wakes=True, now=at(0.2))
    assert due(after) == (at(0.2), Trigger("addressed", 1))
    again = message(after, 3, "bob", addressed=True, wakes=True, now=at(0.3))
    assert due(again) == (at(0.3), Trigger("addressed", 3))


def test_only_more_from_the_same_author_is_waited_for() -> None:
    one = message(Room().schedule, 1, "ann", addressed=False, wakes=True, now=NOW)
    more = message(one, 2, "ann", addressed=False, wakes=True, now=at(1.0))
    assert due(more) == (at(1.0 + one.debounce), Trigger("message", 2))
    other = message(more, 3, "bob", addressed=False, wakes=True, now=at(2.0))
    assert due(other) == (at(1.0 + one.debounce), Trigger("message", 3))


def test_pauses_come_after_ten_seconds_then_double_and_end() -> None:
    room = Room()
    room.says(0.0, addressed=True)
    room.runs_until(10_000)
    pauses = [(second, trigger) for second, trigger in room.woke if trigger.kind == "pause"]
    assert [trigger.nth for _, trigger in pauses] == list(range(PAUSES))
    assert [second for second, _ in pauses] == [10.0, 30.0, 70.0, 150.0, 310.0]
    assert due(room.schedule) is None


def test_a_message_starts_the_pauses_again() -> None:
    room = Room()
    room.says(0.0)
    room.says(1_000.0)
    room.runs_until(1_015)
    assert room.woke[-1] == (1_010.0, Trigger("pause", 2, 0))


def test_typing_holds_a_pause_off_and_it_counts_from_the_end() -> None:
    room = Room()
    room.says(0.0)
    room.types(5.0, True)
    room.types(40.0, False)
    room.runs_until(55)
    assert room.woke == [(DEBOUNCE, Trigger("message", 1)), (50.0, Trigger("pause", 1, 0))]


def test_two_who_type_must_both_stop() -> None:
    room = Room()
    room.says(0.0)
    room.types(2.0, True, "ann")
    room.types(3.0, True, "bob")
    room.types(4.0, False, "ann")
    room.runs_until(100)
    assert room.triggers() == [Trigger("message", 1)]


def test_sending_ends_ones_own_typing() -> None:
    room = Room()
    room.types(0.0, True)
    room.says(2.0)
    room.runs_until(13)
    assert room.triggers() == [Trigger("message", 1), Trigger("pause", 1, 0)]


def test_a_repeated_typing_signal_is_no_news() -> None:
    typed = typing(Room().schedule, "ann", True, at(1))
    assert typing(typed, "ann", True, at(5)) is typed
    assert typing(Room().schedule, "ann", False, at(5)) == Room().schedule


def test_an_agents_own_message_wakes_nobody_when_it_is_alone() -> None:
    room = Room()
    room.says(0.0)
    room.runs_until(2)
    room.says(3.0, "aside", wakes=False)
    room.runs_until(3_600)
    assert room.triggers() == [Trigger("message", 1)]


def test_what_a_person_said_while_the_agent_spoke_is_still_thought_about() -> None:
    room = Room()
    room.says(0.0)
    room.says(0.5, "aside", wakes=False)
    room.runs_until(5)
    assert room.triggers() == [Trigger("message", 1)]


def test_after_a_lone_agents_message_typing_brings_no_pause_and_a_person_does() -> None:
    room = Room()
    room.says(0.0, "aside", wakes=False)
    room.types(5.0, True)
    room.types(6.0, False)
    room.runs_until(100)
    assert room.triggers() == []
    room.says(101.0)
    room.runs_until(120)
    assert room.triggers() == [Trigger("message", 2), Trigger("pause", 2, 0)]


events = st.lists(
    st.tuples(
        st.floats(0, 60),
        st.sampled_from(["says", "calls", "agent", "types", "stops"]),
        st.sampled_from(["ann", "bob"]),
    ),
    max_size=40,
)


def play(log: list[tuple[float, str, str]]) -> Room:
    room, clock = Room(), 0.0
    for wait, what, who in log:
        clock += wait
        match what:
            case "says" | "calls":
                room.says(clock, who, addressed=what == "calls")
            case "agent":
                room.says(clock, "aside", wakes=False)
            case _:
                room.types(clock, what == "types", who)
    room.runs_until(clock + 100_000)
    return room


@given(events)
def test_each_trigger_comes_at_most_once(log: list[tuple[float, str, str]]) -> None:
    woke = play(log).triggers()
    assert len(set(woke)) == len(woke)


@given(events)
def test_every_room_falls_silent_in_the_end(log: list[tuple[float, str, str]]) -> None:
    room = play(log)
    assert due(room.schedule) is None or room.schedule.typing
    assert sum(t.kind == "pause" for t in room.triggers()) <= PAUSES * max(1, room.seq)


@given(events)
def test_wake_ups_come_in_order_and_never_name_a_message_twice_or_backwards(log: list[tuple[float, str, str]]) -> None:
    woke = play(log).woke
    assert [second for second, _ in woke] == sorted(second for second, _ in woke)
    assert [t.seq for _, t in woke] == sorted(t.seq for _, t in woke)


@given(events)
def test_after_whatever_people_said_comes_a_thought(log: list[tuple[float, str, str]]) -> None:
    room = play(log)
    assert room.schedule.pending is None
    times = [
        sum(wait for wait, *_ in log[: i + 1]) for i, (_, what, _who) in enumerate(log) if what in ("says", "calls")
    ]
    if times:
        assert max(second for second, t in room.woke if t.kind != "pause") >= times[-1] - 1e-3


@given(events)
def test_every_call_is_taken_up_unless_a_newer_call_came_first(log: list[tuple[float, str, str]]) -> None:
    spoke = [what for _, what, _who in log if what in ("says", "calls", "agent")]
    calls = [seq for seq, what in enumerate(spoke, start=1) if what == "calls"]
    taken = [t.seq for t in play(log).triggers() if t.kind == "addressed"]
    assert set(taken) <= set(calls)
    assert taken[-1:] == calls[-1:]


@given(events)
def test_no_pause_comes_while_somebody_types(log: list[tuple[float, str, str]]) -> None:
    clock, room = 0.0, Room()
    for wait, what, who in log:
        clock += wait
        before, typists = len(room.woke), room.schedule.typing
        room.runs_until(clock)
        if typists:
            assert all(t.kind != "pause" for t in room.triggers()[before:])
        if what in ("types", "stops"):
            room.types(clock, what == "types", who)
        else:
            room.says(clock, who)


def test_the_gate_lets_an_ordinary_message_through() -> None:
    assert gate(moment(talk(ANN)), Policy()) is None


@pytest.mark.parametrize(
    ("talked", "policy", "stop"),
    [
        ((ANN,), Policy(mute_until=at(1)), Stop("muted", "muted")),
        ((ANN,), Policy(quiet_until=at(1)), Stop("asked to be quiet", "hushed")),
        ((), Policy(), Stop("empty room")),
        ((ANN, ASIDE), Policy(), Stop("spoke last", "own_turn")),
        (
            (ANN, ASIDE, Member("echo", "Echo", "agent")),
            Policy(agent_budget=2),
            Stop("agent budget spent", "agent_budget"),
        ),
        ((ANN,), Policy(agent_budget=0), Stop("agent budget spent", "agent_budget")),
    ],
)
def test_the_gate_stops_what_needs_no_model(talked: tuple[Member, ...], policy: Policy, stop: Stop) -> None:
    assert gate(moment(talk(*talked)), policy) == stop


def test_the_gate_stops_where_nobody_could_answer() -> None:
    watcher = Member("eve", "Eve", "observer")
    assert gate(moment(talk(ANN), members=(ASIDE, watcher)), Policy()) == Stop("nobody to talk to")
    assert gate(moment(talk(ANN), members=(ASIDE, watcher, BOB)), Policy()) is None


def test_a_mute_that_ran_out_stops_nothing() -> None:
    assert gate(moment(talk(ANN)), Policy(mute_until=NOW, quiet_until=NOW)) is None


def test_a_message_that_was_deleted_is_not_waited_for_and_not_thought_about() -> None:
    waiting = message(Schedule(PAUSE, DEBOUNCE, quiet_since=NOW), 3, "ann", addressed=True, wakes=True, now=NOW)
    assert withdrawn(waiting, 2) == waiting
    assert withdrawn(waiting, 3).pending is None
    talked = talk(ANN, BOB)
    gone = replace(moment(talked), trigger=Trigger("message", 3))
    assert gate(gone, Policy()) == Stop("its message was deleted")
    assert gate(replace(gone, trigger=Trigger("message", 0)), Policy()) == Stop("its message was deleted")


def test_a_limit_stops_a_run_only_when_it_is_used_up() -> None:
    assert limit(FULL) is None
    assert limit(Allowance("measured", "talk_share", 0.95)) is None
    assert limit(Allowance("mute", "talk_share", 1.0)) == Stop("talk share used up", "talk_share")
