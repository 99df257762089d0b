"""A person's way into a room from Python: REST for what is asked, the websocket for what happens, resumed after every cut.

ClientError
├── RefusedError    the server said no: its code, detail and field
└── ClosedError     the connection ended for good before an answer came
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import httpx
from pydantic import BaseModel, ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import process_exception
from websockets.exceptions import ConnectionClosed, WebSocketException

from app.frames import (
    SERVER_FRAME,
    Ack,
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
    Pong,
    PresenceEvent,
    QuietEvent,
    React,
    ReactionEvent,
    Resume,
    Resync,
    Send,
    SuggestionEvent,
    ThoughtEvent,
    Typing,
    TypingEvent,
    Watch,
    Welcome,
)
from app.keys import InviteView, NewInvite, UserView
from app.protocol import (
    ErrorBody,
    MessagesView,
    NewAgent,
    NewMember,
    NewRoom,
    NewUser,
    RoomsView,
    RoomView,
    RunsView,
    ThoughtsView,
)
from app.review import RedecideAsk, RedecideView
from app.tasks import Tasks

log = logging.getLogger(__name__)

Event = (
    Welcome
    | Live
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
    | ErrorEvent
)
"""What `events` yields: acks, pongs and resyncs are the client's own business."""
LARGEST_FRAME = 16 * 1024 * 1024
"""Bytes. A `decision` carries a whole run, so answers may be larger than what the server takes."""

DEFAULT_AGENT = NewAgent()
V = TypeVar("V", bound=BaseModel)


class ClientError(Exception):
    """Base."""


class RefusedError(ClientError):
    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(f"{detail} ({code})" if field is None else f"{field}: {detail} ({code})")
        self.code = code
        self.detail = detail
        self.field = field


class ClosedError(ClientError):
    pass


def backoff(rng: random.Random) -> Generator[float]:
    """Seconds to wait before each new try: doubling from a quarter to ten, each spread by up to half so that the clients
    of a restarted server do not all come back at once."""
    delay = 0.25
    while True:
        yield delay * rng.uniform(0.5, 1.0)
        delay = min(10.0, delay * 2)


async def register(url: str, name: str) -> UserView:
    """A new user of the server at `url`. Raises RefusedError where registration is closed."""
    async with httpx.AsyncClient(base_url=url) as http:
        return await _asked(http, "POST", "/users", UserView, _made(NewUser, name=name))


