"""Chats in files."""

import json
from pathlib import Path

import pytest

from conversation.chats import ChatFormatError, read_chat


def _write(path: Path, *lines: str) -> Path:
    file = path / "chat.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _line(**fields: object) -> str:
    return json.dumps(
        {"id": 0, "at": "2020-01-01T10:00:00+00:00", "author": "ann", "text": "hi", "reply_to": None, **fields}
    )


def test_lines_become_messages_with_ids_as_strings_and_seq_from_one(tmp_path: Path) -> None:
    chat = read_chat(_write(tmp_path, _line(), "", _line(id=7, author="bob", reply_to=0)))
    first, second = chat.messages
    assert (first.id, first.seq, first.author.id, first.reply_to) == ("0", 1, "ann", None)
    assert (second.id, second.reply_to, second.author.kind) == ("7", "0", "human")
    assert second.at.utcoffset() is not None


def test_a_time_without_a_zone_is_utc(tmp_path: Path) -> None:
    (message,) = read_chat(_write(tmp_path, _line(at="2020-01-01T10:00:00"))).messages
    assert message.at.isoformat() == "2020-01-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("not json", "JSONDecodeError"),
        (_line(at="yesterday"), "yesterday"),
        ('{"id": 1}', "it has no field 'at'"),
        (_line(text=5), "5"),
        ("[]", "TypeError"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, line: str, names: str) -> None:
    with pytest.raises(ChatFormatError, match=names) as caught:
        read_chat(_write(tmp_path, _line(), line))
    assert caught.value.line == 2
    assert ":2:" in str(caught.value)
