from dataclasses import replace

from memory.saliency import Trace
from memory.scope import Scope
from tests.conversation.build import thought
from thoughts.known import NOTHING_KNOWN, Known, Narrowed, told_when

US = frozenset({"ann", "bob"})
HOME = Trace("home", "item", "I live in Oslo.", (), audience=US)


def test_whether_something_of_a_person_stands_behind_a_reply() -> None:
    assert not NOTHING_KNOWN.personal(thought())
    assert Known((HOME,)).personal(thought())
    assert Known(made=frozenset({"home"})).personal(replace(thought(), stimuli=("home",)))
    assert not Known(made=frozenset({"home"})).personal(thought())


def test_it_has_the_audiences_of_all_that_it_shows() -> None:
    summary = Trace("s", "item", "Ann likes it short.", (), audience=frozenset({"ann"}))
    assert Known((HOME,), summary).audiences == (US, frozenset({"ann"}))
    assert NOTHING_KNOWN.audiences == ()


def test_what_a_choice_is_weighed_by_stands_behind_it_and_else_behind_nothing() -> None:
    known = Known(narrowed=(Narrowed(HOME, "I live in Oslo.", 0.2),))
    assert known.personal(thought())
    assert known.audiences == (HOME.audience,)
    assert known.unweighed() == NOTHING_KNOWN
    assert Known((HOME,), decisive=frozenset({HOME.id})).without({HOME.id}) == NOTHING_KNOWN


def test_when_a_statement_holds_is_told_in_the_words_of_its_circumstance() -> None:
    assert told_when(Scope("at work", "")) == "now: at work"
    assert told_when(Scope("it rains", "", holds=False)) == "not: it rains"
