import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from inference import engine
from inference.engine import Engine, until_ready
from inference.protocol import Embedder, LanguageModel, ModelUnavailableError
from inference.scripted import ScriptedEmbedder, ScriptedModel


@dataclass
class Loading:
    """Says each of `words` once, and the last for ever."""

    words: Iterator[str]
    model: LanguageModel = field(default_factory=ScriptedModel)
    embedder: Embedder = field(default_factory=ScriptedEmbedder)
    word: str = ""
    asked: int = 0

    async def start(self) -> None: ...

    def status(self) -> str:
        self.asked += 1
        self.word = next(self.words, self.word)
        return self.word

    async def close(self) -> None: ...


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "POLL", 0.001)


def test_a_ready_engine_is_not_waited_for() -> None:
    ready = Loading(iter(["ok"]))
    asyncio.run(until_ready(ready, 60))
    assert ready.asked == 1


def test_it_waits_until_the_engine_is_ready() -> None:
    loading: Engine = Loading(iter(["loading weights", "loading weights", "ok"]))
    asyncio.run(until_ready(loading, 60))
    assert loading.status() == "ok"


def test_too_slow_an_engine_is_named_with_its_last_word() -> None:
    with pytest.raises(ModelUnavailableError, match=r"not ready after 0\.003 s: loading weights"):
        asyncio.run(until_ready(Loading(iter(["starting", "loading weights"])), 0.003))
