"""Answers by key, one JSON object a line, so that an interrupted or repeated measurement asks no model twice."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tqdm import tqdm

Document = dict[str, object]


class Stored:
    """A line that was cut off by a crash is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Document] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").split("\n"):
                if line.endswith("}"):
                    document = json.loads(line)
                    self._found[document.pop("key")] = document

    def get(self, key: str) -> Document | None:
        return self._found.get(key)

    def put(self, key: str, document: Document) -> None:
        self._found[key] = document
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **document}) + "\n")


def key_of(*what: object) -> str:
    """Of everything that the answer hangs on."""
    return hashlib.blake2b(repr(what).encode(), digest_size=12).hexdigest()


async def answer_all(
    stored: Stored, keys: Sequence[str], answer: Callable[[int], Awaitable[Document]], at_once: int, title: str
) -> None:
    """Asks for what is not stored yet, `at_once` at a time: words of several replies are written in one pass of the model."""
    missing = [n for n, key in enumerate(keys) if stored.get(key) is None]
    gate, bar = asyncio.Semaphore(at_once), tqdm(total=len(missing), desc=title)

    async def one(n: int) -> None:
        async with gate:
            stored.put(keys[n], await answer(n))
            bar.update()

    async with asyncio.TaskGroup() as group:
        for n in missing:
            group.create_task(one(n))
