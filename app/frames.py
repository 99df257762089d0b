"""Every websocket frame. docs/protocol.md is generated from these types, and app/socket.py obeys them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from app.keys import Secret
from app.protocol import (
    AuthorView,
    Emoji,
    Id,
    MemberView,
    MessageView,
    QuietView,
    RunView,
    Seq,
    Text,
    ThoughtView,
    Wire,
)
from app.review import SuggestionView

# -- websocket, client to server ---------------------------------------------------------------------------------------


class Resume(Wire):
    room: Id
    after: Seq = 0


class Hello(Wire):
    """The first one says who it is, by exactly one of `token` and `ticket`: browsers use a ticket (`POST /tickets`), which is
    good for one connection. Later ones need neither; a token must then be of the same person."""

    type: Literal["hello"]
    token: Secret | None = None
    ticket: Secret | None = None
    rooms: Annotated[list[Resume], Field(max_length=128, default_factory=list)]


class Send(Wire):
    type: Literal["send"]
    room: Id
    client_id: Id
    text: Text
    reply_to: Id | None = None


class Typing(Wire):
    type: Literal["typing"]
    room: Id
    on: bool


class React(Wire):
    type: Literal["react"]
    room: Id
    id: Id
    emoji: Emoji
    on: bool


class Edit(Wire):
    """Its author gives a message other words."""

    type: Literal["edit"]
    room: Id
    id: Id
    text: Text


class Delete(Wire):
    """Its author, or an owner of the room, takes a message back."""

    type: Literal["delete"]
    room: Id
    id: Id


class Watch(Wire):
    type: Literal["watch"]
    room: Id
    on: bool


class Ping(Wire):
    type: Literal["ping"]


ClientFrame = Annotated[Hello | Send | Typing | React | Edit | Delete | Watch | Ping, Field(discriminator="type")]
CLIENT_FRAME: TypeAdapter[Hello | Send | Typing | React | Edit | Delete | Watch | Ping] = TypeAdapter(ClientFrame)


# -- websocket, server to client ---------------------------------------------------------------------------------------


class WelcomeRoom(Wire):
    room: Id
    seq: Seq
    members: list[MemberView]


class WelcomeUser(Wire):
    id: Id
    name: str


class Welcome(Wire):
    type: Literal["welcome"] = "welcome"
    user: WelcomeUser
    rooms: list[WelcomeRoom]


class Live(Wire):
    """Everything up to `seq` has been sent; what follows happens now."""

    type: Literal["live"] = "live"
    room: Id
    seq: Seq


class Ack(Wire):
    type: Literal["ack"] = "ack"
    client_id: Id
    room: Id
    seq: Seq
    id: Id


class MessageEvent(Wire):
    type: Literal["message"] = "message"
    room: Id
    seq: Seq
    message: MessageView


class TypingEvent(Wire):
    type: Literal["typing"] = "typing"
    room: Id
    user: Id
    on: bool


class ReactionEvent(Wire):
    """An event of the room's log like a message: it has a `seq` and is replayed on return."""

    type: Literal["reaction"] = "reaction"
    room: Id
    seq: Seq
    id: Id
    user: Id
    emoji: Emoji
    on: bool


class EditedEvent(Wire):
    """An event of the log. `text`: the message's new words; null where a later edit or a deletion has taken their place."""

    type: Literal["edited"] = "edited"
    room: Id
    seq: Seq
    id: Id
    text: str | None
    at: datetime


class DeletedEvent(Wire):
    """An event of the log. `by`: who took the message back, its author or an owner."""

    type: Literal["deleted"] = "deleted"
    room: Id
    seq: Seq
    id: Id
    by: Id
    at: datetime


class PresenceEvent(Wire):
    """`joined` and `left` are events of the log and have a `seq`; `online` and `offline` pass and have none. Of
    several processes each knows who is connected to the others by Redis; without it only its own."""

    type: Literal["presence"] = "presence"
    room: Id
    seq: Seq | None = None
    member: MemberView
    state: Literal["joined", "left", "online", "offline"]


class QuietEvent(Wire):
    """A member told an agent to be quiet, or with `quiet` null that it may talk again. Passes and is not in the log: the agent
    itself says how it stands."""

    type: Literal["quiet"] = "quiet"
    room: Id
    agent: Id
    quiet: QuietView | None


class SuggestionEvent(Wire):
    """Owners only. An agent in mode `suggest` would say something; sent again when it is decided what becomes of it."""

    type: Literal["suggestion"] = "suggestion"
    room: Id
    suggestion: SuggestionView


class ThoughtEvent(Wire):
    """Watchers only. A thought was formed, rated again, or changed its state."""

    type: Literal["thought"] = "thought"
    room: Id
    agent: Id
    run: Id | None
    thought: ThoughtView


class DecisionEvent(Wire):
    """Watchers only. The whole run, as the log stores it; sent again when its outcome is known."""

    type: Literal["decision"] = "decision"
    room: Id
    run: RunView


class Draft(Wire):
    type: Literal["draft"] = "draft"
    room: Id
    draft: Id
    author: AuthorView
    delta: str


class DraftEnd(Wire):
    """`id`: the message that the draft became; null when it was dropped."""

    type: Literal["draft_end"] = "draft_end"
    room: Id
    draft: Id
    id: Id | None


class Pong(Wire):
    type: Literal["pong"] = "pong"


class ErrorEvent(Wire):
    type: Literal["error"] = "error"
    code: str
    detail: str
    field: str | None = None
    value: str | None = None
    client_id: Id | None = None


class Resync(Wire):
    """The server dropped frames for a slow reader: read the log of `room` after `after`."""

    type: Literal["resync"] = "resync"
    room: Id
    after: Seq


ServerFrame = Annotated[
    Welcome
    | Live
    | Ack
    | MessageEvent
    | TypingEvent
    | ReactionEvent
    | EditedEvent
    | DeletedEvent
    | PresenceEvent
    | QuietEvent
    | SuggestionEvent
    | ThoughtEvent
    | DecisionEvent
    | Draft
    | DraftEnd
    | Pong
    | ErrorEvent
    | Resync,
    Field(discriminator="type"),
]
SERVER_FRAME: TypeAdapter[
    Welcome
    | Live
    | Ack
    | MessageEvent
    | TypingEvent
    | ReactionEvent
    | EditedEvent
    | DeletedEvent
    | PresenceEvent
    | QuietEvent
    | SuggestionEvent
    | ThoughtEvent
    | DecisionEvent
    | Draft
    | DraftEnd
    | Pong
    | ErrorEvent
    | Resync
] = TypeAdapter(ServerFrame)
