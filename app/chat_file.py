"""Where the terminal client left off: who one is on each server and how far one has read, in one private file."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

DEFAULT_FILE = Path("~/.config/aside/chat.json")


class Person(BaseModel):
    """One user on one server. `seen`: the last seq that was shown, per room; `room`: the one that was open last."""

    model_config = ConfigDict(extra="forbid")

    id: str
    name: str
    token: str
    room: str | None = None
    seen: dict[str, int] = {}


class ServerEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    last: str
    people: dict[str, Person] = {}


class ChatFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    servers: dict[str, ServerEntry] = {}

    def person(self, url: str, name: str | None) -> Person | None:
        """Whoever `name` is at `url`; without a name, whoever chatted there last."""
        entry = self.servers.get(url)
        return None if entry is None else entry.people.get(name or entry.last)

    def keep(self, url: str, person: Person) -> None:
        entry = self.servers.setdefault(url, ServerEntry(last=person.name))
        entry.people[person.name] = person
        entry.last = person.name


def load(path: Path) -> ChatFile:
    """Empty where there is no file. Raises ValueError where it is not one of ours: it holds tokens, so it is never replaced."""
    try:
        return ChatFile.model_validate_json(path.expanduser().read_bytes())
    except FileNotFoundError:
        return ChatFile()
    except ValidationError as error:
        raise ValueError(f"{path} is not a chat file of Aside: {error.errors()[0]['msg']}") from error


def save(path: Path, file: ChatFile) -> None:
    """Whole or not at all, readable by its owner only."""
    path = path.expanduser()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(file.model_dump_json(indent=1))
    partial.replace(path)
