"""Every frame there and back, and what no frame may be."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from app.frames import (
    CLIENT_FRAME,
    SERVER_FRAME,
    Ack,
    ClientFrame,
    DecisionEvent,
    Delete,
    DeletedEvent,
    Draft,
    DraftEnd,
    Edit,
    EditedEvent,
    ErrorEvent,
    Hello,
    Live,
    MessageEvent,
    Ping,
    Pong,
    PresenceEvent,
    QuietEvent,
    React,
    ReactionEvent,
    Resume,
    Resync,
    Send,
    ServerFrame,
    SuggestionEvent,
    ThoughtEvent,
    Typing,
    TypingEvent,
    Watch,
    Welcome,
    WelcomeRoom,
    WelcomeUser,
)
from app.protocol import TEXT_LIMIT, AuthorView, MemberView, MessageView, QuietView
from app.review import SuggestionView
from app.thought_views import thought_view
from tests.app.store.opened import a_run, a_thought

AT = datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=UTC)
ANN = AuthorView(id="a", name="Ann", kind="human")
MEMBER = MemberView(id="a", name="Ann", role="owner", online=True)
MESSAGE = MessageView(id="m", seq=2, room="r", author=ANN, text="Tea?\n🍵", at=AT, reply_to="m0")

CLIENT: list[BaseModel] = [
    Hello(type="hello", token="t", rooms=[Resume(room="r", after=3)]),
    Send(type="send", room="r", client_id="c", text="Tea?", reply_to=None),
    Typing(type="typing", room="r", on=True),
    React(type="react", room="r", id="m", emoji="👍", on=False),
    Edit(type="edit", room="r", id="m", text="Coffee?"),
    Delete(type="delete", room="r", id="m"),
    Watch(type="watch", room="r", on=True),
    Ping(type="ping"),
]
SERVER: list[BaseModel] = [
    Welcome(user=WelcomeUser(id="a", name="Ann"), rooms=[WelcomeRoom(room="r", seq=2, members=[MEMBER])]),
    Live(room="r", seq=2),
    Ack(client_id="c", room="r", seq=2, id="m"),
    MessageEvent(room="r", seq=2, message=MESSAGE),
    TypingEvent(room="r", user="a", on=True),
    EditedEvent(room="r", seq=4, id="m", text="Coffee?", at=AT),
    DeletedEvent(room="r", seq=5, id="m", by="a", at=AT),
    ReactionEvent(room="r", seq=3, id="m", user="a", emoji="👍", on=True),
    PresenceEvent(room="r", member=MEMBER, state="online"),
    PresenceEvent(room="r", seq=4, member=MEMBER, state="left"),
    QuietEvent(room="r", agent="g", quiet=QuietView(until=AT, by="a", name="Ann", message="m")),
    SuggestionEvent(
        room="r",
        suggestion=SuggestionView(
            run="n", room="r", agent="g", mode="suggest", state="open", text="Tea.", reply_to=None, seq=2, at=AT
        ),
    ),
    ThoughtEvent(room="r", agent="g", run="n", thought=thought_view(a_thought("g", 2))),
    DecisionEvent(room="r", run=a_run("r", "g", 2)),
    Draft(room="r", draft="d", author=ANN, delta=" tea"),
    DraftEnd(room="r", draft="d", id=None),
    Pong(),
    ErrorEvent(code="bad_input", detail="no", field="text", value="7", client_id="c"),
    Resync(room="r", after=2),
]


@pytest.mark.parametrize("frame", CLIENT, ids=lambda f: type(f).__name__)
def test_client_frames_there_and_back(frame: BaseModel) -> None:
    assert CLIENT_FRAME.validate_json(frame.model_dump_json()) == frame


@pytest.mark.parametrize("frame", SERVER, ids=lambda f: type(f).__name__)
def test_server_frames_there_and_back(frame: BaseModel) -> None:
    assert SERVER_FRAME.validate_json(frame.model_dump_json()) == frame


def test_no_frame_is_forgotten_here() -> None:
    assert {type(f) for f in CLIENT} == set(get_args(get_args(ClientFrame)[0]))
    assert {type(f) for f in SERVER} == set(get_args(get_args(ServerFrame)[0]))


@pytest.mark.parametrize("frame", [*CLIENT, *SERVER], ids=lambda f: type(f).__name__)
def test_an_unknown_field_is_refused_everywhere(frame: BaseModel) -> None:
    with pytest.raises(ValidationError):
        type(frame).model_validate({**frame.model_dump(), "extra": 1})


def test_times_are_iso_8601_in_utc() -> None:
    assert '"at":"2026-01-05T09:30:00.123456Z"' in MESSAGE.model_dump_json()


@pytest.mark.parametrize("text", ["", " \n\t", "a\x00b", "x" * (TEXT_LIMIT + 1), 7, None, ["x"]])
def test_texts_that_are_none(text: object) -> None:
    with pytest.raises(ValidationError):
        Send.model_validate({"type": "send", "room": "r", "client_id": "c", "text": text})


@pytest.mark.parametrize("emoji", ["", " \n", "a\x00", "x" * 17, 7, None])
def test_reactions_that_are_none(emoji: object) -> None:
    with pytest.raises(ValidationError):
        React.model_validate({"type": "react", "room": "r", "id": "m", "emoji": emoji, "on": True})


def test_the_longest_text_passes() -> None:
    assert Send.model_validate({"type": "send", "room": "r", "client_id": "c", "text": "🍵" * TEXT_LIMIT})
