"""The thought log: one row per run, spoken or not. The body is the whole run as the wire shows it."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import BadInput
from app.protocol import CandorView, ChoiceView, RunView, TokensView, WeighingView
from app.store.database import Database
from app.store.forgetting import deleted, stimuli, without
from app.store.owners import hold
from app.store.tables import runs

Act = Literal["speak", "react", "hold", "silent"]
PAGE = 500
"""Rows of the log that are read at once: a row has some 16 KB."""
Outcome = Literal["said", "superseded", "dropped", "failed"]


BURST = 8
"""Events after a message within which a run may be about the burst that it began."""
ARTICULATION = "articulation"
NOTHING = TokensView(prompt=0, cached=0, generated=0)


class AlreadyDecided(Exception):
    """This agent has decided about this trigger before; `run` is the one that came too late."""

    def __init__(self, run: RunView) -> None:
        super().__init__(f"agent {run.agent!r} has already decided about {run.trigger!r} in room {run.room!r}")
        self.run = run


class Runs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_run(self, run: RunView, fence: int | None = None) -> None:
        """Raises AlreadyDecided where a run for the same (room, agent, trigger) is stored, and Fenced."""
        row = {
            "id": run.id,
            "room_id": run.room,
            "agent_id": run.agent,
            "trigger_kind": run.trigger.kind,
            "trigger_seq": run.trigger.seq,
            "trigger_nth": run.trigger.nth,
            "act": run.decision.act,
            "outcome": run.outcome,
            "message_id": run.message,
            "error": run.error,
            "tokens": run.tokens.prompt + run.tokens.generated,
            "body": run.model_dump_json(),
            "at": run.at,
        }

        async def work(connection: AsyncConnection) -> None:
            await hold(connection, run.room, fence)
            if gone := await deleted(connection, stimuli(run)):
                row["body"] = without(run, gone).model_dump_json()
            await connection.execute(insert(runs).values(row))

        try:
            await self._database.write(work, run.room)
        except IntegrityError as error:
            raise AlreadyDecided(run) from error

    async def finish_run(
        self,
        room: str,
        run_id: str,
        outcome: Outcome,
        message_id: str | None,
        error: str | None,
        dropped: str | None = None,
        tokens: TokensView = NOTHING,
        fence: int | None = None,
        candor: CandorView | None = None,
        choice: ChoiceView | None = None,
        weighing: WeighingView | None = None,
    ) -> RunView:
        """The run with what became of it; `tokens` of speaking come on top of those of thinking. Raises KeyError for a run
        that is not stored, and Fenced."""

        async def work(connection: AsyncConnection) -> RunView:
            await hold(connection, room, fence)
            body = (await connection.execute(select(runs.c.body).where(runs.c.id == run_id))).scalar_one_or_none()
            if body is None:
                raise KeyError(run_id)
            before = RunView.model_validate_json(body)
            run = before.model_copy(
                update={
                    "outcome": outcome,
                    "message": message_id,
                    "error": error,
                    "dropped": dropped,
                    "candor": candor,
                    "choice": choice,
                    "weighing": weighing,
                    **_spoken(before, tokens),
                }
            )
            columns = {
                "outcome": outcome,
                "message_id": message_id,
                "error": error,
                "tokens": run.tokens.prompt + run.tokens.generated,
                "body": run.model_dump_json(),
            }
            await connection.execute(update(runs).where(runs.c.id == run_id).values(columns))
            return run

        return await self._database.write(work, room)

    async def add_tokens(self, run_id: str, tokens: TokensView) -> None:
        """What was written for it and not said. Raises KeyError for a run that is not stored."""

        async def work(connection: AsyncConnection) -> None:
            body = (await connection.execute(select(runs.c.body).where(runs.c.id == run_id))).scalar_one_or_none()
            if body is None:
                raise KeyError(run_id)
            before = RunView.model_validate_json(body)
            run = before.model_copy(update=_spoken(before, tokens))
            columns = {"tokens": run.tokens.prompt + run.tokens.generated, "body": run.model_dump_json()}
            await connection.execute(update(runs).where(runs.c.id == run_id).values(columns))

        await self._database.write(work)

    async def get_run(self, run_id: str) -> RunView | None:
        async with self._database.read() as connection:
            body = (await connection.execute(select(runs.c.body).where(runs.c.id == run_id))).scalar_one_or_none()
        return RunView.model_validate_json(body) if body is not None else None

    async def bodies(self, room: str, limit: int, ids: Sequence[str] = ()) -> tuple[str, ...]:
        """JSON of the newest `limit` runs, newest first, or of those with `ids`: reading many takes longer than the loop should
        wait, so that is left to the caller."""
        query = select(runs.c.body).where(runs.c.room_id == room).order_by(runs.c.number.desc()).limit(limit)
        if ids:
            query = query.where(runs.c.id.in_(ids))
        async with self._database.read() as connection:
            return tuple(row.body for row in await connection.execute(query))

    async def of_message(self, room: str, message: str) -> RunView | None:
        """The run that `message` came of."""
        query = select(runs.c.body).where(runs.c.room_id == room, runs.c.message_id == message).limit(1)
        async with self._database.read() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
        return None if body is None else RunView.model_validate_json(body)

    async def about(self, room: str, seq: int, agent: str | None = None) -> RunView | None:
        """The first run that took in the message `seq`: its own, or that of the end of its burst."""
        query = (
            select(runs.c.body)
            .where(runs.c.room_id == room, runs.c.trigger_seq >= seq, runs.c.trigger_seq <= seq + BURST)
            .order_by(runs.c.trigger_seq, runs.c.number)
            .limit(1)
        )
        if agent is not None:
            query = query.where(runs.c.agent_id == agent)
        async with self._database.read() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
        return None if body is None else RunView.model_validate_json(body)

    async def list_runs(
        self,
        room: str,
        after: str | None = None,
        before: str | None = None,
        decision: Act | None = None,
        limit: int = 50,
    ) -> tuple[RunView, ...]:
        """Newest first; `after` and `before` are ids of runs of this room. New runs never move a page that was read.
        Raises BadInput for an id that is not there."""
        query = select(runs.c.body).where(runs.c.room_id == room).order_by(runs.c.number.desc()).limit(limit)
        if decision is not None:
            query = query.where(runs.c.act == decision)
        async with self._database.read() as connection:
            if after is not None:
                query = query.where(runs.c.number > await _number(connection, room, after, "after"))
            if before is not None:
                query = query.where(runs.c.number < await _number(connection, room, before, "before"))
            return tuple(RunView.model_validate_json(row.body) for row in await connection.execute(query))

    async def tokens_since(self, room: str, agent: str, since: datetime) -> int:
        """What the model read anew and wrote in this agent's runs at or after `since`."""
        query = select(func.coalesce(func.sum(runs.c.tokens), 0)).where(
            runs.c.room_id == room, runs.c.agent_id == agent, runs.c.at >= since
        )
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def log(self, room: str, after: str | None, limit: int) -> AsyncIterator[tuple[str, ...]]:
        """The bodies of the last `limit` runs after `after`, newest first, in pages; and of as many more as belong to the
        trigger of the oldest. Raises BadInput for an `after` that is not there."""
        query = select(runs.c.number, runs.c.body, runs.c.trigger_kind, runs.c.trigger_seq, runs.c.trigger_nth).where(
            runs.c.room_id == room
        )
        if after is not None:
            async with self._database.read() as connection:
                query = query.where(runs.c.number > await _number(connection, room, after, "after"))
        left, before, last = limit, None, None
        while True:
            page = query if before is None else query.where(runs.c.number < before)
            async with self._database.read() as connection:
                rows = (await connection.execute(page.order_by(runs.c.number.desc()).limit(PAGE))).all()
            kept = []
            for row in rows:
                if left <= 0 and row[2:] != last:
                    break
                kept.append(row.body)
                left, last, before = left - 1, row[2:], row.number
            yield tuple(kept)
            if len(kept) < PAGE:
                return

    async def unfinished(self, room: str, agent: str) -> tuple[RunView, ...]:
        """Runs that decided to speak or react, and of which nothing is known since; oldest first."""
        acts = runs.c.act.in_(("speak", "react")) & runs.c.outcome.is_(None)
        query = (
            select(runs.c.body).where(runs.c.room_id == room, runs.c.agent_id == agent, acts).order_by(runs.c.number)
        )
        async with self._database.read() as connection:
            return tuple(RunView.model_validate_json(row.body) for row in await connection.execute(query))

    async def last_run_seq(self, room: str, agent: str) -> int:
        """The largest seq that a run of this agent was triggered at; 0 before the first."""
        query = select(func.coalesce(func.max(runs.c.trigger_seq), 0)).where(
            runs.c.room_id == room, runs.c.agent_id == agent
        )
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())


def _spoken(run: RunView, tokens: TokensView) -> dict[str, object]:
    """Fields of the run with `tokens` of writing a reply on top."""
    if tokens == NOTHING:
        return {}
    written = _sum(run.spent.get(ARTICULATION, NOTHING), tokens)
    return {"tokens": _sum(run.tokens, tokens), "spent": {**run.spent, ARTICULATION: written}}


def _sum(a: TokensView, b: TokensView) -> TokensView:
    return TokensView(prompt=a.prompt + b.prompt, cached=a.cached + b.cached, generated=a.generated + b.generated)


async def _number(connection: AsyncConnection, room: str, run_id: str, field: str) -> int:
    query = select(runs.c.number).where(runs.c.room_id == room, runs.c.id == run_id)
    number: int | None = (await connection.execute(query)).scalar_one_or_none()
    if number is None:
        raise BadInput("no such run in this room", field, run_id)
    return number
