"""Occasions to speak in real chats, without a model: every so many messages, each member who might have spoken next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.chats import read_chat
from conversation.message import Message
from conversation.standing import talk_of
from heuristics.facts import COUNTED, facts
from thoughts.points import LATELY, WINDOW, WROTE, unlinked

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Occasions:
    """One row an occasion. `facts`: by name, NaN where there is none; `spoke`: whether the member wrote the next message, 0 or
    1; `who`: a number for each member of each chat; `called`: whether the last message calls the member, `others`: somebody
    else and not the member."""

    facts: dict[str, Floats]
    spoke: Floats
    who: NDArray[np.integer[Any]]
    called: NDArray[np.bool_]
    others: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Row:
    facts: dict[str, float]
    spoke: bool
    who: tuple[int, str]
    called: bool
    others: bool


def occasions(paths: Sequence[Path], every: int) -> Occasions:
    """Those of `thoughts.points`, at every `every`th message and all of them there."""
    rows = [row for chat, path in enumerate(paths) for row in _of_chat(chat, read_chat(path).messages, every)]
    numbers = {who: n for n, who in enumerate(dict.fromkeys(row.who for row in rows))}
    return Occasions(
        facts={name: np.array([row.facts.get(name, np.nan) for row in rows]) for name in COUNTED},
        spoke=np.array([row.spoke for row in rows], float),
        who=np.array([numbers[row.who] for row in rows], int),
        called=np.array([row.called for row in rows], bool),
        others=np.array([row.others for row in rows], bool),
    )


def _of_chat(chat: int, messages: Sequence[Message], every: int) -> list[_Row]:
    wrote = Counter(m.author.id for m in messages)
    found = []
    for i in range(every - 1, len(messages) - 1, every):
        past = unlinked(messages[max(0, i + 1 - WINDOW) : i + 1])
        talk = talk_of(past, {}, past[-1].at)
        for who, own in talk.standings.items():
            if wrote[who] >= WROTE and own.turns is not None and 0 < own.turns <= LATELY:
                came = messages[i + 1].author.id == who
                found.append(_Row(facts(talk, who), came, (chat, who), own.named, talk.names > 0 and not own.named))
    return found
