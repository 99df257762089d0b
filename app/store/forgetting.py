"""What came of a message or an item that is gone: items that were kept of the message go with it, and thoughts that either set
off lose their words, wherever they are stored.

Who stores words that come of messages elsewhere takes them away here.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.discretion import without_grounds
from app.protocol import RunView
from app.review import SuggestionView
from app.store.database import Database
from app.store.evidence import disbelieve
from app.store.tables import forgotten as tombs
from app.store.tables import item_sources, items, messages, runs, suggestions, thoughts
from app.store.tables import rooms as rooms_
from conversation.thought import Thought

WHY = "what set it off was deleted"
_THOUGHT = TypeAdapter(Thought)


@dataclass(frozen=True, slots=True)
class Trail:
    """What was found to come of `seeds`, which are ids of messages and items, when the last run was `number` and the log of their
    `room` ended at `head`: `thoughts` are ids, `runs` numbers, `rooms` where they are. `items`: those among the seeds, and those
    that were kept of the messages."""

    seeds: frozenset[str]
    room: str | None
    head: int
    items: frozenset[str]
    number: int
    thoughts: frozenset[str]
    runs: frozenset[int]
    rooms: frozenset[str]


async def trail(database: Database, seeds: Collection[str], room: str | None = None) -> Trail:
    """Reads the whole thought log: of `room`, or where something was kept of the seeds, which any room may have heard, of all.
    Thoughts set off others."""
    async with database.read() as connection:
        number = (await connection.execute(select(func.max(runs.c.number)))).scalar_one_or_none() or 0
        head = (await connection.execute(select(rooms_.c.head).where(rooms_.c.id == room))).scalar_one_or_none() or 0
        kept = await _kept(connection, seeds)
        where = room if not kept else None
        found: set[str] = set()
        rooms: set[str] = set()
        new = {*seeds, *kept}
        while some := _some(new):
            query = select(thoughts.c.id, thoughts.c.room_id).where(_names(thoughts.c.body, some), _in(thoughts, where))
            for row in await connection.execute(query):
                rooms.add(row.room_id)
                new |= {row.id} - found
                found.add(row.id)
        named: set[int] = set()
        left = {*seeds, *kept, *found}
        while some := _some(left):
            runs_of = select(runs.c.number, runs.c.room_id).where(_names(runs.c.body, some), _in(runs, where))
            for row in await connection.execute(runs_of):
                rooms.add(row.room_id)
                named.add(row.number)
    return Trail(
        frozenset(seeds), room, head, frozenset(kept), number, frozenset(found), frozenset(named), frozenset(rooms)
    )


async def kept_of(database: Database, message: str) -> frozenset[str]:
    """Ids of the items that came of `message`."""
    async with database.read() as connection:
        return await _kept(connection, [message])


async def forget(connection: AsyncConnection, traced: Trail) -> None:
    """Erases the items of `traced`, and takes the words out of what it found and of what came since."""
    await disbelieve(connection, sorted(traced.seeds))
    kept = traced.items | await _kept(connection, traced.seeds)
    await connection.execute(delete(items).where(items.c.id.in_(kept)))
    await unword(connection, replace(traced, items=kept))
    known = set((await connection.execute(select(tombs.c.id).where(tombs.c.id.in_(kept)))).scalars())
    if new := kept - known:
        await connection.execute(insert(tombs), [{"id": one} for one in sorted(new)])


async def unword(connection: AsyncConnection, traced: Trail) -> None:
    """Takes the words out of the thoughts and runs of `traced`, and of what came since."""
    gone = {*traced.seeds, *traced.items}
    found = set(traced.thoughts)
    late = (thoughts.c.room_id == traced.room) & (thoughts.c.formed_seq >= traced.head)
    for row in await connection.execute(select(thoughts.c.id, thoughts.c.body).where(late)):
        if not gone.isdisjoint(_THOUGHT.validate_json(row.body).stimuli):
            found.add(row.id)
    left = set(found)
    while some := _some(left):
        for row in (await connection.execute(select(thoughts).where(thoughts.c.id.in_(some)))).all():
            thought = forgotten(_THOUGHT.validate_json(row.body))
            columns = {"state": thought.state, "body": _THOUGHT.dump_json(thought).decode()}
            await connection.execute(update(thoughts).where(thoughts.c.id == thought.id).values(columns))
    gone |= found
    since = (await connection.execute(select(runs.c.number).where(runs.c.number > traced.number))).scalars()
    for number in sorted({*traced.runs, *since}):
        await _unword(connection, number, gone)


async def _unword(connection: AsyncConnection, number: int, gone: Collection[str]) -> None:
    """Takes what came of `gone` out of a run, and out of the suggestion that was made of it."""
    body = (await connection.execute(select(runs.c.body).where(runs.c.number == number))).scalar_one_or_none()
    if body is None:
        return
    run = RunView.model_validate_json(body)
    wordless = without(run, gone)
    if wordless != run:
        values = {"body": wordless.model_dump_json()}
        await connection.execute(update(runs).where(runs.c.number == number).values(values))
    if any(t.id == run.decision.thought and not t.text for t in wordless.thoughts):
        await _unsuggest(connection, run.id)


async def _unsuggest(connection: AsyncConnection, run: str) -> None:
    body = (
        await connection.execute(select(suggestions.c.body).where(suggestions.c.run_id == run))
    ).scalar_one_or_none()
    if body is None:
        return
    view = SuggestionView.model_validate_json(body)
    state = "expired" if view.state == "open" else view.state
    wordless = view.model_copy(update={"text": "", "state": state}).model_dump_json()
    await connection.execute(update(suggestions).where(suggestions.c.run_id == run).values(state=state, body=wordless))


async def _kept(connection: AsyncConnection, seeds: Collection[str]) -> frozenset[str]:
    """Ids of the items that are among `seeds` or came of them, with what corrects them."""
    of_messages = select(item_sources.c.item_id).where(item_sources.c.message_id.in_(seeds))
    first = set((await connection.execute(of_messages)).scalars()) | set(
        (await connection.execute(select(items.c.id).where(items.c.id.in_(seeds)))).scalars()
    )
    answers = select(items.c.id).where(items.c.corrects_id.in_(first))
    return frozenset(first | set((await connection.execute(answers)).scalars()))


def _some(left: set[str], most: int = 200) -> frozenset[str]:
    """Takes `most` out of `left`: a statement has room for so many."""
    return frozenset(left.pop() for _ in range(min(most, len(left))))


def _in(table: Table, room: str | None) -> ColumnElement[bool]:
    return true() if room is None else table.c.room_id == room


async def deleted(connection: AsyncConnection, ids: Iterable[str]) -> set[str]:
    """Those of `ids` that are messages which were deleted, or of which nothing is to be kept, and items that are gone."""
    wanted = list(ids)
    query = select(messages.c.id).where(messages.c.id.in_(wanted), messages.c.deleted_at.is_not(None))
    gone = set((await connection.execute(query)).scalars())
    return gone | set((await connection.execute(select(tombs.c.id).where(tombs.c.id.in_(wanted)))).scalars())


def forgotten(thought: Thought) -> Thought:
    """`thought` without its words; no longer held."""
    state = "retired" if thought.state == "held" else thought.state
    return replace(thought, text="", embedding=(), state=state, why=WHY)


def without(run: RunView, gone: Collection[str]) -> RunView:
    """`run` without the words of thoughts that are among `gone`, or that were set off by one of it."""
    lost = {t.id for t in run.thoughts if t.id in gone or not set(gone).isdisjoint(t.stimuli)} | set(gone)
    return run.model_copy(
        update={
            "thoughts": [t.model_copy(update={"text": "", "why": WHY}) if t.id in lost else t for t in run.thoughts],
            "retrieved": [r.model_copy(update={"text": ""}) if r.id in lost else r for r in run.retrieved],
            "weighing": without_grounds(run.weighing) if any(r.id in lost for r in run.retrieved) else run.weighing,
        }
    )


def stimuli(found: Sequence[Thought] | RunView) -> set[str]:
    """Ids of all that set these thoughts off."""
    return {s for t in (found.thoughts if isinstance(found, RunView) else found) for s in t.stimuli}


def _names(body: ColumnElement[str], ids: Iterable[str]) -> ColumnElement[bool]:
    """Ids are hexadecimal or ours, and stand in quotes: no other text looks like them."""
    return or_(*(body.contains(f'"{one}"', autoescape=True) for one in ids))
