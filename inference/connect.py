"""From the name of a model in the settings to an engine."""

import sys
from pathlib import Path

from inference.engine import Engine
from inference.protocol import Embedder, LanguageModel, ModelUnavailableError
from inference.remote import RemoteEngine
from inference.scripted import ScriptedEmbedder, ScriptedModel
from inference.weights import OPENAI, SCRIPTED, Precision, absolute


class ScriptedEngine:
    """The scripted double: ready from the first moment on."""

    def __init__(self) -> None:
        self.model: LanguageModel = ScriptedModel()
        self.embedder: Embedder = ScriptedEmbedder()

    async def start(self) -> None:
        pass

    def status(self) -> str:
        return "ok"

    async def close(self) -> None:
        pass


def connect(
    model: str,
    *,
    cache: Path,
    base_url: str,
    api_key: str,
    timeout: float,
    threads: int,
    precision: Precision = "auto",
) -> Engine:
    """`model`: `tiny`, `small`, a hub id or folder, `openai:<name>`, or `scripted`. Nothing runs until `start`."""
    if model == SCRIPTED:
        return ScriptedEngine()
    cache = cache.expanduser().resolve()
    worker = [sys.executable, "-m", "inference.worker", "--cache", str(cache), "--threads", str(threads)]
    if model.startswith(OPENAI):
        name = model.removeprefix(OPENAI)
        if not name:
            raise ModelUnavailableError(f"{model!r} names no model: write `openai:<name>`")
        # Half a second of import that only this kind of model needs.
        from inference.openai_engine import OpenAIEngine

        return OpenAIEngine(name, base_url, api_key, timeout, RemoteEngine(worker, model, timeout))
    return RemoteEngine([*worker, "--precision", precision, absolute(model)], model, timeout)
