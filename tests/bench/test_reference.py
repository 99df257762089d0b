import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bench.reference import Cost, cost_of, environment, lines_of, run_aside, run_reference, summary
from inference.connect import ScriptedEngine

SCRIPT = """import json, sys
LINES = ["Where to?",
         "To the lake."]
print(json.dumps({"message": 0}))
print(json.dumps({"llm_calls": 7, "prompt_tokens": 5000.0, "generated_tokens": 700, "seconds": 12.0, "n": int(sys.argv[1])}))
"""


def test_the_lines_are_read_from_the_script_without_running_it() -> None:
    assert lines_of("raise SystemExit\n" + SCRIPT) == ("Where to?", "To the lake.")
    with pytest.raises(ValueError, match="LINES"):
        lines_of("lines = 1")


def test_the_costs_are_on_the_last_line(tmp_path: Path) -> None:
    script = tmp_path / "toy.py"
    script.write_text(SCRIPT)
    assert run_reference(Path(sys.executable), script, 3) == Cost(7, 5000, 700, 12)


def test_a_reference_that_breaks_off_is_run_again(tmp_path: Path) -> None:
    script, tried = tmp_path / "toy.py", tmp_path / "tried"
    once = f"from pathlib import Path\ntried = Path({str(tried)!r})\n"
    once += "if not tried.exists():\n    tried.touch()\n    raise TypeError\n"
    script.write_text(once + SCRIPT)
    assert run_reference(Path(sys.executable), script, 3).seconds == 12
    script.write_text("raise TypeError")
    with pytest.raises(subprocess.CalledProcessError):
        run_reference(Path(sys.executable), script, 3)


@pytest.mark.parametrize("output", ["", "nothing", '{"seconds": 1}', "[]"])
def test_an_output_without_costs_is_an_error(output: str) -> None:
    with pytest.raises(ValueError, match="gives no costs"):
        cost_of(output)


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
