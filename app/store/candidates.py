"""What a room may hear of what is remembered. It is decided in the query: nothing else is ever read for it.

Over SQLite the statements are prepared once and given to the library itself (app/store/quick.py): handed over by SQLAlchemy they
took twice as long as all the rest.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.quick import quick, text_of
from app.store.tables import agents, audiences, consents, item_replaces, items, users
from memory.item import Item, ItemKind
from memory.recall import Candidates

SEMANTIC, EPISODIC = 160, 48
"""Newest items of each memory that a room chooses among; older ones are reached when newer ones are closed or forgotten."""


_FIELDS = (
    "id",
    "kind",
    "text",
    "subject_id",
    "by_id",
    "room_id",
    "at",
    "sources",
    "audience_id",
    "since",
    "confidence",
    "public",
    "edited",
    "circumstance",
    "corrects_id",
    "embedding",
)
_READ = tuple(items.c[name] for name in _FIELDS)
_ID, _KIND, _SUBJECT, _BY, _AUDIENCE, _EMBEDDING = (
    _FIELDS.index(name) for name in ("id", "kind", "subject_id", "by_id", "audience_id", "embedding")
)


_plain: Callable[[str], Any] = literal_column
"""Our own words, which are no values and stand in the text."""
_NOBODY = _plain("''")


def _audible(table: Any, admitted: Any) -> ColumnElement[bool]:
    """Those that are public or were said before one of the `admitted` audiences, in words by which no database goes through all
    that was ever heard and sorts it: another index has all that is asked for, and is left as soon as there are enough."""
    return or_(func.coalesce(table.c.public, false()), func.coalesce(table.c.audience_id, _NOBODY).in_(admitted))


def _recallable(admitted: Any, *kinds: ItemKind, limit: int) -> Select[Any]:
    """The newest items of `kinds` that were said before one of the `admitted` audiences, that no other such item has closed, and
    whose subject lets them be used. Made once: to put it together takes as long as to answer it."""
    newer = items.alias("newer")
    closed = exists().where(
        item_replaces.c.older_id == items.c.id, newer.c.id == item_replaces.c.newer_id, _audible(newer, admitted)
    )
    withheld = exists().where(consents.c.user_id == items.c.subject_id, consents.c.remember.is_(False))
    # Numbers first, so that no embedding is carried about.
    newest = (
        select(items.c.number)
        .where(_audible(items, admitted), items.c.kind.in_([_plain(f"'{k}'") for k in kinds]), ~closed, ~withheld)
        .order_by(items.c.at.desc(), items.c.id.desc())
        .limit(_plain(str(limit)))
        .offset(_plain("0"))
    )
    return select(*_READ).where(items.c.number.in_(newest)).order_by(items.c.at.desc(), items.c.id.desc())


def _statements(listed: Callable[[str], Any]) -> dict[str, Select[Any] | CompoundSelect[Any]]:
    """All that is asked, by name; `listed` makes the place of a list of values."""
    admitted, people = listed("admitted"), listed("present")
    return {
        "whole": select(audiences.c.id)
        .where(audiences.c.user_id.in_(people))
        .group_by(audiences.c.id)
        .having(func.count() == bindparam("many")),
        "semantic": _recallable(admitted, "claim", "fact", "preference", limit=SEMANTIC),
        "episodic": _recallable(admitted, "event", limit=EPISODIC),
        "corrections": select(*_READ)
        .where(_audible(items, admitted), items.c.corrects_id.in_(listed("claims")))
        .order_by(items.c.at, items.c.id),
        "earlier": select(item_replaces.c.newer_id, items.c.embedding)
        .join(items, items.c.id == item_replaces.c.older_id)
        .where(item_replaces.c.newer_id.in_(listed("newer")), _audible(items, admitted))
        .order_by(item_replaces.c.newer_id, item_replaces.c.older_id),
        "audiences": select(audiences.c.id, audiences.c.user_id).where(audiences.c.id.in_(listed("ids"))),
        "names": union_all(
            select(users.c.id, users.c.name).where(users.c.id.in_(listed("people"))),
            select(agents.c.id, agents.c.name).where(agents.c.id.in_(listed("thinking"))),
        ),
    }


_SERVER = _statements(lambda name: bindparam(name, expanding=True))
# Over SQLite a list comes as one text in JSON, so that the text of a statement is always the same.
_QUICK = {
    name: text_of(statement)
    for name, statement in _statements(
        lambda name: select(func.json_each(bindparam(name)).table_valued("value").c.value)
    ).items()
}


class _Asking:
    """What is asked on one connection, by the names of `_statements`; a list of strings is a value too."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection, self._quick = connection, quick(connection)

    async def rows(self, name: str, **values: Sequence[str] | int) -> list[Any]:
        if self._quick is not None:
            return self._quick.rows(
                _QUICK[name], {k: v if isinstance(v, int) else json.dumps(v) for k, v in values.items()}
            )
        return list(await self._connection.execute(_SERVER[name], values))


