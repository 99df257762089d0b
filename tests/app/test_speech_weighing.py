"""A reply to a choice says what came of weighing it."""

import asyncio
from collections import deque
from collections.abc import Sequence

import pytest

from app.speech import ANSWERS, ATTEMPTS, Speech, speak
from app.thought_views import weighing_view
from inference.prompt import Prompt
from inference.protocol import ModelError, Proposals, Usage
from inference.scripted import ScriptedModel
from memory.saliency import Trace
from tests.app.test_speech import Room, placed, thinker
from tests.conversation.build import ANN, talk
from thoughts.known import NOTHING_KNOWN, Known, Narrowed
from thoughts.occasions import logit
from thoughts.weighing import REASONS

SAID = "Take the bus, it keeps you dry."


def rain() -> Room:
    return Room(talk((ANN, "Aside, it is raining. Bus or bike?")), kind="addressed")


def said(room: Room, model: ScriptedModel, known: Known = NOTHING_KNOWN) -> Speech:
    return asyncio.run(speak(room, room.look, room.look(), placed(), thinker(model), "run1", 5, known=known))


def wanted(model: ScriptedModel, between: str = "") -> str:
    (call,) = [c for c in model.history if c.method == "stream"]
    return between.join(part.text for part in call.prompts[0])


def test_the_reply_is_written_to_say_what_suits() -> None:
    model = ScriptedModel(name="other", replies=deque([SAID]), rates=deque([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]]))
    room = rain()
    speech = said(room, model)
    assert [text for *_, text, _ in room.posted] == [SAID]
    assert "wants to say: I would choose Bus, because it is raining." in wanted(model)
    view = weighing_view(speech.weighing)
    assert view is not None
    assert (view.taken, view.reasons, view.said) == (0, 2 * REASONS, [])
    # 0.9 of one order and 0.8 of the other.
    assert view.reasoned == pytest.approx(logit(0.85), abs=1e-4)
    assert speech.weighing is not None
    reply = Usage(prompt=len(wanted(model, " ").split()), generated=len(SAID.split()))
    assert speech.usage == reply + speech.weighing.usage
    assert speech.weighing.usage.prompt > 0


def test_a_model_too_small_says_its_thought() -> None:
    model = ScriptedModel(replies=deque([SAID]))
    speech = said(rain(), model)
    assert speech.weighing is None
    assert weighing_view(speech.weighing) is None
    assert placed().text in wanted(model)


def test_weighing_that_fails_says_nothing() -> None:
    room = rain()
    with pytest.raises(ModelError):
        said(room, ScriptedModel(name="other", rates=deque([ModelError("gone")])))
    assert not room.posted


def test_a_reply_that_is_written_again_is_not_weighed_again_while_nobody_wrote() -> None:
    model = ScriptedModel(name="other", replies=deque(["", SAID]), rates=deque([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]]))
    assert said(rain(), model).outcome == "said"
    assert [c.method for c in model.history].count("propose") == 1


def test_what_was_said_and_speaks_for_the_other_one_is_not_shown_to_the_reply() -> None:
    says = "Bus or bike?"  # near to it, whatever it says
    bike = Trace("i1", "item", f"Ann said on 2026-03-01: {says}", ())
    known = Known((bike,), narrowed=(Narrowed(bike, says, 0.4),))
    # What they said is for the bike, and all else for the bus.
    rates: deque[Sequence[float] | Exception] = deque([[0.5, 0.5], [0.4, 0.6], [1.0, 0.0], [0.0, 1.0]])
    model = ScriptedModel(name="other", replies=deque([SAID]), rates=rates)
    speech = said(rain(), model, known)
    assert speech.weighing is not None
    assert speech.weighing.taken == 0
    assert speech.weighing.against == frozenset({"i1"})
    assert bike.text not in wanted(model)
    assert len(speech.weighing.grounds.said) == 1


def test_what_holds_elsewhere_is_nothing_of_a_reply_to_no_choice() -> None:
    work = Trace("i1", "item", "Ann said on 2026-03-01: At work I whistle.", ())
    known = Known(narrowed=(Narrowed(work, "At work I whistle.", 0.1),))
    room = Room(talk((ANN, "Aside, it is raining.")), kind="addressed")
    speech = said(room, ScriptedModel(name="other", replies=deque([SAID])), known)
    assert (speech.outcome, speech.candor) == ("said", None)


class Slow(ScriptedModel):
    """While it gives reasons, somebody writes."""

    room: Room

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        if not self.history:
            self.room.hears(ANN, "Aside, it is sunny now. Bus or bike?")
        return await super().propose(prompts, limit, seed, urgent=urgent)


def test_nothing_is_written_for_a_room_that_moved_on_while_it_was_weighed() -> None:
    room, model = rain(), Slow(name="other", replies=deque([SAID]))
    model.room = room
    assert said(room, model).outcome == "superseded"
    assert "stream" not in [c.method for c in model.history]
    assert not room.posted


def test_what_was_said_for_just_such_an_occasion_is_not_led_away_from_by_a_thought() -> None:
    bus = Trace("i1", "item", "Ann said on 2026-03-01: When it rains I go by bus.", ())
    for name in ("other", "tiny"):
        model = ScriptedModel(name=name, replies=deque([SAID]))
        said(rain(), model, Known((bus,), decisive=frozenset({"i1"})))
        assert f"wants to say: {ANSWERS}" in wanted(model)
        assert f"Keep to what {bus.text}" in wanted(model)
        assert placed().text not in wanted(model)


def test_who_takes_one_of_the_two_may_say_over_again_what_was_told_and_nobody_may_echo_the_choice() -> None:
    told = "Aside, it is raining so very hard in this town today"
    for reply, posted in ((f"{told}, bus", 1), (f"{told}. Bus or bike", 0), (f"{told}, bus?", 0)):
        room = Room(talk((ANN, f"{told}. Bus or bike?")), kind="addressed")
        said(room, ScriptedModel(name="other", replies=deque([reply] * ATTEMPTS)))
        assert len(room.posted) == posted, reply


def test_a_reply_that_takes_the_other_one_is_written_again_while_it_may_be() -> None:
    bike = "The bike, by all means."
    robust = "Robust biker's choice."  # names neither
    for replies, posted in (([bike, SAID], SAID), ([bike, bike, bike], bike), ([robust, SAID], robust)):
        # All grounds are for the bus.
        rates = deque([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9]])
        room = rain()
        speech = said(room, ScriptedModel(name="other", replies=deque(replies), rates=deque(rates)))
        assert speech.weighing is not None
        assert speech.weighing.taken == 0
        assert [text for *_, text, _ in room.posted] == [posted]
