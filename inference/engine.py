"""What the service holds: a model, an embedder, and a word on how they are."""

from typing import Protocol

from inference.protocol import Embedder, LanguageModel


class Engine(Protocol):
    """`start` returns at once and gets ready behind the scenes; `status` is "ok" or says what is wrong or awaited.
    `model` and `embedder` raise ModelUnavailableError until ready. `close` frees processes and sockets."""

    model: LanguageModel
    embedder: Embedder

    async def start(self) -> None: ...
    def status(self) -> str: ...
    async def close(self) -> None: ...
