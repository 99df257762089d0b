import asyncio
import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.protocol import ModelError
from inference.scripted import ScriptedModel
from memory.journeys import LEAST, MOST, Source, fitting, journeys, named, rule_name

START = datetime(2026, 9, 1, tzinfo=UTC)
BASIL = (
    "the basil under my grow light is flowering",
    "a second grow light for the basil",
    "grow light timers, which one?",
)
RUNS = ("ran fourteen kilometres before work", "long run planned, twenty kilometres", "my knee after forty kilometres")


def toward(degrees: float) -> tuple[float, float]:
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def sources(texts: Sequence[str], degrees: float, prefix: str, day: int = 0) -> list[Source]:
    return [
        Source(f"{prefix}{n}", t, START + timedelta(days=day + n), toward(degrees + n)) for n, t in enumerate(texts)
    ]


def test_two_interests_are_two_journeys_with_what_they_rest_on() -> None:
    found = journeys("ann", [*sources(BASIL, 0, "b"), *sources(RUNS, 90, "r", day=30)])
    assert {j.sources for j in found} == {("b2", "b1", "b0"), ("r2", "r1", "r0")}
    basil = next(j for j in found if "b0" in j.sources)
    assert (basil.first_seen, basil.last_seen) == (START, START + timedelta(days=2))
    assert basil.name == "grow light"


def test_what_was_said_twice_and_small_talk_are_no_interest() -> None:
    assert journeys("ann", sources(BASIL[: LEAST - 1], 0, "b")) == ()
    assert journeys("ann", sources(["ok", "see you tomorrow", "thanks", "yes"], 0, "s")) == ()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_sources_does_not_matter(seed: int) -> None:
    given_ = [*sources(BASIL, 0, "b"), *sources(RUNS, 90, "r")]
    mixed = random.Random(seed).sample(given_, len(given_))
    assert journeys("ann", mixed) == journeys("ann", given_)


def test_without_its_sources_nothing_of_a_journey_is_left() -> None:
    kept = sources(RUNS, 90, "r")
    assert journeys("ann", kept) == tuple(
        j for j in journeys("ann", [*sources(BASIL, 0, "b"), *kept]) if "r0" in j.sources
    )


def test_a_person_has_few_journeys_at_once() -> None:
    many = [s for n in range(5) for s in sources([f"{t} topic{n}" for t in BASIL], 72.0 * n, f"t{n}-", day=10 * n)]
    # On a circle five directions are not all apart; whatever the groups are, there are at most MOST.
    assert 1 <= len(journeys("ann", many)) <= MOST


def test_embeddings_of_two_embedders_are_named() -> None:
    odd = Source("x", "grow light and basil", START, (1.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="'ann'"):
        journeys("ann", [*sources(BASIL, 0, "b"), odd])


def test_a_journey_keeps_its_id_as_it_grows() -> None:
    short, long = (
        sources(BASIL, 0, "b"),
        [*sources(BASIL, 0, "b"), *sources(["more basil seeds arrived"], 3, "c", day=9)],
    )
    assert [j.id for j in journeys("ann", short)] == [j.id for j in journeys("ann", long)]


def test_after_two_weeks_it_is_dormant_and_says_so() -> None:
    (basil,) = journeys("ann", sources(BASIL, 0, "b"))
    soon, late = basil.last_seen + timedelta(days=3), basil.last_seen + timedelta(days=20)
    assert not basil.dormant(soon)
    assert basil.dormant(late)
    assert basil.remark("Ann", soon) == "Ann has been into grow light since 1 September."
    assert "not mentioned it for 20 days" in basil.remark("Ann", late)


def test_without_a_pair_the_rarest_common_words_name_it() -> None:
    group = ("chess with dad", "dad beat me, chess again", "a chess opening")
    assert rule_name(group, [*group, "the bus was late", "dad called"]).split(" and ")[0] == "chess"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (' "Growing basil indoors."', "growing basil indoors"),
        ("an interest in basil and grow lights", "basil and grow lights"),
        ("basil", None),
        ("the way in which somebody grows basil in a flat", None),
        ("collecting old stamps", None),
    ],
)
def test_a_name_is_short_and_borne_out_by_what_was_said(said: str, name: str | None) -> None:
    assert fitting(said, BASIL) == name


def test_the_model_names_it_or_the_rule_does() -> None:
    (basil,) = journeys("ann", sources(BASIL, 0, "b"))
    model = ScriptedModel(name="able")
    model.says.extend(["growing basil indoors", "I am a language model", ModelError("gone")])
    names = [asyncio.run(named(basil, BASIL, model, 0)) for _ in range(3)]
    assert names == ["growing basil indoors", "grow light", "grow light"]
    weak = ScriptedModel(name="tiny")
    assert asyncio.run(named(basil, BASIL, weak, 0)) == "grow light"
    assert not weak.history
    assert all(part.data for part in model.history[0].prompts[0] if part.text in BASIL)
