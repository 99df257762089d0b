"""`python -m app …`: every chore of the service, one subcommand each."""

import argparse
import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from app.chat_file import DEFAULT_FILE
from app.protocol import FRAME_LIMIT
from app.settings import Settings

GRACE = 5
"""Seconds that open connections get when the service is told to stop."""


def serve(_: argparse.Namespace) -> int:
    """Runs the service until it is told to stop."""
    # Imported here: the terminal client and --help must not wait for the server's and the model's libraries.
    import uvicorn

    from app.clock import WallClock
    from app.main import create_app
    from inference.connect import connect
    from inference.protocol import ModelError

    try:
        settings = Settings()
    except ValidationError as error:
        for wrong in error.errors():
            name = "_".join(["ASIDE", *map(str, wrong["loc"])]).upper()
            print(f"{name}={wrong['input']!r}: {wrong['msg']}", file=sys.stderr)
        return 2
    try:
        # Bound first, so that a port in use fails before the model is loaded, and port 0 has a number to print.
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        print(
            f"cannot listen on ASIDE_HOST={settings.host} ASIDE_PORT={settings.port}: {error.strerror}", file=sys.stderr
        )
        return 1
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        engine = connect(
            settings.model,
            cache=settings.cache,
            base_url=settings.openai_base_url,
            api_key=settings.openai_api_key,
            timeout=settings.model_timeout,
            threads=settings.threads,
        )
    except ModelError as error:
        print(f"ASIDE_MODEL={settings.model}: {error}", file=sys.stderr)
        return 1
    config = uvicorn.Config(
        create_app(settings, engine, WallClock()),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=FRAME_LIMIT,
        ws_per_message_deflate=False,
        workers=1,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE,
    )
    print(banner(settings, listener.getsockname()[1]), flush=True)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def banner(settings: Settings, port: int) -> str:
    """What `serve` prints first: where the page is, and what to expect of the model."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    lines = [f"Aside is starting; its page: http://{host}:{port}", f"model: {settings.model}"]
    if settings.model == "tiny":
        lines.append(
            "  tiny (135 million parameters) shows the mechanism: thoughts, scores, decisions. A conversation wants a model of\n"
            "  3B parameters or more: make run MODEL=<hub id or folder>, or MODEL=openai:<name>; see README.md."
        )
    if not settings.registration_open:
        lines.append(
            "registration is closed (not on loopback); ASIDE_OPEN_REGISTRATION=true opens it to everybody who can reach it"
        )
    return "\n".join(lines)


def chat(given: argparse.Namespace) -> int:
    """Chats from the terminal."""
    from app.chat import Options
    from app.chat import chat as run

    options = Options(given.url.rstrip("/"), given.state, given.name, given.room, given.invite, given.linger)
    try:
        return asyncio.run(run(options, lambda line: print(line, flush=True)))
    except KeyboardInterrupt:
        return 0


def migrate(_: argparse.Namespace) -> int:
    """Brings the database to this version's tables."""
    from app.errors import Unavailable
    from app.store.database import Database

    async def run() -> None:
        database = Database(Settings().database)
        try:
            await database.migrate()
        finally:
            await database.close()

    try:
        asyncio.run(run())
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def docs(given: argparse.Namespace) -> int:
    """Writes the generated pages, or says which of them are out of date."""
    from app.docs import pages

    stale = []
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if not given.check:
                path.write_text(text, encoding="utf-8")
                print(f"wrote {path}")
    if given.check and stale:
        print(f"out of date: {', '.join(map(str, stale))}; run `make docs`", file=sys.stderr)
        return 1
    return 0


Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m app", description="Aside: a group-chat agent that thinks in private.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        return sub

    add("serve", serve)
    add("migrate", migrate)
    sub = add("chat", chat)
    sub.add_argument("--url", default="http://127.0.0.1:8000", help="the server (default: %(default)s)")
    sub.add_argument("--name", help="who you are; needed the first time only")
    sub.add_argument("--room", metavar="ID", help="the room; left out: the last one, or a new one of your own")
    sub.add_argument("--invite", metavar="LINK", help="an invitation: the link, or the code with --room")
    sub.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        default=DEFAULT_FILE,
        help="tokens and places read to (default: %(default)s)",
    )
    sub.add_argument(
        "--linger", metavar="SECONDS", type=float, default=0.0, help="listen on for so long after piped input ended"
    )
    sub = add("docs", docs)
    sub.add_argument("--check", action="store_true", help="write nothing; fail where a page is out of date")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    command: Command = given.command
    return command(given)
