"""Occasions to speak in real chats, without a model: every so many messages, each member who might have spoken next."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.chats import read_chat
from conversation.events import EVENT, STEPS, Events
from conversation.message import Message
from conversation.scene import EARLIER, NUMBERS, Scene
from conversation.standing import talk_of
from heuristics.facts import COUNTED, facts
from thoughts.points import LATELY, WINDOW, WROTE, unlinked

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Occasions:
    """One row an occasion. `facts`: by name, NaN where there is none; `scene`: by name, of `conversation.scene`; `spoke`:
    whether the member wrote the next message, 0 or 1; `wait`: after how many messages it did, 1 for the next, infinite for
    never; `who`: a number for each member of each chat; `called`: whether the last message calls the member, `others`:
    somebody else and not the member. `chat`, `member`, `place`: the row of `events`, of each chat float16[member, message,
    EVENT], that ends with this."""

    facts: dict[str, Floats]
    scene: dict[str, Floats]
    spoke: Floats
    wait: Floats
    who: Ints
    called: NDArray[np.bool_]
    others: NDArray[np.bool_]
    chat: Ints
    member: Ints
    place: Ints
    events: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """`values`: float[COUNTED, NUMBERS]; `at`: chat, member and message."""

    values: Floats
    wait: float
    called: bool
    others: bool
    at: tuple[int, int, int]


def occasions(paths: Sequence[Path], every: int) -> Occasions:
    """Those of `thoughts.points`, at every `every`th message and all of them there."""
    chats = [read_chat(path).messages for path in paths]
    rows = [row for chat, messages in enumerate(chats) for row in _of_chat(chat, messages, every)]
    numbers = {who: n for n, who in enumerate(dict.fromkeys(row.at[:2] for row in rows))}
    values = np.array([row.values for row in rows]).reshape(len(rows), len(COUNTED) + len(NUMBERS)).T
    at = np.array([row.at for row in rows], int).reshape(len(rows), 3).T
    return Occasions(
        facts=dict(zip(COUNTED, values, strict=False)),
        scene=dict(zip(NUMBERS, values[len(COUNTED) :], strict=True)),
        spoke=np.array([row.wait == 1 for row in rows], float),
        wait=np.array([row.wait for row in rows], float),
        who=np.array([numbers[row.at[:2]] for row in rows], int),
        called=np.array([row.called for row in rows], bool),
        others=np.array([row.others for row in rows], bool),
        chat=at[0],
        member=at[1],
        place=at[2],
        events=tuple(map(_events, chats)),
    )


def _of_chat(chat: int, messages: Sequence[Message], every: int) -> list[_Row]:
    authors = [m.author.id for m in messages]
    wrote, order = Counter(authors), _order(messages)
    places: dict[str, list[int]] = {who: [] for who in order}
    for place, who in enumerate(authors):
        places[who].append(place)
    found = []
    for i in range(every - 1, len(messages) - 1, every):
        start = max(0, i + 1 - WINDOW)
        past = unlinked(messages[start : i + 1])
        talk = talk_of(past, {}, past[-1].at)
        scene = Scene(past, authors[max(0, start - EARLIER) : start], talk)
        for who, own in sorted(talk.standings.items(), key=lambda pair: order[pair[0]]):
            if wrote[who] >= WROTE and own.turns is not None and 0 < own.turns <= LATELY:
                counted, seen = facts(talk, who), scene.of(who)
                values = np.array([*(counted.get(n, np.nan) for n in COUNTED), *(seen[n] for n in NUMBERS)])
                others = talk.names > 0 and not own.named
                found.append(_Row(values, _wait(places[who], i), own.named, others, (chat, order[who], i)))
    return found


def _order(messages: Sequence[Message]) -> dict[str, int]:
    """Members by when they first wrote."""
    return {who: n for n, who in enumerate(dict.fromkeys(m.author.id for m in messages))}


def _wait(places: Sequence[int], i: int) -> float:
    """Messages from the `i`th to the next at one of `places`."""
    later = bisect_right(places, i)
    return float(places[later] - i) if later < len(places) else inf


def _events(messages: Sequence[Message]) -> Floats:
    """float16[member, message, EVENT], of each member from its first message on, as long as a network may still read it."""
    order, events = _order(messages), Events({})
    found = np.zeros((len(order), len(messages), len(EVENT)), np.float16)
    names: dict[str, str] = {}
    last: dict[str, int] = {}
    for place, message in enumerate(messages):
        if message.author.id not in names:
            names[message.author.id] = message.author.name
            events.know(names)
        events.take(message)
        last[message.author.id] = place
        for who, wrote in last.items():
            if place - wrote <= LATELY + 2 * STEPS:
                found[order[who], place] = events.of(who)
    return found
