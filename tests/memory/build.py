"""Items for tests, in few words."""

from datetime import UTC, datetime, timedelta

from memory.item import Item, ItemKind

START = datetime(2026, 3, 1, tzinfo=UTC)


def item(
    name: str = "i1",
    text: str = "I live in Oslo.",
    *,
    kind: ItemKind = "fact",
    subject: str = "ann",
    by: str = "",
    day: int = 0,
    audience: tuple[str, ...] = ("ann", "bob"),
    public: bool = False,
    replaces: tuple[str, ...] = (),
    corrects: str | None = None,
    sources: tuple[str, ...] | None = None,
    embedding: tuple[float, ...] = (),
) -> Item:
    """Said in room `r` on `day` after START, in a message of its own."""
    at = START + timedelta(days=day)
    return Item(
        name,
        kind,
        text,
        subject,
        by or subject,
        "r",
        at,
        (f"message of {name}",) if sources is None else sources,
        frozenset({subject, *audience}),
        since=at,
        public=public,
        replaces=replaces,
        corrects=corrects,
        embedding=embedding,
    )
