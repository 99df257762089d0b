"""Lines of a room, without a store."""

import json
from datetime import UTC, datetime

import pytest

from app.errors import BadInput
from app.frames import MessageEvent
from app.transfer import event_line, head_line, read, renamed, run_line
from tests.app.store.opened import NOW, a_run
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import Footing
from thoughts.participation import branch_of
from thoughts.policy import Policy

RUN = a_run("den", "mika", 1).model_dump_json()
LINE = {"id": 0, "at": "2004-11-15T12:18:00+00:00", "author": "ann", "text": "Tea?", "reply_to": None}


def line(**fields: object) -> str:
    return json.dumps(LINE | fields)


def test_blank_lines_and_a_room_without_a_head_are_fine() -> None:
    whole = read(["", line(), "  ", line(id=1, reply_to=0)], "Old")
    assert (whole.room.name, len(whole.events)) == ("Old", 2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ("nonsense", "line 2"),
        ("[1]", "line 2"),
        ("[" * 5_000, "line 2"),
        (line(at="yesterday"), "line 2"),
        (line(author=None), "line 2"),
        (line(text="x" * 9_000 + "\x00", seq=5), "line 2"),
        (line(text="a\0b"), "line 2"),
        (line(id="a\0b"), "line 2"),
        (line(text="x" * 8_001), "line 2"),
        ('{"run": {"thoughts": [{"text": "a\\u0000"}]}}', "line 2"),
        (line(seq=7), "line 2"),
        (line(author_kind="ghost"), "line 2"),
        (line(at="0001-01-01T00:00:00+23:00"), "line 2"),
        ('{"room": {"format": 9, "name": "x"}}', "line 2"),
        ('{"run": {}}', "line 2"),
        (run_line(RUN.replace('"formation":12.5', '"formation":1e999')), "line 2"),
        (run_line(RUN.replace('"prompt":10', '"prompt":4611686018427387904')), "line 2"),
        (run_line(RUN.replace('"nth":0', '"nth":1099511627776')), "line 2"),
        ('{"event": {"type": "welcome"}}', "line 2"),
        ("{}", "line 2"),
    ],
)
def test_a_wrong_line_is_named(wrong: str, field: str) -> None:
    with pytest.raises(BadInput) as error:
        read([line(), wrong], "Old")
    assert (error.value.field or "").startswith(field)


def test_ids_are_renamed_and_words_are_not() -> None:
    run = a_run("den", "mika", 1)
    other = renamed(run, {"den": "attic", "mika": "nia", "nothing to add": "no", "Ann": "no"})
    assert (other.room, other.agent, other.decision.reason) == ("attic", "nia", "nothing to add")
    assert read([line(), run_line(run.model_dump_json())], "Old").runs == (run,)


def test_an_id_that_looks_like_a_word_or_a_time_is_one_only_where_ids_stand() -> None:
    at = "2004-11-15T12:18:00Z"
    (event,) = read([line(id=at, at=at, author_id="human", reply_to="message")], "Old").events
    other = renamed(event, {at: "m", "human": "ann", "message": "n", "file": "attic"})
    assert isinstance(other, MessageEvent)
    message = other.message
    assert (other.type, other.room, message.id, message.author.id, message.reply_to) == (
        "message",
        "attic",
        "m",
        "ann",
        "n",
    )
    assert (message.author.kind, message.at) == ("human", datetime(2004, 11, 15, 12, 18, tzinfo=UTC))


def test_whose_turn_it_was_is_said_of_the_people_of_the_new_room() -> None:
    footing = Footing("mika", "message", NOW, 1, 1, (), None, 0, False, 0)
    basis = Basis(footing, Turn({"mika": 0.9, "anyone": 0.1}, None), Policy())
    moved = renamed(a_run("den", "mika", 1).model_copy(update={"basis": basis}), {"den": "attic", "mika": "nia"}).basis
    assert moved is not None
    assert branch_of(moved.footing, moved.turn) == branch_of(basis.footing, basis.turn) == "mine"


def test_a_deleted_message_is_an_event_and_no_line_of_the_chat() -> None:
    message = {
        **LINE,
        "id": "m",
        "deleted_at": "2004-11-15T12:18:00Z",
        "author": {"id": "a", "name": "A", "kind": "human"},
    }
    assert json.loads(event_line(json.dumps({"type": "message", "message": message}))).keys() == {"event"}
    assert json.loads(head_line("Tea", ()))["room"]["name"] == "Tea"


def test_a_line_that_is_too_long_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.transfer.LINE", 10)
    with pytest.raises(BadInput, match="10 characters") as caught:
        read(["", "x" * 11], "Old")
    assert caught.value.field == "line 2"