class Client:
    """One user's connection to one server; use it with `async with`.

    `rooms` maps each room to follow to the last seq seen of it; afterwards `seen` holds how far it got, to be kept and
    passed again later. A lost connection is made again, missed events come first, and what was not acknowledged is sent
    again under its old `client_id`, so nothing is lost or said twice.
    """

    def __init__(
        self,
        url: str,
        token: str,
        rooms: Mapping[str, int] | None = None,
        delays: Callable[[], Generator[float]] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.seen: dict[str, int] = dict(rooms or {})
        self._watched: set[str] = set()
        self._delays = delays or (lambda: backoff(random.Random()))
        self._http = httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self._waiting: dict[str, tuple[Send, asyncio.Future[Ack]]] = {}
        self._repeated: set[str] = set()
        # Unbounded on purpose: a full queue would stop the reading of acks, and with it a sender who reads nothing.
        self._events: asyncio.Queue[Event | ClientError] = asyncio.Queue()
        self._tasks = Tasks()
        self._socket: ClientConnection | None = None
        self._behind: set[str] = set()
        self._live: set[str] = set()
        self._closed: ClientError | None = None

    async def __aenter__(self) -> Self:
        self._tasks.start(self._run(), "client")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._tasks.close()
        self._end(ClosedError("the client was closed"))
        await self._http.aclose()

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def create_room(self, name: str, agent: NewAgent | None = DEFAULT_AGENT, follow: bool = True) -> RoomView:
        room = await self._ask("POST", "/rooms", RoomView, _made(NewRoom, name=name, agent=agent))
        if follow:
            await self.follow(room.id)
        return room

    async def rooms(self) -> list[RoomView]:
        return (await self._ask("GET", "/rooms", RoomsView)).rooms

    async def room(self, room: str) -> RoomView:
        return await self._ask("GET", f"/rooms/{room}", RoomView)

    async def invite(self, room: str) -> str:
        """A code that lets somebody else join."""
        return (await self._ask("POST", f"/rooms/{room}/invites", InviteView, NewInvite())).invite

    async def join(self, room: str, invite: str, follow: bool = True) -> RoomView:
        view = await self._ask("POST", f"/rooms/{room}/members", RoomView, _made(NewMember, invite=invite))
        if follow:
            await self.follow(view.id)
        return view

    async def messages(self, room: str, after: int = 0, limit: int = 100) -> MessagesView:
        return await self._ask("GET", f"/rooms/{room}/messages?after={after}&limit={limit}", MessagesView)

    async def runs(self, room: str, before: str | None = None, limit: int = 50) -> RunsView:
        """The thought log, newest first; `before`: the `next` of the page before."""
        place = "" if before is None else f"&before={before}"
        return await self._ask("GET", f"/rooms/{room}/runs?limit={limit}{place}", RunsView)

    async def thoughts(self, room: str, state: str = "held") -> ThoughtsView:
        return await self._ask("GET", f"/rooms/{room}/thoughts?state={state}", ThoughtsView)

    async def redecide(self, room: str, ask: RedecideAsk) -> RedecideView:
        """The thought log decided again otherwise; nothing changes."""
        return await self._ask("POST", f"/rooms/{room}/redecide", RedecideView, ask)

    # -- what is said --------------------------------------------------------------------------------------------------

    async def send(self, room: str, text: str, reply_to: str | None = None) -> Ack:
        """Says `text`; returns once the server has it for good. Waits through lost connections."""
        if self._closed is not None:
            raise self._closed
        frame = _made(Send, type="send", room=room, client_id=uuid4().hex, text=text, reply_to=reply_to)
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[frame.client_id] = (frame, answer)
        await self._put(frame)
        return await answer

    async def typing(self, room: str, on: bool) -> None:
        await self._put(Typing(type="typing", room=room, on=on))

    async def react(self, room: str, message: str, emoji: str, on: bool = True) -> None:
        await self._put(_made(React, type="react", room=room, id=message, emoji=emoji, on=on))

    async def edit(self, room: str, message: str, text: str) -> None:
        """Gives a message of one's own other words."""
        await self._put(_made(Edit, type="edit", room=room, id=message, text=text))

    async def delete(self, room: str, message: str) -> None:
        """Takes a message back: one's own, or as an owner anybody's."""
        await self._put(Delete(type="delete", room=room, id=message))

    async def watch(self, room: str, on: bool = True) -> None:
        """Whether this client sees the agents' thoughts and decisions in `room` (owners and observers)."""
        (self._watched.add if on else self._watched.discard)(room)
        await self._put(Watch(type="watch", room=room, on=on))

    async def follow(self, room: str, after: int = 0) -> None:
        """Follows one more room, from what came after `after`."""
        if room not in self.seen:
            self.seen[room] = after
            await self._put(self._hello([room]))

    # -- what happens --------------------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[Event]:
        """Everything that happens in the rooms, in order, each event of the log once. Ends only by raising ClientError."""
        while True:
            event = await self._events.get()
            if isinstance(event, ClientError):
                self._events.put_nowait(event)
                raise event
            yield event

    async def _run(self) -> None:
        address = "ws" + self.url.removeprefix("http") + "/ws"
        delays = self._delays()
        while True:
            try:
                async with connect(address, compression=None, max_size=LARGEST_FRAME) as socket:
                    if await self._talk(socket):
                        delays = self._delays()
            except RefusedError as refused:
                return self._end(refused)
            except (OSError, WebSocketException) as error:
                if process_exception(error) is not None:
                    return self._end(ClosedError(f"cannot talk to {address}: {error}"))
                log.info("cannot reach %s: %s", address, error)
            self._socket = None
            await asyncio.sleep(next(delays))

    def _hello(self, rooms: Iterable[str]) -> Hello:
        resumed = [Resume(room=room, after=self.seen[room]) for room in rooms]
        return Hello(type="hello", token=self.token, rooms=resumed)

    async def _talk(self, socket: ClientConnection) -> bool:
        """Talks until the connection ends; whether it ever began."""
        asked = tuple(self.seen)
        self._live.clear()
        try:
            await socket.send(self._hello(asked).model_dump_json())
            async for raw in socket:
                match frame := SERVER_FRAME.validate_json(raw):
                    case Welcome():
                        self._behind -= {room.room for room in frame.rooms}
                        if self._socket is None:
                            self._socket = socket
                            await self._resume([room for room in self.seen if room not in asked])
                        await self._take(frame)
                    case Resync():
                        await self._read_again(frame.room, frame.after)
                    case ErrorEvent(code="unauthorized"):
                        raise RefusedError(frame.code, frame.detail, frame.field)
                    case _:
                        await self._take(frame)
        except ConnectionClosed as closed:
            log.info("connection lost: %s", closed)
        return self._socket is not None

    async def _resume(self, missing: Sequence[str]) -> None:
        if missing:
            await self._put(self._hello(missing))
        for room in self._watched:
            await self._put(Watch(type="watch", room=room, on=True))
        self._repeated.update(self._waiting)
        for waiting, _ in tuple(self._waiting.values()):
            await self._put(waiting)

    async def _send_again(self, client_id: str) -> None:
        """What was not committed now, or was and could not be said so, goes out again under its `client_id`."""
        await asyncio.sleep(next(self._delays()))
        if client_id in self._waiting:
            self._repeated.add(client_id)
            await self._put(self._waiting[client_id][0])

    async def _read_again(self, room: str, after: int) -> None:
        """What still arrives before the answer would leave a gap, so it is passed over."""
        self._behind.add(room)
        self._live.discard(room)
        self.seen[room] = min(self.seen.get(room, 0), after)
        await self._put(self._hello([room]))

    async def _take(self, frame: Event | Ack | Pong) -> None:
        match frame:
            case Ack():
                self._settle(frame.client_id, frame)
            case ErrorEvent(code="unavailable", client_id=str(waits)) if waits in self._waiting:
                self._tasks.start(self._send_again(waits), "send again")
            case ErrorEvent(code="too_many", client_id=str(waits)) if waits in self._repeated:
                self._tasks.start(
                    self._send_again(waits), "send again"
                )  # it is we who said it so often, not the caller
            case ErrorEvent() if frame.client_id in self._waiting:
                self._settle(frame.client_id, RefusedError(frame.code, frame.detail, frame.field))
            case (
                MessageEvent(seq=seq)
                | ReactionEvent(seq=seq)
                | EditedEvent(seq=seq)
                | DeletedEvent(seq=seq)
                | PresenceEvent(seq=int(seq))
            ):
                seen = self.seen.get(frame.room, 0)
                if frame.room in self._behind or seq <= seen:
                    return
                if seq > seen + 1 and frame.room in self._live:
                    await self._read_again(frame.room, seen)
                    return
                self.seen[frame.room] = seq
                self._events.put_nowait(frame)
            case Live() if frame.room not in self._behind:
                self._live.add(frame.room)
                self.seen[frame.room] = max(frame.seq, self.seen.get(frame.room, 0))
                self._events.put_nowait(frame)
            case Pong():
                pass
            case _:
                self._events.put_nowait(frame)

    def _settle(self, client_id: str, answer: Ack | RefusedError) -> None:
        _, future = self._waiting.pop(client_id, (None, None))
        self._repeated.discard(client_id)
        if future is None or future.done():
            return
        if isinstance(answer, RefusedError):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    async def _put(self, frame: Hello | Send | Typing | React | Edit | Delete | Watch) -> None:
        """Sends now, or never where nothing is connected: only messages and watches are sent again after a cut."""
        if self._socket is None:
            return
        try:
            await self._socket.send(frame.model_dump_json())
        except ConnectionClosed:
            self._socket = None

    def _end(self, error: ClientError) -> None:
        self._closed = self._closed or error
        for _, future in self._waiting.values():
            if not future.done():
                future.set_exception(self._closed)
        self._waiting.clear()
        self._events.put_nowait(self._closed)

    async def _ask(self, method: str, path: str, kind: type[V], body: BaseModel | None = None) -> V:
        return await _asked(self._http, method, path, kind, body)


def _made(kind: type[V], **fields: object) -> V:
    """What the server would refuse is refused here in the same way."""
    try:
        return kind(**fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise RefusedError("bad_input", wrong["msg"], ".".join(map(str, wrong["loc"]))) from error


async def _asked(http: httpx.AsyncClient, method: str, path: str, kind: type[V], body: BaseModel | None = None) -> V:
    # Only what was given is sent, so that the server's own defaults apply.
    content = None if body is None else body.model_dump_json(exclude_unset=True)
    try:
        response = await http.request(
            method, f"/api/v1{path}", content=content, headers={"Content-Type": "application/json"}
        )
    except httpx.TransportError as error:
        raise ClosedError(f"cannot reach {http.base_url}: {error}") from error
    if response.is_success:
        return kind.model_validate_json(response.content)
    try:
        refusal = ErrorBody.model_validate_json(response.content).error
    except ValidationError as error:
        raise RefusedError("error", f"HTTP {response.status_code} {response.reason_phrase}") from error
    raise RefusedError(refusal.code, refusal.detail, refusal.field)
