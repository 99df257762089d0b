"""A question among the thoughts."""

import asyncio
from dataclasses import replace

import pytest

from conversation.decision import Decision
from conversation.thought import Thought
from heuristics.calibration import calibration_for
from heuristics.evidence import Evidence
from heuristics.information_gap import information_gap
from inference.scripted import ScriptedEmbedder, ScriptedModel
from personalization.disposition import Disposition
from personalization.wondering import Wonder
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk, thought
from thoughts.curiosity import PASSED, POINTS, curiosity, passed
from thoughts.pipeline import Thinker, think
from thoughts.policy import Mode, Policy

WONDER = Wonder("length", "Do you like answers short?", 0.4, 0.2)
TOWARDS_ANN = Disposition("ann", wonder=WONDER)
IN_GROUP = moment(talk((BOB, "hello"), (ANN, "shall we swim?")))
CALIBRATION = calibration_for("default")


def _curious(where: object = IN_GROUP) -> Thought:
    return asyncio.run(curiosity(where, TOWARDS_ANN, WONDER, ScriptedEmbedder(), "r1"))  # type: ignore[arg-type]


def test_in_a_group_it_is_put_to_the_person_by_name() -> None:
    found = _curious()
    assert found.question is not None
    assert found.question.text == "Ann, do you like answers short?"
    assert (found.kind, found.stimuli, found.question.dimension) == ("curiosity", ("m2",), "length")
    assert found.question.worth == pytest.approx(POINTS * 0.2)
    alone = _curious(moment(talk((ANN, "shall we swim?")), members=(ASIDE, ANN)))
    assert alone.question is not None
    assert alone.question.text == WONDER.text


def test_what_the_answer_is_worth_counts_in_information_gap() -> None:
    scale = CALIBRATION.scale("information_gap")
    evidence = Evidence(ratings={})
    worthy = information_gap(IN_GROUP, _curious(), evidence, scale)
    plain = information_gap(IN_GROUP, thought(), evidence, scale)
    assert worthy.raw.measured == pytest.approx(POINTS * 0.2)
    assert worthy.value > plain.value == 3


def test_a_question_that_was_not_asked_is_not_held() -> None:
    asked, other = _curious(), thought("t2")
    silent = Decision("hold", "t2", "open", 3.5, "")
    (gone,) = passed([asked, other], silent)
    assert (gone.id, gone.state, gone.why) == (asked.id, "expired", PASSED)
    assert passed([asked, other], Decision("speak", asked.id, "open", 3.5, "")) == ()


def test_it_competes_in_a_whole_run_and_a_wish_raises_the_bar() -> None:
    thinker = Thinker("", (), Policy(), CALIBRATION, ScriptedModel(), ScriptedEmbedder(), lambda: 0.0)
    plain = asyncio.run(think("r1", IN_GROUP, (), thinker))
    run = asyncio.run(think("r1", IN_GROUP, (), replace(thinker, disposition=replace(TOWARDS_ANN, bar=0.2))))
    (curious,) = (t for t in run.thoughts if t.kind == "curiosity")
    assert len(curious.scores) == 10
    assert curious.motivation is not None
    assert not [t for t in plain.thoughts if t.kind == "curiosity"]
    assert run.basis is not None
    assert run.basis.footing.wish == 0.2
    assert run.decision.bar is not None
    assert plain.decision.bar is not None
    assert run.decision.bar == pytest.approx(plain.decision.bar + 0.2)


@pytest.mark.parametrize("mode", ["suggest", "shadow"])
def test_only_an_agent_that_speaks_itself_asks(mode: Mode) -> None:
    thinker = Thinker(
        "", (), Policy(mode=mode), CALIBRATION, ScriptedModel(), ScriptedEmbedder(), lambda: 0.0, TOWARDS_ANN
    )
    run = asyncio.run(think("r1", IN_GROUP, (), thinker))
    assert run.thoughts
    assert not [t for t in run.thoughts if t.kind == "curiosity"]
