"""Every frame there and back, and what no frame may be."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from app.protocol import (
    CLIENT_FRAME,
    SERVER_FRAME,
    TEXT_LIMIT,
    Ack,
    AgentChange,
    AuthorView,
    ClientFrame,
    DecisionEvent,
    Draft,
    DraftEnd,
    ErrorEvent,
    Hello,
    Live,
    MemberView,
    MessageEvent,
    MessageView,
    NewRoom,
    Ping,
    PolicyView,
    Pong,
    PresenceEvent,
    React,
    ReactionEvent,
    Resume,
    Resync,
    Send,
    ServerFrame,
    ThoughtEvent,
    Typing,
    TypingEvent,
    Watch,
    Welcome,
    WelcomeRoom,
    WelcomeUser,
)
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
    Watch(type="watch", room="r", on=True),
    Ping(type="ping"),
]
SERVER: list[BaseModel] = [
    Welcome(user=WelcomeUser(id="a", name="Ann"), rooms=[WelcomeRoom(room="r", seq=2, members=[MEMBER])]),
    Live(room="r", seq=2),
    Ack(client_id="c", room="r", seq=2, id="m"),
    MessageEvent(room="r", seq=2, message=MESSAGE),
    TypingEvent(room="r", user="a", on=True),
    ReactionEvent(room="r", seq=3, id="m", user="a", emoji="👍", on=True),
    PresenceEvent(room="r", member=MEMBER, state="online"),
    PresenceEvent(room="r", seq=4, member=MEMBER, state="left"),
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


def test_the_longest_text_passes() -> None:
    assert Send.model_validate({"type": "send", "room": "r", "client_id": "c", "text": "🍵" * TEXT_LIMIT})


@pytest.mark.parametrize(
    "policy",
    [
        {"talk_share": 1.1},
        {"talk_share": float("nan")},
        {"im_threshold": 0.5},
        {"preset": "loud"},
        {"min_gap": -1},
        {"messages_per_hour": 1.5},
        {"quiet_hours": {"start": "24:00", "end": "07:00"}},
        {"quiet_hours": {"start": "22:00"}},
        {"bar": 3},
    ],
)
def test_policies_out_of_bounds(policy: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PolicyView.model_validate(policy)


def test_a_room_left_without_a_word_about_agents_gets_one_and_null_means_none() -> None:
    default = NewRoom.model_validate_json('{"name":"Tea"}')
    assert default.agent is not None
    assert default.agent.name == "Aside"
    assert NewRoom.model_validate_json('{"name":"Tea","agent":null}').agent is None


def test_null_unmutes_and_silence_leaves_it() -> None:
    assert "mute_until" in AgentChange.model_validate_json('{"mute_until":null}').model_fields_set
    assert "mute_until" not in AgentChange.model_validate_json("{}").model_fields_set
    assert AgentChange.model_validate({"mute_until": "2026-01-05T09:30:00Z"}).mute_until is not None
