import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conversation.chats import ChatFormatError, read_chat
from conversation.transcript import Transcript


def line(**changed: Any) -> str:
    plain = {"id": "a", "at": "2026-01-05T09:30:00+00:00", "author": "ann", "text": "hi", "reply_to": None}
    return json.dumps({**plain, **changed})


def chat(tmp_path: Path, *lines: str) -> Transcript:
    file = tmp_path / "chat.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return read_chat(file)


def test_each_line_is_a_message_in_order(tmp_path: Path) -> None:
    first, second = chat(tmp_path, line(), line(id="b", author="bob", text="hö", reply_to="a")).messages
    assert (first.id, first.seq, first.author.id, first.author.kind) == ("a", 1, "ann", "human")
    assert (second.text, second.seq, second.reply_to) == ("hö", 2, "a")


def test_times_are_in_utc_wherever_they_were_written(tmp_path: Path) -> None:
    same = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    log = chat(tmp_path, line(), line(at="2026-01-05T11:30:00+02:00"), line(at="2026-01-05T09:30:00"))
    assert {(m.at, m.at.tzinfo) for m in log.messages} == {(same, UTC)}


def test_blank_lines_and_an_empty_file_hold_nothing(tmp_path: Path) -> None:
    assert chat(tmp_path) == Transcript()
    assert [m.seq for m in chat(tmp_path, "", line(), "  ").messages] == [2]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '"hi"',
        "7",
        line(at="yesterday"),
        line(at=None),
        line(author=7),
        line(text=None),
        json.dumps({"id": "a"}),
    ],
)
def test_a_line_that_is_no_message_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ChatFormatError, match=r"chat\.jsonl:2: ") as caught:
        chat(tmp_path, line(), bad)
    assert caught.value.line == 2
