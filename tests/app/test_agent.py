"""The minds of a room: what they hear, when they think, what is stored, and who speaks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.agent import Mind
from app.frames import DecisionEvent, SuggestionEvent, ThoughtEvent
from app.orders import FREED, HUSHED
from app.protocol import AgentChange, NewAgent, NewRoom, PolicyView, QuietView, RunView, Wire
from app.store import Store
from app.store.database import Database
from app.tasks import Tasks
from app.unfinished import reply_key
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Trigger
from conversation.transcript import Transcript
from inference.protocol import ModelUnavailableError
from inference.scripted import ScriptedModel
from tests.app.harness import PATIENCE, ManualClock, ScriptedEngine
from tests.app.store.opened import a_run

ALWAYS = PolicyView(im_threshold=1.0, interrupt_threshold=1.0, allocated_threshold=1.0, talk_share=1.0, min_gap=0)
NEVER = PolicyView(im_threshold=5.0, interrupt_threshold=5.0, allocated_threshold=5.0, system1_prob=0.0)
HIGH = (0.0, 0.0, 0.0, 1.0, 5.0)


@dataclass
class FakeRoom:
    """A room's public face: what was said in it and what was sent."""

    id: str
    clock: ManualClock
    fence: int | None = field(default=None, init=False)
    people: tuple[Member, ...]
    said: list[Message] = field(default_factory=list)
    to_all: list[Wire] = field(default_factory=list)
    to_watchers: list[Wire] = field(default_factory=list)
    to_owners: list[Wire] = field(default_factory=list)
    nods: list[tuple[str, str, str]] = field(default_factory=list)
    hushes: list[tuple[str, QuietView | None]] = field(default_factory=list)
    typing: frozenset[str] = frozenset()
    mind: Mind | None = None
    on_draft: Callable[[], None] | None = None
    revision: int = 0

    def transcript(self) -> Transcript:
        return Transcript(tuple(self.said), self.revision)

    def rewords(self, message: Message, text: str | None) -> None:
        """None: it was deleted."""
        self.said = [replace(m, text=text) if text is not None and m is message else m for m in self.said]
        self.said = [m for m in self.said if text is not None or m is not message]
        self.revision += 1
        if self.mind is not None:
            self.mind.reworded(message, gone=text is None)

    def members(self) -> tuple[Member, ...]:
        return self.people

    def floor(self) -> Floor:
        return Floor(self.typing, 2.0)

    def broadcast(self, frame: Wire) -> None:
        self.to_all.append(frame)
        if frame.model_dump()["type"] == "draft" and self.on_draft is not None:
            self.on_draft()

    def broadcast_watchers(self, frame: Wire) -> None:
        self.to_watchers.append(frame)

    def broadcast_owners(self, frame: Wire) -> None:
        self.to_owners.append(frame)

    def say(self, who: str, text: str, reply_to: str | None = None) -> Message:
        member = next(m for m in self.people if m.id == who)
        seq = len(self.said) + 1
        message = Message(f"m{seq}", seq, member.as_author(), text, self.clock.now(), reply_to)
        self.said.append(message)
        if self.mind is not None:
            self.mind.heard(message)
        return message

    async def post_agent(
        self, agent_id: str, client_id: str, text: str, reply_to: str | None, fence: int | None
    ) -> Message:
        return self.say(agent_id, text, reply_to)

    async def react_agent(self, agent_id: str, message_id: str, emoji: str) -> None:
        self.nods.append((agent_id, message_id, emoji))

    async def hush_agent(self, agent_id: str, quiet: QuietView | None) -> None:
        self.hushes.append((agent_id, quiet))

    def runs(self) -> list[RunView]:
        return [f.run for f in self.to_watchers if isinstance(f, DecisionEvent)]


