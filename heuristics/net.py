"""A small recurrent network over events (`conversation.events`) and, at their end, numbers: what it says is log-odds. Several are
asked and their mean is taken."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Nets:
    """`events`: float[net, event, 3·state], `state`: float[net, state, 3·state] and their biases float[net, 3·state]: the
    reset, update and new gates of a GRU (Cho et al. 2014, arXiv 1406.1078), side by side. `first`: float[net, state + number,
    width], `second`: float[net, width, width], `last`: float[net, width, 1] and their biases: layers with a rectifier between
    them."""

    events: Floats
    events_bias: Floats
    state: Floats
    state_bias: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    last: Floats
    last_bias: Floats

    def of(self, events: Floats, numbers: Floats) -> Floats:
        """float[row]. `events`: float[row, step, event]; `numbers`: float[row, number]."""
        ended = self._read(events)
        given = np.concatenate((ended, np.broadcast_to(numbers, (len(ended), *numbers.shape))), axis=2)
        wide = np.maximum(given @ self.first + self.first_bias[:, None], 0)
        wide = np.maximum(wide @ self.second + self.second_bias[:, None], 0)
        said: Floats = (wide @ self.last + self.last_bias[:, None])[:, :, 0].mean(0)
        return said

    def _read(self, events: Floats) -> Floats:
        """float[net, row, state]: after the last event, from nothing."""
        size = self.state.shape[1]
        given = np.moveaxis(events @ self.events[:, None] + self.events_bias[:, None, None], 2, 0)
        bias, state = self.state_bias[:, None], np.zeros((len(self.state), len(events), size), given.dtype)
        for step in given:
            kept = state @ self.state
            kept += bias
            gates = 1 / (1 + np.exp(-(step[..., : 2 * size] + kept[..., : 2 * size])))
            reset, update = gates[..., :size], gates[..., size:]
            new = np.tanh(step[..., 2 * size :] + reset * kept[..., 2 * size :])
            state = new + update * (state - new)
        return state
