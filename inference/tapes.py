"""The tapes that are kept, within a budget of memory: a room's next prompt finds the tape of its last one."""

from collections.abc import Sequence

import torch

from inference.tape import Tape
from inference.tree import shared_length

BUDGET = 1 << 30
"""Bytes of tapes on a machine without a GPU: 16 rooms of 1,000 tokens with the built-in model in float32."""
HEADS = 8
"""Beginnings that are kept when the rooms they came from are dropped."""
_WORTH = 32
"""Tokens that make a beginning worth keeping."""
_SPARED = 64
"""Tokens that a prompt may cut off the tape it goes on with: the end of the room's last prompt. Cutting off more would cost
another room, or this one's talk before an edit, what it has read; a copy of the shared part costs less."""


class Tapes:
    """A job takes a tape and gives it back. Over the budget of `budget` bytes, the least recently used room that nobody works on
    goes first: to the CPU's memory, as far as `host_budget` allows, or away. `device`: where the model is."""

    def __init__(
        self, budget: int = BUDGET, host_budget: int = 0, device: torch.device | None = None, host: str = "cpu"
    ) -> None:
        self._budget = budget
        self._host_budget = host_budget
        self._device = device or torch.device("cpu")
        self._host = torch.device(host)
        self._heads: list[Tape] = []
        self._rooms: list[Tape] = []
        self._away: list[Tape] = []
        self._taken: list[Tape] = []

    def __len__(self) -> int:
        return len(self._rooms) + len(self._away) + len(self._taken)

    def take(self, tokens: Sequence[int]) -> Tape:
        """A tape for `tokens`, holding the longest prefix of them that any tape has, and nothing after it. Nobody else gets it
        until it is given back."""
        everywhere = [*self._heads, *self._taken, *self._away, *self._rooms]
        # Of equals the last: a tape that can be gone on with, before one that must be copied.
        _, _, best = max(
            ((shared_length(t.tokens, tokens), n, t) for n, t in enumerate(everywhere)), default=(0, 0, None)
        )
        shared = 0 if best is None else shared_length(best.tokens, tokens)
        if best is None or not shared:
            tape = Tape()
        elif best in self._heads or best in self._taken or len(best.tokens) - shared > _SPARED:
            tape = best.branch_off(shared, self._device)
            if best in self._heads:
                tape.comes_from(best, shared)
            else:
                tape.comes_from(best.origin, min(best.common, shared))
        else:
            tape = self._fetched(best)
            tape.set_back(shared)
        self._taken.append(tape)
        # The beginning that this prompt has comes last among those to drop.
        self._heads.sort(key=lambda head: head.tokens == list(tokens[: len(head.tokens)]))
        self.trim()
        return tape

    def give_back(self, tape: Tape, head: int = 0) -> None:
        """Keep `tape` for its room's next prompt. Its first `head` tokens are those of other rooms too, and are kept longer."""
        self._taken.remove(tape)
        tape.set_back(len(tape.tokens))
        self._rooms.append(tape)
        beginning = tape.tokens[:head]
        if len(beginning) == head >= _WORTH and all(kept.tokens != beginning for kept in self._heads):
            self._heads.append(tape.branch_off(head))
            tape.comes_from(self._heads[-1], head)
            del self._heads[:-HEADS]
        self.trim()

    def clear(self) -> None:
        """Drop every tape that nobody works with."""
        for kept in (self._heads, self._rooms, self._away):
            kept.clear()

    def trim(self) -> None:
        """Keep to the budget: spare slots go first, then rooms, then beginnings; never a tape in use."""
        for tape in self._rooms:
            if self._bytes() <= self._budget:
                break
            tape.shrink()
        while self._bytes() > self._budget and (self._rooms or self._heads):
            if self._rooms:
                self._put_away(self._rooms.pop(0))
            else:
                self._heads.pop(0)
        while sum(tape.bytes for tape in self._away) > self._host_budget:
            self._away.pop(0)

    def _put_away(self, tape: Tape) -> None:
        if self._host_budget:
            tape.shrink()
            tape.move(self._host)
            self._away.append(tape)

    def _fetched(self, tape: Tape) -> Tape:
        if tape in self._away:
            self._away.remove(tape)
            tape.move(self._device)
        else:
            self._rooms.remove(tape)
        return tape

    def _bytes(self) -> int:
        kept = [*self._heads, *self._rooms, *self._taken]
        # A beginning that was dropped stays for those that came from it.
        origins = [tape.origin for tape in kept if tape.origin is not None]
        return sum(tape.bytes for tape in {id(tape): tape for tape in (*kept, *origins)}.values())
