"""What make would do, without doing it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """As from a shell of its own, also where the tests were started by make."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def planned(venv: Path, *arguments: str) -> str:
    done = make("-n", *arguments, f"VENV={venv}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """One that was set up already."""
    (tmp_path / "bin").mkdir()
    for name in ("bin/python", ".aside-run", ".aside-dev"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_second_start_calls_no_pip(venv: Path) -> None:
    plan = planned(venv, "run", "PORT=8123", "MODEL=openai:some/model")
    assert "pip" not in plan
    assert 'inference.weights "openai:some/model"' in plan
    assert 'exec env ASIDE_PORT="8123" ASIDE_MODEL="openai:some/model"' in plan


def test_a_first_start_and_a_change_of_the_pins_install(venv: Path, tmp_path: Path) -> None:
    assert "-m pip install" in planned(tmp_path / "none", "run")
    os.utime(venv / ".aside-run", (0, 0))
    assert "-m pip install" in planned(venv, "run")


def test_no_python_that_is_new_enough_is_a_clear_error(tmp_path: Path) -> None:
    done = make("run", f"VENV={tmp_path}/none", "PYTHONS=no-such-python")
    assert done.returncode != 0
    assert "Aside needs Python 3.11 or newer" in done.stderr


def test_every_check_runs(venv: Path) -> None:
    plan = planned(venv, "check")
    for command in ("ruff check .", "ruff format --check .", "mypy", "lint-imports", "-m app docs --check"):
        assert command in plan
