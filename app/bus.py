"""What the processes of one service tell each other about a room.

Nothing here is ever the truth: that is the log. A lost note costs latency, never a message.
"""

from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Here(BaseModel):
    """Who is connected to the process `by`: `came` and `went` since it said so last, or with `all` everybody there is. `asks`: it
    wants to know of every other process, all of theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    all: bool = False
    asks: bool = False


class Note(BaseModel):
    """`seq`: the room's log reaches so far. `frame`: a passing frame for the members (`watchers`: for
    those who watch, `owners`: for owners).
    `name`: what the room is called now. `changed`: an agent's settings are new. `gone`: the room was deleted. `here`: who is
    connected elsewhere. An empty
    note: look at the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int | None = None
    frame: str | None = None
    watchers: bool = False
    owners: bool = False
    name: str | None = None
    changed: bool = False
    gone: bool = False
    here: Here | None = None


Heard = Callable[[Note], None]


class Bus(Protocol):
    """`me`: what this process is called in its notes. `join` calls `heard` with every note of other processes, and in the name of
    this one with `asks` where notes of theirs were lost. Of a process that is gone it says that nobody is there. `publish`
    returns at once and never fails; `unsent`: notes that it left waiting."""

    @property
    def me(self) -> str: ...
    async def start(self) -> None: ...
    async def join(self, room: str, heard: Heard) -> None: ...
    async def leave(self, room: str) -> None: ...
    def publish(self, room: str, note: Note) -> None: ...
    def unsent(self) -> int: ...
    async def close(self) -> None: ...


class LocalBus:
    """A single process, or several without Redis, which look at the log now and then and know only of those who are
    connected to themselves."""

    me = ""

    async def start(self) -> None:
        return

    async def join(self, room: str, heard: Heard) -> None:
        return

    async def leave(self, room: str) -> None:
        return

    def publish(self, room: str, note: Note) -> None:
        return

    def unsent(self) -> int:
        return 0

    async def close(self) -> None:
        return
