"""The terminal client: `python -m app chat`. At a terminal it draws a prompt; fed by a pipe it works line by line."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Protocol, assert_never
from urllib.parse import parse_qs, urlencode, urlsplit

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout

from app.chat_file import Person, load, save
from app.chat_lines import HELP, Plain, ReactTo, Say, Screen, Wrong, parse, tame, thought_line
from app.client import Client, ClientError, RefusedError, register
from app.frames import Draft, TypingEvent
from app.protocol import RoomView

HISTORY = 30
"""Events shown of a room that one enters for the first time."""

Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """`linger`: seconds to go on listening after the input ended."""

    url: str
    file: Path
    name: str | None = None
    room: str | None = None
    invite: str | None = None
    linger: float = 0.0


class Input(Protocol):
    """Where lines come from. `passing` is told what is going on right now: who types, what is being written."""

    draws: bool

    def lines(self) -> AsyncIterator[str]: ...
    def passing(self, status: str) -> None: ...
    def output(self) -> AbstractContextManager[object]: ...


class PipeInput:
    """Standard input, line by line, until it ends."""

    draws = False

    async def lines(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[bytes] = asyncio.Queue()

        def read() -> None:
            # Unbuffered and in a daemon thread: one that waits for input must not keep the process from ending.
            with suppress(RuntimeError), FileIO(sys.stdin.fileno(), closefd=False) as stdin:
                for line in stdin:
                    loop.call_soon_threadsafe(queue.put_nowait, line)
                loop.call_soon_threadsafe(queue.put_nowait, b"")

        threading.Thread(target=read, name="stdin", daemon=True).start()
        while line := await queue.get():
            yield line.decode(errors="replace")

    def passing(self, status: str) -> None:
        pass

    def output(self) -> AbstractContextManager[object]:
        return nullcontext()


class TerminalInput:
    """A prompt at the bottom, what happens above it, what passes below. `typed` is called as the line becomes or stops
    being empty."""

    draws = True

    def __init__(self, typed: Callable[[bool], None]) -> None:
        self._status = ""
        self._typed = typed
        self._empty = True
        self._session: PromptSession[str] = PromptSession(
            bottom_toolbar=lambda: self._status or "/help", erase_when_done=True
        )
        self._session.default_buffer.on_text_changed += lambda buffer: self._changed(not buffer.text.strip())

    def _changed(self, empty: bool) -> None:
        if empty != self._empty:
            self._empty = empty
            self._typed(not empty)

    async def lines(self) -> AsyncIterator[str]:
        while True:
            try:
                line = await self._session.prompt_async("> ")
            except (EOFError, KeyboardInterrupt):
                return
            self._changed(True)
            yield line

    def passing(self, status: str) -> None:
        self._status = status
        self._session.app.invalidate()

    def output(self) -> AbstractContextManager[object]:
        return patch_stdout()


async def chat(options: Options, show: Show, given: Input | None = None) -> int:
    """Chats until the input ends or /quit. 0, or 1 where the server could not be reached or refused."""
    try:
        options = invited(options)
        file = load(options.file)
        person = file.person(options.url, options.name)
        if person is None:
            if options.name is None:
                raise ValueError("give --name NAME: nobody has chatted with this server from here yet")
            user = await register(options.url, options.name)
            person = Person(id=user.id, name=user.name, token=user.token)
        async with Client(options.url, person.token) as client:
            room = await enter(client, person, options, show)
            person.room = room.id
            file.keep(options.url, person)
            save(options.file, file)
            try:
                await Session(client, person, room, show, options.linger).run(given)
            except ExceptionGroup as failures:
                raise failures.exceptions[0] from None
            finally:
                person.seen[room.id] = client.seen.get(room.id, 0)
                save(options.file, file)
    except (ClientError, ValueError) as error:
        show(f"! {error}")
        return 1
    return 0


async def enter(client: Client, person: Person, options: Options, show: Show) -> RoomView:
    """The room asked for, else the last one, else a new one of one's own."""
    mine = {room.id: room for room in await client.rooms()}
    wanted = options.room or person.room
    if wanted in mine:
        room = mine[wanted]
    elif options.room is not None:
        if options.invite is None:
            raise ValueError(
                f"you are not in room {options.room!r}; somebody there gets you an invitation with /invite"
            )
        room = await client.join(options.room, options.invite, follow=False)
    else:
        room = await client.create_room(f"{person.name}'s room", follow=False)
        show("a room of your own; invite somebody to it:")
        show(invitation(options.url, room.id, await client.invite(room.id)))
    await client.follow(room.id, person.seen.get(room.id, max(0, room.seq - HISTORY)))
    return room


