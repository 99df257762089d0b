"""What a fit makes of refusals and answers, and how it is measured."""

import json
from pathlib import Path

import numpy as np

from training.declining import Row, crossed, fitted, measured, rows


def test_rows_are_the_cases_the_phrases_and_lines_of_chats(tmp_path: Path) -> None:
    line = {"id": "1", "at": "2026-01-01T00:00:00Z", "author": "Ann", "text": "the build is broken"}
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    made = rows(tmp_path, 0)
    assert {r.part for r in made} == {"declines", "answers", "phrases", "lines"}
    assert [r.text for r in made if r.part == "lines"] == ["the build is broken"]
    assert all(r.refuses == (r.part == "declines") for r in made)


def test_what_lies_apart_is_told_apart() -> None:
    made = [Row(f"{part} {i}", part) for part in ("declines", "answers") for i in range(20)]
    rng = np.random.default_rng(0)
    ends = np.array([[1, 0] if r.refuses else [0, 1] for r in made])
    x = (ends + 0.1 * rng.standard_normal((len(made), 2))).astype(np.float32)
    scores = crossed(made, x, 0)
    found = fitted(made, x, scores)
    told = measured(made, [found.chance(row.tolist()) for row in x])
    assert told["rows"] == {"declines": 20, "answers": 20, "phrases": 0, "lines": 0}
    assert told["cross"] == {"auc": 1.0, "heard": {"declines": 1.0, "answers": 0.0, "phrases": 0.0, "lines": 0.0}}
    assert told["phrases"] == {"declines": 0.0, "answers": 0.0, "phrases": 0.0, "lines": 0.0}
