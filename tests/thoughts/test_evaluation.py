import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from conversation.member import Member
from conversation.moment import Moment
from conversation.thought import Thought
from heuristics.calibration import calibration_for
from heuristics.motivation import HEURISTICS, JUDGED
from heuristics.reader import reader_for
from inference.prompt import Prompt
from inference.protocol import Method, ModelError, Ratings, Reading, Readings, Usage
from inference.scripted import ScriptedModel
from tests.conversation.build import ANN, ASIDE, BOB, CAT, moment, talk, thought
from thoughts import prompts
from thoughts.evaluation import CANDIDATES_FOR_TURN, Evaluated, Turn, evaluate, nearness
from thoughts.policy import Policy

CALIBRATION = calibration_for("default")
LAKE = moment(talk((ANN, "shall we swim?"), (BOB, "the lake is cold")))
EAST, NORTH = (1.0, 0.0), (0.0, 1.0)


@dataclass
class Uneven(ScriptedModel):
    """Rates by what the branch says: digits in it are weights of 1..5; content-free ones get five flat ones."""

    readings: Readings | None = None

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        def row(branch: str) -> tuple[float, ...]:
            digits = [int(c) for c in branch if c.isdigit()] or [1] * len(options)
            return tuple(d / sum(digits) for d in digits)

        table = tuple(tuple(row(b) for _ in questions) for b in branches)
        return Ratings(table, tuple(tuple(0.5 for _ in questions) for _ in branches), "logits", Usage(prompt=3))

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        return self.readings


def evaluated(
    thoughts: Sequence[Thought],
    model: ScriptedModel,
    now: Moment = LAKE,
    heard: dict[str, tuple[float, ...]] | None = None,
    named: str | None = "bob",
) -> Evaluated:
    prefix = prompts.shared(now, "")
    return asyncio.run(evaluate(now, prefix, thoughts, heard or {}, named, model, CALIBRATION, Policy(), urgent=False))


def predicted(model: ScriptedModel, now: Moment = LAKE, named: str | None = None) -> Turn:
    return evaluated([], model, now, named=named).turn


def test_all_thoughts_and_all_questions_and_the_turn_are_asked_at_once() -> None:
    model = ScriptedModel()
    evaluated([thought("a", text="One."), thought("b", text="Two.")], model, named=None)
    rating, reading, turn = model.history
    assert (rating.method, reading.method, turn.method) == ("rate", "read", "rate")
    assert rating.branches == (" One.", " Two.", *prompts.CONTENT_FREE)
    assert rating.questions == tuple(prompts.question(h.label) for h in JUDGED)
    assert len(rating.questions) == 9
    assert rating.options == ("1", "2", "3", "4", "5")
    assert reading.branches == (" One.", " Two.")
    assert reading.prompts == rating.prompts
    assert turn.options == (" Ann\n", " Aside\n", " anyone\n")


def test_every_thought_gets_ten_scores_and_the_most_motivated_is_first() -> None:
    found = evaluated([thought("low", text="91111"), thought("high", text="11119")], Uneven())
    assert [t.id for t in found.thoughts] == ["high", "low"]
    assert all(len(t.scores) == len(HEURISTICS) == 10 for t in found.thoughts)
    high, low = (t.motivation or 0.0 for t in found.thoughts)
    assert 5 >= high > low >= 1


def test_equals_are_ordered_by_id() -> None:
    found = evaluated([thought("b"), thought("a")], Uneven())
    assert [t.id for t in found.thoughts] == ["a", "b"]


def test_the_baseline_is_what_the_content_free_thoughts_got() -> None:
    found = evaluated([thought(text="11119")], Uneven())
    relevance = found.thoughts[0].scores[0]
    assert relevance.raw.judged == pytest.approx((1 + 2 + 3 + 4 + 45) / 13)
    assert relevance.raw.baseline == pytest.approx(3.0)
    assert relevance.raw.mass == 0.5
    assert sum(relevance.distribution or ()) == pytest.approx(1.0)


@pytest.mark.parametrize(("alone", "tokens"), [(-12.0, 9), (-8.0, 1), (-8.0, 0)])
def test_the_gain_is_what_the_talk_adds_in_nats_per_root_token(alone: float, tokens: int) -> None:
    found = evaluated(
        [thought()], Uneven(readings=Readings((Reading(given=-6.0, alone=alone, tokens=tokens),), Usage()))
    )
    coherence = next(s for s in found.thoughts[0].scores if s.heuristic == "coherence")
    assert (coherence.how, coherence.raw.measured) == ("both", 2.0)


def test_without_readings_coherence_is_only_judged() -> None:
    found = evaluated([thought()], Uneven(readings=None))
    coherence = next(s for s in found.thoughts[0].scores if s.heuristic == "coherence")
    assert (coherence.how, coherence.raw.measured) == ("judged", None)


