"""The head that asks: a small network from what is believed to the next act. One file per task, written by `python -m training
curiosity`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from personalization.features import Floats

ASKERS = Path(__file__).parent / "askers"
_LAYERS = ("enter", "enter_bias", "leave", "leave_bias")


class AskerError(ValueError):
    """An asker's file lacks a part, or its layers do not fit each other."""


@dataclass(frozen=True, slots=True)
class Asker:
    """`enter` [features, hidden], `leave` [hidden, acts]; tanh between them."""

    enter: Floats
    enter_bias: Floats
    leave: Floats
    leave_bias: Floats

    def logits(self, features: Sequence[Sequence[float]]) -> Floats:
        """[talk, act]."""
        rows = np.array(features, dtype=np.float32)
        hidden = np.tanh(rows @ self.enter + self.enter_bias)
        found: Floats = (hidden @ self.leave + self.leave_bias).astype(np.float32)
        return found

    def choose(self, features: Sequence[Sequence[float]]) -> list[int]:
        """The likeliest act of each talk."""
        return [int(i) for i in self.logits(features).argmax(1)]


def write(asker: Asker) -> bytes:
    file = io.BytesIO()
    layers = zip(_LAYERS, (asker.enter, asker.enter_bias, asker.leave, asker.leave_bias), strict=True)
    np.savez_compressed(file, **{name: layer.astype(np.float32) for name, layer in layers})  # type: ignore[arg-type]
    return file.getvalue()


def parse(data: bytes) -> Asker:
    """Raises AskerError, naming what is wrong."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            enter, enter_bias, leave, leave_bias = (arrays[name].astype(np.float32) for name in _LAYERS)
    except (KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise AskerError(f"not an asker: {error!r}") from error
    hidden = (enter.shape[-1], leave.shape[0])
    if (enter_bias.shape, leave_bias.shape) != ((hidden[1],), (leave.shape[-1],)) or hidden[0] != hidden[1]:
        raise AskerError(f"the layers do not fit each other: {enter.shape!r}, {leave.shape!r}")
    return Asker(enter, enter_bias, leave, leave_bias)


@cache
def asker_for(task: str) -> Asker:
    """The one that comes with Aside. Raises AskerError where there is none."""
    path = ASKERS / f"{task}.npz"
    if not path.is_file():
        raise AskerError(f"no asker for the task {task!r}: python -m training curiosity --task {task}")
    return parse(path.read_bytes())
