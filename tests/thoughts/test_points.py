"""Decision points of a chat."""

import json
from dataclasses import replace
from pathlib import Path

from conversation.chats import read_chat
from thoughts.points import LATELY, points, unlinked


def chat(path: Path, authors: str) -> Path:
    file = path / "room.jsonl"
    rows = (
        {"id": i, "at": f"2020-01-01T{10 + i // 60}:{i % 60:02}:00+00:00", "author": a, "text": f"line {i} of {a}"}
        for i, a in enumerate(authors)
    )
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


def test_a_point_is_a_message_by_somebody_else_and_knows_who_came_next(tmp_path: Path) -> None:
    found = points([chat(tmp_path, "ab" * 20)], 10, seed=0)
    assert len(found) == 10
    for point in found:
        moment = point.moment
        assert moment.last is not None
        assert moment.last.author.id != moment.agent.id
        assert point.spoke  # the two alternate
        assert all(m.text.endswith(moment.agent.id) for m in point.memories)
        assert all(m.accessed_seq < moment.trigger.seq for m in point.memories)


def test_those_who_wrote_little_or_long_ago_are_left_out(tmp_path: Path) -> None:
    assert points([chat(tmp_path, "aaaaa" + "b" * 30)], 10, seed=0) == ()
    late = points([chat(tmp_path, "a" * 6 + "b" * 200)], 500, seed=0)
    assert {p.moment.agent.id for p in late} == {"a"}
    assert max(p.moment.trigger.seq for p in late) <= 6 + LATELY


def test_the_same_seed_gives_the_same_points(tmp_path: Path) -> None:
    file = chat(tmp_path, "abc" * 20)
    assert points([file], 5, seed=3) == points([file], 5, seed=3)
    assert points([file], 5, seed=3) != points([file], 5, seed=4)


def test_of_each_chat_as_many_participants_as_asked_are_played(tmp_path: Path) -> None:
    found = points([chat(tmp_path, "abcd" * 20)], 40, seed=0, participants=2)
    assert len(found) == 40
    assert len({p.moment.agent.id for p in found}) == 2


def test_links_that_were_made_later_are_taken_out(tmp_path: Path) -> None:
    messages = read_chat(chat(tmp_path, "ab" * 10)).messages
    linked = tuple(replace(m, reply_to="0") for m in messages)
    assert unlinked(linked) == messages
