"""What agents would have said, until somebody decides."""

from typing import Literal

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Conflict, NotFound
from app.review import SuggestionView
from app.store.database import Database
from app.store.tables import suggestions

State = Literal["open", "said", "accepted", "rejected", "expired"]


class Suggestions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: SuggestionView) -> None:
        """An agent that suggests something new takes back what it suggested before. Raises NotFound where the room is gone."""
        row = {
            "run_id": new.run,
            "room_id": new.room,
            "agent_id": new.agent,
            "mode": new.mode,
            "state": new.state,
            "body": new.model_dump_json(),
        }
        earlier = select(suggestions.c.body).where(
            suggestions.c.room_id == new.room,
            suggestions.c.agent_id == new.agent,
            suggestions.c.mode == "suggest",
            suggestions.c.state == "open",
        )

        async def work(connection: AsyncConnection) -> None:
            if new.mode == "suggest":
                for old in (await connection.execute(earlier)).all():
                    await _store(connection, _changed(old.body, state="expired"))
            await connection.execute(insert(suggestions).values(row))

        try:
            await self._database.write(work, new.room)
        except IntegrityError as error:
            raise NotFound("no such room", "room", new.room) from error

    async def get(self, run: str) -> SuggestionView | None:
        query = select(suggestions.c.body).where(suggestions.c.run_id == run)
        async with self._database.read() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
        return None if body is None else SuggestionView.model_validate_json(body)

    async def change(self, run: str, expected: State, **fields: object) -> SuggestionView:
        """Raises Conflict where it is not (any more) as `expected`: of two who decide at once, one does."""

        async def work(connection: AsyncConnection) -> SuggestionView:
            query = select(suggestions.c.body).where(suggestions.c.run_id == run, suggestions.c.state == expected)
            body = (await connection.execute(query.with_for_update())).scalar_one_or_none()
            if body is None:
                raise Conflict("this was decided already, or the room has gone on", "run", run)
            changed = _changed(body, **fields)
            await _store(connection, changed)
            return changed

        return await self._database.write(work)

    async def of_room(self, room: str, mode: str | None = None, limit: int = 100) -> tuple[SuggestionView, ...]:
        """Newest first."""
        query = select(suggestions.c.body).where(suggestions.c.room_id == room)
        if mode is not None:
            query = query.where(suggestions.c.mode == mode)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(suggestions.c.number.desc()).limit(limit))
            return tuple(SuggestionView.model_validate_json(row.body) for row in rows)


def _changed(body: str, **fields: object) -> SuggestionView:
    return SuggestionView.model_validate_json(body).model_copy(update=fields)


async def _store(connection: AsyncConnection, view: SuggestionView) -> None:
    columns = {"state": view.state, "body": view.model_dump_json()}
    await connection.execute(update(suggestions).where(suggestions.c.run_id == view.run).values(columns))
