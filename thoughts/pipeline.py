"""The five stages in order. The last is pure; the others ask a model. Whatever fails in them ends in silence."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from conversation.decision import Decision
from conversation.moment import Moment, Trigger
from conversation.thought import Thought
from heuristics.calibration import Calibration
from inference.metered import Metered
from inference.protocol import Embedder, LanguageModel, ModelError
from memory.audience import may_hear, people
from memory.item import Memory
from memory.recall import Candidates
from memory.saliency import Retrieved
from personalization.disposition import UNKNOWN, Disposition
from thoughts import prompts, reservoir
from thoughts.addressing import called
from thoughts.basis import Basis
from thoughts.contract import FULL, Allowance, Level
from thoughts.curiosity import curiosity, passed
from thoughts.evaluation import evaluate
from thoughts.footing import footing
from thoughts.formation import form
from thoughts.interests import Interest, brought_up, retrieved
from thoughts.known import NOTHING_KNOWN, Known
from thoughts.occasions import occasions
from thoughts.participation import decide
from thoughts.policy import Policy
from thoughts.reconsider import reconsider
from thoughts.retrieval import CONTEXT, HEARD, NOTHING, recall
from thoughts.run import Run
from thoughts.superseded import past_now, superseded
from thoughts.use import decided, decisive, fits_of, narrowed, used


@dataclass(frozen=True, slots=True)
class Thinker:
    """What one agent thinks with. `tick`: monotonic seconds, to measure the stages. `items`: what the people of the room may
    hear of what is remembered; `known`: the summary of whom it would answer, with its sources;
    `interests`: of the people here. `disposition`: towards the author of the last message."""

    persona: str
    memories: tuple[Memory, ...]
    policy: Policy
    calibration: Calibration
    model: LanguageModel
    embedder: Embedder
    tick: Callable[[], float]
    disposition: Disposition = UNKNOWN
    items: Candidates = NOTHING
    known: Known = NOTHING_KNOWN
    interests: tuple[Interest, ...] = ()


@dataclass
class Stopwatch:
    """Milliseconds by stage, in the order they ran."""

    tick: Callable[[], float]
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = self.tick()
        try:
            yield
        finally:
            self.stages[name] = round(self.stages.get(name, 0.0) + 1_000 * (self.tick() - start), 2)


def seed_of(room: str, agent: str, trigger: Trigger) -> int:
    """The same trigger gets the same seed, so that a run can be repeated."""
    key = f"{room}/{agent}/{trigger.kind}/{trigger.seq}/{trigger.nth}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=4).digest())


async def think(
    run_id: str, moment: Moment, held: Sequence[Thought], thinker: Thinker, allowance: Allowance = FULL
) -> Run:
    """Stages 2 to 5 for one agent, as far as its limits let it think. Never raises ModelError: a run that failed says so and
    decides for silence."""
    watch = Stopwatch(thinker.tick)
    seed = seed_of(moment.room, moment.agent.id, moment.trigger)
    try:
        run = await _think(run_id, moment, tuple(held), thinker, watch, seed, allowance.level)
    except ModelError as error:
        silence = Decision("silent", None, "none", None, "Thinking failed, so nothing is said.")
        run = Run(
            run_id, moment, decision=silence, stages=watch.stages, seed=seed, error=f"{type(error).__name__}: {error}"
        )
    return replace(run, allowance=allowance)


async def _think(
    run_id: str,
    moment: Moment,
    held: tuple[Thought, ...],
    thinker: Thinker,
    watch: Stopwatch,
    seed: int,
    level: Level,
) -> Run:
    policy, model, embedder = thinker.policy, thinker.model, thinker.embedder
    assert moment.about is not None, "the gate lets no empty room through"
    named = called(moment)
    urgent = moment.trigger.kind == "addressed"
    prefix = prompts.shared(moment, thinker.persona)

    recalling = Metered(model)
    with watch.stage("retrieval"):
        here = people(moment.members)
        # A thought that holds what somebody here may not hear waits until they have left.
        held = tuple(t for t in held if may_hear(t.audience, here))
        found = await recall(moment, thinker.memories, held, embedder, policy.decay, thinker.items)
        last = moment.transcript.tail(CONTEXT)
        interests = brought_up(moment, thinker.interests, [found.heard[m.text] for m in last])
        found = replace(found, memories=(*found.memories, *retrieved(interests)))
        found, past = await superseded(moment, found, thinker.items, recalling, urgent=urgent)
        readings = await occasions(moment, found, thinker.items.items, embedder, recalling, urgent=urgent)
        fits = fits_of(readings)
        gone = past_now(past, fits)
        uses = decided(moment, found, held, thinker.items.items, fits, gone)
        came = used(found, uses)
        items = tuple(r.trace for r in came.memories if r.trace.kind == "item")
        made = frozenset(i.id for i in thinker.items.items)
        known = replace(
            thinker.known,
            items=items,
            made=made,
            decisive=decisive(uses, fits),
            narrowed=narrowed(moment, found, held, thinker.items.items, readings, gone),
        )
        # What a summary came from is in the run too, so that it is found when somebody forgets it.
        there = {r.trace.id for r in found.all}
        sources = {t.id: t for t in (*known.sources, *(t for i in interests for t in i.sources))}
        beside = tuple(Retrieved(t, 0.0) for t in sources.values() if t.id not in there)
        foreign = reservoir.foreign(held, len(next(iter(came.heard.values()))))
        overtaken = reservoir.overtaken(held, moment.transcript.tail(HEARD), came.heard)
        away = {t.id for t in (*foreign, *overtaken)}
        waiting = tuple(t for t in held if t.id not in away)
    resurfaced = {r.trace.id for r in came.thoughts}
    back = tuple(t for t in waiting if t.id in resurfaced)
    if level == "measured":
        with watch.stage("evaluation"):
            rated = reconsider(moment, back, came.heard, named, thinker.calibration, policy)
        spent = {"retrieval": recalling.usage, "evaluation": rated.usage}
    else:
        few = level == "less"
        with watch.stage("formation"):
            formed = await form(moment, prefix, came, waiting, model, embedder, run_id, seed, urgent=urgent, few=few)
            # In the other modes the owner says it, and nobody would know that the person was asked.
            asks = level == "full" and policy.mode == "speak"
            wonder = thinker.disposition.wonder if asks else None
            curious = (
                () if wonder is None else (await curiosity(moment, thinker.disposition, wonder, embedder, run_id),)
            )
        present = (*formed.thoughts, *curious, *back)
        with watch.stage("evaluation"):
            rated = await evaluate(
                moment,
                prefix,
                present,
                came.heard,
                named,
                model,
                thinker.calibration,
                policy,
                thinker.interests,
                urgent=urgent,
            )
        spent = {"retrieval": recalling.usage, "formation": formed.usage, "evaluation": rated.usage}
    with watch.stage("participation"):
        basis = Basis(footing(moment, thinker.disposition.bar), rated.turn, policy)
        decision = decide(basis.footing, rated.thoughts, rated.turn, policy, thinker.calibration, seed)
    fresh = {t.id for t in rated.thoughts}
    kept = (*rated.thoughts, *(t for t in waiting if t.id not in fresh))
    faded = tuple(t for t in reservoir.faded(kept, moment.trigger.seq, moment.now) if t.id != decision.thought)
    return Run(
        run_id,
        moment,
        retrieved=(*found.all, *beside),
        uses={**uses, **{r.trace.id: "support" for r in beside}},
        known=known,
        thoughts=rated.thoughts,
        changed=(*foreign, *overtaken, *faded, *passed(rated.thoughts, decision)),
        turn=rated.turn,
        basis=basis,
        decision=decision,
        stages=watch.stages,
        spent=spent,
        method=rated.method,
        seed=seed,
    )
