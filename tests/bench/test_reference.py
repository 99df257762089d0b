import asyncio
import sys
from pathlib import Path

import pytest

from bench.reference import ATTEMPTS, Cost, costs_of, environment, lines_of, mean, run_aside, run_reference, summary
from inference.connect import ScriptedEngine

SCRIPT = """import json, sys
LINES = ["Where to?",
         "To the lake."]
for n in range(int(sys.argv[1])):
    costs = {"llm_calls": 7, "prompt_tokens": 5000 + n, "completion_tokens": 700, "seconds": 12.0}
    print(json.dumps({"message": n, **costs}))
print(json.dumps({"llm_calls": 7}))
"""


def test_the_lines_are_read_from_the_script_without_running_it() -> None:
    assert lines_of("raise SystemExit\n" + SCRIPT) == ("Where to?", "To the lake.")
    with pytest.raises(ValueError, match="LINES"):
        lines_of("lines = 1")


def test_each_message_has_a_line(tmp_path: Path) -> None:
    script = tmp_path / "toy.py"
    script.write_text(SCRIPT)
    assert run_reference(Path(sys.executable), script, 2) == [Cost(7, 5000, 700, 12), Cost(7, 5001, 700, 12)]


def test_a_reference_that_breaks_off_begins_anew(tmp_path: Path) -> None:
    script, tried = tmp_path / "toy.py", tmp_path / "tried"
    script.write_text(
        f"""import json, sys
from pathlib import Path
tried = Path({str(tried)!r})
runs = len(tried.read_text()) if tried.exists() else 0
tried.write_text("x" * (runs + 1))
for n in range(int(sys.argv[1])):
    if n > runs:
        raise TypeError
    costs = dict(llm_calls=7, prompt_tokens=runs, completion_tokens=1, seconds=1)
    print(json.dumps(dict(message=n) | costs), flush=True)
"""
    )
    assert [cost.prompt_tokens for cost in run_reference(Path(sys.executable), script, 3)] == [2, 2, 2]
    assert len(tried.read_text()) == 3
    # Where none gets through, a message counts as the mean of those that reached it.
    tried.unlink()
    reached = run_reference(Path(sys.executable), script, ATTEMPTS + 3)
    assert [cost.prompt_tokens for cost in reached] == [(n + ATTEMPTS - 1) / 2 for n in range(ATTEMPTS)]


def test_a_message_that_no_run_reached_is_left_out(tmp_path: Path) -> None:
    script = tmp_path / "toy.py"
    script.write_text(SCRIPT.replace("for n in range(int(sys.argv[1]))", "for n in range(1)") + "raise TypeError")
    assert run_reference(Path(sys.executable), script, 3) == [Cost(7, 5000, 700, 12)]
    script.write_text("raise TypeError")
    with pytest.raises(ValueError, match="broke off at its first message"):
        run_reference(Path(sys.executable), script, 3)


@pytest.mark.parametrize("line", ['{"message": 0}', '{"message": 0', '{"message": 0, "llm_calls": "many"}'])
def test_a_line_without_costs_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="gives no costs"):
        costs_of(line)


def test_the_mean_is_of_each_column() -> None:
    assert mean([Cost(7, 5000, 700, 12), Cost(5, 4000, 300, 6)]) == Cost(6, 4500, 500, 9)


def test_an_environment_that_is_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "aside-made").touch()
    assert environment(tmp_path) == tmp_path / "bin" / "python"


def test_aside_counts_what_it_processed() -> None:
    cost = asyncio.run(run_aside(ScriptedEngine(), ["Where to?", "To the lake."], 3))
    assert cost.llm_calls == 2
    assert cost.prompt_tokens > 0
    assert cost.generated_tokens > 0
    assert cost.seconds > 0


def test_the_ratios_are_of_means() -> None:
    result = summary(Cost(7, 5000, 700, 12), Cost(4, 500, 70, 1.5), 8)
    assert result["seconds_ratio"] == 8
    assert result["prompt_tokens_ratio"] == 10
    assert result["generated_tokens_ratio"] == 10
    assert result["messages"] == 8
