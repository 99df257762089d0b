"""What `bench torture` kills: an app process, a PostgreSQL and a Redis, each started for it and gone afterwards."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.service import ROOT, await_ready

POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/local/bin"))
PATIENCE = 120.0


def installed() -> bool:
    return (POSTGRES / "postgres").exists() and shutil.which("redis-server") is not None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Victim(ABC):
    """One process group. `start` returns when it answers; `kill` is SIGKILL to all of it. `born_at`: when it was last started;
    `back_at`: when it last answered."""

    born_at: float = 0.0
    back_at: float = 0.0

    def __init__(self, folder: Path, command: list[str], user: str | None = None, **environment: str) -> None:
        self._log = folder / "log"
        self._command = command
        self._user = user
        self._environment = os.environ | environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.born_at = time.monotonic()
        self._spawn()
        self.answers()
        self.back_at = time.monotonic()

    @abstractmethod
    def answers(self) -> None:
        """Returns when it does. Raises RuntimeError."""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Also one that never began, or is dead already."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Self:
        try:
            self.start()
        except RuntimeError as error:
            self.kill()
            raise RuntimeError(f"{error}\n{self._log.read_text(errors='replace')[-2000:]}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def _spawn(self) -> None:
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT if self._user is None else "/",
                env=self._environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
                user=self._user,
            )

    def listening(self, port: int) -> None:
        """One that ends meanwhile is started again, as whoever supervises it would: a PostgreSQL finds the memory of the one
        before still in use until the last of its processes has seen that it is dead."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                self._spawn()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"nothing listens at {port}: {self._log.read_text(errors='replace')[-2000:]}")


class App(Victim):
    def __init__(
        self, database: str, redis: str, folder: Path, module: str = "app", model: str = "scripted", **environment: str
    ) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            folder,
            [sys.executable, "-m", module, "serve"],
            ASIDE_PORT=str(port),
            ASIDE_MODEL=model,
            ASIDE_DATABASE=database,
            ASIDE_REDIS=redis,
            ASIDE_LOG_LEVEL="WARNING",
            **environment,
        )

    def answers(self) -> None:
        process = self._process
        await_ready(self.url, PATIENCE, lambda: process is not None and process.poll() is None)


class Redis(Victim):
    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}"
        super().__init__(folder, ["redis-server", "--port", str(self._port), "--save", "", "--dir", str(folder)])

    def answers(self) -> None:
        self.listening(self._port)


class Database(Victim):
    """PostgreSQL refuses to run as root: then it runs as its own user."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.url = f"postgresql+asyncpg://aside@127.0.0.1:{self._port}/postgres"
        data = folder / "postgres"
        data.mkdir()
        user = "postgres" if os.geteuid() == 0 else None
        if user is not None:
            folder.chmod(0o755)
            shutil.chown(data, user)
        subprocess.run(
            [POSTGRES / "initdb", "-D", data, "-U", "aside", "-A", "trust"],
            check=True, capture_output=True, user=user, cwd="/",
        )  # fmt: skip
        command = [str(POSTGRES / "postgres"), "-D", str(data), "-p", str(self._port), "-k", ""]
        super().__init__(folder, command, user)

    def kill(self) -> None:
        super().kill()
        (Path(self._command[2]) / "postmaster.pid").unlink(missing_ok=True)

    def answers(self) -> None:
        self.listening(self._port)
