"""The minds of one room: when its agents think, what becomes of it, and that every run is stored."""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from app import metrics, unfinished
from app.admission import Admission
from app.attending import Attending
from app.believing import Believing
from app.clock import Clock, Timer
from app.counted import counted
from app.errors import WireError
from app.interests import Interests
from app.portraits import known_of
from app.protocol import RunView
from app.records import Records, unthought
from app.resident import Owned, Resident, RoomPort
from app.self_service import Keeper
from app.speech import Speech, Stage, speak
from app.store import Store
from app.store.owners import Fenced
from app.suggesting import Desk, lay_before
from app.tasks import Tasks
from app.thought_views import candor_view, choice_view, policy_of, tokens_view, weighing_view
from app.tracing import TRACING
from conversation.decision import Decision
from conversation.message import Message
from conversation.moment import Moment, Trigger
from conversation.scene import EARLIER
from conversation.thought import Thought
from heuristics.calibration import calibration_for
from inference.calls import OWNER
from inference.engine import Engine
from inference.metered import Metered
from inference.protocol import ModelError
from inference.remembered import RememberedEmbedder
from memory.audience import people
from memory.recall import Candidates
from thoughts import reservoir, trigger
from thoughts.addressing import addressee, called
from thoughts.contract import allowance
from thoughts.footing import footing
from thoughts.participation import arbitrate
from thoughts.pipeline import Thinker, think
from thoughts.policy import Mode
from thoughts.reaction import NOD
from thoughts.retrieval import NOTHING
from thoughts.run import Run

log = logging.getLogger(__name__)

Thinkers = Sequence[tuple[Resident, Moment]]
OVERTAKEN = "overtaken by a call"
REWORDED = "the talk was reworded"
READINGS = 3
"""An edit or a deletion makes the agents read the talk anew, so many times for one trigger; then they stay silent."""


