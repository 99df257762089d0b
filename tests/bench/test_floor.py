import torch

from bench.floor import Device, Shape, best_of, measure_device, shape_of
from bench.gpu import QWEN3_4B, random_model
from tests.bench.test_gpu import TOY


def test_a_step_reads_weights_and_context_once() -> None:
    device = Device("toy", bandwidth=100.0, matrix_rate=1000.0)
    shape = Shape(weight_bytes=200, weights=100, head=20, token_bytes=2)
    assert shape.decode_floor(device, 50) == 3.0
    assert shape.read_floor(device, 1, 1, 50) == 3.0
    assert shape.read_floor(device, 100, 10, 50) == 16.4


def test_the_shape_counts_each_weight_that_a_token_passes() -> None:
    tied = shape_of(random_model(TOY, "cpu"))
    untied = shape_of(random_model(TOY | {"tie_word_embeddings": False}, "cpu"))
    assert tied == untied
    assert tied.weight_bytes == 2 * tied.weights
    assert tied.token_bytes == 2 * 2 * 2 * 16 * 2


def test_the_large_shape_is_of_four_billion_weights() -> None:
    # Without memory behind them: only the sizes matter.
    assert 3.9e9 < shape_of(random_model(QWEN3_4B, "meta")).weights < 4.1e9


def test_a_device_is_measured() -> None:
    device = measure_device(torch.device("cpu"), 64)
    assert device.name == "cpu"
    assert device.bandwidth > 0
    assert device.matrix_rate > 0


def test_the_best_of_several_counts() -> None:
    calls = []
    assert best_of(lambda: calls.append(1), torch.device("cpu"), 3) >= 0
    assert len(calls) == 4