async def candidates_for(connection: AsyncConnection, present: Collection[str], dim: int) -> Candidates:
    """What `present` may hear, in the transaction that is open. Items that another embedder placed are passed over."""
    asking, people = _Asking(connection), sorted(set(present))
    admitted = [row[0] for row in await asking.rows("whole", present=people, many=len(people))] if people else []
    rows = [row for memory in ("semantic", "episodic") for row in await asking.rows(memory, admitted=admitted)]
    rows = [row for row in rows if len(row[_EMBEDDING]) == 4 * dim]
    if not rows:
        return Candidates()
    claims = [row[_ID] for row in rows if row[_KIND] == "claim"]
    answers = await asking.rows("corrections", admitted=admitted, claims=claims) if claims else ()
    there: dict[str, list[str]] = {}
    for audience, who in await asking.rows("audiences", ids=sorted({row[_AUDIENCE] for row in (*rows, *answers)})):
        there.setdefault(audience, []).append(who)
    heard = {audience: frozenset(those) for audience, those in there.items()}
    subjects, thinking = {row[_SUBJECT] for row in rows}, {row[_BY] for row in answers}
    names: list[tuple[str, str]] = await asking.rows("names", people=sorted(subjects), thinking=sorted(thinking))
    closing = await asking.rows("earlier", admitted=admitted, newer=[row[_ID] for row in rows])
    closing = [row for row in closing if len(row[1]) == 4 * dim]
    places = {row[_ID]: n for n, row in enumerate(rows)}
    return Candidates(
        tuple([_item(row, heard) for row in rows]),
        _vectors([row[_EMBEDDING] for row in rows], dim),
        tuple([_item(row, heard) for row in answers]),
        dict(names),
        tuple([places[newer] for newer, _ in closing]),
        _vectors([embedding for _, embedding in closing], dim),
    )


def _vectors(embeddings: Sequence[bytes], dim: int) -> NDArray[np.float32]:
    """[row, dim]"""
    return np.frombuffer(b"".join(embeddings), dtype="<f4").reshape(len(embeddings), dim)


def _item(row: Sequence[Any], heard: Mapping[str, frozenset[str]]) -> Item:
    (id_, kind, text, subject, by, room, at, sources, audience, since, sure, public, edited, under, corrects, _) = row
    at_ = _time(at)
    # One after the other, as the fields of an item stand: two hundred are made for every thought.
    return Item(
        id_,
        kind,
        text,
        subject,
        by,
        room,
        at_,
        tuple(sources.split()),
        heard[audience],
        at_ if since == at else _time(since),
        None,
        sure,
        bool(public),
        bool(edited),
        under,
        (),
        corrects,
    )


def _time(value: str | datetime) -> datetime:
    """SQLite keeps a text without a zone."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value
