"""The structural baseline of `python -m evals timing`: gradient boosting on twelve numbers of the talk.

    python -m training structure ../shared/data/chats/train/*.jsonl

Expected: AUC near 0.78 on dev, as the page of the data has it. Writes evals/structure.json; one JSON line last.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversation.chats import read_chat
from conversation.standing import talk_of
from conversation.structure import TWELVE, twelve
from heuristics.forest import written
from thoughts.points import LATELY, WINDOW, WROTE, unlinked
from training.boosting import boost

Floats = NDArray[np.floating[Any]]

TREES, PACE = 120, 0.1
FILE = Path(__file__).parents[1] / "evals" / "structure.json"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training structure", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--every", type=int, default=4, help="messages between those whose occasions are counted")
    options = parser.parse_args(arguments)
    rows, spoke = read(sorted(options.files), options.every)
    trees = boost(rows, spoke, TREES, PACE)
    FILE.write_text(written(TWELVE, trees), encoding="utf-8")
    print(json.dumps({"file": str(FILE), "occasions": len(spoke), "trees": len(trees)}))


def read(paths: Sequence[Path], every: int) -> tuple[Floats, Floats]:
    """float[occasion, twelve], float[occasion]: the occasions of `training.occasions`."""
    rows, spoke = [], []
    for path in paths:
        messages = unlinked(read_chat(path).messages)
        wrote = Counter(m.author.id for m in messages)
        for i in range(every - 1, len(messages) - 1, every):
            past = messages[max(0, i + 1 - WINDOW) : i + 1]
            talk = talk_of(past, {}, past[-1].at)
            for who, own in talk.standings.items():
                if wrote[who] >= WROTE and own.turns is not None and 0 < own.turns <= LATELY:
                    rows.append(twelve(past, talk, who))
                    spoke.append(messages[i + 1].author.id == who)
    return np.array(rows), np.array(spoke, float)
