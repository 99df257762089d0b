"""Into how many parts phrases are cut to be held out, and where what was fitted without one of them is kept."""

from pathlib import Path

from personalization.space import SERVED

PARTS, FINER = 5, 10
"""Of the phrases, each held out of one fit; of preferences, whose chances come out truer by the finer (calibration error on words
that were looked at 0.019 instead of 0.039)."""


def parts_of(space: str) -> int:
    return FINER if space == SERVED else PARTS


def fold_file(cache: Path, space: str, reads: str, part: int) -> Path:
    """The listener that was fitted without the `part`-th of `parts_of` parts of the phrases; it does not ship."""
    return cache / "folds" / f"{space}-{reads}-{part}.npz"