def invitation(url: str, room: str, code: str) -> str:
    """How somebody else comes in. The code is in the link's fragment, which browsers send to nobody."""
    link = f"{url}/#{urlencode({'invite': code, 'room': room})}"
    return f"  in a browser: {link}\n  in a terminal: python -m app chat --name NAME --invite '{link}'"


def invited(options: Options) -> Options:
    """`options` with what a link given as `invite` says of server, room and code. Raises ValueError."""
    if options.invite is None or "#" not in options.invite:
        if options.invite is not None and options.room is None:
            raise ValueError("--invite wants the whole link, or --room beside the code")
        return options
    url, _, fragment = options.invite.partition("#")
    given = parse_qs(fragment)
    if not given.get("invite") or not given.get("room"):
        raise ValueError(f"this is no invitation: {options.invite!r}")
    origin = urlsplit(url)
    return replace(options, url=f"{origin.scheme}://{origin.netloc}", room=given["room"][0], invite=given["invite"][0])


class Session:
    """One room on one terminal."""

    def __init__(self, client: Client, person: Person, room: RoomView, show: Show, linger: float) -> None:
        self._client = client
        self._show = show
        self._linger = linger
        self._room = room.id
        self._screen = Screen(room.id, person.id)
        self._screen.learn(room)
        self._watching = False
        self._title = f"{tame(room.name)}: {', '.join(tame(m.name) for m in room.members)}"

    async def run(self, given: Input | None) -> None:
        async with asyncio.TaskGroup() as group:

            def typed(on: bool) -> None:
                group.create_task(self._client.typing(self._room, on))

            source = given or (TerminalInput(typed) if sys.stdin.isatty() else PipeInput())
            with source.output():
                self._show(self._title)
                showing = group.create_task(self._events(source))
                if not await self._obey(source):
                    await asyncio.sleep(self._linger)
                showing.cancel()

    async def _events(self, source: Input) -> None:
        async for event in self._client.events():
            for line in self._screen.lines(event) if getattr(event, "room", self._room) == self._room else ():
                if not (source.draws and isinstance(event, TypingEvent | Draft)):
                    self._show(line)
            source.passing(self._screen.status())

    async def _obey(self, source: Input) -> bool:
        """Does what each line says; True when one said /quit, False when they ended."""
        async for line in source.lines():
            command = parse(line)
            if command == Plain("quit"):
                return True
            try:
                match command:
                    case None:
                        pass
                    case Say():
                        await self._say(command)
                    case ReactTo():
                        message = self._screen.ids.get(command.seq)
                        if message is None:
                            self._show(f"! no message [{command.seq}] on this screen")
                        else:
                            await self._client.react(self._room, message, command.emoji, command.on)
                    case Plain():
                        await self._plain(command.name)
                    case Wrong():
                        self._show(f"! {command.detail}")
                    case _:
                        assert_never(command)
            except RefusedError as refused:
                self._show(f"! {refused}")
        return False

    async def _say(self, say: Say) -> None:
        answered = None if say.reply_to is None else self._screen.ids.get(say.reply_to)
        if say.reply_to is not None and answered is None:
            self._show(f"! no message [{say.reply_to}] on this screen")
            return
        await self._client.send(self._room, say.text, answered)

    async def _plain(self, name: str) -> None:
        match name:
            case "who":
                self._screen.learn(room := await self._client.room(self._room))
                for member in room.members:
                    here = "here" if member.online or member.role == "agent" else "away"
                    self._show(f"  {tame(member.name)} ({member.role}, {here})")
            case "invite":
                self._show(invitation(self._client.url, self._room, await self._client.invite(self._room)))
            case "thoughts":
                held = () if self._watching else (await self._client.thoughts(self._room)).thoughts
                self._watching = not self._watching
                await self._client.watch(self._room, self._watching)
                self._show(f"  thoughts are {'shown as they come' if self._watching else 'no longer shown'}")
                for thought in held:
                    self._show(f"  (held) {thought_line(thought)}")
            case _:
                self._show(HELP)
