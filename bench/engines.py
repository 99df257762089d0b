"""The engine as the service has it, without the service."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Settings
from bench.talk import SHADOW
from heuristics.calibration import calibration_for
from inference.connect import connect
from inference.engine import Engine, until_ready
from inference.protocol import Embedder, LanguageModel
from inference.remembered import RememberedEmbedder
from memory.item import Memory
from thoughts.pipeline import Thinker

READY_WITHIN = 180.0
ONE_CALL = 600.0
"""Seconds: a slow machine gives a bad figure, not none."""


@asynccontextmanager
async def ready(model: str) -> AsyncIterator[Engine]:
    """The engine of `model` once it is ready; its process is gone afterwards. Raises ModelUnavailableError."""
    settings = Settings()
    engine = connect(
        model,
        cache=settings.cache,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key,
        timeout=ONE_CALL,
        threads=settings.threads,
        precision=settings.precision,
    )
    await engine.start()
    try:
        await until_ready(engine, READY_WITHIN)
        yield engine
    finally:
        await engine.close()


def thinker(model: LanguageModel, embedder: Embedder, persona: str = "", memories: tuple[Memory, ...] = ()) -> Thinker:
    """What one room's agent thinks with, as `app.agent` puts it together."""
    remembered = RememberedEmbedder(embedder)
    return Thinker(persona, memories, SHADOW, calibration_for(model.name), model, remembered, time.perf_counter)
