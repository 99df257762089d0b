"""A room as lines of JSON, and back. What people and agents said is in the format of chats (conversation/chats.py), so that an
export is also something to replay and to measure on; between it stands, as objects of one key, what else the log has:

    {"room": {"format": 1, "name": …, "agents": […]}}      first
    {"id", "at", "author", "text", "reply_to", "seq", "author_id", "author_kind", "edited_at"}      a message
    {"event": {…}}                         a reaction, an edit, a deletion, a deleted message, somebody who came or left
    {"run": {…}}                           what an agent thought about a message; after the log

Taken in again, everybody but the caller is somebody whom no token fits: a file cannot speak for the people of this server.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from app.depth import too_deep
from app.errors import BadInput
from app.frames import DeletedEvent, EditedEvent, MessageEvent, PresenceEvent, ReactionEvent
from app.protocol import TEXT_LIMIT, AgentView, AuthorView, Id, MessageView, Name, NewAgent, RunView, Wire
from app.validation import bad_input
from conversation.chats import fault

if TYPE_CHECKING:
    from app.store import Store

FORMAT = 1
LINES = 500_000
"""In one file at most."""
LINE = 4 * 1024 * 1024
"""Characters of one at most: what is done with a line at one go keeps every thread waiting. The longest that goes out, of a room
with all its agents and their memories, has a quarter of that."""
LARGEST = 2**31 - 1
"""Of the numbers of a run that have a column: a server has no place for more, and their sum is asked for."""

Lasting = MessageEvent | ReactionEvent | EditedEvent | DeletedEvent | PresenceEvent
_LASTING: TypeAdapter[Lasting] = TypeAdapter(Annotated[Lasting, Field(discriminator="type")])


class AgentLine(NewAgent):
    id: Id


class RoomLine(Wire):
    format: Annotated[int, Field(ge=1, le=FORMAT)] = FORMAT
    name: Name
    agents: list[AgentLine] = Field(default_factory=list, max_length=64)


@dataclass(frozen=True, slots=True)
class Whole:
    """A room of a file: its events have the seqs from 1 on without a gap."""

    room: RoomLine
    events: tuple[Lasting, ...]
    runs: tuple[RunView, ...]


# -- out ---------------------------------------------------------------------------------------------------------------


async def exported(store: "Store", room: str, name: str) -> AsyncIterator[str]:
    """The lines of a room, a page of its log at a time."""
    yield head_line(name, await store.agents.of_room(room))
    async for body in store.transfers.events(room):
        yield event_line(body)
    async for body in store.transfers.runs(room):
        yield run_line(body)


def head_line(name: str, agents: Iterable[AgentView]) -> str:
    kept = set(AgentLine.model_fields)
    shown = [AgentLine.model_validate(a.model_dump(include=kept)) for a in agents]
    return _line({"room": RoomLine(name=name, agents=shown).model_dump(mode="json")})


def event_line(body: str) -> str:
    """`body` is the event as the log has it."""
    frame = json.loads(body)
    message = frame.get("message")
    if frame["type"] != "message" or message["deleted_at"] is not None:
        return _line({"event": frame})
    author = message["author"]
    same = {key: message[key] for key in ("id", "at", "text", "reply_to", "seq", "edited_at")}
    return _line({"author": author["name"], "author_id": author["id"], "author_kind": author["kind"], **same})


def run_line(body: str) -> str:
    return _line({"run": json.loads(body)})


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


# -- in ----------------------------------------------------------------------------------------------------------------


def read(lines: Iterable[str], name: str) -> Whole:
    """`name`: of a room whose file says none. Raises BadInput, naming the line."""
    room, events, runs = RoomLine(name=name), [], []
    for number, line in enumerate(lines, start=1):
        if number > LINES:
            raise BadInput(f"a file may have {LINES} lines", f"line {number}")
        if len(line) > LINE:
            raise BadInput(f"a line may have {LINE} characters", f"line {number}")
        if not line.strip():
            continue
        given = _parsed(line, number)
        try:
            if "room" in given and "text" not in given:
                room = RoomLine.model_validate_json(json.dumps(given["room"], allow_nan=False))
            elif "run" in given and "text" not in given:
                runs.append(_run(given["run"]))
            elif "event" in given and "text" not in given:
                events.append(_LASTING.validate_json(json.dumps(given["event"], allow_nan=False)))
            else:
                events.append(_message(given, len(events) + 1))
        except ValidationError as error:
            raise _at(number, bad_input(error.errors(include_url=False))) from error
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadInput(fault(error)[:200], f"line {number}") from error
        if events and isinstance(last := events[-1], MessageEvent | EditedEvent):
            said = last.message.text if isinstance(last, MessageEvent) else last.text or ""
            if len(said) > TEXT_LIMIT:
                raise BadInput(
                    f"a message may have {TEXT_LIMIT} characters; this one has {len(said)}", f"line {number}"
                )
        if events and events[-1].seq != len(events):
            raise BadInput(f"the seq of this line must be {len(events)}", f"line {number}", events[-1].seq)
    return Whole(room, tuple(events), tuple(runs))


def _parsed(line: str, number: int) -> dict[str, Any]:
    try:
        given = None if too_deep(line) else json.loads(line)
    except ValueError as error:
        raise BadInput("not valid JSON", f"line {number}") from error
    if not isinstance(given, dict):
        raise BadInput("a line is one JSON object", f"line {number}")
    if r"\u0000" in line and _holds_nul(given):
        raise BadInput("no NUL may be in it", f"line {number}")
    return given


def _holds_nul(value: Any) -> bool:
    """PostgreSQL keeps none in a text."""
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def _message(given: dict[str, Any], place: int) -> MessageEvent:
    """Of a chat from elsewhere authors are people, and their name is their id."""
    seq, reply_to, edited = given.get("seq", place), given.get("reply_to"), given.get("edited_at")
    name, kind = given["author"], given.get("author_kind", "human")
    author = AuthorView(id=given.get("author_id") or hashed(name), name=name[:64] or "?", kind=kind)
    message = MessageView(
        id=str(given["id"]),
        seq=seq,
        room="file",
        author=author,
        text=given["text"],
        at=_time(given["at"]),
        reply_to=None if reply_to is None else str(reply_to),
        edited_at=None if edited is None else _time(edited),
    )
    return MessageEvent.model_validate_json(MessageEvent(room="file", seq=seq, message=message).model_dump_json())


def _run(given: object) -> RunView:
    run = RunView.model_validate_json(json.dumps(given, allow_nan=False))
    if max(abs(n) for n in (run.trigger.nth, run.tokens.prompt, run.tokens.generated)) > LARGEST:
        raise ValueError(f"a number of a run may be {LARGEST}")
    return run


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _at(number: int, error: BadInput) -> BadInput:
    return BadInput(error.detail, f"line {number}" + (f": {error.field}" if error.field else ""))


# -- as somebody new ---------------------------------------------------------------------------------------------------

IDS = frozenset(
    {"agent", "audience", "by", "id", "message", "named", "reply_to", "room", "stimuli", "thought", "user", "users"}
)
"""Keys under which ids stand. Everything else stays as it is: what somebody said, and words and times of the format itself, as
which an id of somebody else's file may look."""
BY_ID = "chances"
"""The key of what has ids as its keys."""


V = TypeVar("V", bound=Wire)


def renamed(view: V, names: Mapping[str, str]) -> V:
    """`view` with every id of `names` replaced, wherever it stands as one."""
    return view.model_validate_json(json.dumps(_renamed(json.loads(view.model_dump_json()), names, "")))


def _renamed(value: Any, names: Mapping[str, str], key: str) -> Any:
    if isinstance(value, dict):
        return {names.get(k, k) if key == BY_ID else k: _renamed(v, names, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_renamed(one, names, key) for one in value]
    return names.get(value, value) if isinstance(value, str) and key in IDS else value


def people(whole: Whole) -> Iterator[AuthorView]:
    """Everybody who is named in the log, agents too; some more than once."""
    for event in whole.events:
        match event:
            case MessageEvent():
                yield event.message.author
            case PresenceEvent():
                kind = "agent" if event.member.role == "agent" else "human"
                yield AuthorView.model_validate({"id": event.member.id, "name": event.member.name, "kind": kind})
            case _:
                pass


def hashed(*what: str) -> str:
    return hashlib.blake2b("\0".join(what).encode("utf-8", "replace"), digest_size=8).hexdigest()
