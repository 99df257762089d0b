from dataclasses import replace

import pytest

from conversation.events import events_of
from conversation.member import Member
from conversation.scene import NUMBERS, Scene
from conversation.standing import talk_of
from heuristics.calibration import calibration_for
from heuristics.evidence import Evidence
from heuristics.facts import COUNTED, FACTS, HUNCH, facts_of, hunch, near
from heuristics.motivation import HEURISTICS, motivation, rate
from tests.conversation.build import ANN, ASIDE, BOB, CAT, moment, talk, thought

MEMBERS = (ASIDE, ANN, BOB, CAT)


def found(*authors: Member) -> dict[str, float]:
    return facts_of(moment(talk(*authors), members=MEMBERS))


def test_every_heuristic_has_its_facts_and_no_fact_two_heuristics() -> None:
    assert list(FACTS) == [h.name for h in HEURISTICS]
    names = [name for own in FACTS.values() for name in own]
    assert len(names) == len(set(names))


def test_an_empty_room_has_none() -> None:
    assert facts_of(moment(talk())) == {}


def test_of_a_member_that_spoke_and_was_called_all_are_there_but_what_a_sign_is_for() -> None:
    lines = ("Aside: so?", "Aside: yes", "Aside: why?", "well")
    now = moment(talk(ASIDE, (ANN, lines[0]), ASIDE, (ANN, lines[1]), ASIDE, (BOB, lines[2]), ANN), members=MEMBERS)
    every = {name for own in FACTS.values() for name in own}
    assert set(facts_of(now)) == every - {"reflex", "spoken_for"}
    signed = moment(talk(ASIDE, (ANN, "!help"), ASIDE, ANN, (BOB, "!help")), members=MEMBERS)
    assert facts_of(signed)["reflex"] == 0.5
    assert "summoned" not in facts_of(signed)


def test_a_newcomer_stands_where_one_of_them_would_that_takes_part() -> None:
    new = found(*[ANN, BOB] * 5)
    assert (new["turns"], new["late"]) == (2.0, 1.0)
    assert new["share20"] == pytest.approx(1 / 3)
    assert "said" not in new


@pytest.mark.parametrize(("turns", "value"), [(None, 0.0), (0, 1.0), (1, 0.5), (9, 0.1)])
def test_nearness_falls_with_turns(turns: int | None, value: float) -> None:
    assert near(turns) == value


def test_by_the_facts_of_real_chats_silence_tells_against_speaking() -> None:
    tiny = calibration_for("tiny")

    def drive(*authors: Member) -> float:
        now = moment(talk(*authors), members=MEMBERS)
        return motivation(rate(now, thought(), Evidence(facts=facts_of(now)), tiny), tiny, 1.0, 0)

    assert drive(*[ASIDE, ANN] * 3) > drive(*[ASIDE, ANN] * 3, *[BOB, CAT] * 10)


def test_a_hunch_is_made_of_facts_scene_and_events_and_nobody_has_one_who_never_spoke() -> None:
    here = replace(moment(talk(ASIDE, *[ANN, BOB] * 3), members=MEMBERS), earlier=("aside", "ann"))
    now, messages, names = facts_of(here), here.transcript.messages, {m.id: m.name for m in MEMBERS}
    counted = {name: value for name, value in now.items() if name != HUNCH}
    scene = Scene(messages, here.earlier, talk_of(messages, names, here.now, (ASIDE.id,)))
    assert now[HUNCH] == hunch().of({**counted, **scene.of(ASIDE.id)}, events_of(messages, names, ASIDE.id))
    assert set(hunch().forest.names) == {*COUNTED, *NUMBERS}
    assert HUNCH not in found(*[ANN, BOB] * 5)


@pytest.mark.parametrize("model", ["tiny", "small"])
def test_every_shipped_map_only_rises_or_only_falls(model: str) -> None:
    for scale in calibration_for(model).scales.values():
        for name, curve in scale.maps.items():
            heights = [y for _, y in curve]
            assert heights in (sorted(heights), sorted(heights, reverse=True)), name
