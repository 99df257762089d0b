import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inference.connect import ScriptedEngine, connect
from inference.openai_engine import OpenAIEngine
from inference.protocol import ModelUnavailableError
from inference.remote import RemoteEngine


def connected(model: str, cache: Path = Path("/tmp/c")) -> Any:
    return connect(model, cache=cache, base_url="http://127.0.0.1:1/v1", api_key="k", timeout=5, threads=3)


def test_the_scripted_double_is_always_ready() -> None:
    async def story() -> None:
        engine = connected("scripted")
        assert isinstance(engine, ScriptedEngine)
        await engine.start()
        assert engine.status() == "ok"
        await engine.close()

    asyncio.run(story())


@pytest.mark.parametrize("model", ["tiny", "small", "org/name"])
def test_a_model_of_our_own_runs_in_a_process(model: str) -> None:
    engine = connected(model)
    assert isinstance(engine, RemoteEngine)
    assert engine.model.name == model
    assert engine._command[1:] == (
        "-m",
        "inference.worker",
        "--cache",
        "/tmp/c",
        "--threads",
        "3",
        "--precision",
        "auto",
        model,
    )


def test_a_folder_is_found_from_wherever_the_process_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert connected("mine", Path("cache"))._command[4:] == (
        str(tmp_path / "cache"),
        "--threads",
        "3",
        "--precision",
        "auto",
        str(tmp_path / "mine"),
    )


def test_a_server_has_the_embedder_in_a_process_beside_it() -> None:
    engine = connected("openai:some-model")
    assert isinstance(engine, OpenAIEngine)
    assert engine.model.name == "some-model"
    assert isinstance(engine._worker, RemoteEngine)
    assert "some-model" not in engine._worker._command


def test_a_server_needs_a_name() -> None:
    with pytest.raises(ModelUnavailableError, match="names no model"):
        connected("openai:")


def test_importing_it_loads_no_model_library() -> None:

    code = "import sys, inference.connect; print(*{'torch', 'transformers', 'openai'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
