import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli, docs
from app.store.lockfile import LockFile


@pytest.fixture
def own_log() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("serve", "migrate", "chat", "docs"))


def test_no_command_and_an_unknown_one_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["fly"]):
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        assert end.value.code == 2
    assert "fly" in capsys.readouterr().err


def test_serve_says_what_is_wrong_and_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ASIDE_PORT", "eight thousand")
    assert cli.main(["serve"]) == 1
    assert "ASIDE_PORT='eight thousand'" in capsys.readouterr().err


def test_migrate_makes_the_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/aside.db")
    assert cli.main(["migrate"]) == 0
    assert cli.main(["migrate"]) == 0
    assert (tmp_path / "aside.db").stat().st_size > 0


@pytest.mark.parametrize("kind", ["postgresql+asyncpg", "postgresql"])
def test_migrate_says_plainly_that_there_is_no_database(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", f"{kind}://nobody:secret@127.0.0.1:9/none")
    assert cli.main(["migrate"]) == 1
    shown = capsys.readouterr().err
    assert "database" in shown.lower()
    assert "secret" not in shown


def test_docs_writes_and_checks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setattr(docs, "pages", lambda: {page: "made\n"})
    assert cli.main(["docs", "--check"]) == 1
    assert "page.md" in capsys.readouterr().err
    assert not page.exists()
    assert cli.main(["docs"]) == 0
    assert page.read_text() == "made\n"
    assert cli.main(["docs", "--check"]) == 0


def test_chat_without_a_server_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "chat.json"
    assert cli.main(["chat", "--url", "http://127.0.0.1:9", "--name", "Ann", "--state", str(state)]) == 1
    assert "cannot reach http://127.0.0.1:9" in capsys.readouterr().out
    assert not state.exists()


@pytest.mark.usefixtures("own_log")
def test_serve_says_that_another_process_has_the_database(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/aside.db")
    monkeypatch.setenv("ASIDE_MODEL", "scripted")
    monkeypatch.setenv("ASIDE_PORT", "0")
    other = LockFile(tmp_path / "aside.db")
    with pytest.raises(SystemExit) as end:
        cli.main(["serve"])
    assert end.value.code == 3
    assert "another process serves" in capsys.readouterr().err
    other.release(clean=True)


def test_backup_copies_and_says_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", f"sqlite+aiosqlite:///{tmp_path}/aside.db")
    assert cli.main(["migrate"]) == 0
    assert cli.main(["backup", f"{tmp_path}/copy.db"]) == 0
    assert "copy.db: 0 rooms, 0 messages, 0." in capsys.readouterr().out
    assert cli.main(["backup", f"{tmp_path}/copy.db"]) == 1
    assert "is there already" in capsys.readouterr().err
