"""A whole run on the scripted double: what is asked, what comes of it, and that every failure is silence."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
import pytest

from conversation.moment import Moment, Trigger
from conversation.thought import Thought
from heuristics.calibration import calibration_for
from inference.prompt import Prompt
from inference.protocol import ModelError, ModelUnavailableError, Readings, Usage
from inference.scripted import ScriptedEmbedder, ScriptedModel
from memory.item import Memory
from memory.recall import Candidates
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk, thought
from tests.memory.build import item
from thoughts import prompts
from thoughts.contract import Allowance
from thoughts.pipeline import Stopwatch, Thinker, seed_of, think
from thoughts.policy import Policy
from thoughts.reservoir import LIFE_TURNS
from thoughts.run import Run

CALIBRATION = calibration_for("default")
MEMORIES = (Memory("k1", "the lake is cold until June"), Memory("k2", "Paula owes Henry money"))
LAKE = moment(talk((ANN, "shall we swim?"), (BOB, "the lake is cold")))
ASKED = moment(talk((ANN, "shall we swim?"), (BOB, "Aside, is the lake cold?")), kind="addressed")
HIGH, LOW, FLAT = [0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0], [1.0] * 5


def embedding(text: str) -> tuple[float, ...]:
    (vector,) = asyncio.run(ScriptedEmbedder().embed([text]))
    return vector


@dataclass
class Breaking(ScriptedModel):
    """Fails at one call of one method: `rate` 0 is the ratings, `rate` 1 the turn."""

    at: tuple[str, int] = ("", 0)
    calls: list[str] = field(default_factory=list)

    def _check(self, method: str) -> None:
        if (method, self.calls.count(method)) == self.at:
            raise ModelUnavailableError("the model process is gone")
        self.calls.append(method)

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False):  # type: ignore[no-untyped-def]
        self._check("propose")
        return await super().propose(prompts, limit, seed, urgent=urgent)

    async def rate(self, prompt, branches, questions, options, *, urgent=False):  # type: ignore[no-untyped-def]
        self._check("rate")
        return await super().rate(prompt, branches, questions, options, urgent=urgent)

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        self._check("read")
        return await super().read(prompt, branches, urgent=urgent)


@dataclass
class BreakingEmbedder:
    at: int
    dim: int = ScriptedEmbedder.dim
    calls: Iterator[int] = field(default_factory=count)

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        if next(self.calls) == self.at:
            raise ModelError("no vectors today")
        return await ScriptedEmbedder().embed(texts)


def thinker(model: ScriptedModel | None = None, policy: Policy | None = None) -> Thinker:
    ticks = count()
    return Thinker(
        "You like water.",
        MEMORIES,
        policy or Policy(),
        CALIBRATION,
        model or ScriptedModel(),
        ScriptedEmbedder(),
        lambda: next(ticks) / 1_000,
    )


def ran(now: Moment = LAKE, held: Sequence[Thought] = (), mind: Thinker | None = None) -> Run:
    return asyncio.run(think("r", now, held, mind or thinker()))


def test_a_run_asks_for_three_thoughts_their_ratings_and_the_turn_and_nothing_else() -> None:
    model = ScriptedModel()
    run = ran(mind=thinker(model))
    assert [call.method for call in model.history] == ["propose", "rate", "read", "rate"]
    propose, rating, _, turn = model.history
    assert len(propose.prompts) == 3
    assert (len(rating.branches), len(rating.questions)) == (len(run.thoughts) + 2, 9)
    assert turn.options[-1] == f" {prompts.ANYONE}\n"
    assert run.method == "logits"


def test_all_its_prompts_share_one_beginning() -> None:
    model = ScriptedModel()
    ran(mind=thinker(model))
    prefix = prompts.shared(LAKE, "You like water.")
    asked = [prompt for call in model.history for prompt in call.prompts]
    assert len(asked) == 6
    assert all(prompt[: len(prefix)] == prefix for prompt in asked)


def test_an_addressed_message_asks_no_turn_question_and_is_urgent() -> None:
    model = ScriptedModel()
    run = ran(ASKED, mind=thinker(model))
    assert [call.method for call in model.history] == ["propose", "rate", "read"]
    assert run.turn is not None
    assert (run.turn.named, run.decision.branch) == ("aside", "mine")


def test_every_thought_has_ten_scores_stimuli_and_a_motivation() -> None:
    run = ran()
    assert len(run.thoughts) == 3
    for one in run.thoughts:
        assert len(one.scores) == 10
        assert one.stimuli
        assert one.motivation is not None
        assert 1 <= one.motivation <= 5


def test_what_came_to_mind_is_kept() -> None:
    run = ran(held=[thought("t9", text="The lake is cold now.", embedding=embedding("lake cold"))])
    assert [(r.trace.kind, r.trace.id) for r in run.retrieved] == [("memory", "k1"), ("thought", "t9")]


def test_the_same_trigger_gives_the_same_run() -> None:
    held = [thought("t9", embedding=embedding("lake cold"))]
    assert ran(held=held) == ran(held=held)


def test_another_trigger_gives_another_seed_and_other_thoughts() -> None:
    later = replace(LAKE, trigger=Trigger("pause", 2, 0))
    assert ran().seed != ran(later).seed
    assert [t.text for t in ran().thoughts] != [t.text for t in ran(later).thoughts]


def test_seeds_are_apart_for_rooms_agents_and_pauses_and_stay_as_they_are() -> None:
    triggers = [Trigger(kind, seq, nth) for kind in ("message", "pause") for seq in (1, 2) for nth in (0, 1)]
    seeds = {seed_of(room, agent, t) for room in "xy" for agent in "ab" for t in triggers}
    assert len(seeds) == 32
    assert seed_of("room", "aside", Trigger("message", 2)) == seed_of("room", "aside", Trigger("message", 2))


def test_high_ratings_speak_low_ones_hold() -> None:
    for row, act in ((HIGH, "speak"), (LOW, "hold")):
        model = ScriptedModel()
        model.rates.extend([row, [0.0, 0.0, 1.0]])
        mind = thinker(_Relative(rates=model.rates), Policy(system1_prob=0.0))
        assert ran(mind=mind).decision.act == act


class _Relative(ScriptedModel):
    """Gives the queued row to thoughts only, and a flat one to the content-free branches."""

    async def rate(self, prompt, branches, questions, options, *, urgent=False):  # type: ignore[no-untyped-def]
        found = await super().rate(prompt, branches, questions, options, urgent=urgent)
        flat = tuple(1 / len(options) for _ in options)
        rows = tuple(
            tuple(flat for _ in questions) if b in prompts.CONTENT_FREE else row
            for b, row in zip(branches, found.probabilities, strict=True)
        )
        return replace(found, probabilities=rows)


def test_a_held_thought_that_fits_now_is_rated_again_and_may_be_said() -> None:
    waiting = thought("t9", text="The lake is cold in May.", motivation=1.0, embedding=embedding("lake cold May"))
    far = thought("t8", text="Paula owes money.", embedding=embedding("Paula owes Henry money"))
    run = ran(ASKED, held=[waiting, far])
    assert "t9" in {t.id for t in run.thoughts}
    assert "t8" not in {t.id for t in run.thoughts}
    again = next(t for t in run.thoughts if t.id == "t9")
    assert len(again.scores) == 10
    assert again.accessed_seq == 2


def test_what_somebody_said_is_retired_before_it_is_thought_again() -> None:
    held = thought("t9", text="The lake is cold.", formed_seq=1, embedding=embedding("the lake is cold"))
    run = ran(held=[held])
    assert [(t.id, t.state, t.why) for t in run.changed] == [("t9", "retired", "said by Bob")]
    assert "t9" not in {t.id for t in run.thoughts}


def test_what_waited_too_long_expires_and_is_no_more_changed_than_once() -> None:
    old = thought("old", formed_seq=0, embedding=embedding("Paula owes Henry"))
    log = talk(*[(ANN, f"remark number {i}") for i in range(LIFE_TURNS + 1)])
    run = ran(moment(log), held=[old])
    assert [(t.id, t.state) for t in run.changed] == [("old", "expired")]


def test_thoughts_of_another_embedder_expire_and_break_nothing() -> None:
    foreign = thought("old", embedding=(1.0, 0.0, 0.0))
    run = ran(held=[foreign])
    assert run.error is None
    assert [(t.id, t.state) for t in run.changed] == [("old", "expired")]


def test_the_stages_are_timed_in_order() -> None:
    stages = ran().stages or {}
    assert list(stages) == ["retrieval", "formation", "evaluation", "participation"]
    assert all(ms == 1.0 for ms in stages.values())


def test_a_stage_that_comes_twice_is_counted_twice() -> None:
    ticks = iter([0.0, 0.001, 0.005, 0.007])
    watch = Stopwatch(lambda: next(ticks))
    for _ in range(2):
        with watch.stage("a"):
            pass
    assert watch.stages == {"a": 3.0}


def test_tokens_are_those_of_all_calls() -> None:
    run = ran()
    assert run.usage.generated > 0
    assert run.usage.prompt > run.usage.generated
    assert run.usage.cached == Usage().cached


def test_what_came_to_mind_is_asked_about_and_that_is_counted_too() -> None:
    said = item("work", "At work I only wear black.", kind="preference")
    said = replace(said, subject="ann", embedding=embedding(said.text))
    known = Candidates((said,), np.array([said.embedding], np.float32))
    model = ScriptedModel(name="able")
    asks = moment(talk((BOB, "hm"), (ANN, "Aside, at noon I wear only red or black?")), kind="addressed")
    run = ran(asks, mind=replace(thinker(model), items=known))
    occasions = model.history[:2]
    assert [call.method for call in occasions] == ["rate", "rate"]
    texts = [text for c in occasions for text in (*(p.text for p in c.prompts[0]), *c.branches)]
    assert run.spent["retrieval"] == Usage(prompt=sum(len(text.split()) for text in texts))
    assert run.usage == sum((run.spent[s] for s in ("retrieval", "formation", "evaluation")), Usage())
    assert ran().spent["retrieval"] == Usage()


FAILURES = [("propose", 0), ("rate", 0), ("read", 0), ("rate", 1)]


def silent_with(run: Run, error: str) -> bool:
    return run.error == error and (run.decision.act, run.decision.thought, run.thoughts) == ("silent", None, ())


@pytest.mark.parametrize("at", FAILURES, ids=lambda at: f"{at[0]}{at[1]}")
def test_a_model_that_fails_at_any_call_means_a_run_with_its_error_and_silence(at: tuple[str, int]) -> None:
    run = ran(mind=thinker(Breaking(at=at)))
    assert silent_with(run, "ModelUnavailableError: the model process is gone")
    assert run.seed == seed_of("room", "aside", LAKE.trigger)


def test_the_failures_above_are_all_the_calls_there_are() -> None:
    model = Breaking()
    ran(mind=thinker(model))
    assert sorted(model.calls) == sorted(method for method, _ in FAILURES)


@pytest.mark.parametrize(("at", "last"), [(0, "retrieval"), (1, "formation")])
def test_an_embedder_that_fails_means_the_same(at: int, last: str) -> None:
    run = ran(mind=replace(thinker(), embedder=BreakingEmbedder(at)))
    assert silent_with(run, "ModelError: no vectors today")
    assert list(run.stages or {})[-1] == last


def test_a_mistake_of_ours_is_not_taken_for_a_failing_model() -> None:
    empty = moment(members=(ASIDE, ANN))
    with pytest.raises(AssertionError):
        ran(empty)


@pytest.mark.parametrize("policy", [Policy(silence_growth=1.1), Policy(silence_growth=1.1, silence_cap=1)])
def test_silence_moves_an_agent_as_fast_and_as_far_as_its_policy_says(policy: Policy) -> None:
    long_quiet = moment(talk((ASIDE, "hm"), (ANN, "shall we swim?"), (BOB, "the lake is cold"), (ANN, "is it?")))

    def best(given: Policy) -> float:
        run = asyncio.run(think("r1", long_quiet, (), thinker(policy=given)))
        return run.thoughts[0].motivation or 0.0

    turns = min(3, policy.silence_cap)
    assert best(policy) == pytest.approx(min(5.0, best(Policy(silence_growth=1.0)) * 1.1**turns))


def test_with_less_to_spend_it_thinks_one_quick_thought() -> None:
    run = asyncio.run(think("r", LAKE, (), thinker(), Allowance("less", "talk_share", 0.8)))
    assert [t.kind for t in run.thoughts] == ["system1"]
    assert run.allowance == Allowance("less", "talk_share", 0.8)


def test_with_hardly_anything_left_held_thoughts_are_weighed_without_the_model() -> None:
    model = ScriptedModel()
    first = ran()
    held = [replace(t, embedding=embedding("the lake is cold")) for t in first.thoughts[:1]]
    run = asyncio.run(think("r2", LAKE, held, thinker(model), Allowance("measured", "talk_share", 0.95)))
    assert model.history == []
    assert (run.method, run.usage, run.error) == ("remembered", Usage(), None)
    assert [t.id for t in run.thoughts] == [held[0].id]
    assert run.turn is not None
    assert run.turn.chances == {prompts.ANYONE: 1.0}
    judged = {s.heuristic: s.raw.judged for s in held[0].scores}
    assert {s.heuristic: s.raw.judged for s in run.thoughts[0].scores} == judged