@dataclass
class World:
    room: FakeRoom
    store: Store
    mind: Mind
    model: ScriptedModel
    clock: ManualClock
    agents: list[str]

    async def settle(self) -> None:
        """Lets the work that is under way end; only the database takes real time."""
        async with asyncio.timeout(PATIENCE):
            await self.mind.rest()

    async def passes(self, seconds: float) -> None:
        """Time goes by, and whatever falls due is done at its time."""
        end = self.clock.tick() + seconds
        while (due := self.clock.next_due()) is not None and due <= end:
            self.clock.advance(due - self.clock.tick())
            await self.settle()
        self.clock.advance(end - self.clock.tick())
        await self.settle()

    async def kept(self, text: str) -> Message:
        """Ann says it to the database, and nobody thinks."""
        author, now = self.room.people[0].as_author(), self.clock.now()
        posted = await self.store.messages.post(self.room.id, author, f"kept-{text}", text, None, now)
        self.room.said.append(posted.message)
        return posted.message

    async def stored(self) -> tuple[RunView, ...]:
        return await self.store.runs.list_runs(self.room.id, limit=500)


@asynccontextmanager
async def world(folder: Path, *agents: NewAgent, **engine: Any) -> AsyncIterator[World]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'minds.db'}")
    await database.migrate()
    tasks, clock, model = Tasks(), ManualClock(), ScriptedModel()
    tasks.start(database.committer.run(), "commit")
    store = Store(database, lambda: "scripted")
    owner = (await store.users.add("Ann", clock.now())).id
    bob = (await store.users.add("Bob", clock.now())).id
    ann = Member(owner, "Ann", "owner")
    room_id = await store.rooms.create("Tea", ann.id, None, clock.now())
    ids = [
        (await store.agents.add(room_id, a, clock.now()))[0] for a in agents or (NewAgent(name="Mika", policy=ALWAYS),)
    ]
    names = [a.name for a in agents] or ["Mika"]
    people = (ann, Member(bob, "Bob", "member"), *(Member(i, n, "agent") for i, n in zip(ids, names, strict=True)))
    room = FakeRoom(room_id, clock, people)
    scripted = ScriptedEngine(model=model, **engine)
    room.mind = Mind(room, scripted, store, clock, tasks)
    made = World(room, store, room.mind, model, clock, ids)
    try:
        await made.settle()
        yield made
    finally:
        await made.mind.close()
        await tasks.close()
        await database.close()


@asynccontextmanager
async def reborn(w: World) -> AsyncIterator[World]:
    """Another process over the same database and room."""
    await w.mind.close()
    tasks = Tasks()
    mind = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
    again = replace(w, mind=mind)
    try:
        await again.settle()
        yield again
    finally:
        await mind.close()
        await tasks.close()


pytestmark = pytest.mark.anyio


