"""An OpenAI-compatible server, and the embedder in a process of our own."""

import asyncio
from collections.abc import Awaitable, Callable

import openai

from inference.engine import Engine
from inference.openai_client import OpenAIModel
from inference.protocol import Embedder, LanguageModel, ModelError

_RETRIES = 2
"""After 429, 5xx and lost connections; the client library waits between them."""
_PROBE = 10.0
_PROBE_WELL = 60.0
"""Seconds between two questions how the server is, when it was away and when it was well."""

Sleep = Callable[[float], Awaitable[None]]


class OpenAIEngine:
    """`OpenAIModel`, beside a worker process that has the embedder only. The server is asked now and then how it is."""

    def __init__(
        self, name: str, base_url: str, api_key: str, timeout: float, worker: Engine, sleep: Sleep = asyncio.sleep
    ) -> None:
        # Servers on one's own machine want no key; the client library does.
        client = openai.AsyncOpenAI(base_url=base_url, api_key=api_key or "none", timeout=timeout, max_retries=_RETRIES)
        self._server = OpenAIModel(name, client, timeout)
        self.model: LanguageModel = self._server
        self.embedder: Embedder = worker.embedder
        self._worker = worker
        self._sleep = sleep
        self._trouble: str | None = "starting"
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._watch is not None:
            return
        await self._worker.start()
        self._watch = asyncio.get_running_loop().create_task(self._keep_watch(), name="model server")

    def status(self) -> str:
        return self._trouble or self._worker.status()

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._worker.close()
        await self._server.close()

    async def _keep_watch(self) -> None:
        while True:
            try:
                await self._server.probe()
                self._trouble = None
            except ModelError as error:
                self._trouble = str(error)
            await self._sleep(_PROBE_WELL if self._trouble is None else _PROBE)
