"""Chats in files: one JSON object a line, oldest first, `{"id", "at", "author", "text", "reply_to"}`. A room's export and every
measurement on real chats use this format."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from conversation.message import Author, Message
from conversation.transcript import Transcript

BESIDE = frozenset({"room", "event", "run"})
"""What the lines of a room's export have that are no messages."""


class ChatFormatError(ValueError):
    """A line that is not a message. Carries the file, the line's number (from 1) and what is wrong."""

    def __init__(self, path: Path, line: int, wrong: str) -> None:
        super().__init__(f"{path}:{line}: {wrong}")
        self.path = path
        self.line = line
        self.wrong = wrong


def read_chat(path: Path) -> Transcript:
    """`seq` counts lines from 1; authors are people, and their name is their id. Raises ChatFormatError, OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ChatFormatError(path, 0, f"not UTF-8: {error}") from error
    return parse_chat(text, path)


def parse_chat(text: str, path: Path) -> Transcript:
    """The content of such a file; `path`: what errors call it. Raises ChatFormatError."""
    return Transcript(tuple(_messages(path, text.split("\n"))))


def fault(error: Exception) -> str:
    """Why a line is no message, by what reading it raised."""
    return (
        f"not a message: it has no field {error.args[0]!r}"
        if isinstance(error, KeyError)
        else f"not a message: {error!r}"
    )


def _messages(path: Path, lines: Iterable[str]) -> Iterator[Message]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            if isinstance(given, dict) and "text" not in given and given.keys() & BESIDE:
                continue
            at = datetime.fromisoformat(given["at"])
            author, text, reply_to = given["author"], given["text"], given.get("reply_to")
            message_id = str(given["id"])
        except (ValueError, TypeError, KeyError) as error:
            raise ChatFormatError(path, number, fault(error)) from error
        if not isinstance(author, str) or not isinstance(text, str):
            raise ChatFormatError(path, number, f"author and text must be strings, got {author!r} and {text!r}")
        yield Message(
            id=message_id,
            seq=number,
            author=Author(author, author, "human"),
            text=text,
            at=(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC),
            reply_to=None if reply_to is None else str(reply_to),
        )
