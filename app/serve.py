"""Running the service in this process: settings, log, port, model; then the server, whose libraries take the longest."""

import gc
import logging
import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvloop
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.log import Shape, set_up
from app.settings import BACKLOG, Settings, spare_cores
from inference.allocation import share_heap
from inference.connect import connect
from inference.engine import Engine
from inference.protocol import ModelError

_PASSWORD = re.compile(r"(?<=:)[^:/@]+(?=@)")
"""In a URL."""

SWITCH = 0.0005
"""Seconds that a thread waits for the interpreter while another has it: by default five milliseconds, which a commit that is done
would wait to say so, beside a loop that has much to do."""


class CannotServeError(Exception):
    """A setting is wrong, or what it asks for cannot be had. The message names the setting and its value."""


def serve(say: Callable[[str], None]) -> None:
    """Serves until told to stop; `say` is given the banner. Raises CannotServeError."""
    settings = read_settings()
    set_up_log(settings.log_level, settings.log_format)
    sys.setswitchinterval(SWITCH)
    share_heap()
    spare_cores()
    # Bound first, so that a port in use fails before a model is loaded, and port 0 has a number to print.
    with listen(settings) as listener:
        engine = engine_of(settings)
        say(banner(settings, listener.getsockname()[1]))
        with suppress(KeyboardInterrupt):  # uvicorn stops in order first, then raises Ctrl-C again
            uvloop.run(_serve(settings, engine, listener))


async def _serve(settings: Settings, engine: Engine, listener: socket.socket) -> None:
    await engine.start()  # its process loads the model while this one imports the rest
    # A second of imports makes objects that stay: looking through them for garbage takes a sixth of it, and more at every look
    # that follows.
    gc.disable()
    from app.server import run
    from app.tracing import CannotTraceError

    gc.freeze()
    gc.enable()
    try:
        await run(settings, engine, listener)
    except CannotTraceError as error:
        raise CannotServeError(f"ASIDE_OTLP_ENDPOINT={settings.otlp_endpoint}: {error}") from error
    finally:
        await engine.close()  # again where the service got as far as closing it


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = (("_".join(["ASIDE", *map(str, e["loc"])]).upper(), e["input"], e["msg"]) for e in error.errors())
        lines = (f"{name}={_PASSWORD.sub('…', repr(value))}: {message}" for name, value, message in wrong)
        raise CannotServeError("\n".join(lines)) from error
    except SettingsError as error:  # a list that is not JSON
        raise CannotServeError(f"{error}: {error.__cause__}") from error


def set_up_log(name: str, shape: Shape = "text") -> None:
    levels = logging.getLevelNamesMapping()
    level = levels.get(name.upper())
    if level is None:
        raise CannotServeError(f"ASIDE_LOG_LEVEL={name!r}: it is one of {', '.join(levels)}")
    set_up(level, shape)


def listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotServeError(
            f"cannot listen at ASIDE_HOST={settings.host} ASIDE_PORT={settings.port}: {error.strerror}"
        ) from error


def engine_of(settings: Settings) -> Engine:
    try:
        return connect(
            settings.model,
            cache=settings.cache,
            base_url=settings.openai_base_url,
            api_key=settings.openai_api_key,
            timeout=settings.model_timeout,
            threads=settings.threads,
            precision=settings.precision,
        )
    except ModelError as error:
        raise CannotServeError(f"ASIDE_MODEL={settings.model}: {error}") from error


def banner(settings: Settings, port: int) -> str:
    """What is printed first: where the page is, and what to expect of the model."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)
    lines = [f"Aside is starting; its page: http://{host}:{port}", f"model: {settings.model}"]
    if settings.model == "tiny":
        lines.append(
            "  tiny (135 million parameters) shows the mechanism: thoughts, scores, decisions. A conversation wants a model of\n"
            "  3B parameters or more: make run MODEL=<hub id or folder>, or MODEL=openai:<name>; see README.md."
        )
    if not settings.registration_open:
        lines.append(
            "registration is closed; ASIDE_OPEN_REGISTRATION=true opens it to everybody who can reach this address"
        )
    return "\n".join(lines)
