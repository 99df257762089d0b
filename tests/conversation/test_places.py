"""Places in chats, and the messages that came or might have come there."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from conversation.places import AGENT, Place, places, told_apart, unaddressed

Line = tuple[str, str] | tuple[str, str, int]


def _chat(folder: Path, name: str, lines: Sequence[Line]) -> Path:
    """A line is who, what, and the number of the line that it answers."""
    file = folder / f"{name}.jsonl"
    rows = (
        {
            "id": i,
            "at": f"2020-01-01T{10 + i // 60}:{i % 60:02}:00+00:00",
            "author": line[0],
            "text": line[1],
            "reply_to": line[2] if len(line) == 3 else None,
        }
        for i, line in enumerate(lines)
    )
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


LAKE: list[Line] = [
    ("ann", "does anybody know when the lake gets warm?"),
    ("cat", "my printer is on fire again"),
    ("bob", "ann: it warms up in the last days of June", 0),
    ("cat", "that is a very long story, Bob"),
    ("ann", "bob, thank you for telling me all of that", 2),
]
TOWN: list[Line] = [
    ("dan", "the market opens at eight on most days"),
    ("eve", "dan: then we should leave at seven", 0),
]


@pytest.fixture
def found(tmp_path: Path) -> tuple[Place, ...]:
    return places([_chat(tmp_path, "lake", LAKE), _chat(tmp_path, "town", TOWN)], 10, 10, seed=0)


def _texts(place: Place) -> dict[str, str]:
    return {c.kind: c.text for c in place.candidates}


def test_a_place_is_the_talk_before_a_reply_with_its_author_as_the_agent(found: tuple[Place, ...]) -> None:
    place = found[0]
    assert [m.text for m in place.moment.transcript.messages] == [line[1] for line in LAKE[:2]]
    assert (place.moment.agent.id, place.moment.agent.name) == ("bob", AGENT)
    assert place.moment.trigger.seq == 2
    assert {m.id for m in place.moment.others} == {"ann", "cat"}


def test_the_author_has_the_agents_name_in_the_talk_too(tmp_path: Path) -> None:
    again: list[Line] = [*LAKE, ("bob", "cat: a story about a fire in Bobingen", 3)]
    place = places([_chat(tmp_path, "lake", again)], 10, 0, seed=0)[-1]
    assert place.moment.transcript.messages[2].author.name == AGENT
    assert place.moment.transcript.messages[3].text == f"that is a very long story, {AGENT}"
    assert not any(re.search(r"\bbob\b", m.text, re.IGNORECASE) for m in place.moment.transcript.messages)


def test_true_replies_and_messages_of_other_chats_stand_without_the_name_they_call(found: tuple[Place, ...]) -> None:
    texts = _texts(found[0])
    assert texts["true"] == "it warms up in the last days of June"
    assert texts["reply elsewhere"] == "then we should leave at seven"
    assert texts["elsewhere"] in {"then we should leave at seven", "the market opens at eight on most days"}


def test_only_an_answer_to_a_question_has_a_non_answer_near_by(found: tuple[Place, ...]) -> None:
    first, second, third = found
    assert (first.question, second.question, third.question) == (True, False, False)
    assert _texts(first)["near"] in {"that is a very long story, Bob", "thank you for telling me all of that"}
    assert "near" not in _texts(second)


def test_whether_somebody_else_answered_is_known(found: tuple[Place, ...]) -> None:
    assert [p.answered for p in found] == [True, False, False]


def test_a_message_said_again_is_a_place_of_its_own_and_no_true_reply(tmp_path: Path) -> None:
    filler: list[Line] = [("cat", f"number {i}") for i in range(24)]
    lines = [*filler, *LAKE[:2], ("bob", "does anybody know when this lake gets warm?", 24)]
    (place,) = places([_chat(tmp_path, "lake", lines)], 10, 10, seed=0)
    assert _texts(place) == {"again": "does anybody know when this lake gets warm?"}


def test_places_are_the_same_under_the_same_seed(tmp_path: Path) -> None:
    files = [_chat(tmp_path, "lake", LAKE * 5), _chat(tmp_path, "town", TOWN)]
    assert places(files, 2, 0, seed=1) == places(files, 2, 0, seed=1)
    assert len(places(files, 2, 0, seed=1)) == 2


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("ann: come here", "come here"),
        ("Ann, come here", "come here"),
        ("@ann come here", "come here"),
        ("ann come here", "come here"),
        ("ann: bob: come here", "come here"),
        ("stranger: come here", "come here"),
        ("well, come here", "well, come here"),
        ("http://a.example/b: gone", "http://a.example/b: gone"),
        ("ann:", "ann:"),
        ("", ""),
    ],
)
def test_the_name_a_message_calls_is_taken_off(text: str, bare: str) -> None:
    assert unaddressed(text, frozenset({"ann", "bob"})) == bare


@pytest.mark.parametrize(
    ("positives", "negatives", "area"),
    [([2.0], [1.0], 1.0), ([1.0], [2.0], 0.0), ([1.0], [1.0], 0.5), ([1.0, 3.0], [0.0, 2.0], 0.75)],
)
def test_told_apart_is_the_chance_that_the_positive_is_above(
    positives: list[float], negatives: list[float], area: float
) -> None:
    assert told_apart(positives, negatives) == area
