"""Options as a tree of tokens, and their probabilities from the model's next-token probabilities."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`stem`: tokens of the question that all options share. `paths[i]`: the tokens of option `i` after the stem; at least
    one each. `inner`: every proper prefix of a path, shortest first, the empty one first: after each of these the model is asked
    for the next token."""

    stem: Path
    paths: tuple[Path, ...]
    inner: tuple[Path, ...]


def choice(spelled: Sequence[Path]) -> Choice:
    """From question+option tokenised together, one entry an option: where the options part is found from the tokens, since a
    tokeniser may join the end of the question to the start of the option. Raises ValueError where two options are one."""
    if len(set(spelled)) != len(spelled) or not all(spelled):
        raise ValueError(f"options must be different and not empty, got token ids {list(spelled)!r}")
    # One token at least stays with each option, also when one option begins another ("Bob", "Bob Smith").
    shared = min(map(len, spelled)) - 1
    first = spelled[0]
    while any(other[:shared] != first[:shared] for other in spelled):
        shared -= 1
    paths = tuple(tokens[shared:] for tokens in spelled)
    inner = {path[:n] for path in paths for n in range(len(path))}
    inner |= {path for path in paths if any(_begins(path, other) for other in paths)}
    return Choice(first[:shared], paths, tuple(sorted(inner, key=lambda path: (len(path), path))))


def probabilities(asked: Choice, log_next: Callable[[Path, int], float]) -> tuple[tuple[float, ...], float]:
    """Probability of each option, normalised over the options, and what they had together, 0–1.

    `log_next(prefix, token)`: natural log-probability of `token` after stem + `prefix`. An option that begins a longer one
    keeps only what the longer ones leave, so that no probability is counted twice.
    """
    raw = []
    for path in asked.paths:
        reached = math.exp(sum(log_next(path[:n], token) for n, token in enumerate(path)))
        onward = {other[len(path)] for other in asked.paths if _begins(path, other)}
        taken = sum(math.exp(log_next(path, token)) for token in onward)
        raw.append(reached * max(0.0, 1.0 - taken))
    mass = sum(raw)
    if not math.isfinite(mass) or mass <= 0.0:
        # Every option underflowed: the model says nothing about them.
        return tuple(1.0 / len(raw) for _ in raw), 0.0
    return tuple(p / mass for p in raw), min(1.0, mass)


def _begins(path: Path, other: Path) -> bool:
    return len(other) > len(path) and other[: len(path)] == path
