"""docs/protocol.md, made from the types on the wire and the routes of the service."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app import errors, keys, profile, protocol, review
from app.api.access import Caller, InRoom
from app.connection import CLOSE_UNAUTHORIZED
from app.frames import (
    Ack,
    ClientFrame,
    Hello,
    Live,
    MessageEvent,
    Resume,
    Send,
    ServerFrame,
    Welcome,
    WelcomeRoom,
    WelcomeUser,
)
from app.protocol import AuthorView, MemberView, MessageView, Wire
from app.sessions import PER_PERSON
from app.socket import CLOSE_FRAME_TOO_BIG, CLOSE_TOO_MANY

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")

INTRODUCTION = f"""# The wire

Made by `make docs` from `app/protocol.py`, `app/keys.py`, `app/review.py`, `app/profile.py`, `app/frames.py` and the routes of
the service; `make check` fails when this page is out of date.
`/openapi.json` describes the same REST routes for machines.

JSON everywhere. REST lives under `/api/v1` and wants `Authorization: Bearer TOKEN`; one websocket at `/ws` carries what
happens. Ids are strings, times are ISO 8601 in UTC. An unknown field or a wrong type is an error, never ignored; no text may
hold a NUL. A message has 1–{protocol.TEXT_LIMIT:,} characters; a websocket frame from a client at most
{protocol.FRAME_LIMIT // 1024} KiB.
"""

SOCKET = """## Websocket

The first frame is `hello`, within ten seconds. The answer is `welcome`, then for each room everything after the given `after`
in the order of the log, then `live`. Keep the largest `seq` you have seen of each room: with it as `after`, a new connection
goes on where the old one broke. A message that was sent but not acknowledged is sent again under its old `client_id`: the
answer is the old `ack`, and the room sees one message. A later `hello` on the same connection adds rooms, or reads one again
from another place: that is the answer to a `resync`. What a person is allowed is asked anew for every frame, and for every room
of a `hello`; a token that is revoked or over closes its sockets within two seconds.
"""


def protocol_page(openapi: Schema, routers: Iterable[APIRouter] = ()) -> str:
    """`openapi`: the service's own description of its REST routes. `routers`: where they come from; they tell who may ask."""
    needs = {key: need for router in routers for key, need in _needs(router)}
    client, server = _frames(ClientFrame), _frames(ServerFrame)
    frames = {*client, *server}
    nouns = [kind for kind in _types() if kind not in frames]
    return "\n".join(
        [
            INTRODUCTION,
            "## REST\n",
            *_routes(openapi, needs),
            SOCKET,
            "### Client to server\n",
            *(_type(kind, f"`{_tag(kind)}`") for kind in client),
            "### Server to client\n",
            *(_type(kind, f"`{_tag(kind)}`") for kind in server),
            "### Closing\n",
            _closing(),
            "## A session\n",
            _session(),
            "## Errors\n",
            "Over REST an error is an `ErrorView` with this status; on the websocket it is a frame `error` with this code.\n",
            f"```\n{_error_tree()}\n```\n",
            "## Types\n",
            *(_type(kind, kind.__name__) for kind in nouns),
        ]
    )


# -- routes ------------------------------------------------------------------------------------------------------------


def _needs(router: APIRouter) -> Iterable[tuple[tuple[str, str], str]]:
    """(method, path) and what the caller needs before the route itself looks: its words say where more is asked."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            asked = set(_calls(route.dependant))
            need = "to be in the room" if get_args(InRoom)[1].dependency in asked else "a token"
            if get_args(Caller)[1].dependency not in asked:
                need = "nothing"
            for method in route.methods or ():
                yield (method, route.path), need


def _calls(dependant: Dependant) -> Iterable[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _routes(openapi: Schema, needs: Mapping[tuple[str, str], str]) -> Iterable[str]:
    for path, methods in openapi["paths"].items():
        for method in METHODS:
            if method in methods:
                need = needs.get((method.upper(), path.removeprefix("/api/v1")))
                yield _route(method.upper(), path, methods[method], need)


def _route(method: str, path: str, route: Schema, need: str | None) -> str:
    lines = [f"### {method} {path}\n", *([route["description"].strip() + "\n"] if route.get("description") else [])]
    lines += [f"- needs: {need}"] if need else []
    lines += [
        f"- `{given['name']}` in the {given['in']}: {in_words(given['schema'])}"
        + ("" if given.get("required") else _default(given["schema"]))
        + (f". {_flat(given['description'])}" if given.get("description") else "")
        for given in route.get("parameters", ())
        if given["in"] in ("query", "path")
    ]
    body = route.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        lines.append(f"- body: {in_words(body['schema'])}")
    for status, answer in sorted(route["responses"].items()):
        if status.startswith("2"):
            content = answer.get("content", {})
            shown = [
                in_words(how["schema"]) if how.get("schema") and "json" in media else f"`{media}`"
                for media, how in content.items()
            ]
            lines.append(f"- answer {status}: {' or '.join(shown) or 'nothing'}")
    return "\n".join(lines) + "\n"


# -- types -------------------------------------------------------------------------------------------------------------


def _types() -> list[type[Wire]]:
    return [
        kind
        for module in (protocol, keys, review, profile)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Wire) and kind is not Wire and kind.__module__ == module.__name__
    ]


def _frames(union: object) -> Sequence[type[Wire]]:
    members: Sequence[type[Wire]] = get_args(get_args(union)[0])
    return members


def _tag(kind: type[Wire]) -> str:
    (tag,) = get_args(kind.model_fields["type"].annotation)
    return str(tag)


def _type(kind: type[Wire], title: str) -> str:
    schema = kind.model_json_schema(ref_template="{model}")
    required = set(schema.get("required", ()))
    lines = [f"#### {title}\n", *([_flat(inspect.cleandoc(kind.__doc__)) + "\n"] if kind.__doc__ else [])]
    rows = [
        f"| `{name}` | {in_words(field)} | {'required' if name in required else _default(field, bare=True)} "
        f"| {_flat(field.get('description', ''))} |"
        for name, field in schema.get("properties", {}).items()
        if name != "type"
    ]
    if rows:
        lines += ["| field | type | default | |", "|---|---|---|---|", *rows]
    else:
        lines += ["No fields."]
    return "\n".join(lines) + "\n"


def in_words(schema: Schema) -> str:
    """A JSON schema in words."""
    if "$ref" in schema:
        name = re.sub(r"-(Input|Output)$", "", schema["$ref"].rpartition("/")[2])
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(in_words(option) for option in schema["anyOf"])
    if "allOf" in schema:
        return in_words(schema["allOf"][0])
    match schema.get("type"):
        case "array":
            count = _range(schema, "minItems", "maxItems")
            return f"list of {in_words(schema.get('items', {}))}" + (f" ({count})" if count else "")
        case "object":
            values = schema.get("additionalProperties")
            return f"object of {in_words(values)}" if isinstance(values, Mapping) else "object"
        case "string" if schema.get("format") == "date-time":
            return "time"
        case "string":
            count = _range(schema, "minLength", "maxLength")
            pattern = schema.get("pattern", "")
            notes = [f"{count} characters"] if count else []
            notes += {"": [], protocol.NO_NUL: [], protocol.SOMETHING: ["not blank"]}.get(pattern, [f"`{pattern}`"])
            return "string" + (f" ({', '.join(notes)})" if notes else "")
        case "integer" | "number" as kind:
            low, high = (
                schema.get(bound, schema.get(f"exclusive{bound.capitalize()}")) for bound in ("minimum", "maximum")
            )
            above = "over " if "exclusiveMinimum" in schema else ""
            limits = f" ({above}{_number(low)} to {_number(high)})" if low is not None and high is not None else ""
            return f"{kind}{limits}"
        case None:
            return "anything"
        case kind:
            return str(kind)


def _number(value: float) -> str:
    return "2⁵³" if value == 2**53 else f"{value:,}"


def _range(schema: Schema, low: str, high: str) -> str:
    if high not in schema:
        return f"at least {schema[low]}" if low in schema else ""
    return f"{schema[low]}–{schema[high]:,}" if low in schema else f"at most {schema[high]:,}"


def _default(schema: Schema, bare: bool = False) -> str:
    if "default" not in schema:
        return "" if bare else ", may be left out"
    value = schema["default"]
    shown = "all defaults" if isinstance(value, dict) else "null" if value is None else f"`{json.dumps(value)}`"
    return shown if bare else f", default {shown}"


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# -- words -------------------------------------------------------------------------------------------------------------


def _error_tree() -> str:
    tree = inspect.cleandoc(errors.__doc__ or "")
    return tree[tree.index("WireError") :]


def _closing() -> str:
    return f"""| code | when |
|---|---|
| {CLOSE_UNAUTHORIZED} | no `hello` within ten seconds, another first frame, no valid token or ticket, or one in the URL |
| {CLOSE_TOO_MANY} | more than {PER_PERSON} connections of one person |
| {CLOSE_FRAME_TOO_BIG} | a frame of more than {protocol.FRAME_LIMIT // 1024} KiB |
| 1012 | the service is restarting: come back with the last `seq` |
| 1013 | the database cannot be asked just now: come back with the last `seq` |

A page of a foreign Origin, and a Host that the service does not go by, are refused before the socket opens, with HTTP 403. Any
other error leaves the connection open.
"""


def _session() -> str:
    """One short visit in frames; `>` is what the client sends."""
    at = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    ann, bob = AuthorView(id="u1", name="Ann", kind="human"), AuthorView(id="u2", name="Bob", kind="human")
    members = [
        MemberView(id="u1", name="Ann", role="owner", online=True),
        MemberView(id="u2", name="Bob", role="member"),
    ]

    def message(seq: int, author: AuthorView, text: str) -> MessageEvent:
        return MessageEvent(
            room="r1", seq=seq, message=MessageView(id=f"m{seq}", seq=seq, room="r1", author=author, text=text, at=at)
        )

    frames: list[tuple[str, Wire]] = [
        (">", Hello(type="hello", token="…", rooms=[Resume(room="r1", after=3)])),
        ("<", Welcome(user=WelcomeUser(id="u1", name="Ann"), rooms=[WelcomeRoom(room="r1", seq=4, members=members)])),
        ("<", message(4, bob, "Anybody for a walk?")),
        ("<", Live(room="r1", seq=4)),
        (">", Send(type="send", room="r1", client_id="c-1", text="In ten minutes!", reply_to="m4")),
        ("<", Ack(client_id="c-1", room="r1", seq=5, id="m5")),
        ("<", message(5, ann, "In ten minutes!")),
    ]
    return "\n".join(["```", *(f"{way} {frame.model_dump_json(exclude_none=True)}" for way, frame in frames), "```\n"])
