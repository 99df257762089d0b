"""Decoding on a GPU: one replay of a captured graph is a step of all rooms, over keys and values that stay where they are.

A step has few rows, and launching its kernels one by one takes longer than they run. A graph wants the same addresses every time,
so a tape that decodes takes a seat in a static cache: what it holds is copied there once, each step adds to it, and nothing is
copied back unless the tape is read on otherwise. There is a graph for some numbers of seats and some of slots, made when first
needed. On a CPU the same steps run without a graph; the tests do that.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import torch
from torch.nn import functional

from inference.sampling import Best, best
from inference.segment import Portion, Segment
from inference.tape import Pair, Tape

log = logging.getLogger(__name__)

SEATS = (1, 4, 8)
"""Numbers of tapes that a graph steps; the last is how many can sit."""
SLOTS = (512, 1024, 2048)
"""Slots that a graph attends to; a longer tape decodes without one."""
ROWS = 4
"""Rows of a tape in one step at most."""

T = TypeVar("T")
Capture = Callable[[Callable[[], T]], Callable[[], T]]
"""Takes what works on fixed tensors and returns what does the same work again, into the same results."""


def captured(work: Callable[[], T]) -> Callable[[], T]:
    """`work` as a CUDA graph."""
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        # Whatever is set up at a first call must not be part of the graph.
        for _ in range(2):
            work()
    torch.cuda.current_stream().wait_stream(aside)
    graph, before = torch.cuda.CUDAGraph(), torch.cuda.current_stream()
    try:
        with torch.cuda.graph(graph):
            result = work()
    except RuntimeError:
        # What could not be captured leaves its stream the current one.
        torch.cuda.set_stream(before)
        torch.cuda.synchronize()
        raise

    def again() -> T:
        graph.replay()
        return result

    return again


def plainly(work: Callable[[], T]) -> Callable[[], T]:
    """`work` as it is."""
    return work


class StaticCache:
    """Keys and values by layer, [seats, groups, slots, size] each."""

    def __init__(self, seats: int, slots: int) -> None:
        self._shape = (seats, slots)
        self._free = list(range(seats))
        self._pairs: dict[int, Pair] = {}
        self.seated: dict[int, Tape] = {}

    def seat(self, tape: Tape) -> bool:
        """Copy what `tape` holds. False where no seat is free, or no memory for any."""
        if not self._free:
            return False
        number = min(self._free)
        self._free.remove(number)
        try:
            for layer, pair in tape.held().items():
                for buffer, tensor in zip(self._of(layer, pair), pair, strict=True):
                    buffer[number, :, : tape.length] = tensor
        except torch.OutOfMemoryError:
            log.warning("no memory for a static cache of %d seats: texts are written without one", self._shape[0])
            self._free.clear()
            self._pairs.clear()
            return False
        self.seated[number] = tape
        tape.seat = Seat(self, number, tape.length)
        return True

    @property
    def has_room(self) -> bool:
        """Whether there is memory for it."""
        return bool(self._pairs)

    def leave(self, number: int) -> None:
        del self.seated[number]
        self._free.append(number)

    def pair(self, layer: int) -> Pair:
        return self._pairs[layer]

    def _of(self, layer: int, like: Pair) -> Pair:
        if layer not in self._pairs:
            seats, slots = self._shape
            # Zeros: what is masked out is multiplied all the same, and must be a number.
            keys, values = (t.new_zeros((seats, t.shape[0], slots, t.shape[2])) for t in like)
            self._pairs[layer] = (keys, values)
        return self._pairs[layer]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a tape decodes. Its slots from `first` on are here only."""

    cache: StaticCache
    number: int
    first: int

    def leave(self) -> None:
        self.cache.leave(self.number)

    def layers(self, length: int) -> dict[int, Pair]:
        """Keys and values of the slots from `first` to `length`, [groups, slots, size]."""
        here = (self.number, slice(None), slice(self.first, length))
        return {layer: (keys[here], values[here]) for layer, (keys, values) in self.cache._pairs.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The fixed tensors of one graph: `given` [3, seats, ROWS], the tokens, their positions and the slots where the new keys go,
    together so that they are sent at once; `mask` [seats, 1, ROWS, slots], added to the scores."""

    cache: StaticCache
    given: torch.Tensor
    mask: torch.Tensor

    @property
    def slots(self) -> torch.Tensor:
        """[seats, ROWS]."""
        return self.given[2]

    def attend(
        self,
        layer: int,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scale: float,
        softcap: float | None,
    ) -> torch.Tensor:
        """query: [heads, seats × ROWS, size]; key, value: [groups, seats × ROWS, size] → [seats × ROWS, heads, size]."""
        heads, _, size = query.shape
        groups, (seats, rows) = key.shape[0], self.slots.shape
        index = self.slots[:, None, :, None].expand(seats, groups, rows, size)
        pair = self.cache.pair(layer)
        for buffer, new in zip(pair, (key, value), strict=True):
            buffer[:seats].scatter_(2, index, new.view(groups, seats, rows, size).transpose(0, 1))
        keys, values = (buffer[:seats, :, : self.mask.shape[-1]] for buffer in pair)
        # The heads of a group are rows of one product.
        grouped = query.view(groups, heads // groups, seats, rows, size).permute(2, 0, 1, 3, 4).flatten(2, 3)
        mask = self.mask.repeat(1, 1, heads // groups, 1)
        if softcap is None:
            seen = functional.scaled_dot_product_attention(grouped, keys, values, mask, scale=scale)
        else:
            scores = torch.tanh(grouped @ keys.transpose(2, 3) * (scale / softcap)) * softcap
            seen = torch.softmax(scores + mask, dim=-1) @ values
        return seen.view(seats, groups, -1, rows, size).permute(0, 3, 1, 2, 4).reshape(seats * rows, heads, size)


class StaticDecode:
    """Steps of texts being written, in torch's inference mode.

    `run(tokens, positions, step)`, both [n], gives the logits after each, [n, vocabulary]; `mask` that of a portion, [rows, last
    slots], of type `dtype`.
    """

    def __init__(
        self,
        run: Callable[[torch.Tensor, torch.Tensor, Step], torch.Tensor],
        mask: Callable[[Segment, range], torch.Tensor],
        device: torch.device,
        dtype: torch.dtype,
        capture: Capture[Best],
    ) -> None:
        self._run = run
        self._mask = mask
        self._device = device
        self._dtype = dtype
        self._capture = capture
        self._cache = StaticCache(SEATS[-1], SLOTS[-1])
        self._graphs: dict[tuple[int, int], tuple[Step, Callable[[], Best]]] = {}
        self._broken = False

    def takes(self, portion: Portion) -> bool:
        """Whether `portion` can be part of a step. Its tape has a seat then."""
        segment, tokens = portion
        tape = segment.tape
        fits = tokens == segment.left <= ROWS and tape.length + ROWS < SLOTS[-1]
        # Rows are counted from the first: what was read in part goes on without.
        begun = segment.read > 0
        if self._broken or begun or segment.text or segment.asked or segment.ends or segment.halfway or not fits:
            return False
        return tape.seat is not None or self._cache.seat(tape)

    def step(self, portions: Sequence[Portion]) -> None:
        """Portions that `takes` said yes to."""
        if not portions:
            return
        for segment, tokens in portions:
            # Room to take the steps back, should it come to that.
            segment.tape.reserve(tokens)
        longest = max(tape.length for tape in self._cache.seated.values())
        # The last slot is where rows that nobody asked for are written: it is nobody's who sits here.
        step, graph = self._made(
            next(n for n in SEATS if n > max(self._cache.seated)),
            next((n for n in SLOTS if n > ROWS + longest), SLOTS[-1]),
        )
        self._fill(step, portions)
        tops = graph().tops()
        for segment, tokens in portions:
            assert segment.tape.seat is not None
            first = segment.tape.seat.number * ROWS
            for node in segment.draws:
                segment.tops[node] = tops[first + segment.row(node)]
            segment.tape.advance(tokens)
            segment.read += tokens

    def _fill(self, step: Step, portions: Sequence[Portion]) -> None:
        seats, slots = len(step.mask), step.mask.shape[-1]
        given = torch.zeros(3, seats, ROWS, dtype=torch.long)
        tokens, positions, places = given
        places.fill_(slots - 1)
        mask = torch.full((seats, 1, ROWS, slots), torch.finfo(step.mask.dtype).min, dtype=step.mask.dtype)
        mask[..., 0] = 0
        for segment, count in portions:
            rows = range(segment.read, segment.read + count)
            assert segment.tape.seat is not None
            here, start = segment.tape.seat.number, segment.tape.length
            tokens[here, :count] = torch.tensor(segment.tokens(rows))
            positions[here, :count] = torch.tensor(segment.positions(rows))
            places[here, :count] = torch.arange(start, start + count)
            own = self._mask(segment, rows)
            mask[here, 0, :count, : start + count - own.shape[1]] = 0
            mask[here, 0, :count, start + count - own.shape[1] : start + count] = own
        step.given.copy_(given)
        step.mask.copy_(mask)

    def warm_up(self) -> None:
        """Make every graph. The cache knows the layers from a first step."""
        if not self._cache.has_room:
            return
        for seats, slots in product(SEATS, SLOTS):
            if not self._broken:
                self._made(seats, slots)

    def _made(self, seats: int, slots: int) -> tuple[Step, Callable[[], Best]]:
        if (seats, slots) not in self._graphs:
            given = torch.zeros(3, seats, ROWS, dtype=torch.long, device=self._device)
            # Nothing is written to a slot in use while the graph is made.
            given[2] = slots - 1
            mask = torch.zeros(seats, 1, ROWS, slots, dtype=self._dtype, device=self._device)
            step = Step(self._cache, given, mask)

            def work() -> Best:
                return best(self._run(given[0].flatten(), given[1].flatten(), step))

            try:
                graph = self._capture(work)
            except RuntimeError as error:
                # Not every model's layers can be captured, and not every GPU has memory for all graphs.
                log.warning("no graph can be made of this model's steps, so texts are written without: %s", error)
                self._broken, graph = True, work
            self._graphs[seats, slots] = (step, graph)
        return self._graphs[seats, slots]
