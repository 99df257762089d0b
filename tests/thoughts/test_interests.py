import math

from conversation.moment import Moment
from memory.saliency import Trace
from tests.conversation.build import ANN, BOB, moment, talk
from thoughts.interests import MOST, Interest, brought_up, nearest, retrieved


def toward(degrees: float) -> tuple[float, float]:
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def interest(name: str, degrees: float, *, dormant: bool = False) -> Interest:
    return Interest("ann", Trace(f"journey-{name}", "item", f"Ann has been into {name}.", toward(degrees)), dormant, ())


BASIL, RUNS, OLD = interest("basil", 0), interest("runs", 90), interest("chess", 45, dormant=True)


def now(kind: str = "message") -> Moment:
    return moment(talk((ANN, "hi"), (BOB, "grow lights?")), kind=kind)  # type: ignore[arg-type]


def test_an_interest_comes_to_mind_when_the_talk_is_near_it() -> None:
    assert brought_up(now(), (BASIL, RUNS), [toward(5)]) == (BASIL,)
    assert brought_up(now(), (BASIL, RUNS), [toward(200), toward(100)]) == (RUNS,)
    assert brought_up(now(), (BASIL, RUNS), [toward(225)]) == ()


def test_in_a_pause_one_that_was_quiet_for_long_is_brought_back() -> None:
    assert brought_up(now("pause"), (BASIL, OLD, RUNS), [toward(0)]) == (OLD,)
    assert brought_up(now("pause"), (BASIL, RUNS), [toward(0)]) == ()


def test_there_is_one_at_once() -> None:
    assert len(brought_up(now(), (BASIL, interest("herbs", 2)), [toward(1)])) == MOST == 1


def test_another_embedders_talk_is_near_nothing() -> None:
    assert brought_up(now(), (BASIL,), [(1.0, 0.0, 0.0)]) == ()
    assert nearest((1.0, 0.0, 0.0), (BASIL,)) is None


def test_a_thought_has_the_nearness_of_the_nearest() -> None:
    near = nearest(toward(10), (BASIL, RUNS))
    assert near is not None
    assert near > 0.98
    assert nearest(toward(0), ()) is None


def test_it_comes_to_mind_as_an_item_does() -> None:
    (found,) = retrieved((BASIL,))
    assert (found.trace, found.saliency) == (BASIL.trace, 0.0)
