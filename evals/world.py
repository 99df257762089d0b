"""People, rooms and the service's own memory, over a database that is gone afterwards: what a measurement says, the product's
reader keeps by its own rules, and the product's query decides who may hear it."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.believing import Believing
from app.clock import WallClock
from app.remembering import Remembering
from app.store import Store
from app.store.database import Database
from app.tasks import Tasks
from conversation.floor import Floor
from conversation.member import Member, Role
from conversation.message import Message
from conversation.moment import Moment, Trigger
from conversation.thought import Thought
from conversation.transcript import Transcript
from evals.stored import Stored
from evals.stored_model import StoredModel
from inference.connect import connect
from inference.engine import Engine, until_ready
from inference.prompt import Part, Prompt
from memory.recall import Candidates
from memory.saliency import Retrieved
from thoughts import prompts
from thoughts.known import NOTHING_KNOWN, Known
from thoughts.occasions import occasions
from thoughts.retrieval import recall
from thoughts.superseded import past_now, superseded
from thoughts.use import decided, decisive, fits_of, known_now, narrowed, used
from thoughts.weighing import weighed

READY = 600.0
"""Seconds that a model may take to load."""
START = datetime(2026, 9, 1, 12, tzinfo=UTC)
MIKA = Member("mika", "Mika", "agent")
PERSONA = "You are Mika, helpful, honest and brief."
DECAY = 0.95
WANTS = "I want to answer that."
"""The thought that every arm says: what differs between them is only what is remembered."""
SEED = 0
"""Of what is sampled."""


@dataclass
class Room:
    id: str
    people: tuple[Member, ...]
    said: list[Message] = field(default_factory=list)


class World:
    def __init__(self, store: Store, engine: Engine, remembering: Remembering, tasks: Tasks) -> None:
        self.store = store
        self.engine = engine
        self.tasks = tasks
        self._remembering = remembering

    async def person(self, name: str, role: Role = "member") -> Member:
        return Member((await self.store.users.add(name, START)).id, name, role)

    async def room(self, *people: Member) -> Room:
        first, *others = people
        room = await self.store.rooms.create("Room", first.id, None, START)
        for one in others:
            await self.store.members.put(room, one, START)
        return Room(room, people)

    async def says(self, room: Room, who: Member, text: str) -> Message:
        """Each message of a room a day after the one before: what was said later is newer, and no prompt hangs on what was said
        in another case."""
        day = len(room.said) + 1
        at = START + timedelta(days=day % 60, minutes=day)
        posted = await self.store.messages.post(room.id, who.as_author(), f"c{day}", text, None, at)
        room.said.append(posted.message)
        return posted.message

    async def remember(self, *rooms: Room) -> None:
        for room in rooms:
            while await self._remembering.read(room.id, None):
                pass

    async def candidates(self, people: Sequence[Member]) -> Candidates:
        return await self.store.items.candidates([m.id for m in people], self.engine.embedder.dim)


def believing_in(w: "World", room: str) -> Believing:
    """What learns of the people of a room, and says what they may be asked."""
    return Believing(room, w.engine.embedder, w.store, w.tasks)


@asynccontextmanager
async def world(model: str, cache: Path) -> AsyncIterator[World]:
    engine = connect(model, cache=cache, base_url="", api_key="", timeout=600, threads=0)
    engine.model = StoredModel(engine.model, Stored(cache / "rated" / f"{model.replace('/', '-')}.jsonl"))
    tasks = Tasks()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'world.db'}")
        await database.migrate()
        tasks.start(database.committer.run(), "commit")
        store = Store(database, lambda: model)
        await engine.start()
        try:
            await until_ready(engine, READY)
            yield World(store, engine, Remembering(store, engine, WallClock(), tasks, retention=0), tasks)
        finally:
            await engine.close()
            await tasks.close()
            await database.close()


def asked(room: Room, author: Member, text: str, before: Sequence[Message] = ()) -> Moment:
    """`text` as the last message of a room in which the agent is called; `before`: what its prompt shows of the talk."""
    seq = max((m.seq for m in room.said), default=0) + 1
    at = START + timedelta(days=90)
    last = Message(f"{room.id}-{seq}", seq, author.as_author(), text, at)
    talk = Transcript((*before, last))
    return Moment(room.id, MIKA, (*room.people, MIKA), talk, Floor(frozenset(), 5.0), Trigger("addressed", seq), at)


def wanted(moment: Moment) -> Thought:
    return Thought("t", MIKA.id, "system1", WANTS, (), moment.trigger.seq, moment.now)


async def remembered(moment: Moment, candidates: Candidates, engine: Engine) -> tuple[Known, tuple[Retrieved, ...]]:
    """What the product lets a reply know here, and all that came to mind."""
    came = await recall(moment, (), (), engine.embedder, DECAY, candidates)
    came, past = await superseded(moment, came, candidates, engine.model)
    readings = await occasions(moment, came, candidates.items, engine.embedder, engine.model)
    fits = fits_of(readings)
    gone = past_now(past, fits)
    uses = decided(moment, came, (), candidates.items, fits, gone)
    left = used(came, uses)
    made = frozenset(i.id for i in candidates.items)
    items = tuple(r.trace for r in left.memories)
    some = narrowed(moment, came, (), candidates.items, readings, gone)
    known = Known(items, None, made, decisive=decisive(uses, fits), narrowed=some)
    about = moment.about
    place = came.heard.get(about.text, ()) if about is not None else ()
    return known_now(known, moment, place), came.memories


def reply_prompt(moment: Moment, known: Known = NOTHING_KNOWN, stem: str = "", wants: str = "") -> Prompt:
    """The product's prompt of a reply, continued by `stem` where one is given. `wants`: what the agent wants to say, where it
    is more than to answer."""
    thought = replace(wanted(moment), text=wants) if wants else wanted(moment)
    prompt = prompts.reply(prompts.shared(moment, PERSONA), moment, thought, known)
    return (*prompt, Part(f" {stem}", "assistant")) if stem else prompt


async def wants(moment: Moment, known: Known, engine: Engine) -> tuple[str, Known]:
    """What comes of weighing, where the agent is asked to choose, else ""; and what a reply knows then."""
    (place,) = await engine.embedder.embed([moment.about.text if moment.about is not None else ""])
    found = await weighed(moment, known, place, engine.model, engine.embedder, SEED)
    return ("", known) if found is None else (found.wants, found.left(known))


async def chances(
    moment: Moment, known: Known, stem: str, options: Sequence[str], engine: Engine, wants: str = ""
) -> tuple[float, ...]:
    """Of each of `options` after `stem`, normalised."""
    rated = await engine.model.rate(reply_prompt(moment, known, stem, wants), [""], [""], [f" {o}" for o in options])
    return rated.probabilities[0][0]


def picked(row: Sequence[float], prior: Sequence[float] = ()) -> int:
    """The option that is likeliest; with a `prior`, the one that gained most over it (pointwise mutual information): a word
    that a model likes anyway tells nothing."""
    gains = [p / max(q, 1e-9) for p, q in zip(row, prior, strict=True)] if prior else list(row)
    return max(range(len(gains)), key=gains.__getitem__)
