"""What came of a message that was deleted: thoughts that it set off lose their words, wherever they are stored."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.protocol import RunView
from app.store.database import Database
from app.store.tables import messages, rooms, runs, thoughts
from conversation.thought import Thought

WHY = "what set it off was deleted"
_THOUGHT = TypeAdapter(Thought)


@dataclass(frozen=True, slots=True)
class Trail:
    """What was found to come of a message when the room's log ended at `head` and its last run was `number`: `thoughts` are
    ids, `runs` numbers."""

    head: int
    number: int
    thoughts: frozenset[str]
    runs: frozenset[int]


async def trail(database: Database, room: str, message_id: str) -> Trail:
    """Reads the whole thought log of the room: thoughts of a message set off others."""
    async with database.read() as connection:
        head = (await connection.execute(select(rooms.c.head).where(rooms.c.id == room))).scalar_one_or_none() or 0
        last = select(runs.c.number).where(runs.c.room_id == room).order_by(runs.c.number.desc()).limit(1)
        number = (await connection.execute(last)).scalar_one_or_none() or 0
        found: set[str] = set()
        new = {message_id}
        while new:
            query = select(thoughts.c.id).where(thoughts.c.room_id == room, _names(thoughts.c.body, new))
            new = set((await connection.execute(query)).scalars()) - found
            found |= new
        named = select(runs.c.number).where(runs.c.room_id == room, _names(runs.c.body, {message_id, *found}))
        return Trail(head, number, frozenset(found), frozenset((await connection.execute(named)).scalars()))


async def forget(connection: AsyncConnection, room: str, message_id: str, traced: Trail) -> None:
    """Takes the words out of what `traced` found and of what came since."""
    late = (thoughts.c.formed_seq >= traced.head) & _names(thoughts.c.body, {message_id})
    query = select(thoughts).where(thoughts.c.room_id == room, or_(thoughts.c.id.in_(traced.thoughts), late))
    gone = {message_id}
    for row in (await connection.execute(query)).all():
        thought = forgotten(_THOUGHT.validate_json(row.body))
        gone.add(thought.id)
        columns = {"state": thought.state, "body": _THOUGHT.dump_json(thought).decode()}
        await connection.execute(update(thoughts).where(thoughts.c.id == thought.id).values(columns))
    since = (runs.c.number > traced.number) & _names(runs.c.body, gone)
    named = select(runs.c.number, runs.c.body).where(runs.c.room_id == room, or_(runs.c.number.in_(traced.runs), since))
    for row in (await connection.execute(named)).all():
        body = without(RunView.model_validate_json(row.body), gone).model_dump_json()
        await connection.execute(update(runs).where(runs.c.number == row.number).values(body=body))


async def deleted(connection: AsyncConnection, ids: Iterable[str]) -> set[str]:
    """Those of `ids` that are messages which were deleted."""
    query = select(messages.c.id).where(messages.c.id.in_(list(ids)), messages.c.deleted_at.is_not(None))
    return set((await connection.execute(query)).scalars())


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
        }
    )


def stimuli(found: Sequence[Thought] | RunView) -> set[str]:
    """Ids of all that set these thoughts off."""
    return {s for t in (found.thoughts if isinstance(found, RunView) else found) for s in t.stimuli}


def _names(body: ColumnElement[str], ids: Iterable[str]) -> ColumnElement[bool]:
    """Ids are hexadecimal or ours, and stand in quotes: no other text looks like them."""
    return or_(*(body.contains(f'"{one}"', autoescape=True) for one in ids))
