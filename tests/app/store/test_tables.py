"""What the tables promise by themselves."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import UniqueConstraint
from sqlalchemy.engine import make_url

from app.store.tables import Utc, messages, metadata, reactions, runs

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=timezone(timedelta(hours=2)))


def test_times_come_back_as_the_same_moment_in_utc() -> None:
    kind, dialect = Utc(), make_url("sqlite://").get_dialect()()
    stored = kind.process_bind_param(NINE, dialect)
    assert stored == datetime(2026, 1, 5, 7, 0)  # noqa: DTZ001 (what SQLite is given)
    assert kind.process_result_value(stored, dialect) == NINE
    assert kind.process_bind_param(None, dialect) is None


def test_postgresql_keeps_the_zone_itself() -> None:
    dialect = make_url("postgresql+asyncpg://").get_dialect()()
    assert Utc().process_bind_param(NINE, dialect) == NINE
    assert Utc().process_result_value(NINE.astimezone(UTC), dialect) == NINE


def test_the_promises_are_constraints() -> None:
    def unique(table: object) -> set[tuple[str, ...]]:
        constraints = getattr(table, "constraints", ())
        return {tuple(c.columns.keys()) for c in constraints if isinstance(c, UniqueConstraint)}

    assert ("room_id", "author_id", "client_id") in unique(messages)
    assert ("room_id", "seq") in unique(messages)
    assert ("message_id", "user_id", "emoji") in unique(reactions)
    assert ("room_id", "agent_id", "trigger_kind", "trigger_seq", "trigger_nth") in unique(runs)


def test_names_fit_postgresql() -> None:
    tables = metadata.tables.values()
    names = [str(c.name) for t in tables for c in t.constraints] + [str(i.name) for t in tables for i in t.indexes]
    assert max(map(len, names)) <= 63
