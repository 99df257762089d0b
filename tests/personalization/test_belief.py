"""Laws of beliefs."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.belief import BOUND, HALF_LIFE, Evidence, believed, bounded, set_value, tells, updated
from personalization.space import SpaceError
from tests.personalization.build import EMOJI, LENGTH, NOW, chances, likelihoods

SHORT = (1.0, 0.2, 0.1)
LONG = (0.1, 0.2, 1.0)
pieces = st.lists(
    st.builds(
        Evidence,
        st.text("abc", min_size=1, max_size=3),
        likelihoods(3),
        st.integers(0, 400).map(lambda d: NOW - timedelta(days=d)),
    ),
    max_size=8,
)


@given(pieces)
def test_a_belief_sums_to_one_above_its_floor_and_names_its_sources(evidence: list[Evidence]) -> None:
    belief = believed(LENGTH, evidence, NOW)
    assert sum(belief.chances) == pytest.approx(1)
    assert min(belief.chances) >= LENGTH.floor - 1e-12
    assert sorted(belief.sources) == sorted(e.source for e in evidence if tells(e.likelihood))


@given(pieces, st.randoms(use_true_random=False))
def test_the_order_of_what_was_heard_does_not_matter(evidence: list[Evidence], rng: object) -> None:
    shuffled = list(evidence)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert believed(LENGTH, shuffled, NOW).chances == pytest.approx(believed(LENGTH, evidence, NOW).chances)


@given(chances(3), likelihoods(3))
def test_one_step_keeps_the_laws(before: tuple[float, ...], likelihood: tuple[float, ...]) -> None:
    after = updated(before, likelihood, 0.02)
    assert sum(after) == pytest.approx(1)
    assert min(after) >= 0.02 - 1e-12


@given(chances(3))
def test_a_message_that_tells_nothing_moves_nothing(before: tuple[float, ...]) -> None:
    assert updated(before, (0.3, 0.3, 0.3), 0.001) == pytest.approx(before)


def test_a_message_that_tells_nothing_is_no_source() -> None:
    belief = believed(LENGTH, [Evidence("m1", (0.4, 0.4, 0.41), NOW), Evidence("m2", SHORT, NOW)], NOW)
    assert belief.sources == ("m2",)
    assert believed(LENGTH, [], NOW).chances == LENGTH.prior


def test_bayes_by_hand() -> None:
    # 0.5·1 : 0.3·0.2 : 0.2·0.1
    assert believed(LENGTH, [Evidence("m", SHORT, NOW)], NOW).chances == pytest.approx((50 / 58, 6 / 58, 2 / 58))


def test_no_single_message_is_trusted_beyond_the_bound() -> None:
    assert bounded((1.0, 1e-9)) == (1.0, 1 / BOUND)
    assert updated((0.5, 0.5), (1.0, 1e-9), 0.001)[0] == pytest.approx(BOUND / (BOUND + 1))


def test_what_was_heard_long_ago_tells_half_as_much_after_each_half_life() -> None:
    old = believed(EMOJI, [Evidence("m", (0.9, 0.1), NOW - HALF_LIFE)], NOW).chances
    assert old[0] / old[1] == pytest.approx(9**0.5)
    ages = [believed(EMOJI, [Evidence("m", (0.9, 0.1), NOW - n * HALF_LIFE)], NOW).chances[0] for n in range(9)]
    assert ages == sorted(ages, reverse=True)
    assert ages[-1] == pytest.approx(0.5, abs=0.01)


def test_a_clock_that_runs_backwards_strengthens_nothing() -> None:
    ahead = believed(EMOJI, [Evidence("m", (0.9, 0.1), NOW + timedelta(days=9))], NOW)
    assert ahead.chances == pytest.approx((0.9, 0.1))


def test_erasing_a_message_erases_what_came_of_it() -> None:
    kept, erased = Evidence("m1", SHORT, NOW), Evidence("m2", LONG, NOW)
    assert believed(LENGTH, [kept, erased], NOW) != believed(LENGTH, [kept], NOW)
    assert believed(LENGTH, [e for e in (kept, erased) if e.source != "m2"], NOW) == believed(LENGTH, [kept], NOW)


def test_a_value_set_by_hand_is_not_inferred_over_and_does_not_fade() -> None:
    by_hand = set_value(LENGTH, "long", "profile", NOW - timedelta(days=900))
    belief = believed(LENGTH, [by_hand, *(Evidence(f"m{i}", SHORT, NOW) for i in range(9))], NOW)
    assert belief.chances[2] > 0.95
    assert belief.sources == ("profile",)
    again = set_value(LENGTH, "medium", "profile 2", NOW)
    assert believed(LENGTH, [by_hand, again], NOW).chances[1] > 0.95
    with pytest.raises(SpaceError, match="'huge'"):
        set_value(LENGTH, "huge", "profile", NOW)


def test_a_likelihood_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(0\.5, 0\.0\)"):
        updated((0.5, 0.5), (0.5, 0.0), 0.02)


def test_what_was_said_elsewhere_or_at_other_hours_tells_less_here() -> None:
    def short(room: str, hours: int) -> float:
        said = Evidence("m", SHORT, NOW - timedelta(hours=hours), room="kitchen")
        return believed(LENGTH, [said], NOW, room).chances[0]

    whole = believed(LENGTH, [Evidence("m", SHORT, NOW)], NOW).chances[0]
    assert short("kitchen", 0) == pytest.approx(whole)
    assert short("kitchen", 24) > short("kitchen", 12) > short("hall", 24) > short("hall", 12) > LENGTH.prior[0]
    assert short("kitchen", 18) == pytest.approx(short("kitchen", 6), abs=0.01)


def test_a_set_value_holds_in_every_room_at_every_hour() -> None:
    by_hand = set_value(LENGTH, "long", "by-hand", NOW - timedelta(hours=12))
    said = Evidence("m", SHORT, NOW, room="hall")
    assert believed(LENGTH, [by_hand, said], NOW, "hall").chances == believed(LENGTH, [by_hand], NOW).chances