async def test_a_message_sets_off_one_run_that_is_stored_whole_and_spoken(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.model.replies.append("Sencha, perhaps?")
        w.room.say(w.room.people[0].id, "What tea shall we drink today?")
        await w.passes(2)
        (run,) = await w.stored()
        assert run.trigger.seq == 1
        assert run.decision.act == "speak"
        assert (run.outcome, run.message) == ("said", "m2")
        assert [m.text for m in w.room.said] == ["What tea shall we drink today?", "Sencha, perhaps?"]
        assert run.thoughts
        assert all(len(t.scores) == 10 for t in run.thoughts)
        assert set(run.stages) == {"retrieval", "formation", "evaluation", "participation"}
        spoken = await w.store.thoughts.list_thoughts(w.room.id, "spoken")
        assert [t.id for t in spoken] == [run.decision.thought]


async def test_watchers_are_sent_thoughts_and_the_decision_twice_and_others_only_drafts(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.room.say(w.room.people[0].id, "What tea shall we drink today?")
        await w.passes(2)
        kinds = {type(f) for f in w.room.to_watchers}
        assert kinds == {ThoughtEvent, DecisionEvent}
        assert [r.outcome for r in w.room.runs()] == [None, "said"]
        assert {f.model_dump()["type"] for f in w.room.to_all} == {"draft", "draft_end"}


async def test_a_burst_makes_one_run_about_its_last_message(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        for text in ("one thing", "and another", "and that is all"):
            w.room.say(w.room.people[0].id, text)
            await w.passes(0.5)
        await w.passes(5)
        assert [r.trigger.seq for r in await w.stored()] == [3]


async def test_an_addressed_message_is_thought_about_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.room.say(w.room.people[0].id, "Mika, what do you drink?")
        await w.passes(0)
        (run,) = await w.stored()
        assert (run.trigger.kind, run.decision.branch) == ("addressed", "mine")
        assert w.room.said[-1].reply_to == "m1"


async def test_an_hour_of_quiet_makes_few_runs_and_each_once(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        w.room.say(w.room.people[0].id, "good night everybody")
        await w.passes(3600)
        triggers = [(r.trigger.kind, r.trigger.seq, r.trigger.nth) for r in reversed(await w.stored())]
        assert triggers == [("message", 1, 0), *(("pause", 1, n) for n in range(5))]


async def test_typing_holds_the_pause_off(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        w.room.say(w.room.people[0].id, "wait, I am writing")
        await w.passes(3)
        w.mind.typing(w.room.people[0].id, True)
        await w.passes(600)
        assert [r.trigger.kind for r in await w.stored()] == ["message"]
        w.mind.typing(w.room.people[0].id, False)
        await w.passes(11)
        assert [r.trigger.kind for r in await w.stored()] == ["pause", "message"]


@pytest.mark.parametrize("mode", ["shadow", "suggest"])
async def test_shadow_thinks_and_says_nothing(tmp_path: Path, mode: Any) -> None:
    async with world(tmp_path, NewAgent(name="Mika", mode=mode, policy=ALWAYS)) as w:
        w.room.say(w.room.people[0].id, "Mika, are you there?")
        await w.passes(60)
        runs = await w.stored()
        assert runs
        assert all(r.decision.act in ("hold", "silent") for r in runs)
        assert runs[-1].decision.bound == mode
        assert len(w.room.said) == 1
        assert w.room.to_all == []


async def test_in_suggest_it_writes_what_it_would_say_and_lays_it_before_the_owners(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", mode="suggest", policy=ALWAYS)) as w:
        w.model.replies.extend(["Sencha, perhaps?", "Or a green one?"])
        w.room.say(w.room.people[0].id, "Mika, what tea shall we drink?")
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.decision.act, run.decision.bound, run.outcome) == ("hold", "suggest", None)
        assert run.tokens.generated > 0
        (suggested,) = await w.store.suggestions.of_room(w.room.id)
        assert (suggested.run, suggested.text, suggested.state) == (run.id, "Sencha, perhaps?", "open")
        assert (suggested.mode, suggested.reply_to, suggested.seq) == ("suggest", "m1", 1)
        assert w.room.to_owners == [SuggestionEvent(room=w.room.id, suggestion=suggested)]
        assert (len(w.room.said), w.room.to_all) == (1, [])
        w.room.say(w.room.people[0].id, "Mika, or another?")
        await w.passes(1)
        newest, older = await w.store.suggestions.of_room(w.room.id)
        assert (newest.state, older.state) == ("open", "expired")


async def test_in_shadow_what_it_thought_is_kept_for_review_and_nothing_is_written(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", mode="shadow", policy=ALWAYS)) as w:
        w.room.say(w.room.people[0].id, "Mika, what tea shall we drink?")
        await w.passes(1)
        (run,) = await w.stored()
        (kept,) = await w.store.suggestions.of_room(w.room.id, "shadow")
        assert kept.text in {t.text for t in run.thoughts if t.id == run.decision.thought}
        assert "stream" not in {call.method for call in w.model.history}


async def test_a_muted_agent_does_not_think_and_the_run_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        until = w.clock.now() + timedelta(hours=1)
        await w.store.agents.change(w.room.id, w.agents[0], AgentChange(mute_until=until), w.clock.now())
        w.mind.changed()
        await w.settle()
        w.room.say(w.room.people[0].id, "Mika, hello?")
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.gate, run.decision.act) == ("muted", "silent")
        assert w.model.history == []


async def test_told_to_be_quiet_it_shows_that_it_heard_and_is_silent_until_then(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        bob = w.room.people[1]
        w.room.say(bob.id, "Mika, be quiet until ten")
        await w.passes(1)
        assert w.room.nods == [(w.agents[0], "m1", HUSHED)]
        ((agent, quiet),) = w.room.hushes
        assert (agent, quiet and (quiet.by, quiet.name, quiet.message)) == (w.agents[0], (bob.id, "Bob", "m1"))
        w.room.say(bob.id, "Mika, what do you think of it?")
        await w.passes(60)
        told, after = [r for r in reversed(await w.stored()) if r.trigger.kind == "addressed"]
        assert told.gate == "Bob told it to be quiet until 2026-01-05 10:00 UTC"
        assert (told.decision.act, told.decision.bound) == ("silent", "hushed")
        assert (after.gate, after.decision.bound) == ("asked to be quiet", "hushed")
        assert w.model.history == []
        await w.passes(30 * 60)
        w.room.say(bob.id, "Mika, and now?")
        await w.passes(1)
        assert w.room.said[-1].author.id == w.agents[0]


async def test_it_may_be_told_to_talk_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ann = w.room.people[0].id
        w.room.say(ann, "quiet for an hour")
        w.room.say(ann, "you can talk again")
        await w.passes(1)
        assert [emoji for _, _, emoji in w.room.nods] == [HUSHED, FREED]
        assert [quiet is None for _, quiet in w.room.hushes] == [False, True]
        w.room.say(ann, "Mika, are you there?")
        await w.passes(1)
        assert w.room.said[-1].author.id == w.agents[0]


async def test_being_told_to_be_quiet_stops_what_it_is_just_writing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        orders = iter([True])

        def enough() -> None:
            if next(orders, False):
                w.room.say(w.room.people[1].id, "quiet for an hour")

        w.room.on_draft = enough
        w.room.say(w.room.people[0].id, "Mika, tell us of tea")
        await w.passes(60)
        assert len(w.room.said) == 2
        assert {r.trigger.seq: r.outcome for r in await w.stored()} == {1: "superseded", 2: None}


async def test_an_order_that_came_before_the_agents_were_loaded_is_obeyed(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.mind.close()
        tasks = Tasks()
        again = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
        w.room.mind = again
        w.room.say(w.room.people[0].id, "Mika, quiet for an hour")
        restarted = replace(w, mind=again)
        await restarted.settle()
        await restarted.passes(60)
        assert [n[2] for n in w.room.nods] == [HUSHED]
        assert w.model.history == []
        await again.close()
        await tasks.close()


async def test_a_limit_that_is_used_up_ends_thinking_and_is_named(tmp_path: Path) -> None:
    policy = ALWAYS.model_copy(update={"tokens_per_day": 200})
    async with world(tmp_path, NewAgent(name="Mika", policy=policy)) as w:
        ann = w.room.people[0].id
        for n in range(6):
            w.room.say(ann, f"Mika, and what of number {n}?")
            await w.passes(5)
        runs = [r for r in reversed(await w.stored()) if r.trigger.kind == "addressed"]
        assert (runs[0].allowance.level, runs[0].decision.act) == ("full", "speak")
        assert (runs[-1].allowance.level, runs[-1].allowance.bound) == ("mute", "tokens_per_day")
        assert (runs[-1].gate, runs[-1].decision.bound) == ("tokens per day used up", "tokens_per_day")
        asked = len(w.model.history)
        await w.passes(24 * 3600)
        assert len(w.model.history) == asked
        w.room.say(ann, "Mika, a new day?")
        await w.passes(1)
        assert w.room.said[-1].author.id == w.agents[0]


async def test_near_its_share_it_thinks_one_quick_thought(tmp_path: Path) -> None:
    policy = ALWAYS.model_copy(update={"talk_share": 0.55})
    async with world(tmp_path, NewAgent(name="Mika", policy=policy)) as w:
        ann, bob = w.room.people[0].id, w.room.people[1].id
        for n in range(3):
            w.room.say(ann, f"Mika, number {n}?")
            await w.passes(1)
        w.model.history.clear()
        w.room.say(bob, "nice weather today")
        await w.passes(2)
        run = (await w.stored())[0]
        assert (run.allowance.level, run.allowance.bound, run.allowance.used) == ("less", "talk_share", 0.7792)
        assert [len(call.prompts) for call in w.model.history if call.method == "propose"] == [1]


async def test_an_agent_that_is_hushed_while_it_thinks_does_not_speak(tmp_path: Path) -> None:
    async with world(tmp_path) as w:

        async def hush() -> None:
            await w.store.agents.change(w.room.id, w.agents[0], AgentChange(mode="shadow"), w.clock.now())

        await hush()
        w.room.say(w.room.people[0].id, "Mika, are you there?")
        w.mind.changed()  # the room tells of the change while the thought about the message is under way
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.decision.act, run.outcome) in {("speak", "superseded"), ("hold", None)}
        assert len(w.room.said) == 1


async def test_a_failing_model_means_silence_and_a_stored_failure(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.model.says.append(ModelUnavailableError("the model process is down"))
        w.room.say(w.room.people[0].id, "Mika, are you well?")
        await w.passes(1)
        (run,) = await w.stored()
        assert run.decision.act == "silent"
        assert run.error == "ModelUnavailableError: the model process is down"
        assert len(w.room.said) == 1


async def test_a_reply_that_fails_half_way_says_nothing_and_keeps_the_thought(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.model.replies.append(ModelUnavailableError("gone"))
        w.room.say(w.room.people[0].id, "Mika, are you well?")
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.decision.act, run.outcome, run.message) == ("speak", "failed", None)
        assert run.error == "ModelUnavailableError: gone"
        assert len(w.room.said) == 1
        assert not await w.store.thoughts.list_thoughts(w.room.id, "spoken")


async def test_a_reply_that_says_what_was_said_is_dropped_and_the_run_tells_why(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.model.replies.extend(["Mika, are you well?"] * 3)
        w.room.say(w.room.people[0].id, "Mika, are you well?")
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.outcome, run.message, run.error) == ("dropped", None, None)
        assert run.dropped == "the reply says what was said already"
        assert len(w.room.said) == 1


async def test_a_room_that_moves_on_gets_the_reply_once_and_for_what_it_says_now(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        overtake = iter([True])

        def meanwhile() -> None:
            if next(overtake, False):
                w.room.say(w.room.people[1].id, "unrelated remark number nine")

        w.room.on_draft = meanwhile
        w.model.replies.extend(["first version of it", "second version of it"])
        w.room.say(w.room.people[0].id, "Mika, shall we go?")
        await w.passes(0)
        texts = [m.text for m in w.room.said]
        assert texts[:3] == ["Mika, shall we go?", "unrelated remark number nine", "second version of it"]
        ends = [f.model_dump() for f in w.room.to_all if f.model_dump()["type"] == "draft_end"]
        assert ends[0]["id"] is None
        assert ends[1]["id"] == "m3"


async def test_a_call_does_not_wait_for_a_thought_about_something_else(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.model.replies.extend(["an idle remark about rain", "yes, I am here"])
        calls = iter([True])

        def call() -> None:
            if next(calls, False):
                w.room.say(w.room.people[1].id, "Mika, are you here?")

        w.room.on_draft = call
        w.room.say(w.room.people[0].id, "it rains and rains")
        await w.passes(2)
        first, second = reversed(await w.stored())
        assert (first.trigger.seq, first.outcome) == (1, "superseded")
        assert (second.trigger.kind, second.trigger.seq, second.outcome) == ("addressed", 2, "said")
        assert [m.text for m in w.room.said][2:] == ["yes, I am here"]
        assert w.room.said[2].reply_to == "m2"


async def test_thinking_cut_short_by_a_call_is_in_the_log(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.room.say(w.room.people[0].id, "it rains and rains")
        w.clock.advance(1.5)
        w.room.say(w.room.people[1].id, "Mika, are you here?")
        await w.settle()
        await w.passes(1)
        runs = {r.trigger.seq: r for r in await w.stored()}
        assert runs[1].gate == "overtaken by a call"
        assert runs[2].outcome == "said"


async def test_what_came_while_it_spoke_is_thought_about_although_it_wrote_last(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=ALWAYS.model_copy(update={"debounce": 0.1}))) as w:
        remarks = iter(["and where shall we sleep tonight"])

        def remark() -> None:
            if text := next(remarks, None):
                w.room.say(w.room.people[1].id, text)

        w.room.on_draft = remark
        w.room.say(w.room.people[0].id, "so what do we cook")
        await w.passes(5)
        assert [r.trigger.seq for r in reversed(await w.stored())] == [1, 2]
        assert [r.gate for r in await w.stored()] == [None, None]


async def test_of_two_agents_one_speaks_and_they_do_not_talk_in_a_ring(tmp_path: Path) -> None:
    policy = ALWAYS.model_copy(update={"agent_budget": 1})
    two = (NewAgent(name="Mika", policy=policy), NewAgent(name="Noor", policy=policy))
    async with world(tmp_path, *two) as w:
        w.room.say(w.room.people[0].id, "what a day this has been")
        await w.passes(3600)
        by_agents = [m for m in w.room.said if m.author.kind == "agent"]
        assert len(by_agents) == 1
        first = [r for r in await w.stored() if r.trigger.seq == 1 and r.trigger.kind == "message"]
        assert sorted(r.decision.act for r in first) == ["hold", "speak"]
        assert {r.decision.bound for r in first} == {None, "outbid"}


async def test_an_acknowledgement_becomes_a_reaction(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.model.says.extend(["like that idea!"] * 3)
        w.model.rates.extend([HIGH, (0.0, 1.0)])
        w.room.say(w.room.people[0].id, "let us all meet at noon")
        await w.passes(2)
        (run,) = await w.stored()
        assert (run.decision.act, run.decision.branch, run.outcome) == ("react", "open", "said")
        assert w.room.nods == [(w.agents[0], "m1", "❤️")]
        assert len(w.room.said) == 1


async def test_after_a_restart_a_fresh_message_is_thought_about_once(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        seq = (await w.kept("is anybody there?")).seq
        tasks = Tasks()
        again = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
        restarted = replace(w, mind=again)
        await restarted.settle()
        await restarted.passes(5)
        assert [r.trigger.seq for r in await w.stored()] == [seq]
        third = Mind(w.room, ScriptedEngine(model=w.model), w.store, w.clock, tasks)
        await replace(w, mind=third).settle()
        await replace(w, mind=third).passes(1)
        assert [r.trigger.seq for r in await w.stored()] == [seq]
        assert await w.store.outbox.pending(w.room.id) == ()
        await again.close()
        await third.close()
        await tasks.close()


async def test_after_a_long_absence_it_is_dropped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with world(tmp_path) as w:
        await w.kept("is anybody there?")
        w.clock.advance(180)
        async with reborn(w) as again:
            await again.passes(5)
            assert await w.stored() == ()
            assert await w.store.outbox.pending(w.room.id) == ()
    assert "1 messages are too old" in caplog.text


async def test_what_was_decided_and_not_said_is_said_by_the_next_process_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.room.people = tuple(replace(p, id=w.agents[0]) if p.role == "agent" else p for p in w.room.people)
        act = w.mind._act

        async def dies(*given: Any) -> None:
            raise asyncio.CancelledError

        w.mind._act = dies  # type: ignore[method-assign, assignment]
        message = await w.kept("what tea shall we drink today?")
        w.mind.heard(message)
        await w.passes(2)
        (run,) = await w.stored()
        assert (run.decision.act, run.outcome) == ("speak", None)
        assert [p.seq for p in await w.store.outbox.pending(w.room.id)] == [message.seq]
        w.mind._act = act  # type: ignore[method-assign]
        async with reborn(w) as again:
            await again.passes(2)
            (run,) = await w.stored()
            assert run.outcome == "said"
            assert len(w.room.said) == 2
        async with reborn(w) as third:
            await third.passes(2)
            assert len(await w.stored()) == 1


async def test_what_was_said_before_its_run_knew_is_not_said_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        author = Member(w.agents[0], "Mika", "agent").as_author()
        key = reply_key(Trigger("message", 2))
        said = await w.store.messages.post(w.room.id, author, key, "Sencha.", None, w.clock.now())
        run = a_run(w.room.id, w.agents[0], 2, act="speak").model_copy(update={"at": w.clock.now()})
        await w.store.runs.save_run(run)
        async with reborn(w) as again:
            await again.passes(2)
            (stored,) = await w.stored()
            assert (stored.outcome, stored.message) == ("said", said.message.id)
            assert w.room.said == []


async def test_who_lost_the_room_writes_nothing_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with world(tmp_path) as w:
        w.room.fence = await w.store.owners.claim(w.room.id, "one", alone=True)
        async with reborn(w) as mine:
            message = await w.kept("what tea shall we drink today?")
            await w.store.owners.claim(w.room.id, "two", alone=True)
            mine.mind.heard(message)
            await mine.passes(2)
            assert await w.stored() == ()
            assert [p.seq for p in await w.store.outbox.pending(w.room.id)] == [message.seq]
    assert "for nothing" in caplog.text


async def test_a_room_without_agents_thinks_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.store.agents.remove(w.room.id, w.agents[0], w.clock.now())
        w.mind.changed()
        await w.settle()
        w.room.say(w.room.people[0].id, "hello, hello")
        await w.passes(600)
        assert await w.stored() == ()


async def test_what_was_deleted_before_it_was_thought_about_is_not_thought_about(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.room.rewords(w.room.say(w.room.people[0].id, "what shall we cook tonight"), None)
        await w.passes(5)
        assert await w.stored() == ()


async def test_an_edit_has_the_talk_read_anew(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        message = w.room.say(w.room.people[0].id, "what shall we cook tonight")
        w.clock.advance(1.5)
        w.room.rewords(message, "what shall we bake tonight")
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.trigger.seq, run.gate, run.outcome) == (1, None, "said")
        asked = ["".join(p.text for p in call.prompts[0]) for call in w.model.history]
        assert not any("cook tonight" in text for text in asked[-3:])


async def test_deleting_what_the_agents_think_about_ends_it(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        message = w.room.say(w.room.people[0].id, "what shall we cook tonight")
        w.clock.advance(1.5)
        w.room.rewords(message, None)
        await w.passes(1)
        (run,) = await w.stored()
        assert (run.gate, run.outcome) == ("empty room", None)
        assert w.room.said == []


async def test_a_talk_that_is_reworded_again_and_again_is_left_alone(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        message = w.room.say(w.room.people[0].id, "what shall we cook tonight")
        w.clock.advance(1.5)
        again = w.mind._one

        async def thinks(*given: Any) -> Any:
            w.mind.reworded(message, gone=False)
            return await again(*given)

        w.mind._one = thinks  # type: ignore[method-assign, assignment]
        await w.passes(1)
        (run,) = await w.stored()
        assert run.gate == "the talk was reworded"


def test_new_room_has_a_default_agent() -> None:
    assert NewRoom(name="x").agent == NewAgent()
