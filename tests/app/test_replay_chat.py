"""A whole chat through Aside: its own clock, no rate, nothing twice."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import cli
from app.protocol import NewAgent, PolicyView
from app.replay import ReplayError, Summary, replay
from app.store import Store
from app.store.database import Database
from conversation.message import Author, Message
from tests.app.harness import ScriptedEngine, served

START = datetime(2004, 11, 15, 12, 18, tzinfo=UTC)
ALWAYS = PolicyView(im_threshold=1.0, interrupt_threshold=1.0, allocated_threshold=1.0)
AGENT = NewAgent(name="Mika", policy=ALWAYS)


def chat(n: int, gap: float = 30.0) -> list[Message]:
    people = [Author(name, name, "human") for name in ("ann", "bob")]
    return [
        Message(
            str(i),
            i + 1,
            people[i % 2],
            f"remark number {i} about {i * 37 % 11}",
            START + timedelta(seconds=gap * i),
            str(i - 1) if i % 3 == 2 else None,
        )
        for i in range(n)
    ]


def replayed(url: str, lines: list[Message], agent: NewAgent = AGENT) -> Summary:
    return asyncio.run(replay(lines, "Old chat", agent, 0.0, Database(url), ScriptedEngine()))


async def _look(url: str, room: str) -> tuple[list[Message], list[object]]:
    database = Database(url)
    store = Store(database, lambda: "scripted")
    try:
        runs = await store.runs.list_runs(room, limit=200)
        return list(await store.messages.recent_messages(room, 200)), list(runs)
    finally:
        await database.close()


def stored(url: str, room: str) -> list[Message]:
    return asyncio.run(_look(url, room))[0]


def test_messages_keep_their_times_authors_and_answers(sqlite_url: str) -> None:
    found = replayed(sqlite_url, chat(12))
    people = [m for m in stored(sqlite_url, found.room) if m.author.kind == "human"]
    assert [m.at for m in people] == [m.at for m in chat(12)]
    assert [m.author.name for m in people] == [m.author.name for m in chat(12)]
    assert all(m.author.id.startswith("replayed-") for m in people)
    assert people[2].reply_to == people[1].id
    assert found.messages == 12


def test_the_agent_thinks_and_speaks_in_the_time_of_the_chat(sqlite_url: str) -> None:
    found = replayed(sqlite_url, chat(12))
    said = [m for m in stored(sqlite_url, found.room) if m.author.kind == "agent"]
    assert found.runs > 0
    assert said
    assert all(START <= m.at < START + timedelta(minutes=10) for m in said)
    assert found.rate == round(found.spoken / found.runs, 4)


def test_many_messages_in_one_second_pay_no_rate(sqlite_url: str) -> None:
    assert replayed(sqlite_url, chat(60, gap=0.0)).messages == 60


def test_the_same_chat_again_goes_on_and_says_nothing_twice(sqlite_url: str) -> None:
    part = replayed(sqlite_url, chat(5))
    whole = replayed(sqlite_url, chat(9))
    again = replayed(sqlite_url, chat(9))
    assert (part.room, part.messages) == (whole.room, 5)
    assert (whole.messages, again.messages) == (9, 9)
    assert again.spoken == whole.spoken
    texts = [m.text for m in stored(sqlite_url, whole.room) if m.author.kind == "human"]
    assert texts == [m.text for m in chat(9)]


def test_in_shadow_nothing_is_said(sqlite_url: str) -> None:
    found = replayed(sqlite_url, chat(8), NewAgent(name="Mika", policy=ALWAYS, mode="shadow"))
    assert (found.spoken, found.share) == (0, 0.0)
    assert found.runs > 0


def test_whoever_has_the_invitation_becomes_its_owner(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            await ann.got("POST", f"/rooms/{found.room}/members", {"invite": found.invite})
            assert (await ann.got("GET", f"/rooms/{found.room}"))["role"] == "owner"
            assert len((await ann.got("GET", f"/rooms/{found.room}/runs"))["runs"]) == found.runs
            again = await ann.got("POST", f"/rooms/{found.room}/redecide", {})
            assert (again["runs"], again["identical"]) == (found.runs, True)

    found = replayed(f"sqlite+aiosqlite:///{tmp_path / 'aside.db'}", chat(12))
    asyncio.run(go())


def test_an_empty_chat_is_refused(sqlite_url: str) -> None:
    with pytest.raises(ReplayError, match="no message"):
        replayed(sqlite_url, [])


def test_from_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", f"sqlite+aiosqlite:///{tmp_path / 'aside.db'}")
    monkeypatch.setenv("ASIDE_MODEL", "scripted")
    file = tmp_path / "chat.jsonl"
    lines = [
        {"id": m.seq, "at": m.at.isoformat(), "author": m.author.id, "text": m.text, "reply_to": None} for m in chat(6)
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    assert cli.main(["replay", str(file), "--limit", "4", "--mode", "shadow"]) == 0
    page, last = capsys.readouterr().out.splitlines()[-2:]
    assert "/#invite=" in page
    summary = json.loads(last)
    assert (summary["messages"], summary["spoken"]) == (4, 0)
    assert cli.main(["replay", str(tmp_path / "none.jsonl")]) == 1
    assert "none.jsonl" in capsys.readouterr().err