def test_a_model_with_a_learned_reader_is_read_by_it() -> None:
    reading = Reading(given=-6.0, alone=-12.0, tokens=9, hidden=(0.5,) * 576)
    heard: dict[str, tuple[float, ...]] = {"shall we swim?": NORTH, "the lake is cold": (0.6, 0.8)}
    model = Uneven(name="tiny", readings=Readings((reading,), Usage()))
    (found,) = evaluated([thought(embedding=EAST)], model, heard=heard).thoughts
    reader = reader_for("tiny")
    assert reader is not None
    near = nearness(LAKE, EAST, heard)
    assert [(round(n.cosine, 6), n.asks) for n in near] == [(0.6, False), (0.0, True)]
    expected = reader.read(reading, near)
    measured = {s.heuristic: s.raw.measured for s in found.scores}
    assert {name: measured[name] for name in expected} == pytest.approx(expected)


def test_a_reader_of_another_width_leaves_the_gain() -> None:
    model = Uneven(name="tiny", readings=Readings((Reading(-6.0, -12.0, 9, (1.0, 2.0)),), Usage()))
    (found,) = evaluated([thought(embedding=EAST)], model).thoughts
    assert next(s for s in found.scores if s.heuristic == "coherence").raw.measured == 2.0


def test_likeness_is_to_the_nearest_message_heard() -> None:
    found = evaluated([thought(embedding=EAST)], Uneven(), heard={"far": NORTH, "near": (0.6, 0.8)})
    originality = next(s for s in found.thoughts[0].scores if s.heuristic == "originality")
    assert originality.raw.measured == pytest.approx(0.4)


def test_a_rated_thought_was_used_now() -> None:
    (found,) = evaluated([thought(accessed_seq=0)], Uneven()).thoughts
    assert found.accessed_seq == LAKE.trigger.seq == 2


def test_nothing_to_rate_asks_nothing() -> None:
    model = ScriptedModel()
    assert evaluated([], model) == Evaluated((), Turn({"bob": 1.0}, "bob"), "none", Usage())
    assert model.history == []


def test_how_the_ratings_were_read_and_what_they_cost_is_kept() -> None:
    found = evaluated([thought()], Uneven())
    assert (found.method, found.usage) == ("logits", Usage(prompt=3))


@dataclass
class Served(ScriptedModel):
    """Reads thoughts and the turn as it is told."""

    thoughts: Method = "logprobs"
    turn: Method = "logprobs"

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        found = await super().rate(prompt, branches, questions, options, urgent=urgent)
        return replace(found, method=self.turn if options[-1] == " anyone\n" else self.thoughts)


def test_the_weakest_way_of_reading_is_kept_the_turn_among_them() -> None:
    some = [thought()]
    assert evaluated(some, Served(thoughts="logprobs-line", turn="written"), named=None).method == "written"
    assert evaluated(some, Served(thoughts="logprobs-line", turn="logprobs"), named=None).method == "logprobs-line"
    assert evaluated(some, Served(thoughts="logprobs-line", turn="written"), named="bob").method == "logprobs-line"
    assert evaluated([], Served(turn="written"), named=None).method == "written"


# -- the turn ----------------------------------------------------------------------------------------------------------


def test_whoever_is_named_has_the_turn_and_no_model_is_asked() -> None:
    model = ScriptedModel()
    assert predicted(model, named="bob") == Turn({"bob": 1.0}, "bob")
    assert model.history == []


def test_the_model_chooses_among_those_who_spoke_the_agent_and_anyone() -> None:
    model = ScriptedModel()
    model.rates.append([2.0, 1.0, 1.0])
    turn = predicted(model)
    assert model.history[0].options == (" Ann\n", " Aside\n", " anyone\n")
    assert turn.chances == {"ann": 0.5, "aside": 0.25, "anyone": 0.25}
    assert (turn.anyone, turn.named) == (0.25, None)


def test_whoever_just_spoke_is_not_expected_next_nor_those_who_never_did_or_left() -> None:
    model = ScriptedModel()
    now = moment(talk(CAT, BOB, ANN), members=(ASIDE, ANN, BOB, Member("dan", "Dan", "member")))
    assert set(predicted(model, now).chances) == {"bob", "aside", "anyone"}


def test_a_crowd_is_cut_to_those_who_wrote_last() -> None:
    crowd = [Member(f"u{i}", f"U{i}", "member") for i in range(10)]
    turn = predicted(ScriptedModel(), moment(talk(*crowd), members=(ASIDE, *crowd)))
    assert list(turn.chances) == ["u8", "u7", "u6", "u5", "u4", "u3", "aside", "anyone"]
    assert len(turn.chances) == CANDIDATES_FOR_TURN + 2


def test_the_chances_sum_to_one() -> None:
    assert sum(predicted(ScriptedModel()).chances.values()) == pytest.approx(1.0)


def test_a_member_called_anyone_is_told_from_anyone() -> None:
    joker = Member("joker", "anyone", "member")
    model = ScriptedModel()
    model.rates.append([1.0, 1.0, 2.0])
    turn = predicted(model, moment(talk(joker, ANN), members=(ASIDE, ANN, joker)))
    assert model.history[0].options == (" anyone #2\n", " Aside\n", " anyone\n")
    assert (turn.chances["joker"], turn.anyone) == (0.25, 0.5)


def test_a_failing_model_is_not_hidden() -> None:
    model = ScriptedModel()
    model.rates.extend([ModelError("down"), ModelError("down")])
    with pytest.raises(ModelError):
        evaluated([thought()], model)
    with pytest.raises(ModelError):
        predicted(model)
