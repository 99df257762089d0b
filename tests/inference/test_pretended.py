"""The way that a model takes on a GPU, gone on the CPU: `pretended` says what it refuses."""

from typing import Any

import pytest

from inference.tapes import Tapes
from inference.transformers_engine import LocalModel
from tests.inference.conftest import make_model
from tests.inference.pretended import CUDA, Graphs, OnGPU, Pretending, moved, pretended
from tests.inference.test_jobs import every, finished, prompt, same

pytestmark = pytest.mark.filterwarnings("ignore:.*CUDA is not available.*")


def on_gpu(tokenizer: Any, mode: Pretending, monkeypatch: pytest.MonkeyPatch, budget: int = 1 << 30) -> tuple[LocalModel, Graphs]:
    graphs = Graphs(mode)
    monkeypatch.setattr("inference.forward.captured", graphs)
    model = moved(make_model(len(tokenizer) + 5))
    return LocalModel(model, tokenizer, Tapes(budget, budget, CUDA)), graphs


def test_rooms_get_what_they_get_on_the_cpu(llama: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = LocalModel(llama, tokenizer)
    known = finished(plain, every(plain))
    with pretended() as mode:
        local, graphs = on_gpu(tokenizer, mode, monkeypatch)
        local.warm_up()
        made = len(graphs.replays)
        for _ in range(2):
            for name, result in finished(local, every(local)).items():
                same(result, known[name])
        assert sum(graphs.replays) > 0
        assert len(graphs.replays) == made
        states = zip(*(model.encode(prompt(1), ["one", "two"]).states for model in (local, plain)), strict=True)
        for there, here in states:
            assert there == pytest.approx(here, abs=1e-3)
        assert "".join(local.stream(prompt(0), 5, 1)) == "".join(plain.stream(prompt(0), 5, 1))
