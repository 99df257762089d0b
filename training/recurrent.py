"""Small recurrent networks that read how the last messages stand to a member, and numbers at their end (`heuristics.net`).

Each learns from stretches of WINDOW messages of a chat, for all members at once, after WARM messages that it only reads.
Beside who writes next it is told who writes within the next LATER messages, of which there are more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as loss_of
from torch.nn.functional import relu

from conversation.events import EVENT, STEPS
from heuristics.net import Nets

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
WINDOW, WARM = 40, 40
STATE, WIDTH, DROPPED = 32, 48, 0.3
PASSES, TOGETHER, RATE, DECAY, RISING = 8, 4, 2e-3, 0.02, 0.15
LATER, LATER_COUNTS = (3, 8, 21), 0.3
CHUNK = 2_000
"""Occasions that are asked about at once."""


@dataclass(frozen=True, slots=True)
class Read:
    """What networks read, one row an occasion. `events`: for each chat float[member, message, event]; `chat`, `member`,
    `place`: which of these was the last before the occasion; `numbers`: float[occasion, number]."""

    events: Sequence[Floats]
    chat: Ints
    member: Ints
    place: Ints
    numbers: Floats


@dataclass(frozen=True, slots=True)
class _Stretch:
    """`rows`: its occasions; `members`: of the chat, those they are about; `start`, `end`: its messages."""

    chat: int
    rows: Ints
    members: Ints
    start: int
    end: int


class _Net(nn.Module):
    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.reader = nn.GRU(len(EVENT), STATE, batch_first=True)
        self.dropped = nn.Dropout(DROPPED)
        self.first = nn.Linear(STATE + numbers, WIDTH)
        self.second = nn.Linear(WIDTH, WIDTH)
        self.last = nn.Linear(WIDTH, 1 + len(LATER))

    def forward(self, events: Tensor, at: Tensor, numbers: Tensor) -> Tensor:
        """float[row, 1 + LATER]. `events`: float[member, step, event]; `at`: of each row, member · steps + step."""
        states, _ = self.reader(events)
        read = self.dropped(states.reshape(-1, STATE)[at])
        wide = relu(self.first(torch.cat((read, numbers), 1)))
        found: Tensor = self.last(relu(self.second(self.dropped(wide))))
        return found


def fit(read: Read, wait: Floats, known: Floats, nets: int, passes: int = PASSES) -> Nets:
    """`wait`: messages until the member wrote, 1 for the next, infinite for never; `known`: log-odds that are added elsewhere."""
    targets = np.stack([(wait <= within).astype(float) for within in (1, *LATER)], axis=1)
    fitted = [_fitted(read, targets, known, passes, seed) for seed in range(nets)]
    return Nets(**{name: np.stack([one[name] for one in fitted]) for name in fitted[0]})


def said(nets: Nets, read: Read) -> Floats:
    """float[occasion]."""
    found = np.zeros(len(read.place))
    for start in range(0, len(found), CHUNK):
        some = slice(start, start + CHUNK)
        events = np.zeros((len(read.place[some]), STEPS, len(EVENT)), np.float32)
        for row, (chat, member, place) in enumerate(
            zip(read.chat[some], read.member[some], read.place[some], strict=True)
        ):
            own = read.events[chat][member, max(0, place + 1 - STEPS) : place + 1]
            events[row, STEPS - len(own) :] = own
        found[some] = nets.of(events, read.numbers[some])
    return found


def _fitted(read: Read, targets: Floats, known: Floats, passes: int, seed: int) -> dict[str, Floats]:
    torch.manual_seed(seed)
    net, rng, stretches = _Net(read.numbers.shape[1]), np.random.default_rng(seed), _stretches(read)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = passes * -(-len(stretches) // TOGETHER)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=RISING)
    for _ in range(passes):
        for some in _drawn(stretches, rng):
            events, at, rows = _together(read, some)
            optimizer.zero_grad()
            said = net(events, at, _tensor(read.numbers[rows]))
            torch.autograd.backward(_loss(said, _tensor(targets[rows]), _tensor(known[rows])))
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return _weights(net)


def _drawn(stretches: Sequence[_Stretch], rng: np.random.Generator) -> Iterator[list[_Stretch]]:
    order = rng.permutation(len(stretches))
    for start in range(0, len(order), TOGETHER):
        yield [stretches[n] for n in order[start : start + TOGETHER]]


def _loss(answers: Tensor, came: Tensor, known: Tensor) -> Tensor:
    later = loss_of(answers[:, 1:], came[:, 1:])
    return loss_of(answers[:, 0] + known, came[:, 0]) + LATER_COUNTS * later


def _stretches(read: Read) -> list[_Stretch]:
    found = []
    for chat in np.unique(read.chat):
        own = np.flatnonzero(read.chat == chat)
        part = read.place[own] // WINDOW
        for n in np.unique(part):
            rows = own[part == n]
            members, end = np.unique(read.member[rows]), min(read.events[chat].shape[1], (n + 1) * WINDOW)
            found.append(_Stretch(int(chat), rows, members, max(0, int(n) * WINDOW - WARM), int(end)))
    return found


def _together(read: Read, stretches: Sequence[_Stretch]) -> tuple[Tensor, Tensor, Ints]:
    """Events float[member, step, event], each stretch at its end; where its rows are in them; and the rows."""
    steps = WARM + WINDOW
    events, at, members = [], [], 0
    for one in stretches:
        late = steps - (one.end - one.start)
        own = np.zeros((len(one.members), steps, len(EVENT)), np.float32)
        own[:, late:] = read.events[one.chat][one.members, one.start : one.end]
        events.append(own)
        member = members + np.searchsorted(one.members, read.member[one.rows])
        at.append(member * steps + read.place[one.rows] - one.start + late)
        members += len(one.members)
    rows = np.concatenate([one.rows for one in stretches])
    return _tensor(np.concatenate(events)), torch.from_numpy(np.concatenate(at)), rows


def _tensor(values: Floats) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))


def _weights(net: _Net) -> dict[str, Floats]:
    """By the names of `Nets`. What is told of later is for learning only."""
    reader = dict(net.reader.named_parameters())
    found = {
        "events": reader["weight_ih_l0"].T,
        "events_bias": reader["bias_ih_l0"],
        "state": reader["weight_hh_l0"].T,
        "state_bias": reader["bias_hh_l0"],
        "first": net.first.weight.T,
        "first_bias": net.first.bias,
        "second": net.second.weight.T,
        "second_bias": net.second.bias,
        "last": net.last.weight.T[:, :1],
        "last_bias": net.last.bias[:1],
    }
    return {name: values.detach().numpy().astype(float) for name, values in found.items()}
