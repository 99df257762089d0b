"""Networks that read the last messages."""

import numpy as np
import pytest

from conversation.events import EVENT
from conversation.places import told_apart
from training.recurrent import Read, fit, said

RNG = np.random.default_rng(0)
MEMBERS, MESSAGES = 6, 400
EVENTS = (RNG.random((MEMBERS, MESSAGES, len(EVENT))) < 0.5).astype(np.float16)
AT = np.array([(0, m, i) for m in range(MEMBERS) for i in range(3, MESSAGES)])
BACK = EVENTS[AT[:, 1], AT[:, 2] - 2, 0] == 1  # what was two messages ago
WAIT = np.where(RNG.random(len(AT)) < np.where(BACK, 0.6, 0.1), 1.0, np.inf)
READ = Read((EVENTS,), AT[:, 0], AT[:, 1], AT[:, 2], RNG.normal(size=(len(AT), 2)))


def test_they_find_what_only_the_order_of_messages_tells() -> None:
    nets = fit(READ, WAIT, np.zeros(len(AT)), 1, passes=40)
    told = said(nets, READ)
    assert told_apart(told[BACK].tolist(), told[~BACK].tolist()) > 0.65


def test_each_network_has_a_seed_of_its_own_and_is_the_same_again() -> None:
    one, two = (fit(READ, WAIT, np.zeros(len(AT)), nets, passes=1) for nets in (1, 2))
    assert one.first.shape[0] == 1
    # Numbers of 4 bytes, multiplied in batches of one and of two: a weight of 1e-5 differs in the tenth digit after the point.
    assert two.first[0] == pytest.approx(one.first[0], rel=1e-6, abs=1e-9)
    assert not np.allclose(two.first[0], two.first[1])
