"""What the service holds: a model, an embedder, and a word on how they are."""

import asyncio
from typing import Protocol

from inference.protocol import Embedder, LanguageModel, ModelUnavailableError

POLL = 0.1


class Engine(Protocol):
    """`start` returns when the work has begun and gets ready behind the scenes; called again it does nothing. `status` is "ok" or
    says what is wrong or awaited. `model` and `embedder` raise ModelUnavailableError until ready. `close` frees processes and
    sockets."""

    model: LanguageModel
    embedder: Embedder

    async def start(self) -> None: ...
    def status(self) -> str: ...
    async def close(self) -> None: ...


async def until_ready(engine: Engine, seconds: float) -> None:
    """Returns when `engine` is ready. Raises ModelUnavailableError with its last word when it is not within `seconds`."""
    for _ in range(int(seconds / POLL) + 1):
        if engine.status() == "ok":
            return
        await asyncio.sleep(POLL)
    raise ModelUnavailableError(f"the model was not ready after {seconds:g} s: {engine.status()}")
