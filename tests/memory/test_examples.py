import json
import re
from pathlib import Path

import pytest

from inference.prompt import Prompt
from memory.examples import HOLDS, NAMES, STANDS, WORTH, holds, names, stands, worth

CASES = Path(__file__).parents[2] / "evals" / "cases"


def test_what_people_wrote_stands_on_one_line() -> None:
    text = "one\ntwo"
    assert not any("\n" in line for line in (worth(text), stands(text, text), holds(text), names(text)))
    assert stands("newer", "older").index("older") < stands("newer", "older").index("newer")


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        (WORTH, worth("x").split("x")[1]),
        (STANDS, stands("x", "y").split("x")[1]),
        (HOLDS, holds("x").split("x")[1]),
        (NAMES, names("x").split("x")[1]),
    ],
)
def test_every_example_is_asked_as_sentences_are(prompt: Prompt, asks: str) -> None:
    lines = prompt[-1].text.splitlines()
    assert len(lines) >= 12
    assert all(re.search(rf"{re.escape(asks)} \S", line) for line in lines)


def test_no_example_is_a_statement_that_is_measured() -> None:
    measured = " ".join(json.dumps(json.loads(f.read_text(encoding="utf-8"))) for f in CASES.glob("*.json"))
    for prompt in (WORTH, STANDS, HOLDS, NAMES):
        for line in prompt[-1].text.splitlines():
            assert line.split(": ", 1)[1][:24] not in measured
