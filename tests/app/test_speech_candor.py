"""A reply behind which something of a person stands: what it may know, and the guard before it is shown."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.speech import Speech, speak
from conversation.member import Member
from inference.prompt import Prompt
from inference.protocol import ModelError, Proposals, Ratings, Usage
from inference.scripted import ScriptedModel
from memory.saliency import Trace
from personalization.candor import Candor
from tests.app.test_speech import REPLY, Room, lake, placed, thinker
from tests.conversation.build import ANN, ASIDE, BOB, CAT, moment, talk
from thoughts.known import NOTHING_KNOWN, Known

US = frozenset({"ann", "bob"})
SWIMS = Trace("i1", "item", "Bob said on 2026-03-01: I swim all winter.", (), audience=US)
SUMMARY = Trace("summary-bob", "item", "(As of 2026-03-01.) Bob said: “Keep it short”.", (), audience=US)
KNOWN = Known((SWIMS,), SUMMARY, frozenset({"i1"}))
FLATTERY, HONESTY, KINDLY = "Yes, you are right!", "No, bats can see.", "Not quite, Bob: bats can see."


def bats() -> Room:
    return Room(talk((ANN, "hm"), (BOB, "as the book has it, bats are blind")))


def said(room: Room, model: ScriptedModel, known: Known = KNOWN) -> Speech:
    return asyncio.run(speak(room, room.look, room.look(), placed(), thinker(model), "run1", 5, known=known))


def prompted(model: ScriptedModel, method: str, nth: int = 0) -> str:
    call = [c for c in model.history if c.method == method][nth]
    return "".join(part.text for part in call.prompts[0])


def test_a_reply_knows_what_decides_and_whom_it_answers() -> None:
    room, model = lake(), ScriptedModel(replies=deque([REPLY]), rates=deque([[0.1, 0.1, 0.8]]))
    speech = said(room, model)
    assert (speech.outcome, speech.candor) == ("said", Candor("none", None, "personal"))
    (rated,) = [c for c in model.history if c.method == "rate"]
    (wrote,) = [c for c in model.history if c.method == "stream"]
    read = [part for call in (wrote, rated) for part in call.prompts[0]]
    assert speech.usage == Usage(prompt=sum(len(p.text.split()) for p in read), generated=len(REPLY.split()))
    assert "You remember:\n- Bob said on 2026-03-01: I swim all winter." in prompted(model, "stream")
    assert "whom you answer:\n- (As of 2026-03-01.) Bob said" in prompted(model, "stream")


def test_flattery_is_never_seen_and_the_other_side_is_said_in_the_agents_voice() -> None:
    room, model = bats(), ScriptedModel(replies=deque([FLATTERY, KINDLY]), says=deque([HONESTY]))
    speech = said(room, model)
    assert [text for *_, text, _ in room.posted] == [KINDLY]
    assert speech.candor == Candor("agrees", "disagrees", "impersonal")
    assert room.drafts == {}
    again = prompted(model, "stream", 1)
    assert HONESTY in again
    assert "You remember" not in again
    assert room.ends[0] == ("run1-0", None)


def test_a_personal_form_that_takes_the_side_back_gives_way_to_the_plain_words() -> None:
    room, model = bats(), ScriptedModel(replies=deque([FLATTERY, FLATTERY]), says=deque([HONESTY]))
    said(room, model)
    assert [text for *_, text, _ in room.posted] == [HONESTY]


def test_all_of_a_reply_to_somebody_who_addressed_the_agent_is_urgent() -> None:
    """The words that must not take the side back too: whose side they take, their own words do not tell."""

    class Hurried(ScriptedModel):
        async def rate(
            self,
            prompt: Prompt,
            branches: Sequence[str],
            questions: Sequence[str],
            options: Sequence[str],
            *,
            urgent: bool = False,
        ) -> Ratings:
            hurries.append(urgent)
            return await super().rate(prompt, branches, questions, options, urgent=urgent)

    hurries: list[bool] = []
    room = Room(bats().log, kind="addressed")
    model = Hurried(
        replies=deque([FLATTERY, "Bats do see, Bob."]), says=deque([HONESTY]), rates=deque([[0.0, 0.9, 0.1]])
    )
    said(room, model)
    assert hurries == [True]
    assert [text for *_, text, _ in room.posted] == ["Bats do see, Bob."]


def test_where_both_agree_it_is_said_as_it_was_written() -> None:
    room, model = bats(), ScriptedModel(replies=deque([KINDLY]), says=deque([HONESTY]), rates=deque([[0.0, 0.9, 0.1]]))
    speech = said(room, model)
    assert [text for *_, text, _ in room.posted] == [KINDLY]
    assert speech.candor == Candor("disagrees", "disagrees", "personal")


def test_with_nothing_of_a_person_there_is_no_guard_and_the_draft_is_shown() -> None:
    room, model = bats(), ScriptedModel(replies=deque([FLATTERY]))
    speech = said(room, model, NOTHING_KNOWN)
    assert speech.candor is None
    assert list(room.drafts) == ["run1-0"]
    assert [c.method for c in model.history] == ["stream"]


def test_a_thought_made_of_an_item_is_guarded_too() -> None:
    room, model = bats(), ScriptedModel(replies=deque([FLATTERY, KINDLY]), says=deque([HONESTY]))
    made = replace(placed(), stimuli=("i1",))
    known = Known(made=frozenset({"i1"}))
    asyncio.run(speak(room, room.look, room.look(), made, thinker(model), "run1", 5, known=known))
    assert [text for *_, text, _ in room.posted] == [KINDLY]


def test_what_somebody_who_came_may_not_hear_is_not_known() -> None:
    room, model = lake(), ScriptedModel(replies=deque([REPLY]))

    def look() -> object:
        return replace(moment(room.log), members=(ASIDE, ANN, BOB, CAT))

    asyncio.run(speak(room, look, room.look(), placed(), thinker(model), "run1", 5, known=KNOWN))  # type: ignore[arg-type]
    assert "I swim all winter" not in prompted(model, "stream")
    assert "Keep it short" not in prompted(model, "stream")


def test_a_factual_question_is_answered_as_for_anybody() -> None:
    def room_of(author: Member) -> Room:
        return Room(talk((ANN, "hm"), (author, "how many teeth does a bat have?")))

    personal, plain = ScriptedModel(replies=deque([REPLY])), ScriptedModel(replies=deque([REPLY]))
    said(room_of(BOB), personal)
    said(room_of(BOB), plain, NOTHING_KNOWN)
    assert personal.history == plain.history


def test_a_room_that_moved_on_while_it_was_weighed_gets_a_new_reply() -> None:
    room = bats()

    class Slow(ScriptedModel):
        async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
            if not any(c.method == "propose" for c in self.history):
                room.hears(ANN, "good weather")
            return await super().propose(prompts, limit, seed, urgent=urgent)

    model = Slow(replies=deque([KINDLY, KINDLY]), says=deque([HONESTY, HONESTY]), rates=deque([[0.0, 0.9, 0.1]] * 2))
    said(room, model)
    assert [text for *_, text, _ in room.posted] == [KINDLY]
    assert room.ends[0] == ("run1-0", None)


def test_a_guard_that_fails_means_silence() -> None:
    room, model = bats(), ScriptedModel(replies=deque([FLATTERY]), says=deque([ModelError("gone")]))
    with pytest.raises(ModelError):
        said(room, model)
    assert room.posted == []
    assert room.ends == [("run1-0", None)]
