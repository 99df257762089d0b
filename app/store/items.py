"""Items of memory. What a room may hear is decided in the query: nothing else is ever read for it."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.candidates import candidates_for
from app.store.database import Database
from app.store.tables import audiences, item_replaces, item_sources, items
from app.store.tokens import digest
from memory.item import Item
from memory.recall import Candidates
from memory.validity import dated
from memory.writing import Shelf

PAGE, BREATH = 64, 0.001
"""Items of a shelf that are read at once, about a millisecond of work, and seconds that the loop then has for all else."""


def whole(present: Collection[str]) -> Select[Any]:
    """Ids of the audiences that all of `present` belong to. The rule of memory.audience, in SQL."""
    people = sorted(set(present))
    return (
        select(audiences.c.id)
        .where(audiences.c.user_id.in_(people))
        .group_by(audiences.c.id)
        .having(func.count() == len(people))
    )


async def _whole(connection: AsyncConnection, present: Collection[str]) -> tuple[str, ...]:
    return tuple((await connection.execute(whole(present))).scalars()) if present else ()


def heard(admitted: Sequence[str], table: Any = items) -> ColumnElement[bool]:
    """Whether an item was said before one of the `admitted` audiences, or is public."""
    among: ColumnElement[bool] = table.c.audience_id.in_(admitted)
    return or_(table.c.public, among)


class Items:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def candidates(self, present: Collection[str], dim: int) -> Candidates:
        """What `present` may hear. Items that another embedder placed are passed over."""
        async with self._database.look() as connection, connection.begin():
            return await candidates_for(connection, present, dim)

    async def of_subject(self, user: str) -> tuple[Item, ...]:
        """All that is kept of `user`, newest first, dated as they see it; with embeddings."""
        query = select(items).where(items.c.subject_id == user).order_by(items.c.at.desc(), items.c.id)
        async with self._database.read() as connection:
            return await loaded(connection, list(await connection.execute(query)))

    async def shelf(self, user: str) -> Shelf:
        """All that is kept of `user`, for comparing: without `until`, and embeddings only as vectors. Read a page at a time, and
        between two of them the loop does what else there is to do."""
        kept: list[Item] = []
        vectors: list[Any] = []
        last = 0
        while True:
            query = (
                select(items)
                .where(items.c.subject_id == user, items.c.number > last)
                .order_by(items.c.number)
                .limit(PAGE)
            )
            async with self._database.read() as connection:
                rows = list(await connection.execute(query))
                there, closing = (
                    await _audiences(connection, rows),
                    await _closing(connection, [row.id for row in rows]),
                )
            kept += [_item(row, there, closing.get(row.id, ())) for row in rows]
            vectors += [np.frombuffer(row.embedding, dtype="<f4") for row in rows]
            if len(rows) < PAGE:
                break
            last = rows[-1].number
            await asyncio.sleep(BREATH)
        order = sorted(range(len(kept)), key=lambda n: kept[n].id)
        order.sort(key=lambda n: kept[n].at, reverse=True)
        return Shelf([kept[n] for n in order], [vectors[n] for n in order])

    async def about(self, subject: str, present: Collection[str]) -> tuple[Item, ...]:
        """Those of `of_subject` that `present` may hear, dated as far as they know."""
        async with self._database.read() as connection:
            query = select(items).where(items.c.subject_id == subject, heard(await _whole(connection, present)))
            rows = list(await connection.execute(query.order_by(items.c.at.desc(), items.c.id)))
            return await loaded(connection, rows)

    async def count(self) -> int:
        async with self._database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(items))).scalar_one())


async def loaded(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> tuple[Item, ...]:
    """Whole items, in the order of `rows`, dated among themselves."""
    there, closing = await _audiences(connection, rows), await _closing(connection, [row.id for row in rows])
    whole = (
        replace(
            _item(row, there, closing.get(row.id, ())),
            embedding=tuple(np.frombuffer(row.embedding, dtype="<f4").tolist()),
        )
        for row in rows
    )
    return dated(whole)


async def _closing(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[str]]:
    """By id of a newer item: the older ones whose place it took."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(ids), 500):
        some = item_replaces.c.newer_id.in_(ids[start : start + 500])
        for row in await connection.execute(select(item_replaces).where(some).order_by(item_replaces.c.older_id)):
            found.setdefault(row.newer_id, []).append(row.older_id)
    return found


async def insert_items(connection: AsyncConnection, new: Sequence[Item]) -> None:
    """In the order in which they are: a correction after its claim."""
    if not new:
        return
    await write_audiences(connection, {item.audience for item in new})
    await connection.execute(insert(items), [_row(item) for item in new])
    sources = [{"item_id": item.id, "message_id": message} for item in new for message in item.sources]
    await connection.execute(insert(item_sources), sources)
    if closed := [{"newer_id": item.id, "older_id": older} for item in new for older in item.replaces]:
        await connection.execute(insert(item_replaces), closed)


def _row(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "kind": item.kind,
        "text": item.text,
        "subject_id": item.subject,
        "by_id": item.by,
        "room_id": item.room,
        "at": item.at,
        "since": item.since,
        "confidence": item.confidence,
        "public": item.public,
        "edited": item.edited,
        "circumstance": item.circumstance,
        "corrects_id": item.corrects,
        "audience_id": audience_id(item.audience),
        "sources": " ".join(item.sources),
        "embedding": np.asarray(item.embedding, dtype="<f4").tobytes(),
    }


def audience_id(audience: frozenset[str]) -> str:
    """Of this set of people."""
    return digest("\0".join(sorted(audience)))


async def write_audiences(connection: AsyncConnection, sets: Collection[frozenset[str]]) -> None:
    """Writes down those that are new."""
    named = {audience_id(one): one for one in sets}
    query = select(audiences.c.id).where(audiences.c.id.in_(sorted(named))).distinct()
    known = set((await connection.execute(query)).scalars())
    if new := [{"id": name, "user_id": who} for name, one in named.items() if name not in known for who in sorted(one)]:
        await connection.execute(insert(audiences), new)


async def _audiences(connection: AsyncConnection, rows: Iterable[Row[Any]]) -> dict[str, frozenset[str]]:
    ids = {row.audience_id for row in rows}
    found: dict[str, set[str]] = {}
    for row in await connection.execute(select(audiences).where(audiences.c.id.in_(sorted(ids)))):
        found.setdefault(row.id, set()).add(row.user_id)
    return {one: frozenset(people) for one, people in found.items()}


def _item(row: Row[Any], there: dict[str, frozenset[str]], replaces: Sequence[str] = ()) -> Item:
    return Item(
        id=row.id,
        kind=row.kind,
        text=row.text,
        subject=row.subject_id,
        by=row.by_id,
        room=row.room_id,
        at=row.at,
        sources=tuple(row.sources.split()),
        audience=there[row.audience_id],
        since=row.since,
        confidence=row.confidence,
        public=row.public,
        edited=row.edited,
        circumstance=row.circumstance,
        replaces=tuple(replaces),
        corrects=row.corrects_id,
    )
