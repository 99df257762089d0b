"""Weighing without the language model."""

from dataclasses import replace

from conversation.score import Raw, Score
from heuristics.calibration import calibration_for
from inference.protocol import Usage
from tests.conversation.build import ANN, BOB, moment, score, talk, thought
from thoughts.policy import Policy
from thoughts.prompts import ANYONE
from thoughts.reconsider import presumed_turn, reconsider, remembered

CALIBRATION = calibration_for("default")
JUDGED = Score("urgency", 4.0, "judged", (0.0, 0.0, 0.2, 0.3, 0.5), Raw(judged=4.3, baseline=3.0, mass=0.9))
LAKE = moment(talk((ANN, "shall we swim?"), (BOB, "the lake is cold")))


def test_what_the_model_said_of_a_thought_is_remembered() -> None:
    found = remembered(replace(thought(), scores=(JUDGED, score("silence", 3.0, 2.0))))
    assert list(found) == ["urgency"]
    assert (found["urgency"].distribution, found["urgency"].mass, found["urgency"].baseline) == (
        JUDGED.distribution,
        0.9,
        3.0,
    )


def test_the_judged_part_stays_and_the_room_is_measured_anew() -> None:
    held = replace(thought(embedding=(1.0, 0.0)), scores=(JUDGED, score("silence", 1.0, 0.0)))
    found = reconsider(LAKE, [held], {"the lake is cold": (0.0, 1.0)}, "bob", CALIBRATION, Policy())
    (again,) = found.thoughts
    assert (found.method, found.turn.named, found.usage) == ("remembered", "bob", Usage())
    by_name = {s.heuristic: s for s in again.scores}
    assert len(again.scores) == 10
    assert (by_name["urgency"].raw.judged, by_name["urgency"].distribution) == (4.3, JUDGED.distribution)
    assert by_name["silence"].raw.measured == 2.0
    assert by_name["relevance"].raw.judged is None
    assert (again.accessed_seq, again.text) == (2, held.text)


def test_the_most_motivated_comes_first() -> None:
    keen, cool = (replace(thought(n), scores=(replace(JUDGED, distribution=d),)) for n, d in (
        ("keen", (0.0, 0.0, 0.0, 0.0, 1.0)), ("cool", (1.0, 0.0, 0.0, 0.0, 0.0)))
    )  # fmt: skip
    assert [t.id for t in reconsider(LAKE, [cool, keen], {}, None, CALIBRATION, Policy()).thoughts] == ["keen", "cool"]


def test_the_turn_is_whoevers_is_named_or_anyones() -> None:
    assert (presumed_turn("bob").named, presumed_turn("bob").chances) == ("bob", {"bob": 1.0})
    assert (presumed_turn(None).named, presumed_turn(None).chances) == (None, {ANYONE: 1.0})
