"""Small recurrent networks."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from heuristics.net import Nets

RNG = np.random.default_rng(0)
EVENTS, STATE, NUMBERS, WIDTH = 3, 4, 2, 5
SHAPES = {
    "events": (EVENTS, 3 * STATE),
    "events_bias": (3 * STATE,),
    "state": (STATE, 3 * STATE),
    "state_bias": (3 * STATE,),
    "first": (STATE + NUMBERS, WIDTH),
    "first_bias": (WIDTH,),
    "second": (WIDTH, WIDTH),
    "second_bias": (WIDTH,),
    "last": (WIDTH, 1),
    "last_bias": (1,),
}
NETS = Nets(**{name: RNG.normal(size=(2, *shape)) for name, shape in SHAPES.items()})
READ, GIVEN = RNG.normal(size=(6, 7, EVENTS)), RNG.normal(size=(6, NUMBERS))


def test_it_reads_as_torch_does() -> None:
    said = []
    for n in range(2):
        own = {name: torch.tensor(values[n]) for name, values in asdict(NETS).items()}
        gru = torch.nn.GRU(EVENTS, STATE, batch_first=True, dtype=torch.float64)
        gru.weight_ih_l0.data, gru.bias_ih_l0.data = own["events"].T, own["events_bias"]
        gru.weight_hh_l0.data, gru.bias_hh_l0.data = own["state"].T, own["state_bias"]
        state = gru(torch.tensor(READ))[0][:, -1]
        wide = torch.relu(torch.cat((state, torch.tensor(GIVEN)), 1) @ own["first"] + own["first_bias"])
        wide = torch.relu(wide @ own["second"] + own["second_bias"])
        said.append((wide @ own["last"] + own["last_bias"])[:, 0].detach().numpy())
    assert NETS.of(READ, GIVEN) == pytest.approx(np.mean(said, axis=0))


def test_one_row_says_the_same_alone() -> None:
    assert NETS.of(READ[2:3], GIVEN[2:3])[0] == pytest.approx(NETS.of(READ, GIVEN)[2])
