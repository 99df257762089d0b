"""How often would people be asked something, and is who refused left alone? Real chats with curiosity on.

    python -m evals asking ../shared/data/chats/dev --messages 600

The service's own reader and rules (`app/believing.py`) go through each chat at its own pace. Every question that is worth its
cost is put at once: in the service it must still win against the agent's other thoughts, so this is the most that can come.
Nobody in these chats answers an agent, so every second person who is asked says next, instead of what they wrote, that they
would rather not, in words that nothing was fitted on (`evals/cases/declining.json`, written by somebody who saw neither rules
nor rows). One JSON line last: `messages`, `questions`, `per_30` (questions in 30 messages of people), `least_apart` (messages of
a room between two questions), `declined` (how many refused) and `to_declined` (questions to them after that), `heard` and
`mistaken` (parts of those refusals, and of answers that share words with them, that count as refusals), `ms` (the median from
hearing a message to having read it, off the room's path, without the model process's queue being empty).
"""

import argparse
import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conversation.chats import read_chat
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Author, Message
from conversation.moment import Moment, Trigger
from conversation.thought import Question
from conversation.transcript import Transcript
from evals.world import MIKA, World, believing_in, world
from personalization.declining import declines

WINDOW = 60
"""Messages of the room that a mind looks at."""
CASES = Path(__file__).parent / "cases" / "declining.json"


@dataclass
class Asked:
    """`at`: seqs of the questions of each room."""

    messages: int = 0
    at: dict[str, list[int]] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)
    to_declined: int = 0
    took: list[float] = field(default_factory=list)
    heard: float | None = None
    mistaken: float | None = None


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals asking", description=__doc__)
    parser.add_argument("chats", type=Path)
    parser.add_argument("--messages", type=int, default=600, help="of each chat")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/aside"))
    options = parser.parse_args(arguments)
    asked = asyncio.run(
        all_of(sorted(options.chats.glob("*.jsonl")), options.messages, options.model, options.cache.expanduser())
    )
    print(json.dumps(figures(asked)))


async def all_of(chats: Sequence[Path], most: int, model: str, cache: Path) -> Asked:
    asked, cases = Asked(), json.loads(CASES.read_text(encoding="utf-8"))
    refusals = itertools.cycle(cases["declines"])
    async with world(model, cache) as w:
        asked.heard, asked.mistaken = [await taken(w, cases[part]) for part in ("declines", "answers")]
        for path in chats:
            await through(w, read_chat(path).messages[:most], asked, refusals)
    return asked


async def taken(w: World, texts: Sequence[str]) -> float:
    """Part of `texts` that counts as a refusal."""
    places = await w.engine.embedder.embed(texts)
    return sum(declines(text, place) for text, place in zip(texts, places, strict=True)) / len(texts)


async def through(w: World, chat: Sequence[Message], asked: Asked, refusals: Iterator[str]) -> None:
    """One chat, in a room of its own, whose people come when they first speak."""
    if not chat:
        return
    people: dict[str, Member] = {}
    room: str | None = None
    said: list[Message] = []
    refusing: set[str] = set()
    for original in chat:
        name = original.author.name[:64]
        if name not in people:
            people[name] = Member(
                (await w.store.users.add(name, original.at)).id, name, "member" if people else "owner"
            )
            if room is None:
                room = await w.store.rooms.create("Room", people[name].id, None, original.at)
                hears = believing_in(w, room)
            else:
                await w.store.members.put(room, people[name], original.at)
        assert room is not None
        author, refuses = people[name], people[name].id in refusing
        text = next(refusals) if refuses else original.text.strip() or "…"
        posted = await w.store.messages.post(room, author.as_author(), original.id, text, None, original.at)
        said.append(posted.message)
        asked.messages += 1
        began = time.perf_counter()
        hears.hear(posted.message)
        await hears.rest()
        asked.took.append(time.perf_counter() - began)
        if refuses:
            refusing.discard(author.id)
            asked.declined.add(author.id)
        talk, here = Transcript(tuple(said[-WINDOW:])), (*people.values(), MIKA)
        moment = Moment(room, MIKA, here, talk, Floor(), Trigger("message", posted.message.seq), original.at)
        wonder = (await hears.disposition(moment)).wonder
        if wonder is None:
            continue
        asked.to_declined += author.id in asked.declined
        asked.at.setdefault(room, []).append(posted.message.seq)
        by = Author(MIKA.id, MIKA.name, "agent")
        put = await w.store.messages.post(room, by, f"ask-{original.id}", wonder.text, None, original.at)
        said.append(put.message)
        await hears.asked(Question(author.id, wonder.dimension, wonder.text, 1.0), put.message)
        if sum(map(len, asked.at.values())) % 2:
            refusing.add(author.id)


def figures(asked: Asked) -> dict[str, object]:
    """Pure."""
    apart = [b - a for seqs in asked.at.values() for a, b in itertools.pairwise(seqs)]
    questions = sum(map(len, asked.at.values()))
    return {
        "messages": asked.messages,
        "rooms": len(asked.at),
        "questions": questions,
        "per_30": round(30 * questions / max(1, asked.messages), 3),
        "least_apart": min(apart, default=None),
        "declined": len(asked.declined),
        "to_declined": asked.to_declined,
        "heard": asked.heard,
        "mistaken": asked.mistaken,
        "ms": round(1_000 * statistics.median(asked.took), 1) if asked.took else None,
    }
