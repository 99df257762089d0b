"""The way that a model takes on a GPU, gone on the CPU: `pretended` says what it refuses."""

from typing import Any

import pytest
import torch

from inference.tapes import Tapes
from inference.transformers_engine import LocalModel
from tests.inference.conftest import make_model
from tests.inference.pretended import CUDA, Graphs, Pretending, moved, pretended
from tests.inference.test_jobs import every, finished, prompt, same

pytestmark = pytest.mark.filterwarnings("ignore:.*CUDA is not available.*")
PLENTY = 1 << 30


class Found:
    """A model on the GPU that is none, its graphs, and what went between the devices."""

    def __init__(self, tokenizer: Any, mode: Pretending, dtype: torch.dtype, budget: int = PLENTY) -> None:
        self.mode = mode
        self.graphs = Graphs(mode)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("inference.forward.captured", self.graphs)
            model = moved(make_model(len(tokenizer) + 5).to(dtype))
            self.tapes = Tapes(budget, PLENTY, CUDA)
            self.local = LocalModel(model, tokenizer, self.tapes)


def test_rooms_get_what_they_get_on_the_cpu(llama: Any, tokenizer: Any) -> None:
    plain = LocalModel(llama, tokenizer)
    known = finished(plain, every(plain))
    with pretended() as mode:
        found = Found(tokenizer, mode, torch.float32)
        found.local.warm_up()
        made = len(found.graphs.replays)
        for _ in range(2):
            for name, result in finished(found.local, every(found.local)).items():
                same(result, known[name])
        assert sum(found.graphs.replays) > 0
        assert len(found.graphs.replays) == made
        states = (model.encode(prompt(1), ["one", "two"]).states for model in (found.local, plain))
        for there, here in zip(*states, strict=True):
            assert there == pytest.approx(here, abs=1e-3)
        assert "".join(found.local.stream(prompt(0), 5, 1)) == "".join(plain.stream(prompt(0), 5, 1))


def test_bf16_goes_the_same_way(tokenizer: Any) -> None:
    with pretended() as mode:
        found = Found(tokenizer, mode, torch.bfloat16)
        found.local.warm_up()
        assert finished(found.local, every(found.local)).keys() == every(found.local).keys()
        assert sum(found.graphs.replays) > 0


def test_quiet_rooms_go_to_the_memory_of_the_cpu_and_come_back(llama: Any, tokenizer: Any) -> None:
    plain = LocalModel(llama, tokenizer)
    known = finished(plain, every(plain))
    with pretended() as mode:
        found = Found(tokenizer, mode, torch.float32, budget=1)
        for _ in range(2):
            for name, result in finished(found.local, every(found.local)).items():
                same(result, known[name])
        assert found.tapes._bytes() == 0
        assert found.local.propose([prompt(1)], 3, 0).usage.cached > 100


def test_what_goes_between_the_devices_at_a_step(tokenizer: Any) -> None:
    with pretended() as mode:
        found = Found(tokenizer, mode, torch.float32)
        found.local.warm_up()
        found.local.propose([prompt(0)] * 3, 2, 0)
        counts = []
        for limit in (2, 12):
            before = (sum(found.graphs.replays), mode.fetched, mode.sent)
            found.local.propose([prompt(0)] * 3, limit, 0)
            after = (sum(found.graphs.replays), mode.fetched, mode.sent)
            counts.append([b - a for a, b in zip(before, after, strict=True)])
        steps, fetched, sent = (b - a for a, b in zip(*counts, strict=True))
        assert steps > 5
        assert (fetched / steps, sent / steps) == (1, 2)


def test_what_cuda_refuses_is_refused() -> None:
    with pretended() as mode:
        there = torch.ones(3).to(CUDA)
        with pytest.raises(RuntimeError, match="two devices"):
            there + torch.ones(3)
        with pytest.raises(TypeError, match="numpy"):
            there.numpy()
        assert (there + torch.tensor(1.0)).tolist() == [2.0] * 3
        for work in (lambda: there.sum().item(), lambda: torch.ones(3).to(CUDA), lambda: there.copy_(torch.ones(3))):
            with pytest.raises(RuntimeError, match="inside of a graph"):
                Graphs(mode)(work)
