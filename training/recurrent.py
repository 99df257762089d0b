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


class _Stacked(nn.Module):
    """All networks side by side, by the names of `Nets`: small as they are, eight take less than twice as long as one."""

    def __init__(self, numbers: int, nets: int) -> None:
        super().__init__()
        drawn = [_drawn_weights(numbers, seed) for seed in range(nets)]
        self.weights = nn.ParameterDict({name: torch.stack([one[name] for one in drawn]) for name in drawn[0]})
        self._draws = [torch.Generator().manual_seed(seed) for seed in range(nets)]

    def forward(self, events: Tensor, at: Tensor, numbers: Tensor) -> Tensor:
        """float[net, row, 1 + LATER]. `events`: float[member, step, event]; `at`: of each row, member · steps + step."""
        own = self.weights
        read = self._dropped(self._states(events).flatten(1, 2)[:, at])
        given = torch.cat((read, numbers.expand(len(self._draws), -1, -1)), 2)
        wide = relu(torch.baddbmm(own["first_bias"][:, None], given, own["first"]))
        wide = relu(torch.baddbmm(own["second_bias"][:, None], self._dropped(wide), own["second"]))
        return torch.baddbmm(own["last_bias"][:, None], wide, own["last"])

    def _states(self, events: Tensor) -> Tensor:
        """float[net, member, step, state]."""
        own = self.weights
        given = torch.einsum("mse,neg->snmg", events, own["events"]) + own["events_bias"][:, None]
        state, states, bias = given.new_zeros(*given.shape[1:3], STATE), [], own["state_bias"][:, None]
        for step in given:
            kept = torch.baddbmm(bias, state, own["state"])
            reset, update = torch.sigmoid(step[..., : 2 * STATE] + kept[..., : 2 * STATE]).chunk(2, 2)
            new = torch.tanh(torch.addcmul(step[..., 2 * STATE :], reset, kept[..., 2 * STATE :]))
            state = torch.lerp(new, state, update)
            states.append(state)
        return torch.stack(states, 2)

    def _dropped(self, values: Tensor) -> Tensor:
        """Each network draws for itself, so one says the same beside others as alone."""
        kept = torch.stack([torch.rand(values.shape[1:], generator=own) for own in self._draws]) >= DROPPED
        return values * kept / (1 - DROPPED)


def _drawn_weights(numbers: int, seed: int) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    reader, given = dict(nn.GRU(len(EVENT), STATE).named_parameters()), STATE + numbers
    first, second, last = nn.Linear(given, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 1 + len(LATER))
    return {
        "events": reader["weight_ih_l0"].detach().T,
        "events_bias": reader["bias_ih_l0"].detach(),
        "state": reader["weight_hh_l0"].detach().T,
        "state_bias": reader["bias_hh_l0"].detach(),
        "first": first.weight.detach().T,
        "first_bias": first.bias.detach(),
        "second": second.weight.detach().T,
        "second_bias": second.bias.detach(),
        "last": last.weight.detach().T,
        "last_bias": last.bias.detach(),
    }


def fit(read: Read, wait: Floats, known: Floats, nets: int, passes: int = PASSES) -> Nets:
    """`wait`: messages until the member wrote, 1 for the next, infinite for never; `known`: log-odds that are added elsewhere."""
    targets = np.stack([(wait <= within).astype(float) for within in (1, *LATER)], axis=1)
    found = _fitted(read, targets, known, nets, passes)
    # What is told of later is for learning only.
    return Nets(**{name: values[..., :1] if name.startswith("last") else values for name, values in found.items()})


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


def _fitted(read: Read, targets: Floats, known: Floats, nets: int, passes: int) -> dict[str, Floats]:
    net, rng, stretches = _Stacked(read.numbers.shape[1], nets), np.random.default_rng(0), _stretches(read)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = passes * -(-len(stretches) // TOGETHER)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=RISING)
    for _ in range(passes):
        for some in _drawn(stretches, rng):
            events, at, rows = _together(read, some)
            optimizer.zero_grad()
            told = net(events, at, _tensor(read.numbers[rows]))
            torch.autograd.backward(_loss(told, _tensor(targets[rows]), _tensor(known[rows])))
            _clip(net)
            optimizer.step()
            schedule.step()
    return {name: values.detach().numpy().astype(float) for name, values in net.weights.items()}


def _clip(net: _Stacked) -> None:
    """The gradient of each network to a length of 1."""
    pushes = [values.grad for values in net.parameters() if values.grad is not None]
    length = torch.stack([push.flatten(1).square().sum(1) for push in pushes]).sum(0).sqrt()
    part = 1 / length.clamp(min=1.0)
    for push in pushes:
        push *= part.view(-1, *[1] * (push.dim() - 1))


def _drawn(stretches: Sequence[_Stretch], rng: np.random.Generator) -> Iterator[list[_Stretch]]:
    order = rng.permutation(len(stretches))
    for start in range(0, len(order), TOGETHER):
        yield [stretches[n] for n in order[start : start + TOGETHER]]


def _loss(answers: Tensor, came: Tensor, known: Tensor) -> Tensor:
    """Added up over networks, so that each learns as alone."""
    nets = len(answers)
    later = loss_of(answers[..., 1:], came[:, 1:].expand(nets, -1, -1))
    return nets * (loss_of(answers[..., 0] + known, came[:, 0].expand(nets, -1)) + LATER_COUNTS * later)


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
