"""What the runs of each reward come to: means over seeds with 95 % intervals, how far rewards lie apart, curves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NAMES = ("success", "quality", "turns", "questions", "repeated", "certainty")
T95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36}
"""Student's t for the mean of so many seeds."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one policy on new talks. `repeated`: part of the words of its acts that it had used before in the same talk (an act of a
    lesson has one word); what is asked again comes in other words, of which some are the same."""

    success: float
    quality: float
    turns: float
    questions: float
    repeated: float
    certainty: float
    by_kind: Mapping[str, float]


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def mean_and_half(values: Sequence[float]) -> list[float]:
    """[mean, half a 95 % interval], 0 of one value."""
    half = T95.get(len(values), 1.96) * float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0
    return [round(mean(values), 3), round(half, 3)]


def summary(runs: Sequence[Measured]) -> dict[str, object]:
    """`mean_and_half` over seeds."""
    kinds = sorted({k for r in runs for k in r.by_kind})
    return {
        **{name: mean_and_half([getattr(r, name) for r in runs]) for name in NAMES},
        "per_type": {k: mean_and_half([r.by_kind[k] for r in runs if k in r.by_kind]) for k in kinds},
    }


def apart(runs: Mapping[str, Sequence[Measured]]) -> dict[str, list[float]]:
    """By how much each reward's success is above the first one's: `mean_and_half` of the differences seed by seed, as runs of one
    seed have their start and the people that they are measured on in common."""
    (first, beside), *others = runs.items()
    return {
        f"{name} - {first}": mean_and_half([r.success - b.success for r, b in zip(own, beside, strict=True)])
        for name, own in others
    }


def in_rows(table: Mapping[str, Mapping[str, object]]) -> str:
    """Markdown: a row a reward, mean ± half of a 95 % interval."""
    first = next(iter(table.values()))
    names = [n for n in first if n != "per_type"]
    kinds = list(_cells(first["per_type"]))
    rows = [f"| reward | {' | '.join([*names, *kinds])} |", "|---" * (1 + len(names) + len(kinds)) + "|"]
    for reward, found in table.items():
        cells = [found[n] for n in names] + [_cells(found["per_type"])[k] for k in kinds]
        rows.append(f"| {reward} | {' | '.join(_cell(c) for c in cells)} |")
    return "\n".join(rows)


def _cells(found: object) -> Mapping[str, object]:
    assert isinstance(found, Mapping)
    return found


def _cell(found: object) -> str:
    assert isinstance(found, list)
    return f"{found[0]:.2f} ± {found[1]:.2f}"


def draw_curves(curves: Mapping[str, Sequence[Sequence[tuple[float, float]]]], task: str, path: Path) -> None:
    """Success and turns over training, a line a reward, smoothed over 25 batches, the mean of the seeds."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    window = np.ones(min(25, *(len(run) for runs in curves.values() for run in runs)))
    window /= len(window)
    for reward, runs in curves.items():
        mean = np.array(runs).mean(0)
        for column, axis in enumerate(axes):
            axis.plot(np.convolve(mean[:, column], window, mode="valid"), label=reward, linewidth=1)
    for axis, title in zip(axes, (f"{task}: success", f"{task}: turns"), strict=True):
        axis.set_title(title)
        axis.set_xlabel("batches of talks")
    axes[1].legend(fontsize=7)
    figure.savefig(path, dpi=110)
    plt.close(figure)
