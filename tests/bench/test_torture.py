"""The verdict of the torture: it must be able to be bad."""

import json
from datetime import UTC, datetime
from typing import Literal

import pytest

from app.protocol import AuthorView, MessageView
from bench.torture import FOREVER, Outcome, Told, Verdict, first_after, first_answer, judge, main, summary
from bench.victims import installed

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def said(
    seq: int, text: str = "", kind: Literal["human", "agent"] = "human", reply_to: str | None = None
) -> MessageView:
    author = AuthorView(id=kind, name=kind, kind=kind)
    text = text or f"number {seq}"
    return MessageView(id=f"m{seq}", seq=seq, room="r", author=author, text=text, at=AT, reply_to=reply_to)


LOG = [said(1), said(2), said(3, kind="agent", reply_to="m1"), said(4, kind="agent", reply_to="m2")]
FINE = Told([("r", "m1", 1), ("r", "m2", 2)], seqs={"0": [1, 2, 3, 4], "1": [3, 4]})


def test_nothing_lost() -> None:
    assert judge(FINE, {"r": LOG}) == Verdict(acked=2, lost=0, duplicated=0, reordered=0, double_replies=0)


@pytest.mark.parametrize(
    ("told", "log", "field"),
    [
        (Told([("r", "m9", 9)]), LOG, "lost"),
        (Told([("r", "m1", 2)]), LOG, "lost"),
        (FINE, [*LOG, said(5, "number 1")], "duplicated"),
        (Told(seqs={"0": [1, 1, 2]}), LOG, "duplicated"),
        (Told(seqs={"0": [1, 3]}), LOG, "reordered"),
        (Told(seqs={"0": [1, 2, 1]}), LOG, "reordered"),
        (FINE, [*LOG, said(5, kind="agent", reply_to="m1")], "double_replies"),
    ],
)
def test_what_is_wrong_is_counted(told: Told, log: list[MessageView], field: str) -> None:
    verdict = judge(told, {"r": log})
    assert {name: getattr(verdict, name) > 0 for name in Verdict.__slots__ if name != "acked"} == {
        name: name == field for name in Verdict.__slots__ if name != "acked"
    }


def test_the_summary_adds_up_losses_and_takes_the_slowest() -> None:
    one = Outcome(Verdict(10, 0, 0, 1, 0), 2, [1.0, 2.5], [])
    other = Outcome(Verdict(5, 1, 0, 0, 0), 1, [2.0], [4.5])
    told = summary({"sqlite": one, "servers": other})
    assert (told["acked"], told["lost"], told["reordered"]) == (15, 1, 1)
    assert (told["recovery_seconds_max"], told["servers_recovery_seconds_max"], told["takeover_seconds_max"]) == (
        2.5,
        2.0,
        4.5,
    )
    assert summary({"sqlite": one})["takeover_seconds_max"] is None
    assert told["never_back"] == 0
    assert summary({"servers": Outcome(other.verdict, 2, [1.0, FOREVER + 0.1], [FOREVER])})["never_back"] == 2


def test_an_ack_of_before_is_no_recovery() -> None:
    assert first_after([1.0, 2.0, 3.0], 2.0) == 3.0
    assert first_after([1.0], 1.0) is None


def test_nothing_is_lost_when_processes_are_killed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--small"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["acked"] > 20
    assert [result[name] for name in Verdict.__slots__ if name != "acked"] == [0, 0, 0, 0]
    assert result["sqlite_kills"] == 3
    assert (result["servers"], result["takeovers"]) == (installed(), int(installed()))


def test_an_answer_counts_only_where_the_call_was_acknowledged_after_the_kill() -> None:
    told = Told(
        known_at={"m1": 1.0, "m2": 3.0, "m3": 4.0}, answered=[("m1", 2.5), ("m9", 3.5), ("m2", 5.0), ("m3", 6.0)]
    )
    assert first_answer(told, 2.0) == 5.0
    assert first_answer(told, 3.5) == 6.0
    assert first_answer(told, 4.5) is None
