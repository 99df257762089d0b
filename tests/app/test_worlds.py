"""Promise 4, over ten thousand random worlds: rooms, direct rooms, people who come and go, messages taken back, audiences made
wider and narrower. Every message holds a canary. What is remembered is told from the logs, linked, admitted, called to mind and
put into prompts as the service does it; that the database admits the same is shown for some of them. No model."""

import asyncio
import random
import re
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.candidates import candidates_for
from app.store.database import Database
from app.store.items import insert_items
from app.store.tables import consents, rooms, users
from conversation.member import Member
from conversation.message import Message
from conversation.transcript import Transcript
from inference.prompt import Prompt
from memory.attendance import Membership, Passage, present
from memory.audience import admitted, people
from memory.item import Item
from memory.recall import Candidates, recollect
from memory.saliency import Cue, Trace
from memory.sentences import kind_of
from memory.slots import same_slot
from memory.validity import standing
from memory.writing import Shelf, linked
from tests.conversation.build import ASIDE, moment
from thoughts import prompts
from thoughts.formation import candidates as prompted
from thoughts.retrieval import Recall

WORLDS = 10_000
BY_SQL = 200
"""Of them, so many are stored, and every room is asked for in SQL: the query says what the rule says."""
START = datetime(2026, 3, 1, tzinfo=UTC)
HERE = (1.0, 0.0)
"""Where everything is placed: nothing is hidden from a room by being beside the point."""
CANARY = re.compile(r"canary\w+")
SAYINGS = ("I live in {}.", "I like {} cake.", "I bought {} today.", "My favourite word is {}.", "I'm allergic to {}.")


@dataclass
class Place:
    """A room as its log tells of it. `public`: what anybody in it may read."""

    id: str
    here: dict[str, datetime] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    seq: int = 0

    def moves(self, who: str, at: datetime) -> None:
        self.seq += 1
        if who in self.here and len(self.here) > 1:
            del self.here[who]
            self.passages.append(Passage(self.seq, who, "left"))
        elif who not in self.here:
            self.here[who] = at
            self.passages.append(Passage(self.seq, who, "joined"))


@dataclass(frozen=True)
class Saying:
    """What was said, by whom, where, before whom it really was, and whom its subject chose for it since."""

    id: str
    place: str
    seq: int
    who: str
    text: str
    at: datetime
    there: frozenset[str]
    chosen: frozenset[str] | None = None
    public: bool = False
    gone: bool = False

    @property
    def audience(self) -> frozenset[str]:
        return self.there if self.chosen is None else self.chosen


@dataclass
class World:
    """Who was where in the end, and all that was said."""

    key: str
    people: tuple[str, ...]
    places: list[Place]
    said: list[Saying]
    silenced: frozenset[str]


def played(number: int) -> World:
    rng = random.Random(number)
    key = f"w{number}"
    folk = tuple(f"{key}p{n}" for n in range(rng.randint(2, 5)))
    places = [Place(f"{key}r{n}") for n in range(rng.randint(1, 3))]
    direct = [Place(f"{key}d{n}", {who: START}) for n, who in enumerate(folk)]
    for place in places:
        for who in rng.sample(folk, rng.randint(1, len(folk))):
            place.here[who] = START
    said: list[Saying] = []
    for n in range(rng.randint(6, 16)):
        at = START + timedelta(hours=n + 1)
        place = rng.choice([*places, *places, *direct])
        what = rng.random()
        if what < 0.25 and place not in direct:
            place.moves(rng.choice(folk), at)
        elif what < 0.32 and said:
            i = rng.randrange(len(said))
            said[i] = replace(said[i], gone=True)
        elif what < 0.40 and said:
            i = rng.randrange(len(said))
            some = frozenset(rng.sample(folk, rng.randint(0, len(folk)))) | {said[i].who}
            said[i] = replace(said[i], chosen=some, public=rng.random() < 0.05)
        else:
            who = rng.choice(sorted(place.here))
            place.seq += 1
            text = rng.choice(SAYINGS).format(f"canary{key}m{n}")
            said.append(Saying(f"{key}m{n:02}", place.id, place.seq, who, text, at, frozenset(place.here)))
    silenced = frozenset(who for who in folk if rng.random() < 0.04)
    return World(key, folk, [*places, *direct], said, silenced)


def kept(world: World) -> list[Item]:
    """What is remembered of it, audiences told from the logs alone."""
    made: list[Item] = []
    for saying in world.said:
        place = next(p for p in world.places if p.id == saying.place)
        members = [Membership(who, since) for who, since in place.here.items()]
        there = present(place.passages, members, saying.seq, saying.at)
        kind = kind_of(saying.text)
        assert kind is not None, saying.text
        if saying.gone or saying.who not in there:
            continue
        item = Item(
            id=f"{saying.id}i",
            kind=kind,
            text=saying.text,
            subject=saying.who,
            by=saying.who,
            room=saying.place,
            at=saying.at,
            sources=(saying.id,),
            audience=there,
            since=saying.at,
            embedding=HERE,
        )
        older = [i for i in made if i.subject == item.subject]
        new = linked(item, Shelf(older).older(item), {i.id for i in older if same_slot(item.text, i.text)})
        if new is not None:
            made.append(new)
    ends = {f"{s.id}i": s for s in world.said}
    return [replace(i, audience=ends[i.id].chosen or i.audience, public=ends[i.id].public) for i in made]


