"""A service of its own for a measurement: fresh database, free port, gone afterwards."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def running(model: str, wait: float = 120.0, folder: Path | None = None) -> Iterator[str]:
    """The address of a new service whose model is ready; its database is in `folder`, by default one that goes with it. Raises
    RuntimeError with the end of its log where it does not get there within `wait` seconds."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as scratch:
        folder = folder or Path(scratch)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        log = folder / "log"
        environment = os.environ | {
            "ASIDE_PORT": str(port),
            "ASIDE_MODEL": model,
            "ASIDE_DATABASE": f"sqlite+aiosqlite:///{folder}/aside.db",
            "ASIDE_REDIS": "",
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=out
            )
        url = f"http://127.0.0.1:{port}"
        try:
            try:
                await_ready(url, wait, lambda: process.poll() is None)
            except RuntimeError as error:
                tail = log.read_text(errors="replace").splitlines()[-20:]
                raise RuntimeError("\n".join([str(error), *tail])) from error
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_ready(url: str, wait: float, alive: Callable[[], bool] = lambda: True) -> None:
    """Returns once the service at `url` has all that it needs, its model too. Raises RuntimeError after `wait` seconds, or when
    `alive` says that there is nothing to wait for."""
    until = time.monotonic() + wait
    last = "no answer"
    with httpx.Client(trust_env=False, timeout=5) as http:
        while time.monotonic() < until and alive():
            with contextlib.suppress(httpx.TransportError):
                answer = http.get(f"{url}/readyz")
                if answer.is_success:
                    return
                last = answer.text
            time.sleep(0.1)
    raise RuntimeError(f"the service at {url} was not ready within {wait} s: {last}")
