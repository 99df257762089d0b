import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.serve import CannotServeError, banner, engine_of, listen, read_settings, set_up_log
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def levels() -> Iterator[None]:
    names = ("", "uvicorn", "alembic", "httpx")
    before = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = handlers
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_the_banner_says_where_the_page_is_and_what_tiny_is() -> None:
    shown = banner(Settings.model_construct(host="0.0.0.0", model="tiny"), 8123)
    assert "http://127.0.0.1:8123" in shown
    assert "shows the mechanism" in shown
    assert "3B" in shown
    assert "ASIDE_OPEN_REGISTRATION" in shown
    plain = banner(Settings.model_construct(host="127.0.0.1", model="openai:gpt"), 8000)
    assert plain.splitlines() == ["Aside is starting; its page: http://127.0.0.1:8000", "model: openai:gpt"]


def test_numpy_is_not_there_before_that_is_said() -> None:
    told = "import sys, app.serve; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=False).returncode == 0


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServeError, match=f"ASIDE_PORT={port}"):
            listen(Settings.model_construct(port=port))


def test_a_setting_of_the_wrong_type_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_PORT", "eight thousand")
    with pytest.raises(CannotServeError, match="ASIDE_PORT='eight thousand'"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASIDE_DATABASE", "mysql://host/aside"),
        ("ASIDE_DATABASE", "nonsense"),
        ("ASIDE_REDIS", "localhost:6379"),
        ("ASIDE_OPENAI_BASE_URL", "localhost:8080"),
        ("ASIDE_MODEL", ""),
    ],
)
def test_an_address_that_can_be_none_is_named_with_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotServeError, match=f"{name}={value!r}"):
        read_settings()


def test_a_wrong_address_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_DATABASE", "postgresql://aside:hunter2@host/aside")
    with pytest.raises(CannotServeError, match="ASIDE_DATABASE='postgresql://aside:…@host/aside'"):
        read_settings()


def test_origins_that_are_no_list_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASIDE_ORIGINS", "http://elsewhere")
    with pytest.raises(CannotServeError, match="origins"):
        read_settings()


def test_the_log_has_a_level_and_libraries_are_quiet(levels: None) -> None:
    with pytest.raises(CannotServeError, match="ASIDE_LOG_LEVEL='loud'"):
        set_up_log("loud")
    set_up_log("info")
    assert logging.getLogger("uvicorn").level == logging.WARNING
    set_up_log("debug")
    assert logging.getLogger("uvicorn").level == logging.WARNING  # at DEBUG it writes down every frame
    assert logging.getLogger("httpx").level == logging.DEBUG
    set_up_log("error")
    assert logging.getLogger("uvicorn").level == logging.ERROR


def test_a_model_without_a_name_is_refused() -> None:
    with pytest.raises(CannotServeError, match="ASIDE_MODEL=openai:"):
        engine_of(Settings.model_construct(model="openai:"))


def test_it_serves_from_the_command_line_and_stops_when_told(tmp_path: Path) -> None:
    environment = {
        "ASIDE_PORT": "0",
        "ASIDE_MODEL": "scripted",
        "ASIDE_DATABASE": f"sqlite+aiosqlite:///{tmp_path}/aside.db",
    }
    command = [sys.executable, "-m", "app", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" ")[2].strip()
        # The socket listens before the first line is printed, so this waits in its backlog until the service is up.
        assert httpx.get(f"{url}/readyz", timeout=30, trust_env=False).json()["ready"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
