"""Websocket frames that nobody should send: lawful ones, damaged."""

import json
import random
from collections.abc import Callable
from typing import Any

Frame = str | bytes

NASTY: tuple[Any, ...] = (
    None, True, -1, 0, 2**53, 2**63, 2**200, -0.0, 1e308, "", " ", "\x00", "\ud800", "\u202e", "x" * 9_000, "0", [], {}, [[]],
    {"": None}, ["x"] * 300, {"type": "send"}, "__proto__", "../..", "'; DROP TABLE users; --", "<script>", "🍵" * 20,
)  # fmt: skip
LITERALS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "0x1",
    "01",
    "undefined",
    "'x'",
    "\\u0000",
    '"\\ud800"',
    "//",
    "9" * 5_000,
)


def lawful(rng: random.Random, room: str, message: str) -> dict[str, Any]:
    """One of every kind of frame, as a client would send it."""
    return dict(
        rng.choice(
            [
                {"type": "send", "room": room, "client_id": f"{rng.random()}", "text": "Tea?", "reply_to": message},
                {"type": "typing", "room": room, "on": rng.random() < 0.5},
                {"type": "react", "room": room, "id": message, "emoji": "👍", "on": rng.random() < 0.5},
                {"type": "edit", "room": room, "id": message, "text": f"Tea at {rng.random():.3f}"},
                {"type": "delete", "room": room, "id": "nothing"},
                {"type": "watch", "room": room, "on": True},
                {"type": "hello", "rooms": [{"room": room, "after": 0}]},
                {"type": "ping"},
            ]
        )
    )


def mutated(rng: random.Random, room: str, message: str) -> Frame:
    """A lawful frame after one to three accidents; sometimes none, so that what is right keeps working in between."""
    frame: Any = lawful(rng, room, message)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        frame = rng.choice(VALUES)(rng, frame)
    text = json.dumps(frame)
    for _ in range(rng.choice((0, 0, 1, 2))):
        text = rng.choice(TEXTS)(rng, text)
    return text.encode("utf-8", "surrogatepass") if rng.random() < 0.01 else text.encode("utf-8", "replace").decode()


# -- accidents to a value ----------------------------------------------------------------------------------------------


def _other_value(rng: random.Random, frame: Any) -> Any:
    return {**frame, rng.choice(list(frame)): rng.choice(NASTY)} if frame and isinstance(frame, dict) else frame


def _without(rng: random.Random, frame: Any) -> Any:
    gone = rng.choice(list(frame)) if frame and isinstance(frame, dict) else None
    return {key: value for key, value in frame.items() if key != gone} if isinstance(frame, dict) else frame


def _with(rng: random.Random, frame: Any) -> Any:
    key = rng.choice(("seq", "author", "token", "ticket", "txt", "", "__class__", "room", "rooms"))
    return {**frame, key: rng.choice(NASTY)} if isinstance(frame, dict) else frame


def _wrapped(rng: random.Random, frame: Any) -> Any:
    return rng.choice(([frame], {"frame": frame}, [frame, frame], frame))


def _of_the_server(rng: random.Random, frame: Any) -> Any:
    kinds = ("message", "welcome", "ack", "presence", "decision", "draft", "resync", "live", "SEND", "")
    return {**frame, "type": rng.choice(kinds)} if isinstance(frame, dict) else frame


VALUES: tuple[Callable[[random.Random, Any], Any], ...] = (_other_value, _without, _with, _wrapped, _of_the_server)


# -- accidents to the text ---------------------------------------------------------------------------------------------


def _cut(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _flipped(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + chr(rng.choice((rng.randrange(256), rng.randrange(0xD7FF)))) + text[place + 1 :]


def _doubled(rng: random.Random, text: str) -> str:
    return text + rng.choice((text, "\n", ",", "}", "\x00"))


def _deep(rng: random.Random, text: str) -> str:
    depth = rng.choice((31, 33, 500, 5_000, 30_000))
    return rng.choice(
        ("[" * depth + "]" * depth, '{"a":' * min(depth, 10_000) + "1", f'{{"type":"send","room":{"[" * depth}')
    )


def _literal(rng: random.Random, text: str) -> str:
    parts = text.split(": ")
    if len(parts) < 2:
        return text
    place = rng.randrange(1, len(parts))
    return ": ".join([*parts[:place], rng.choice(LITERALS) + parts[place].lstrip('"'), *parts[place + 1 :]])


TEXTS: tuple[Callable[[random.Random, str], str], ...] = (_cut, _flipped, _doubled, _deep, _literal)
