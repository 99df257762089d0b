"""Linear probes: which of a few classes a text belongs to, read from a hidden state in the middle of a model.

A small model hardly says in words what it tells apart inside: its own letters on what is worth keeping are at chance, a linear
reading of its hidden state is not (docs/log.md). The numbers are learned by `python -m training keeping`, `closing`,
`answering`, `holding` and `agreeing`, from sentences that no measurement asks about, and lie in `probes/`, a file for each probe
and model.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
LENGTH = 10.0
"""Of a row of features, so that the states of any model are of one size."""


class ProbeError(ValueError):
    """The file of a probe lacks a part, or its parts do not fit each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """`bias[class]`, `weights[class, feature]`. Of a question with several ways to be answered yes or no the last `affirming`
    classes mean yes: a class for each way is as many planes as one text may lie beyond."""

    bias: Floats
    weights: Floats
    affirming: int = 1

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or self.bias.shape != self.weights.shape[:1]:
            raise ProbeError(f"biases {self.bias.shape} and weights {self.weights.shape} do not fit each other")
        if not 0 < self.affirming < len(self.bias):
            raise ProbeError(f"affirming {self.affirming} of {len(self.bias)} classes")
        if not (np.isfinite(self.bias).all() and np.isfinite(self.weights).all()):
            raise ProbeError("a weight is not finite")

    @property
    def width(self) -> int:
        """Features of one row."""
        return int(self.weights.shape[1])

    def chances(self, rows: Floats) -> Floats:
        """[row, class], each row summing to 1, of [row, feature]."""
        logits = rows @ self.weights.T + self.bias
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)

    def affirms(self, rows: Floats) -> Floats:
        """[row]: the chance that it is one of the classes that mean yes."""
        return np.asarray(self.chances(rows)[:, -self.affirming :].sum(axis=1), dtype=np.float64)


def features(states: Sequence[Sequence[float]] | Floats) -> Floats:
    """[row, feature]: hidden states, scaled to LENGTH."""
    given = np.asarray(states, dtype=np.float32)
    norms = np.sqrt(np.square(given).sum(axis=1, keepdims=True))
    return np.asarray(LENGTH * given / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def parse(text: str) -> Probe:
    """Raises ProbeError, naming what is wrong."""
    try:
        document = json.loads(text)
        bias = np.asarray(document["bias"], dtype=np.float32)
        packed = base64.b64decode(document["weights"], validate=True)
        weights = np.frombuffer(packed, dtype="<f2").astype(np.float32).reshape(len(bias), document["width"])
        affirming = int(document["affirming"])
    except (KeyError, TypeError, ValueError) as error:
        raise ProbeError(f"not a probe: {error!r}") from error
    return Probe(bias, weights, affirming)


def write(probe: Probe) -> str:
    """What `parse` reads; the weights as 16-bit floats, little-endian, in base64."""
    packed = base64.b64encode(probe.weights.astype("<f2").tobytes()).decode("ascii")
    document = {
        "width": probe.width,
        "affirming": probe.affirming,
        "bias": [round(float(b), 4) for b in probe.bias],
        "weights": packed,
    }
    return json.dumps(document, indent=1) + "\n"


@cache
def shipped(name: str, model: str) -> Probe | None:
    """The probe `name` of `model`; None where there is none."""
    file = resources.files("memory") / "probes" / f"{name}-{model}.json"
    return parse(file.read_text(encoding="utf-8")) if file.is_file() else None
