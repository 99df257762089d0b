"""Every table. Times are UTC; JSON is kept as text, because what is stored is exactly what went over the wire."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware datetime. SQLite keeps no zone, so there it is written and read as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Number = BigInteger().with_variant(Integer, "sqlite")
"""Only INTEGER counts up by itself on SQLite, where it holds 64 bits anyway."""


def _room() -> Column[str]:
    return Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), nullable=False)


users = Table(
    "users",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("at", Utc, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("label", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("lasts", Integer),
    Column("revoked_at", Utc),
    Index(None, "user_id"),
    Index(None, "revoked_at"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("token_id", ForeignKey("tokens.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Utc, nullable=False),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("at", Utc, nullable=False),
    Column("owner", String(64)),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("retention", Integer, nullable=False, server_default="0"),  # days; 0: for ever
)

members = Table(
    "members",
    metadata,
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("at", Utc, nullable=False),
    Index(None, "user_id"),
)

invites = Table(
    "invites",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    _room(),
    Column("role", String(16), nullable=False),
    Column("at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Utc, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(64), primary_key=True),
    _room(),
    Column("seq", BigInteger, nullable=False),
    Column("author_id", String(64), nullable=False),
    Column("author_name", String(64), nullable=False),
    Column("author_kind", String(16), nullable=False),
    Column("client_id", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("reply_to", String(64)),
    Column("at", Utc, nullable=False),
    Column("edited_seq", BigInteger),
    Column("edited_at", Utc),
    Column("deleted_at", Utc),
    UniqueConstraint("room_id", "author_id", "client_id"),
    UniqueConstraint("room_id", "seq"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("beat", BigInteger, nullable=False),
)

reactions = Table(
    "reactions",
    metadata,
    Column("number", Number, primary_key=True),
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("emoji", String(16), nullable=False),
    UniqueConstraint("message_id", "user_id", "emoji"),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String(64), primary_key=True),
    _room(),
    Column("name", String(64), nullable=False),
    Column("persona", Text, nullable=False),
    Column("model", String(256)),
    Column("mode", String(16), nullable=False),
    Column("mute_until", Utc),
    Column("quiet", Text),
    Column("learned", Text),
    Column("policy", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Index(None, "room_id"),
)

memories = Table(
    "memories",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("accessed_seq", BigInteger, nullable=False),
    Column("weight", Float, nullable=False),
    Index(None, "agent_id", "position"),
)

refits = Table(
    "refits",
    metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    _room(),
    Column("agent_id", String(64), nullable=False),
    Column("trigger_kind", String(16), nullable=False),
    Column("trigger_seq", BigInteger, nullable=False),
    Column("trigger_nth", Integer, nullable=False),
    Column("act", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("message_id", String(64)),
    Column("error", Text),
    Column("tokens", BigInteger, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("room_id", "agent_id", "trigger_kind", "trigger_seq", "trigger_nth"),
    Index(None, "room_id", "number"),
    Index(None, "room_id", "agent_id", "at"),
    Index(None, "message_id"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("number", Number, primary_key=True),
    Column("run_id", String(64), nullable=False, unique=True),
    _room(),
    Column("agent_id", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "room_id", "state"),
)

labels = Table(
    "labels",
    metadata,
    Column("number", Number, primary_key=True),
    _room(),
    Column("user_id", String(64), nullable=False),
    Column("target", String(80), nullable=False),
    Column("agent_id", String(64)),
    Column("run_id", String(64)),
    Column("seq", BigInteger),
    Column("verdict", String(32), nullable=False),
    Column("source", String(16), nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("room_id", "user_id", "target"),
)

thoughts = Table(
    "thoughts",
    metadata,
    Column("id", String(64), primary_key=True),
    _room(),
    Column("agent_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("formed_seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "room_id", "agent_id", "state"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("number", Number, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE")),
    Column("dimension", String(64), nullable=False),
    Column("source", String(80), nullable=False),
    Column("likelihood", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("user_id", "dimension", "source"),
    Index(None, "source"),
)

questions = Table(
    "questions",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE")),
    Column("seq", BigInteger),
    Column("dimension", String(64)),
    Column("body", Text, nullable=False),
    Column("outcome", String(16)),
    Column("at", Utc, nullable=False),
    Index(None, "user_id", "number"),
    Index(None, "room_id", "seq"),
)

audiences = Table(
    "audiences",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Index(None, "user_id", "id"),
)

items = Table(
    "items",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("subject_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("by_id", String(64), nullable=False),
    _room(),
    Column("at", Utc, nullable=False),
    Column("since", Utc, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("circumstance", Text, nullable=False, server_default=""),
    Column("corrects_id", ForeignKey("items.id", ondelete="CASCADE")),
    Column("audience_id", String(64), nullable=False),
    Column("sources", Text, nullable=False),
    Column("embedding", LargeBinary, nullable=False),
    Index(None, "audience_id", "at"),
    Index(None, "public", "at"),
    # All that tells whether a room may hear an item: the newest are found without a look at the rows.
    Index(None, "at", "id", "kind", "audience_id", "public", "subject_id"),
    Index(None, "subject_id", "at"),
    Index(None, "room_id"),
    Index(None, "corrects_id"),
)

item_sources = Table(
    "item_sources",
    metadata,
    Column("item_id", ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", String(64), primary_key=True),
    Index(None, "message_id"),
)

item_replaces = Table(
    "item_replaces",
    metadata,
    Column("newer_id", ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("older_id", ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "older_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("observe", Boolean, nullable=False),
    Column("remember", Boolean, nullable=False),
    Column("infer", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
)

summaries = Table(
    "summaries",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("audience_id", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Utc, nullable=False),
)
"""What people wrote of themselves, by whom they wrote it for."""

reminders = Table(
    "reminders",
    metadata,
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("agent_id", String(64), primary_key=True),
    Column("message_id", String(64), primary_key=True),
    Column("due", Utc, nullable=False),
)
"""What agents promised to wake up for."""

remembered = Table(
    "remembered",
    metadata,
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""How far each room was read for what is worth keeping."""

forgotten = Table(
    "forgotten",
    metadata,
    Column("id", String(64), primary_key=True),
)
"""Items that are gone, and messages that stay in their room though nothing of them is kept: no thought set off by one of them
keeps its words."""
