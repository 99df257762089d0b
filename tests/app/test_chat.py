"""The terminal client against the service, fed like a pipe; time stands still, so the agent says nothing."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from app.chat import Options, PipeInput, TerminalInput, chat, invited
from app.chat_file import load
from tests.app.harness import House, ManualClock, served


@dataclass
class Typed:
    """Gives each line once the screen shows what it waits for: `(pattern, line)`."""

    screen: "Shown"
    script: list[tuple[str, str]]
    statuses: list[str] = field(default_factory=list)
    draws: bool = False

    async def lines(self) -> AsyncIterator[str]:
        for pattern, line in self.script:
            await self.screen.shows(pattern)
            yield line

    def passing(self, status: str) -> None:
        self.statuses.append(status)

    def output(self) -> AbstractContextManager[object]:
        return nullcontext()


class Shown:
    """The screen: what was shown, and a way to wait for a line."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.text.append(line)
        self._more.set()

    async def shows(self, pattern: str) -> re.Match[str]:
        async with asyncio.timeout(20):
            while True:
                for line in self.text:
                    if match := re.search(pattern, line):
                        return match
                self._more.clear()
                await self._more.wait()


async def visit(house: House, file: Path, script: list[tuple[str, str]], **given: str | None) -> list[str]:
    """One visit of the terminal client; what it showed."""
    screen = Shown()
    options = Options(house.url, file, **given)  # type: ignore[arg-type]
    assert await chat(options, screen, Typed(screen, script)) == 0, screen.text
    return screen.text


def test_two_people_meet_chat_react_and_reply(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            anns, bobs = Shown(), Shown()
            ann = Typed(
                anns,
                [
                    (r"Ann's room: Ann, Aside", "Anybody here?"),
                    (r"\] .* Bob: Me!$", "/react 3 👍"),
                    (r"Ann 👍 on \[3\]", "/reply 3 Good to see you"),
                    (r"Bob: bye", "/quit"),
                ],
            )
            bob = Typed(
                bobs,
                [
                    (r"Ann: Anybody here\?", "Me!"),
                    (r"Ann 👍 on \[3\]", "/who"),
                    (r"Bob \(member, here\)", "//quit is not a command"),
                    (r"Ann ↳\[3\]: Good to see you", "bye"),
                    (r"Bob: bye", "/quit"),
                ],
            )

            async def bob_comes() -> int:
                link = await anns.shows(r"in a browser: (\S+)")
                await anns.shows("Anybody here")
                return await chat(Options("http://wrong", tmp_path / "b", "Bob", invite=link[1]), bobs, bob)

            ends = await asyncio.gather(chat(Options(house.url, tmp_path / "a", "Ann"), anns, ann), bob_comes())
            assert list(ends) == [0, 0]
            assert any(re.search(r"Bob: /quit is not a command", line) for line in anns.text)
            assert any(re.search(r"Bob: joined", line) for line in anns.text)

    asyncio.run(go())


def test_one_comes_back_as_oneself_to_the_same_room_after_what_one_has_read(tmp_path: Path) -> None:
    async def go() -> None:
        file = tmp_path / "chat.json"
        async with served(tmp_path, clock=ManualClock()) as house:
            await visit(house, file, [("Ann's room", "first"), ("Ann: first", "/quit")], name="Ann")
            person = load(file).person(house.url, None)
            assert person is not None
            room = person.room
            assert room is not None
            bob = await house.user("Bob")
            await house.http.post(
                f"/api/v1/rooms/{room}/members",
                json={"user": bob.id},
                headers={"Authorization": f"Bearer {person.token}"},
            )
            await bob.got("POST", f"/rooms/{room}/messages", {"client_id": "1", "text": "second"})
            shown = await visit(house, file, [("Bob: second", "/quit")])
            assert not any("first" in line for line in shown)
            again = load(file).person(house.url, None)
            assert again is not None
            assert (again.id, again.room) == (person.id, room)

    asyncio.run(go())


def test_thoughts_are_for_owners_and_mistakes_are_explained(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            shown = await visit(
                house,
                tmp_path / "a",
                [
                    ("Ann's room", "/thoughts"),
                    ("thoughts are shown as they come", "/thoughts"),
                    ("no longer shown", "/react 99 👍"),
                    (r"no message \[99\]", "/reply 99 what"),
                    (r"no message \[99\]", "/fly"),
                    ("there is no /fly", "/help"),
                    ("/reply N TEXT", "x" * 9000),
                    ("! text", "/quit"),
                ],
                name="Ann",
            )
            invite = next(match[1] for line in shown if (match := re.search(r"in a browser: (\S+)", line)))
            await visit(
                house,
                tmp_path / "b",
                [("Ann's room", "/thoughts"), (r"forbidden", "/quit")],
                name="Bob",
                invite=invite,
            )

    asyncio.run(go())


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "give --name"),
        ({"name": "Ann", "room": "elsewhere"}, "you are not in room 'elsewhere'"),
        ({"name": "Ann", "room": "elsewhere", "invite": "guess"}, "not_found"),
        ({"name": "Ann", "invite": "guess"}, "the whole link"),
        ({"name": "Ann", "invite": "http://h/#room=r"}, "no invitation"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, given: dict[str, str], complaint: str) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            screen = Shown()
            assert await chat(Options(house.url, tmp_path / "chat.json", **given), screen, Typed(screen, [])) == 1  # type: ignore[arg-type]
            assert complaint in screen.text[-1]
            assert screen.text[-1].startswith("! ")

    asyncio.run(go())


def test_a_link_names_server_room_and_code() -> None:
    given = Options("http://127.0.0.1:8000", Path("f"), invite="https://chat.example:8443/#invite=c%2F1&room=r1")
    found = invited(given)
    assert (found.url, found.room, found.invite) == ("https://chat.example:8443", "r1", "c/1")


def test_a_pipe_gives_its_lines_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"one\ntwo \xff\nthree")

    async def go() -> list[str]:
        return [line async for line in PipeInput().lines()]

    with file.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert asyncio.run(go()) == ["one\n", "two �\n", "three"]


def test_a_terminal_tells_when_somebody_starts_and_stops_typing() -> None:
    async def go() -> None:
        typed: list[bool] = []
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            terminal = TerminalInput(typed.append)
            lines = terminal.lines()
            keys.send_text("hello\n")
            assert await anext(lines) == "hello"
            terminal.passing("Bob typing…")
            keys.send_text("x\x7f\x04")
            assert [line async for line in lines] == []
        assert typed == [True, False, True, False]

    asyncio.run(go())
