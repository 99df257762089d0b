"""A room as a file and back, from the terminal."""

import json
import re
from pathlib import Path

import pytest

from app import cli
from tests.app.store.opened import a_run

CHAT = [
    {"id": i, "at": f"2026-01-05T09:3{i}:00+00:00", "author": who, "text": text, "reply_to": to}
    for i, (who, text, to) in enumerate([("ann", "Tea?", None), ("bob", "Yes: 🍵", 0), ("ann", "two\nlines", None)])
]
AGENT = {"id": "mika", "name": "Mika", "persona": "Dry.", "mode": "shadow"}


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    """As the data page has them."""
    file = tmp_path / "chat.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in CHAT), encoding="utf-8")
    return file


@pytest.fixture
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/aside.db")


def taken_in(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str, str | None]:
    """Room, owner and token that the command named."""
    assert cli.main(["import", *arguments]) == 0
    said = capsys.readouterr().out
    room, owner = re.search(r"room (\w+) .*owned by (\w+)", said).groups()  # type: ignore[union-attr]
    token = re.search(r"shown once: (\S+)", said)
    return room, owner, token and token[1]


@pytest.mark.usefixtures("_database")
def test_a_chat_comes_in_goes_out_and_comes_in_the_same(
    tmp_path: Path, chat: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room, owner, token = taken_in(capsys, str(chat), "--name", "Ann")
    assert token is not None
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    assert cli.main(["export", room, str(first)]) == 0
    again, same, none = taken_in(capsys, str(first), "--owner", owner)
    assert (same, none) == (owner, None)
    assert again != room
    assert cli.main(["export", again, str(second)]) == 0
    assert plain(first) == plain(second)
    assert [(m["author"], m["text"]) for m in plain(first)] == [(m["author"], m["text"]) for m in CHAT]


@pytest.mark.usefixtures("_database")
def test_runs_come_along(tmp_path: Path, chat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    run = a_run("file", "mika", 1)
    head = json.dumps({"room": {"format": 1, "name": "Den", "agents": [AGENT]}})
    chat.write_text(f'{head}\n{chat.read_text(encoding="utf-8")}{{"run": {run.model_dump_json()}}}\n', encoding="utf-8")
    room, _, _ = taken_in(capsys, str(chat))
    assert cli.main(["export", room, str(out)]) == 0
    first, *_, last = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    (mika,) = first["room"]["agents"]
    assert (first["room"]["name"], mika["name"], mika["persona"]) == ("Den", "Mika", "Dry.")
    kept = ("trigger", "decision", "stages", "tokens", "at", "seed")
    assert {key: last["run"][key] for key in kept} == {key: run.model_dump(mode="json")[key] for key in kept}
    assert (last["run"]["room"], last["run"]["agent"]) == (room, mika["id"])


def plain(file: Path) -> list[dict[str, object]]:
    """What was said, without the ids that are new each time."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [{key: m[key] for key in ("at", "author", "text", "seq", "edited_at")} for m in lines if "text" in m]


@pytest.mark.usefixtures("_database")
def test_what_cannot_be_done_is_said(tmp_path: Path, chat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 1, "at": "yesterday", "author": "Ann", "text": "Tea?"}\n', encoding="utf-8")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    for arguments, what in (
        (["export", "nowhere", str(tmp_path / "out")], "no such room"),
        (["export", "nowhere", str(bad)], "exists"),
        (["import", str(tmp_path / "missing")], "No such file"),
        (["import", str(bad)], "line 1"),
        (["import", str(empty)], "no message in this file"),
        (["import", str(chat), "--owner", "nobody"], "no such person"),
    ):
        assert cli.main(arguments) == 1
        assert what in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
