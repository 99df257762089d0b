"""Drawing the next token: which may be drawn, which end a text, and which one it is."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from inference.protocol import TEMPERATURE, TOP_P

# A nucleus wider than this is flat noise; a full sort of 150,000 logits a token would cost more than the small model itself.
WIDEST = 256

_PIECES = (16, 8, 4)
_CACHED = 8
"""Rows of 50,000 numbers that stay in a processor's cache while they are worked on."""

_ENDS = frozenset(
    (
        "<|im_end|>",
        "<|im_start|>",
        "<|endoftext|>",
        "<|eot_id|>",
        "<|eom_id|>",
        "<|end_of_text|>",
        "<|end|>",
        "<end_of_turn>",
        "</s>",
    )
)
# How byte-level, byte-fallback and plain vocabularies spell a line break inside a token.
_LINE_BREAKS = ("Ċ", "<0x0A>", "\n")


_SENTENCE = re.compile(r"\w{2}[.!?…]+[\"'”’)]*$")
"""The end of a sentence, and of no number or initial."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`ends`: tokens that end a text. `never`: [vocabulary], true for those never drawn: special ones that end nothing, and
    padding of the matrix. `breaks`: [vocabulary], true for tokens with a line break in them."""

    ends: frozenset[int]
    never: torch.Tensor
    breaks: torch.Tensor


def vocabulary(tokenizer: Any, model: Any) -> Vocabulary:
    size = model.get_output_embeddings().weight.shape[0]
    added = {i: token.content for i, token in tokenizer.added_tokens_decoder.items()}
    declared = model.generation_config.eos_token_id
    ends = {declared} if isinstance(declared, int) else set(declared or ())
    ends |= {i for i, content in added.items() if content in _ENDS}
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    never = torch.zeros(size, dtype=torch.bool)
    never[[i for i in special - ends if i < size]] = True
    never[len(tokenizer) :] = True
    breaks = torch.zeros(size, dtype=torch.bool)
    spelled = tokenizer.get_vocab()
    breaks[[i for token, i in spelled.items() if i < size and any(b in token for b in _LINE_BREAKS)]] = True
    return Vocabulary(frozenset(ends), never, breaks)


def begins_another(text: str, piece: str) -> bool:
    """Whether `text` is a whole sentence, after which `piece` begins another."""
    return piece[:1].isspace() and _SENTENCE.search(text) is not None


def generator(seed: int, branch: int) -> torch.Generator:
    """A source of randomness for one branch, so that its text does not depend on when the others end."""
    return torch.Generator().manual_seed((seed * 1_000_003 + branch) % 2**63)


@dataclass(frozen=True, slots=True)
class Top:
    """The likeliest tokens after one place, the likeliest first: [n] each, on the CPU; `total` is the logarithm of the sum of
    the exponentials of all logits."""

    logits: torch.Tensor
    tokens: torch.Tensor
    total: float


class Best(NamedTuple):
    """The same of many places, wherever the model is: `logits` and `tokens` [rows, n], `totals` [rows]."""

    logits: torch.Tensor
    tokens: torch.Tensor
    totals: torch.Tensor

    def tops(self) -> list[Top]:
        """One for each row."""
        logits, tokens, totals = self if self.logits.device.type == "cpu" else self._fetched()
        return [Top(*row) for row in zip(logits, tokens, totals.tolist(), strict=True)]

    def _fetched(self) -> "Best":
        """On the CPU, all at once: each fetch waits for the device. A float32 number is exact up to 2^24."""
        all_of_it = torch.cat([self.logits.float(), self.tokens.float(), self.totals.float()[:, None]], 1).cpu()
        most = self.logits.shape[1]
        return Best(all_of_it[:, :most], all_of_it[:, most:-1].long(), all_of_it[:, -1])


def best(logits: torch.Tensor) -> Best:
    """Of each row of [rows, vocabulary]."""
    return Best(*largest(logits, WIDEST), log_total(logits))


def largest(numbers: torch.Tensor, most: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The largest of each row of [rows, n], the largest first, `most` at most, and where they stand: [rows, most] each.
    torch looks at one number after the other. Here a row is cut into pieces below each other: the `most` largest numbers stand in
    the `most` columns whose maxima are largest, and only those are looked through, in the same way."""
    rows, size = numbers.shape
    pieces = next((n for n in _PIECES if size >= 4 * n * most), 1)
    if pieces == 1:
        found, places = numbers.topk(min(most, size))
        return found, places
    cut = size - size % pieces
    below = numbers[:, :cut].view(rows, pieces, -1)
    columns = below.amax(1).topk(most, sorted=False).indices[:, None].expand(-1, pieces, -1)
    places = columns + torch.arange(0, cut, cut // pieces, device=numbers.device)[:, None]
    rest = torch.arange(cut, size, device=numbers.device).expand(rows, -1)
    places = torch.cat([places.flatten(1), rest], 1)
    found, among = largest(numbers.gather(1, places), most)
    return found, places.gather(1, among)


def log_total(logits: torch.Tensor) -> torch.Tensor:
    """Logarithm of the sum of the exponentials of each row of [rows, n]: [rows]. On the CPU torch 2.13 takes twenty times as long
    for its logsumexp."""
    at_once = _CACHED if logits.device.type == "cpu" else len(logits)
    return torch.cat([_log_total(some) for some in torch.split(logits, at_once)])


def _log_total(logits: torch.Tensor) -> torch.Tensor:
    top = logits.amax(1, keepdim=True)
    return torch.sub(logits, top).exp_().sum(1).log_() + top[:, 0]


def draw(top: Top, forbidden: torch.Tensor, rng: torch.Generator) -> tuple[int, float]:
    """A token and its natural log-probability before temperature and nucleus. `forbidden`: [vocabulary], on the CPU."""
    logits = top.logits.masked_fill(forbidden[top.tokens], -torch.inf)
    chances = torch.softmax(logits / TEMPERATURE, dim=-1)
    # The token that crosses the bar stays in, so one is always left.
    chances = torch.where(chances.cumsum(-1) - chances < TOP_P, chances, 0.0)
    index = int(torch.multinomial(chances, 1, generator=rng))
    return int(top.tokens[index]), float(top.logits[index]) - top.total