def admitted_in(world: World, kept_of_it: list[Item], place: Place) -> Candidates:
    """What the database would give to those in `place`: `test_the_database_admits_what_the_rule_admits`."""
    here = people(members(place))
    found = [i for i in standing(kept_of_it, here) if i.subject not in world.silenced]
    found.sort(key=lambda i: (-i.at.timestamp(), i.id))
    whole = tuple(
        replace(i, replaces=())
        for i in (*(i for i in found if i.kind != "event"), *(i for i in found if i.kind == "event"))
    )
    names = {i.subject: f"Name {i.subject[-1]}" for i in whole}
    closed, places = {i.id: i.replaces for i in found}, {i.id: n for n, i in enumerate(whole)}
    audible = {i.id for i in admitted(kept_of_it, here)}
    former = tuple(places[newer] for newer in sorted(closed) for older in sorted(closed[newer]) if older in audible)
    return Candidates(whole, _here(len(whole)), (), names, former, _here(len(former)))


def _here(rows: int) -> NDArray[np.float32]:
    return np.array([HERE] * rows, dtype=np.float32).reshape(rows, len(HERE))


def members(place: Place) -> tuple[Member, ...]:
    return (ASIDE, *(Member(who, f"Name {who[-1]}", "member") for who in sorted(place.here)))


def asked(place: Place, found: Candidates) -> list[Prompt]:
    """Every prompt that holds memories, in the room as it is: what comes to mind, and then all that is admitted."""
    there = members(place)
    talk = Transcript((Message("q", 99, there[1].as_author(), "Well?", START + timedelta(days=9)),))
    now = moment(talk, members=there)
    came = recollect(found, Cue(HERE, HERE))
    prefix = prompts.shared(now, "")
    everything = [Trace(i.id, "item", i.text, (), audience=None if i.public else i.audience) for i in found.items]
    made = [c.prompt for c in prompted(now, prefix, Recall(came, (), {}))]
    return [*made, prompts.slow_thought(prefix, now, everything, everything, ask=True)]


def words(prompt: Prompt) -> str:
    return "\0".join(part.text for part in prompt)


def test_no_canary_reaches_a_prompt_before_somebody_who_was_not_there() -> None:
    built = shown = 0
    for number in range(WORLDS):
        world = played(number)
        remembered = kept(world)
        by_canary = {CANARY.findall(s.text)[0]: s for s in world.said}
        for place in random.Random(number).sample(world.places, 2):
            for prompt in asked(place, admitted_in(world, remembered, place)):
                built += 1
                for canary in set(CANARY.findall(words(prompt))):
                    saying = by_canary[canary]
                    shown += 1
                    assert saying.public or saying.audience >= set(place.here), (number, place.id, canary)
                    assert not saying.gone, (number, canary)
                    assert saying.who not in world.silenced, (number, canary)
    assert built == 8 * WORLDS
    assert shown > 4 * WORLDS, "a test in which nothing is remembered proves nothing"


def twin(world: World, place: Place) -> World:
    """The same world, but for what those in `place` never all heard: some of it was never said, some of it was something else."""
    rng = random.Random(f"{world.key} twin")
    said: list[Saying] = []
    for saying in world.said:
        here = set(place.here)
        known = saying.public or saying.audience >= here or saying.there >= here
        fate = rng.random()
        if known or fate < 0.2:
            said.append(saying)
        elif fate < 0.6:
            text = rng.choice(SAYINGS).format(f"{CANARY.findall(saying.text)[0]}other")
            said.append(replace(saying, text=text))
    return replace(world, said=said)


def test_worlds_that_differ_in_what_is_private_to_others_give_the_same_prompts() -> None:
    differ = told = 0
    for number in range(WORLDS):
        world = played(number)
        place = random.Random(number).choice(world.places)
        other = twin(world, place)
        mine, theirs = kept(world), kept(other)
        one, two = admitted_in(world, mine, place), admitted_in(other, theirs, place)
        assert repr(one).encode() == repr(two).encode(), number
        assert repr(asked(place, one)).encode() == repr(asked(place, two)).encode(), number
        differ += mine != theirs
        told += bool(one.items)
    assert differ > WORLDS / 2, "twins that are the same prove nothing"
    assert told > WORLDS / 4, "and so do rooms in which nothing is remembered"


async def store(connection: AsyncConnection, worlds: list[World]) -> None:
    """All that these worlds remember, whole."""
    who = [{"id": p, "name": f"Name {p[-1]}", "at": START} for w in worlds for p in w.people]
    where = [{"id": p.id, "name": p.id, "head": p.seq, "at": START} for w in worlds for p in w.places]
    await connection.execute(insert(users), who)
    await connection.execute(insert(rooms), where)
    await insert_items(connection, [item for w in worlds for item in kept(w)])
    off = [
        {"user_id": p, "observe": True, "remember": False, "infer": True, "at": START}
        for w in worlds
        for p in sorted(w.silenced)
    ]
    if off:
        await connection.execute(insert(consents), off)


def test_the_database_admits_what_the_rule_admits() -> None:
    async def go() -> int:
        admitted = 0
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'worlds.db'}")
            await database.migrate()
            worlds = [played(n) for n in range(BY_SQL)]
            for world in worlds:  # what is public is known in every world of a database, which is another test's matter
                world.said = [replace(s, public=False) for s in world.said]
            async with database._writer.begin() as connection:
                await store(connection, worlds)
                for world in worlds:
                    remembered = kept(world)
                    for place in world.places:
                        found = await candidates_for(connection, people(members(place)), len(HERE))
                        whole = admitted_in(world, remembered, place)
                        unplaced = tuple(replace(i, embedding=()) for i in whole.items)
                        assert found == replace(whole, items=unplaced), (world.key, place.id)
                        admitted += len(found.items)
            await database.close()
        return admitted

    assert asyncio.run(go()) > BY_SQL
