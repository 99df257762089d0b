"""What the service and its model process say to each other: length-prefixed JSON, both ways.

Every request has an `id`; its answers carry the same. Frames without one are news of the process itself.
"""

import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

import orjson

from inference.prompt import Part, Prompt
from inference.protocol import Ask, Continuation, Encodings, Judged, Proposals, Ratings, Reading, Readings, Usage

_LENGTH = struct.Struct(">I")
HEADER = _LENGTH.size

Method = Literal["propose", "rate", "judge", "read", "encode", "stream", "embed"]


@dataclass(frozen=True, slots=True)
class Request:
    """`prompts`: one for rate, read, encode and stream. What a method does not ask stays empty. `owner`: as
    `inference.calls.OWNER`."""

    id: int
    method: Method
    urgent: bool = False
    prompts: tuple[Prompt, ...] = ()
    texts: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    limit: int = 0
    seed: int = 0
    asks: tuple[Ask, ...] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """No answer to request `id` is awaited any more. It still gets a last one: done or failed."""

    id: int


@dataclass(frozen=True, slots=True)
class Piece:
    """`usage`: what the stream took since the piece before."""

    id: int
    text: str
    usage: Usage = field(default=Usage())


@dataclass(frozen=True, slots=True)
class Done:
    """`result`: what the method returns, as JSON; None after the last piece of a stream. `begun`: when the model took it up, in
    seconds of `inference.calls.now`."""

    id: int
    result: Any
    begun: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """`unavailable`: the request may succeed when asked again later."""

    id: int
    detail: str
    unavailable: bool
    begun: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded and warm."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The process cannot serve and ends now."""

    detail: str


ToWorker = Request | Cancel
FromWorker = Piece | Done | Failed | Ready | Broken


def pack(frame: ToWorker | FromWorker) -> bytes:
    body = orjson.dumps((type(frame).__name__, frame))
    return _LENGTH.pack(len(body)) + body


def body_length(header: bytes) -> int:
    (length,) = _LENGTH.unpack(header)
    return int(length)


def read_frame(pipe: BinaryIO) -> bytes | None:
    """The body of the next frame of a blocking pipe; None at its end."""
    header = pipe.read(HEADER)
    if len(header) < HEADER:
        return None
    length = body_length(header)
    body = pipe.read(length)
    return body if len(body) == length else None


def to_worker(body: bytes) -> ToWorker:
    kind, fields = orjson.loads(body)
    if kind == Cancel.__name__:
        return Cancel(**fields)
    fields["prompts"] = tuple(map(_prompt, fields["prompts"]))
    fields["asks"] = tuple(map(_ask, fields["asks"]))
    for name in ("texts", "questions", "options"):
        fields[name] = tuple(fields[name])
    return Request(**fields)


def _prompt(parts: Any) -> Prompt:
    return tuple(Part(**part) for part in parts)


def _ask(ask: Any) -> Ask:
    prompt = _prompt(ask["prompt"])
    return Ask(prompt, tuple(ask["branches"]), tuple(ask["questions"]), tuple(ask["options"]), ask["read"])


def from_worker(body: bytes) -> FromWorker:
    kind, fields = orjson.loads(body)
    kinds: dict[str, type[FromWorker]] = {k.__name__: k for k in (Piece, Done, Failed, Ready, Broken)}
    if kind == Piece.__name__:
        fields["usage"] = Usage(**fields["usage"])
    return kinds[kind](**fields)


def proposals(result: Any) -> Proposals:
    return Proposals(
        tuple(Continuation(c["text"], tuple(c["logprobs"])) for c in result["continuations"]), Usage(**result["usage"])
    )


def ratings(result: Any) -> Ratings:
    return Ratings(
        tuple(tuple(tuple(row) for row in branch) for branch in result["probabilities"]),
        tuple(tuple(branch) for branch in result["mass"]),
        result["method"],
        Usage(**result["usage"]),
    )


def readings(result: Any) -> Readings:
    return Readings(_readings(result["readings"]), Usage(**result["usage"]))


def encodings(result: Any) -> Encodings:
    return Encodings(vectors(result["states"]), Usage(**result["usage"]))


def judged(result: Any) -> Judged:
    read = tuple(None if found is None else _readings(found) for found in result["readings"])
    return Judged(tuple(map(ratings, result["ratings"])), read, Usage(**result["usage"]))


def _readings(found: Any) -> tuple[Reading, ...]:
    return tuple(Reading(r["given"], r["alone"], r["tokens"], tuple(r["hidden"])) for r in found)


def vectors(result: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(vector) for vector in result)
