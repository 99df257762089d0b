"""The minds of a room: what they hear, when they think, what is stored, and who speaks."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.frames import DecisionEvent, SuggestionEvent, ThoughtEvent
from app.protocol import AgentChange, NewAgent, NewRoom
from inference.calls import OWNER
from inference.protocol import ModelUnavailableError
from inference.scripted import Call
from tests.app.minds import ALWAYS, HIGH, NEVER, world

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


async def test_what_a_room_asks_of_the_model_is_asked_for_the_room(tmp_path: Path) -> None:
    class History(list[Call]):
        def append(self, call: Call) -> None:
            super().append(call)
            owners[call.method] = OWNER.get()

    async with world(tmp_path) as w:
        owners, w.model.history = dict[str, str](), History()
        w.room.say(w.room.people[0].id, "What tea shall we drink today?")
        await w.passes(2)
        assert {"propose", "rate", "stream"} <= owners.keys()
        assert set(owners.values()) == {w.room.id}
    assert OWNER.get() == ""


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


async def test_a_message_after_a_change_of_policy_is_decided_under_it_however_slow_the_store(tmp_path: Path) -> None:
    async with world(tmp_path, NewAgent(name="Mika", policy=NEVER)) as w:
        of_room, read = w.store.agents.of_room, asyncio.Event()

        async def slow(room: str) -> Any:
            await read.wait()
            return await of_room(room)

        await w.store.agents.change(w.room.id, w.agents[0], AgentChange(policy=ALWAYS), w.clock.now())
        w.store.agents.of_room = slow  # type: ignore[method-assign]
        w.mind.changed()
        w.room.say(w.room.people[0].id, "Mika, what do you drink?")
        w.clock.advance(2)
        for _ in range(20):
            await asyncio.sleep(0)
        read.set()
        await w.settle()
        (run,) = await w.stored()
        assert (run.policy_version, run.decision.act) == (2, "speak")


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


async def test_an_agent_knows_who_wrote_before_what_it_reads(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        for text in ("one", "two", "three"):
            await w.kept(text)
        del w.room.said[:2]
        moments = []
        again = w.mind._one

        async def thinks(resident: Any, moment: Any) -> Any:
            moments.append(moment)
            return await again(resident, moment)

        w.mind._one = thinks  # type: ignore[method-assign]
        w.mind.heard(w.room.said[-1])
        await w.passes(5)
        ann = w.room.people[0].id
        assert moments[0].earlier == (ann, ann)


def test_new_room_has_a_default_agent() -> None:
    assert NewRoom(name="x").agent == NewAgent()