class Mind:
    """Implements the room's Listener. One thinking at a time; what is heard meanwhile makes the next one."""

    def __init__(
        self,
        room: RoomPort,
        engine: Engine,
        store: Store,
        clock: Clock,
        tasks: Tasks,
        keeper: Keeper | None = None,
        admission: Admission | None = None,
    ) -> None:
        self._room = room
        self._fence = room.fence
        self._engine = engine
        self._admission = admission or Admission()
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._embedder = RememberedEmbedder(engine.embedder)
        self._interests = Interests(store, Metered(engine.model, metrics.tokens), tasks)
        self._calibration = calibration_for(engine.model.name)
        self._records = Records(room, store, engine.model.name, self._calibration)
        self._believing = Believing(room.id, self._embedder, store, tasks)
        self._residents: tuple[Resident, ...] = ()
        self._schedule = trigger.Schedule(pause=10.0, debounce=1.5, quiet_since=clock.now())
        self._timer: Timer | None = None
        self._work: asyncio.Task[None] | None = None
        self._called: asyncio.Future[None] | None = None
        self._reworded: asyncio.Future[None] | None = None
        self._considered: dict[str, int] = {}
        self._reacted: dict[str, int] = {}
        self._attending = Attending(room, store, clock, tasks, keeper, lambda: self._residents, self._did_not_think)
        self._loading: asyncio.Task[None] | None = None
        self._closed = False
        self._before: frozenset[str] = people(room.members())
        self._unobserved: frozenset[str] = frozenset()
        self._withheld: frozenset[str] = frozenset()
        self._earlier: tuple[str, ...] = ()
        self._begins = 0
        """The `seq` of the first message of the talk, before which those wrote; 0: it is to be asked."""
        self.changed()

    # -- what the room tells ------------------------------------------------------------------------------------------

    def heard(self, message: Message) -> None:
        if message.author.id in self._unobserved:
            return
        if self._residents:
            self._believing.hear(message)
        if self._residents and self._attending.heard(message):
            self._residents = self._attending.applied(self._residents)
            # What was said was for the agent's ears: nobody has to think about it, now or in the pause after it.
            self._schedule = trigger.message(
                self._schedule, message.seq, message.author.id, addressed=False, wakes=False, now=self._clock.now()
            )
            self._arm()
            return
        calls = addressee(message, self._room.members(), self._room.transcript()) if self._residents else None
        addressed = any(r.id == calls for r in self._residents)
        if addressed and self._called is not None and not self._called.done():
            self._called.set_result(None)  # who calls does not wait for a thought about something else
        alone = message.author.kind == "agent" and all(r.id == message.author.id for r in self._residents)
        self._schedule = trigger.message(
            self._schedule,
            message.seq,
            message.author.id,
            addressed=addressed,
            wakes=not alone,
            now=self._clock.now(),
        )
        self._arm()

    def reworded(self, message: Message, gone: bool) -> None:
        if gone:
            self._schedule = trigger.withdrawn(self._schedule, message.seq)
            self._interests.forget()
            self._embedder.forget()
        elif message.author.id not in self._unobserved:  # what it told before went with its words
            now = (m for m in self._room.transcript().messages if m.id == message.id)
            self._believing.hear(next(now, message))
        self._attending.reworded(message.id, self._room.transcript().with_id(message.id))
        self._reread()
        self._arm()

    def _reread(self) -> None:
        if self._reworded is not None and not self._reworded.done():
            self._reworded.set_result(None)

    def typing(self, user: str, on: bool) -> None:
        self._schedule = trigger.typing(self._schedule, user, on, self._clock.now())
        self._arm()

    def changed(self) -> None:
        if people(self._room.members()) - self._before:
            self._reread()  # what it just thinks with, somebody who has come may not hear
        self._interests.forget()
        self._embedder.forget()  # and somebody may have taken back what is in there
        loading = self._tasks.start(self._load(), f"load agents of {self._room.id}")
        self._loading = loading
        loading.add_done_callback(self._loaded)

    @property
    def idle(self) -> bool:
        """Later pauses do not count: who comes back to a room that was closed for that finds its agents as after a start."""
        busy = any(t is not None and not t.done() for t in (self._work, self._loading))
        return not busy and self._schedule.pending is None and self._attending.idle

    async def rest(self) -> None:
        """Returns when nothing is being loaded, read, thought or acknowledged."""
        while under_way := [t for t in (self._loading, self._work, *self._attending.working()) if t is not None]:
            await asyncio.wait(under_way)
            await asyncio.sleep(0)
        await self._believing.rest()

    async def close(self) -> None:
        self._closed = True
        self._attending.close()
        await self._believing.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    def _loaded(self, task: asyncio.Task[None]) -> None:
        if self._loading is task:
            self._loading = None

    async def _loaded_all(self) -> None:
        """Returns when nothing is being loaded: a policy that was saved before a message holds for it, however slow the store."""
        while self._loading is not None:
            await asyncio.wait([self._loading])
            await asyncio.sleep(0)

    # -- when to think ------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        first = not self._residents
        views = await self._store.agents.of_room(self._room.id)
        self._begins = 0
        await self._ask()
        if self._loading is not asyncio.current_task():
            return  # something changed meanwhile: what was read here may be older than what the next one finds
        self._residents = self._attending.applied([Resident(v, policy_of(v)) for v in views])
        if self._residents:
            policies = [r.policy for r in self._residents]
            pause, debounce = min(p.pause for p in policies), min(p.debounce for p in policies)
            self._schedule = replace(self._schedule, pause=pause, debounce=debounce)
        if first:
            await self._catch_up()
            await self._attending.load()
        self._arm()

    async def _ask(self) -> None:
        """What of the talk may be read."""
        self._unobserved = await self._store.consents.unobserved(people(self._room.members()))
        talk = self._room.transcript().messages
        self._withheld = await self._store.erasing.withheld([m.id for m in talk])
        begins = talk[0].seq if talk else 1
        if begins != self._begins:
            self._earlier = await self._store.messages.authors_before(self._room.id, begins, EARLIER)
            self._begins = begins

    async def _catch_up(self) -> None:
        """What a process that is gone left undone, if it is still fresh, is done now."""
        now, room, last = self._clock.now(), self._room.id, self._room.transcript().last
        early = last is not None and self._schedule.pending is not None  # it came before there was anybody to hear it
        obeyed_already = last.seq if last is not None and early and self._attending.obeys(last) else 0
        self._residents = self._attending.applied(self._residents)
        unsaid = [
            (r, v) for r in self._residents for v in await unfinished.unsaid(self._store, room, r.id, self._fence, now)
        ]
        overdue = await unfinished.overdue(self._store, room, self._fence, now)
        if unsaid and self._work is None and not self._closed:
            self._work = self._tasks.start(self._say_rest(unsaid), f"say what was left unsaid in {room}")
        if overdue and self._residents:
            decided = min([await self._store.runs.last_run_seq(room, r.id) for r in self._residents])
            await self._store.outbox.done(room, decided, self._fence)
            for message in self._room.transcript().messages:
                # In order, and with what was heard while this was looked up: the last one heard is what is thought about.
                late = message.seq in overdue or message.seq > max(overdue)
                if late and message.seq > decided and message.seq != obeyed_already:
                    self.heard(message)

    async def _say_rest(self, unsaid: Sequence[tuple[Resident, RunView]]) -> None:
        OWNER.set(self._room.id)
        try:
            for resident, view in unsaid:
                await self._say_late(resident, view)
        finally:
            self._work = None
            self._arm()

    async def _say_late(self, resident: Resident, view: RunView) -> None:
        """Whether it is still worth saying is decided by what came since, as always."""
        was, cause = view.decision, Trigger(view.trigger.kind, view.trigger.seq, view.trigger.nth)
        moment = self._look(resident, cause)
        thought = await self._store.thoughts.get(self._room.id, was.thought or "")
        if moment is None or thought is None or not moment.transcript.messages:
            await self._store.runs.finish_run(
                self._room.id, view.id, "dropped", None, None, unfinished.TOO_LATE, fence=self._fence
            )
            return
        known = tuple(m for m in moment.transcript.messages if m.seq <= cause.seq)
        then = replace(moment, transcript=replace(moment.transcript, messages=known or moment.transcript.messages))
        act = Decision(was.act, was.thought, was.branch, was.bar, was.reason, emoji=was.emoji)
        await self._act(resident, Run(view.id, then, thoughts=(thought,), decision=act, seed=view.seed))

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        busy = self._work is not None and not self._work.done()
        if self._closed or busy or not self._residents or (next_up := trigger.due(self._schedule)) is None:
            return
        wait = (next_up[0] - self._clock.now()).total_seconds()
        self._timer = self._clock.call_later(max(0.0, wait), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._clock.now()
        next_up = trigger.due(self._schedule)
        if next_up is None or next_up[0] > now:
            self._arm()
            return
        self._schedule = trigger.fired(self._schedule, next_up[1], now)
        self._called = None
        if next_up[1].kind != "addressed":
            self._called = asyncio.get_running_loop().create_future()
        self._work = self._tasks.start(self._run(next_up[1], self._schedule.head), f"think in {self._room.id}")

    async def _run(self, cause: Trigger, head: int) -> None:
        """`head`: the last message that will have been thought about then."""
        OWNER.set(self._room.id)
        try:
            with TRACING.thinking(self._room.id, cause):
                await self._think_all(cause)
            await self._store.outbox.done(self._room.id, head, self._fence)
        except Fenced as lost:
            log.warning("thinking about %s was for nothing: %s", cause, lost)
        except Exception:  # the room's thinking run: whatever breaks in it means silence, and chat goes on
            log.exception("thinking about %s in room %s broke", cause, self._room.id)
        finally:
            self._work = None
            self._arm()

    # -- thinking -----------------------------------------------------------------------------------------------------

    def _look(self, resident: Resident, cause: Trigger) -> Moment | None:
        members = self._room.members()
        if (me := next((m for m in members if m.id == resident.id), None)) is None:
            return None
        # Without what its author does not let agents read, or had forgotten.
        talk = self._room.transcript().without(self._unobserved, self._withheld)
        considered = self._considered.get(resident.id)
        earlier = tuple(author for author in self._earlier if author not in self._unobserved)
        floor, now = self._room.floor(), self._clock.now()
        moment = Moment(self._room.id, me, members, talk, floor, cause, now, considered, earlier=earlier)
        if (reacted := self._reacted.get(resident.id)) is None:
            return moment
        return replace(moment, reacted=sum(m.seq > reacted and m.author.id != me.id for m in talk.messages))

    async def _did_not_think(self, resident: Resident, cause: Trigger, why: trigger.Stop) -> bool:
        """Keeps a run that says so; False where there is nothing to keep."""
        moment = self._look(resident, cause)
        run = None if moment is None else unthought(secrets.token_hex(8), moment, why)
        return run is not None and await self._records.keep(resident, run)

    async def _cut_short(self, thinking: asyncio.Future[list[Run]]) -> str | None:
        """Waits for `thinking`, or until somebody calls an agent or rewords what it read; then the model is freed at once, and
        the answer says why."""
        self._reworded = asyncio.get_running_loop().create_future()
        awaited: list[asyncio.Future[Any]] = [thinking, self._reworded]
        if self._called is not None:
            awaited.append(self._called)
        try:
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if thinking.done():
                return None
            return REWORDED if self._reworded.done() else OVERTAKEN
        finally:
            self._reworded = None
            if not thinking.done():
                thinking.cancel()
                await asyncio.gather(thinking, return_exceptions=True)

    async def _think_all(self, cause: Trigger) -> None:
        """All agents think; of those that want to speak, the most motivated does."""
        for _ in range(READINGS):
            await self._loaded_all()
            await self._ask()  # whoever changed that may have told another process, and no note of it came through
            self._before = people(self._room.members())
            thinkers = [(r, m) for r in self._residents if (m := self._look(r, cause)) is not None]
            thinking = asyncio.gather(*(self._one(r, m) for r, m in thinkers))
            if (cut := await self._cut_short(thinking)) != REWORDED:
                break
        self._called = None
        if cut is not None:
            for resident, moment in thinkers:
                run = unthought(secrets.token_hex(8), moment, trigger.Stop(cut))
                await self._records.keep(resident, run)
            return
        kept = await self._kept(thinkers, {run.moment.agent.id: run for run in thinking.result()})
        del thinking  # and all that came to mind: acting waits for the model once more
        for resident, run in kept:
            await self._act(resident, run)

    async def _kept(self, thinkers: Thinkers, runs: Mapping[str, Run]) -> list[tuple[Resident, Run]]:
        """Those that were stored, each as it was decided between all, and as little of it as acting takes."""
        chosen = arbitrate(
            {a: (run.decision, (run.chosen.motivation or 0.0) if run.chosen else 0.0) for a, run in runs.items()}
        )
        decided = [(r, replace(runs[r.id], decision=chosen[r.id])) for r, _ in thinkers]
        return [(r, run.in_short()) for r, run in decided if await self._records.keep(r, run)]

    async def _one(self, resident: Resident, moment: Moment) -> Run:
        run_id = secrets.token_hex(8)
        policy = resident.policy
        if (stop := trigger.gate(moment, policy)) is not None:
            return unthought(run_id, moment, stop)
        told_off = self._attending.told_off(resident.id)
        moment = await counted(self._store, resident, moment, told_off)
        allowed = allowance(footing(moment), policy, asked=called(moment) == resident.id)
        if (stop := trigger.limit(allowed)) is not None:
            return replace(unthought(run_id, moment, stop), allowance=allowed)
        async with self._admission.place(urgent=moment.trigger.kind == "addressed"):
            held = await self._store.thoughts.held(self._room.id, resident.id)
            items = await self._store.items.candidates(people(moment.members), self._embedder.dim)
            known = await known_of(self._store, moment, items)
            interests = await self._interests.of(moment, items)
            thinker = replace(await self._thinker(resident, moment, items), known=known, interests=interests)
            return await think(run_id, moment, held, thinker, allowed)

    async def _thinker(self, resident: Resident, moment: Moment, items: Candidates = NOTHING) -> Thinker:
        return Thinker(
            disposition=await self._believing.disposition(moment),
            persona=resident.view.persona,
            memories=await self._store.agents.memories(resident.id),
            items=items,
            policy=resident.policy,
            calibration=self._calibration,
            model=self._engine.model,
            embedder=self._embedder,
            tick=self._clock.tick,
        )

    # -- acting -------------------------------------------------------------------------------------------------------

    async def _act(self, resident: Resident, run: Run) -> None:
        thought = run.chosen
        if thought is not None and run.decision.bound in ("suggest", "shadow"):
            await self._suggest(resident, run, thought)
        if thought is None or run.decision.act not in ("speak", "react"):
            return
        error = None
        try:
            with TRACING.posting({"run": run.id, "act": run.decision.act}):
                speech = await self._do(resident, run, thought)
        except (ModelError, WireError) as failure:
            log.warning("run %s in room %s could not speak: %s", run.id, self._room.id, failure)
            speech, error = Speech("failed"), f"{type(failure).__name__}: {failure}"
        message = speech.message.id if speech.message else None
        tokens = tokens_view(speech.usage)
        candor = candor_view(speech.candor)
        finished = await self._store.runs.finish_run(
            self._room.id,
            run.id,
            speech.outcome,
            message,
            error,
            speech.why,
            tokens,
            self._fence,
            candor,
            choice_view(speech.choice),
            weighing_view(speech.weighing),
        )
        metrics.tokens(tokens)
        metrics.OUTCOMES.labels(speech.outcome).inc()
        if speech.outcome == "said":
            assert run.moment.last is not None
            self._considered[resident.id] = run.moment.last.seq
            if thought.question is not None and speech.message is not None:
                await self._believing.asked(thought.question, speech.message)
            held = await self._store.thoughts.held(self._room.id, resident.id)
            changed = reservoir.said(thought, held)
            await self._store.thoughts.save_thoughts(self._room.id, changed, self._fence)
            for one in changed:
                self._records.show_thought(run, one)
        self._records.show(finished)

    async def _suggest(self, resident: Resident, run: Run, thought: Thought) -> None:
        """In `suggest` the message is written; in `shadow` the thought is kept for review, which costs nothing."""
        try:
            if run.decision.bound == "shadow":
                await lay_before(self._room, self._store, run, None)
                return
            speech = await self._written(Desk(run.moment), resident, run, thought, "suggest")
            tokens = tokens_view(speech.usage)
            await self._store.runs.add_tokens(run.id, tokens)
            metrics.tokens(tokens)
            if speech.message is not None:
                known = run.known if speech.weighing is not None else run.known.unweighed()
                await lay_before(self._room, self._store, run, speech.message, known)
        except (ModelError, WireError) as failure:
            log.warning("run %s in room %s could not suggest: %s", run.id, self._room.id, failure)

    async def _written(self, stage: Stage, resident: Resident, run: Run, thought: Thought, mode: Mode) -> Speech:
        """`thought` as a message on `stage`, unless the agent is hushed or leaves `mode` meanwhile."""

        def look() -> Moment:
            return self._look(resident, run.trigger) or run.moment

        thinker = await self._thinker(resident, run.moment)
        if run.allowance.level != "full":  # as a limit nears, one draft has to do
            thinker = replace(thinker, disposition=replace(thinker.disposition, palate=None))
        silenced = partial(self._silenced, resident, mode)
        return await speak(stage, look, run.moment, thought, thinker, run.id, run.seed, silenced, run.known)

    async def _do(self, resident: Resident, run: Run, thought: Thought) -> Speech:
        if self._silenced(resident, "speak"):
            return Speech("superseded")
        if run.decision.act == "react":
            assert run.moment.last is not None
            await self._room.react_agent(resident.id, run.moment.last.id, run.decision.emoji or NOD)
            self._reacted[resident.id] = run.moment.last.seq
            return Speech("said")
        return await self._written(Owned(self._room, self._fence), resident, run, thought, "speak")

    def _silenced(self, resident: Resident, mode: Mode) -> bool:
        """Whether its owner or a member hushed it, or it was removed, while it thought."""
        latest = next((r for r in self._residents if r.id == resident.id), None)
        return latest is None or latest.policy.mode != mode or latest.quiet(self._clock.now())
