from conversation.decision import Decision
from tests.conversation.build import ANN, moment, talk, thought
from thoughts.run import SILENT, Run


def test_a_run_that_did_nothing_is_silent() -> None:
    run = Run("r", moment(talk(ANN)))
    assert run.decision == SILENT
    assert SILENT.act == "silent"
    assert run.chosen is None
    assert run.error is None


def test_the_trigger_is_that_of_its_moment() -> None:
    now = moment(talk(ANN), kind="pause", nth=2)
    assert Run("r", now).trigger == now.trigger


def test_the_chosen_thought_is_the_one_that_was_decided_on() -> None:
    one, two = thought("one"), thought("two")
    speak = Decision("speak", "two", "open", 3.5, "")
    assert Run("r", moment(talk(ANN)), thoughts=(one, two), decision=speak).chosen == two
    assert Run("r", moment(talk(ANN)), thoughts=(one,), decision=speak).chosen is None


def test_what_is_left_to_act_on_has_the_chosen_thought_alone() -> None:
    one, two = thought("one"), thought("two")
    speak = Decision("speak", "two", "open", 3.5, "")
    run = Run("r", moment(talk(ANN)), thoughts=(one, two), changed=(one,), decision=speak, seed=7)
    short = run.in_short()
    assert (short.id, short.moment, short.decision, short.seed) == ("r", run.moment, speak, 7)
    assert (short.chosen, short.thoughts, short.changed) == (two, (two,), ())
    assert Run("r", moment(talk(ANN)), thoughts=(one,)).in_short().thoughts == ()
