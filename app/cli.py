"""`python -m app …`: every chore of the service, one subcommand each."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.chat_file import DEFAULT_FILE

# Each command imports what it needs when it runs: --help and the terminal client must not wait for the model's libraries.


def serve(_: argparse.Namespace) -> int:
    """Runs the service until it is told to stop."""
    from app.serve import CannotServeError
    from app.serve import serve as run

    try:
        run(say)
    except CannotServeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def chat(given: argparse.Namespace) -> int:
    """Chats from the terminal."""
    from app.chat import Options
    from app.chat import chat as run

    options = Options(given.url.rstrip("/"), given.state, given.name, given.room, given.invite, given.linger)
    try:
        return asyncio.run(run(options, say))
    except KeyboardInterrupt:
        return 0


def migrate(_: argparse.Namespace) -> int:
    """Brings the database to this version's tables."""
    from app.errors import Unavailable
    from app.serve import CannotServeError, read_settings
    from app.store.database import Database

    async def run() -> None:
        database = Database(read_settings().database)
        try:
            await database.migrate()
        finally:
            await database.close()

    try:
        asyncio.run(run())
    except (CannotServeError, Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def backup(given: argparse.Namespace) -> int:
    """Copies the SQLite database of ASIDE_DATABASE to a new file, while the service runs."""
    from app.serve import CannotServeError, read_settings
    from app.store.backup import CannotBackUpError, back_up

    try:
        copied = back_up(read_settings().database, given.file)
    except (CannotServeError, CannotBackUpError) as error:
        print(error, file=sys.stderr)
        return 1
    counts = f"{copied.rooms} rooms, {copied.messages} messages, {copied.size / 1e6:.1f} MB"
    say(f"{copied.to}: {counts}, checked, in {copied.seconds:.2f} s")
    return 0


def export(given: argparse.Namespace) -> int:
    """Writes a room of ASIDE_DATABASE as lines of JSON: its log, and every run of its agents."""
    from app.errors import WireError
    from app.serve import CannotServeError, read_settings
    from app.transfer_cli import export_room

    try:
        database = read_settings().database
        with given.file.open("x", encoding="utf-8") as file:
            try:
                lines = asyncio.run(export_room(database, given.room, file))
            except WireError:
                given.file.unlink()
                raise
    except WireError as error:
        print(f"{error.field}: {error}" if error.field else error, file=sys.stderr)
        return 1
    except (CannotServeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    say(f"{given.file}: {lines} lines")
    return 0


def take_in(given: argparse.Namespace) -> int:
    """Makes a room in ASIDE_DATABASE out of an export, or of a chat with one message a line."""
    from app.clock import WallClock
    from app.errors import WireError
    from app.serve import CannotServeError, read_settings
    from app.transfer_cli import import_room

    try:
        with given.file.open(encoding="utf-8") as file:
            database, now = read_settings().database, WallClock().now()
            work = import_room(database, file, given.file.stem[:64], given.owner, given.name, now)
            taken = asyncio.run(work)
    except WireError as error:
        print(f"{error.field}: {error}" if error.field else error, file=sys.stderr)
        return 1
    except (CannotServeError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    say(f"room {taken.room} ({taken.name}): {taken.events} events, {taken.runs} runs; it is owned by {taken.owner}")
    if taken.token is not None:
        say(f"token of {given.name}, shown once: {taken.token}")
    return 0


def redecide(given: argparse.Namespace) -> int:
    """Decides a room's stored log again under another policy, calibration or weights."""
    from app.client import ClientError
    from app.errors import WireError
    from app.redecide_cli import CannotRedecideError, Options, run
    from app.serve import CannotServeError

    fields = {name: value for name, value in vars(given).items() if name != "command"}
    try:
        asyncio.run(run(Options(**fields), say))
    except (CannotRedecideError, CannotServeError, ClientError, WireError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def replay(given: argparse.Namespace) -> int:
    """Runs a chat from a file through Aside, into a room of its own; the same chat again goes on where it stopped."""
    from urllib.parse import urlencode

    from pydantic import ValidationError
    from tqdm import tqdm

    from app.errors import WireError
    from app.protocol import NewAgent, PolicyView
    from app.replay import ReplayError
    from app.replay import replay as run
    from app.serve import CannotServeError, engine_of, read_settings
    from app.store.database import Database
    from conversation.chats import ChatFormatError, read_chat
    from inference.protocol import ModelError

    try:
        agent = NewAgent(
            name=given.agent, persona=given.persona, mode=given.mode, policy=PolicyView(preset=given.preset)
        )
        chat = read_chat(given.chat).messages[: given.limit]
        settings = read_settings()
        database, engine = Database(settings.database), engine_of(settings)
        with tqdm(total=len(chat), unit="message", file=sys.stderr) as bar:
            work = run(
                chat,
                given.room or given.chat.stem,
                agent,
                given.speed,
                database,
                engine,
                lambda n: bar.update(n - bar.n),
            )
            summary = asyncio.run(work)
    except (ReplayError, CannotServeError, ModelError, WireError, ChatFormatError, OSError, ValidationError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    page = urlencode({"invite": summary.invite, "room": summary.room})
    say(f"its room on the page of `serve`: http://{settings.host}:{settings.port}/#{page}")
    say(summary.model_dump_json(exclude={"invite"}))
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


def say(line: str) -> None:
    print(line, flush=True)


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
    sub = add("backup", backup)
    sub.add_argument("file", metavar="FILE", type=Path, help="where the copy goes; it must not be there yet")
    sub = add("export", export)
    sub.add_argument("room", metavar="ROOM", help="the room's id")
    sub.add_argument("file", metavar="FILE", type=Path, help="where it goes; it must not be there yet")
    sub = add("import", take_in)
    sub.add_argument("file", metavar="FILE", type=Path, help="an export, or one message a line: id, at, author, text")
    sub.add_argument("--owner", metavar="ID", help="whose room it becomes (default: somebody new)")
    sub.add_argument("--name", default="Owner", help="what somebody new is called (default: %(default)s)")
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
    _redecide(add("redecide", redecide))
    _replay(add("replay", replay))
    sub = add("docs", docs)
    sub.add_argument("--check", action="store_true", help="write nothing; fail where a page is out of date")
    return top


def _redecide(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("room", metavar="ROOM", help="the room's id")
    sub.add_argument(
        "--policy", nargs="+", default=[], metavar="KEY=VALUE", help="fields of the policy, mode too; or a JSON file"
    )
    sub.add_argument(
        "--weights", nargs="+", default=[], metavar="KEY=VALUE", help="weights of heuristics; or a JSON file"
    )
    sub.add_argument("--calibration", metavar="MODEL", help="the calibration of another model")
    sub.add_argument("--agent", metavar="ID", help="this agent only")
    sub.add_argument("--after", metavar="RUN", help="only runs after this one")
    sub.add_argument(
        "--limit", type=int, default=1_000, metavar="N", help="the last so many runs (default: %(default)s)"
    )
    sub.add_argument("--url", help="ask this service, as who chatted there last (default: read ASIDE_DATABASE)")
    sub.add_argument("--name", help="as whom, with --url")
    sub.add_argument(
        "--state", metavar="FILE", type=Path, default=DEFAULT_FILE, help="where the tokens are, with --url"
    )
    sub.add_argument("--json", action="store_true", help="the whole answer as one line of JSON")


def _replay(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("chat", metavar="CHAT.JSONL", type=Path, help="one message a line: id, at, author, text, reply_to")
    sub.add_argument("--room", metavar="NAME", help="name of the room (default: the file's)")
    sub.add_argument(
        "--speed", type=float, default=0.0, metavar="X", help="seconds of the chat in one second; 0: at once (default)"
    )
    sub.add_argument("--limit", type=int, metavar="N", help="the first so many messages")
    sub.add_argument("--agent", default="Aside", metavar="NAME", help="name of the agent (default: %(default)s)")
    sub.add_argument("--persona", default="", metavar="TEXT", help="who it is")
    sub.add_argument("--preset", default="active", choices=("selective", "active", "chatty"))
    sub.add_argument("--mode", default="speak", choices=("speak", "suggest", "shadow"))


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    command: Command = given.command
    return command(given)
