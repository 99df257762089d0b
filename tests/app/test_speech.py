"""From a thought to a message, on a stage of our own: what is shown, what is posted, and when it yields."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app import speech
from app.errors import TooMany
from app.frames import Draft, DraftEnd
from app.protocol import Wire
from app.speech import ATTEMPTS, DRAFTS, Speech, speak
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment, Trigger, TriggerKind
from conversation.thought import Thought
from conversation.transcript import Transcript
from heuristics.calibration import calibration_for
from inference.prompt import Prompt
from inference.protocol import ModelError, ModelUnavailableError, Spent, uncounted
from inference.scripted import ScriptedEmbedder, ScriptedModel
from personalization.disposition import Disposition
from personalization.palate import Palate
from tests.conversation.build import ANN, ASIDE, BOB, NOW, message, moment, talk, thought
from thoughts import prompts
from thoughts.pipeline import Thinker
from thoughts.policy import Policy

THOUGHT_TEXT = "I think the lake warms up in June."
REPLY = "It warms up in June."


@dataclass
class Room:
    """A stage that keeps what it was shown, and a room in which others may write meanwhile."""

    log: Transcript
    kind: TriggerKind = "message"
    frames: list[Wire] = field(default_factory=list)
    posted: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    refuses: Exception | None = None
    trigger: Trigger | None = None

    def broadcast(self, frame: Wire) -> None:
        self.frames.append(frame)

    async def post_agent(self, agent_id: str, client_id: str, text: str, reply_to: str | None) -> Message:
        if self.refuses is not None:
            raise self.refuses
        self.posted.append((agent_id, client_id, text, reply_to))
        return self.hears(ASIDE, text)

    def hears(self, who: Member, text: str) -> Message:
        seq = (self.log.last.seq if self.log.last else 0) + 1
        said = message(seq, who, text)
        self.log = Transcript((*self.log.messages, said))
        return said

    def look(self) -> Moment:
        """The room as it is now, with the trigger that it began with."""
        now = moment(self.log, kind=self.kind)
        self.trigger = self.trigger or now.trigger
        return replace(now, trigger=self.trigger)

    @property
    def drafts(self) -> dict[str, str]:
        """What each draft showed."""
        shown: dict[str, str] = {}
        for frame in self.frames:
            if isinstance(frame, Draft):
                shown[frame.draft] = shown.get(frame.draft, "") + frame.delta
        return shown

    @property
    def ends(self) -> list[tuple[str, str | None]]:
        return [(frame.draft, frame.id) for frame in self.frames if isinstance(frame, DraftEnd)]


@dataclass
class Interrupted(ScriptedModel):
    """Something happens in the room after the first word of each of the first streams."""

    meanwhile: deque[Callable[[], object]] = field(default_factory=deque)
    closed: int = 0
    breaks: bool = False

    async def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str, None]:
        inner = super().stream(prompt, limit, seed, urgent=urgent, spent=spent)
        try:
            first = True
            async for piece in inner:
                yield piece
                if first and self.meanwhile:
                    self.meanwhile.popleft()()
                if self.breaks:
                    raise ModelUnavailableError("the model process is gone")
                first = False
        finally:
            self.closed += 1


class BrokenEmbedder:
    dim = ScriptedEmbedder.dim

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        raise ModelError("no vectors today")


def placed(text: str = THOUGHT_TEXT) -> Thought:
    (vector,) = asyncio.run(ScriptedEmbedder().embed([text]))
    return thought(text=text, motivation=4.0, embedding=vector)


def thinker(model: ScriptedModel) -> Thinker:
    return Thinker("", (), Policy(), calibration_for("default"), model, ScriptedEmbedder(), lambda: 0.0)


def spoken(room: Room, model: ScriptedModel, mind: Thinker | None = None) -> Speech:
    then = room.look()
    return asyncio.run(speak(room, room.look, then, placed(), mind or thinker(model), "run1", 5))


def lake() -> Room:
    return Room(talk((ANN, "shall we swim?"), (BOB, "the lake is cold")))


def test_the_reply_is_shown_as_it_grows_and_then_posted_once() -> None:
    room, model = lake(), ScriptedModel(replies=deque([f'Aside: "{REPLY}"']))
    speech = spoken(room, model)
    assert speech.outcome == "said"
    assert speech.message is not None
    assert room.posted == [("aside", "reply-message-2-0", REPLY, None)]
    assert list(room.drafts) == ["run1-0"]
    assert room.drafts["run1-0"].startswith("It warms up")
    assert room.ends == [("run1-0", speech.message.id)]
    assert isinstance(room.frames[-1], DraftEnd)


def test_the_drafts_author_is_the_agent() -> None:
    room = lake()
    spoken(room, ScriptedModel(replies=deque([REPLY])))
    authors = {frame.author.id for frame in room.frames if isinstance(frame, Draft)}
    assert authors == {"aside"}


def test_what_is_written_is_the_thought_in_the_present_room() -> None:
    room, model = lake(), ScriptedModel(replies=deque([REPLY]))
    now = room.look()
    spoken(room, model)
    assert model.history[0].prompts == (
        prompts.reply(prompts.shared(now, ""), now, replace(thought(), text=THOUGHT_TEXT)),
    )


def test_a_newer_message_has_it_written_once_more_for_the_room_as_it_is() -> None:
    room = lake()
    model = Interrupted(replies=deque(["It is warm.", REPLY]))
    model.meanwhile.append(lambda: room.hears(ANN, "who brings towels?"))
    speech = spoken(room, model)
    assert speech.outcome == "said"
    assert [text for _, _, text, _ in room.posted] == [REPLY]
    assert [draft for draft, _ in room.ends] == ["run1-0", "run1-1"]
    assert room.ends[0][1] is None
    assert room.ends[1][1] is not None
    assert "who brings towels?" in "".join(p.text for p in model.history[1].prompts[0])
    assert model.closed == 2


def test_a_room_that_keeps_moving_is_not_spoken_into() -> None:
    room = lake()
    model = Interrupted(replies=deque(["It is warm."] * 9))
    model.meanwhile.extend(
        [
            lambda: room.hears(ANN, "who brings towels?"),
            lambda: room.hears(BOB, "and cake?"),
            lambda: room.hears(ANN, "somebody a ball?"),
        ]
    )
    assert spoken(room, model) == Speech("superseded")
    assert room.posted == []
    assert [end for _, end in room.ends] == [None] * ATTEMPTS
    assert len(model.history) == model.closed == ATTEMPTS


def test_a_message_that_comes_after_the_last_word_counts_too() -> None:
    room = lake()
    model = Interrupted(replies=deque(["Warm", REPLY]))
    model.meanwhile.append(lambda: room.hears(ANN, "who brings towels?"))
    assert spoken(room, model).outcome == "said"
    assert [text for _, _, text, _ in room.posted] == [REPLY]


def test_what_somebody_else_said_meanwhile_is_not_said_again() -> None:
    room = lake()
    model = Interrupted(replies=deque(["It is warm.", REPLY]))
    model.meanwhile.append(lambda: room.hears(ANN, "I think the lake warms up in June!"))
    assert spoken(room, model) == Speech("superseded")
    assert room.posted == []
    assert room.ends == [("run1-0", None)]
    assert len(model.history) == 1


def test_what_was_said_between_thinking_and_speaking_is_not_said_again() -> None:
    room, model = lake(), ScriptedModel()
    then = room.look()
    room.hears(BOB, "i think the lake warms up in june")
    assert asyncio.run(speak(room, room.look, then, placed(), thinker(model), "run1", 5)) == Speech("superseded")
    assert (model.history, room.frames) == ([], [])


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("Bob, who drives?", "superseded"), ("Aside, who drives?", "superseded"), ("who drives?", "said")],
)
def test_it_yields_to_whoever_is_called_even_itself_and_goes_on_past_a_remark(text: str, outcome: str) -> None:
    room, model = lake(), ScriptedModel(replies=deque([REPLY]))
    then = room.look()
    room.hears(ANN, text)
    speech = asyncio.run(speak(room, room.look, then, placed(), thinker(model), "run1", 5))
    assert speech.outcome == outcome


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("...", "the model wrote nothing"),
        ("", "the model wrote nothing"),
        ("Bob: I agree", "the model wrote nothing"),
        (prompts.REPLY_TASK, "the model only repeated its instruction"),
        ("the lake is cold", "the reply says what was said already"),
    ],
)
def test_with_nothing_to_say_of_its_own_the_draft_is_dropped(reply: str, why: str) -> None:
    room = lake()
    room.hears(BOB, "the lake is cold")
    assert spoken(room, ScriptedModel(replies=deque([reply] * ATTEMPTS))) == Speech("dropped", why=why)
    assert room.posted == []
    assert room.ends == [(f"run1-{n}", None) for n in range(ATTEMPTS)]


def test_a_reply_that_is_not_worth_a_message_is_written_again() -> None:
    room = lake()
    assert spoken(room, ScriptedModel(replies=deque(["...", "I would swim."]))).outcome == "said"
    assert room.ends[0] == ("run1-0", None)
    assert len(room.posted) == 1


def test_it_stops_reading_where_the_model_goes_on_for_somebody_else() -> None:
    room, model = lake(), Interrupted(replies=deque([f"{REPLY}\nBob: nice And on and on"]))
    assert spoken(room, model).outcome == "said"
    assert [text for _, _, text, _ in room.posted] == [REPLY]
    assert model.closed == 1


@pytest.mark.parametrize("breaks", [True, False])
def test_a_failing_model_is_passed_on_with_the_draft_closed(breaks: bool) -> None:
    room = lake()
    model = Interrupted(replies=deque([REPLY] if breaks else [ModelError("down")]), breaks=breaks)
    with pytest.raises(ModelError):
        spoken(room, model)
    assert room.ends == [("run1-0", None)]
    assert room.posted == []
    assert model.closed == 1


def test_a_failing_embedder_at_the_end_is_passed_on_with_the_draft_closed() -> None:
    room, model = lake(), ScriptedModel(replies=deque([REPLY]))
    with pytest.raises(ModelError):
        spoken(room, model, replace(thinker(model), embedder=BrokenEmbedder()))
    assert room.ends == [("run1-0", None)]


def test_a_room_that_refuses_the_message_leaves_no_draft_open() -> None:
    room = lake()
    room.refuses = TooMany("too fast")
    with pytest.raises(TooMany):
        spoken(room, ScriptedModel(replies=deque([REPLY])))
    assert room.ends == [("run1-0", None)]


def test_whoever_called_the_agent_is_answered() -> None:
    room = Room(talk((ANN, "shall we swim?"), (BOB, "Aside, is it cold?")), kind="addressed")
    spoken(room, ScriptedModel(replies=deque([REPLY])))
    assert [reply_to for *_, reply_to in room.posted] == ["m2"]


def test_a_call_is_answered_by_link_even_after_a_remark() -> None:
    room = Room(talk((ANN, "shall we swim?"), (BOB, "Aside, is it cold?")), kind="addressed")
    model = Interrupted(replies=deque(["It is warm.", REPLY]))
    model.meanwhile.append(lambda: room.hears(ANN, "brr"))
    spoken(room, model)
    assert [(text, reply_to) for _, _, text, reply_to in room.posted] == [(REPLY, "m2")]


def test_every_attempt_has_a_draft_and_a_seed_of_its_own() -> None:
    room = lake()
    model = Interrupted()
    model.meanwhile.append(lambda: room.hears(ANN, "who brings towels?"))
    spoken(room, model)
    assert list(room.drafts) == ["run1-0", "run1-1"]
    assert room.drafts["run1-0"] != room.drafts["run1-1"]
    assert room.look().now == NOW


def test_a_thought_about_words_that_were_taken_back_is_not_said() -> None:
    room = lake()
    then = room.look()
    room.log = Transcript(room.log.messages[1:], revision=1)
    about = replace(placed(), stimuli=("m1",))
    speech = asyncio.run(speak(room, room.look, then, about, thinker(ScriptedModel()), "run1", 5))
    assert (speech.outcome, room.posted, room.frames) == ("superseded", [], [])


def test_an_edit_while_it_writes_has_it_written_once_more() -> None:
    room = lake()
    model = Interrupted(replies=deque(["It is warm.", REPLY]))

    def edits() -> None:
        first, second = room.log.messages
        room.log = Transcript((first, replace(second, text="the lake is warm")), revision=1)

    model.meanwhile.append(edits)
    assert spoken(room, model).outcome == "said"
    assert [text for _, _, text, _ in room.posted] == [REPLY]
    assert "the lake is warm" in "".join(p.text for p in model.history[1].prompts[0])


PALATE = Palate((3.0,) * 7, (0.0,) * 7)
"""Of somebody who likes more of everything."""
DRAFTED = ("It warms up in June.", "Oh wow, it gets lovely and warm in June!", "Dear all, June is when it warms up.")


async def _numbers(bank: object, embedder: object, texts: Sequence[str]) -> np.ndarray:
    """φ of what is written here: the second draft has the most of everything."""
    return np.array([[float(t == DRAFTED[1])] * 7 for t in texts])


def suiting(model: ScriptedModel, palate: Palate = PALATE) -> Thinker:
    return replace(thinker(model), disposition=Disposition("ann", palate=palate))


def test_of_several_drafts_the_one_is_taken_that_suits_whom_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "numbers", _numbers)
    room, model = lake(), ScriptedModel(replies=deque(DRAFTED))
    said = spoken(room, model, suiting(model))
    assert said.message is not None
    assert said.message.text == DRAFTED[1]
    assert said.choice is not None
    assert (said.choice.taken, len(said.choice.mixed)) == (1, DRAFTS)
    assert said.usage.generated == sum(len(t.split()) for t in DRAFTED)
    assert room.drafts == {}  # nobody sees those grow that are not taken


def test_everybody_outweighs_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "numbers", _numbers)
    room, model = lake(), ScriptedModel(replies=deque(DRAFTED))
    said = spoken(room, model, suiting(model, Palate(PALATE.own, (-0.2,) * 7)))
    assert said.message is not None
    assert said.message.text == DRAFTED[0]


def test_drafts_that_are_alike_are_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "numbers", _numbers)
    room, model = lake(), ScriptedModel(replies=deque([REPLY] * DRAFTS))
    said = spoken(room, model, suiting(model))
    assert (said.outcome, said.choice) == ("said", None)


def test_an_embedder_that_tastes_were_not_fitted_on_chooses_nothing() -> None:
    room, model = lake(), ScriptedModel(replies=deque(DRAFTED))
    said = spoken(room, model, suiting(model))
    assert said.message is not None
    assert (said.message.text, said.choice) == (DRAFTED[0], None)


def test_where_one_draft_breaks_none_goes_on() -> None:
    room = lake()
    model = Interrupted(replies=deque(DRAFTED), breaks=True)
    with pytest.raises(ModelUnavailableError):
        spoken(room, model, suiting(model))
    assert model.closed == DRAFTS
    assert room.posted == []
    assert room.ends == [("run1-0", None)] * DRAFTS


def test_drafts_are_given_up_when_somebody_writes_meanwhile() -> None:
    room = lake()
    model = Interrupted(replies=deque([*DRAFTED, REPLY]))
    model.meanwhile.append(lambda: room.hears(BOB, "and it is windy"))
    said = spoken(room, model, suiting(model))
    assert said.message is not None
    assert (said.message.text, said.choice) == (REPLY, None)
