"""What verdicts move, and how far."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.decision import Act, Bound, Branch, Decision
from conversation.moment import Trigger
from tests.conversation.build import ANN, NOW, moment, talk, thought
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import footing
from thoughts.policy import Policy
from thoughts.redecide import Logged
from thoughts.refit import BOUND, NEEDED, UNTHOUGHT, Labelled, Verdict, labelled, refit


def run(
    act: Act = "hold",
    drive: float = 3.0,
    bar: float = 3.5,
    *,
    branch: Branch = "open",
    bit: Bound | None = None,
    learned: float = 0.0,
) -> Logged:
    basis = Basis(footing(moment(talk(ANN))), Turn({"anyone": 1.0}, None), Policy(bar_offset=learned))
    decision = Decision(act, "t1", branch, bar, "", bit)
    return Logged("r", "aside", Trigger("message", 1), 1, NOW, "default", (thought(motivation=drive),), decision, basis)


@pytest.mark.parametrize(
    ("verdict", "what", "speak"),
    [
        ("good", run("speak"), True),
        ("good", run("hold", bit="suggest"), True),
        ("good", run("hold"), False),
        ("too_much", run("speak"), False),
        ("too_much", run("hold", bit="shadow"), False),
        ("should_have_spoken", run("hold"), True),
    ],
)
def test_a_verdict_says_whether_it_should_have_spoken(verdict: Verdict, what: Logged, speak: bool) -> None:
    assert labelled(verdict, what) == Labelled(-0.5, speak)


def test_the_margin_is_to_the_bar_without_what_was_learned() -> None:
    found = labelled("too_much", run("speak", 3.0, 3.3, learned=0.25))
    assert found is not None
    assert found.margin == pytest.approx(-0.05)


def test_silence_without_a_thought_is_taken_to_have_been_below_the_bar() -> None:
    assert labelled("should_have_spoken", None) == Labelled(UNTHOUGHT, True)
    assert labelled("good", None) is None
    assert labelled("should_have_spoken", replace(run(), basis=None)) == Labelled(UNTHOUGHT, True)


def test_an_answer_to_a_call_says_nothing_of_the_bar() -> None:
    assert labelled("too_much", run("speak", branch="mine")) is None


def test_too_few_labels_teach_nothing() -> None:
    assert refit([Labelled(0.5, False)] * (NEEDED - 1)) is None


def test_too_much_raises_the_bar_and_silence_that_was_regretted_lowers_it() -> None:
    more, less = refit([Labelled(0.2, False)] * NEEDED), refit([Labelled(-0.2, True)] * NEEDED)
    assert more is not None
    assert less is not None
    assert (0.2 < more.offset <= BOUND, -BOUND <= less.offset < -0.2) == (True, True)
    assert (more.before, more.after, more.labels) == (0, NEEDED, NEEDED)


def test_verdicts_that_agree_with_the_bar_leave_it() -> None:
    found = refit([Labelled(0.4, True), Labelled(-0.4, False)] * NEEDED)
    assert found is not None
    assert found.offset == 0.0


LABELS = st.lists(st.builds(Labelled, margin=st.floats(-4, 4), speak=st.booleans()), min_size=NEEDED, max_size=60)


@given(LABELS)
def test_it_is_bounded_and_the_order_of_the_labels_does_not_matter(labels: list[Labelled]) -> None:
    found = refit(labels)
    assert found is not None
    assert abs(found.offset) <= BOUND
    assert refit(sorted(labels, key=lambda one: (one.margin, one.speak))) == found


@given(LABELS)
def test_one_more_complaint_never_lowers_the_bar(labels: list[Labelled]) -> None:
    before, after = refit(labels), refit([*labels, Labelled(0.3, False)])
    assert before is not None
    assert after is not None
    assert after.offset >= before.offset
