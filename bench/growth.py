"""Whether a message costs more in a longer talk: `python -m bench growth [--model tiny] [--rounds 2]`.

Three rooms with a talk of 256, 1,024 and 4,096 tokens behind them, in messages of 16, hear the same lines in turn, so
that noise of the machine hits all three. A prompt shows the last 24 to 47 messages, and at most `prompts.WINDOW`
characters: what is older comes back as memories and held thoughts only. The first line after a talk is not counted: it
reads the talk. Each counted one is a whole run: five stages, a warm prefix. With the eighth line the window rolls over,
which reads half of what is shown again: what that one message costs, and what it adds to each of the 24 until the next
time, is given apart.
"""

import argparse
import asyncio
import json
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transformers import AutoTokenizer

from app.settings import Settings
from bench.engines import ready, thinker
from bench.talk import Room, line, timed
from inference.engine import Engine
from inference.prompt import Part, Prompt
from inference.rendering import Renderer
from inference.weights import SCRIPTED, find_model
from thoughts import prompts

TALKS = (256, 1024, 4096)
MESSAGE = 16
"""Tokens of one message. 16, 64 and 256 of them end at the same place of a step of the window."""
LINES = (
    "Shall we meet at the station or at the lake?",
    "The station, then nobody gets lost.",
    "Who brings something to eat this time?",
    "I can make a salad and some bread.",
    "And what do we do if it rains?",
    "There is a small museum by the harbour.",
    "Does anybody know what it costs?",
)
"""The first is not counted."""
AT_THE_TURN = "I will look it up tonight."

Count = Callable[[Prompt], int]


@dataclass(frozen=True, slots=True)
class Heard:
    """Seconds and tokens processed for one message, by size of the talk."""

    seconds: float
    tokens: int
    stages: dict[str, float]


def counter(model: str) -> Count:
    """How many tokens a prompt's talk has; words for the scripted double."""
    if model == SCRIPTED:
        return lambda prompt: sum(len(part.text.split()) for part in prompt)
    renderer = Renderer(AutoTokenizer.from_pretrained(find_model(model, Settings().cache)))
    return lambda prompt: sum(len(renderer.plain(part.text)) for part in prompt)


def shown(room: Room, count: Count) -> int:
    """Tokens of talk in the prompt of `room`: all parts after the system's."""
    return count(tuple(part for part in prompts.shared(room.moment(), "") if part.role == "user"))


def fill(room: Room, tokens: int, count: Count, rng: random.Random) -> None:
    """A talk of `tokens` tokens, in messages of MESSAGE or one less."""
    room.say("")
    overhead = shown(room, count) - count((_part("The chat:"),))
    room.messages.pop()
    for _ in range(tokens // MESSAGE):
        room.say(line(rng, MESSAGE - overhead, lambda text: count((_part(text),))))


def _part(text: str) -> Part:
    return Part(f" {text}")


async def measure(
    engine: Engine, count: Count, talks: Sequence[int], rounds: int
) -> tuple[dict[int, int], dict[int, list[Heard]], dict[int, list[Heard]]]:
    """By talk: tokens that a prompt shows before the first line; the counted messages; those at which the window rolled over."""
    sizes: dict[int, int] = {}
    warm: dict[int, list[Heard]] = {size: [] for size in talks}
    rolled: dict[int, list[Heard]] = {size: [] for size in talks}
    for turn in range(rounds):
        rooms = {size: Room(f"{size}-{turn}", thinker(engine.model, engine.embedder)) for size in talks}
        for size, room in rooms.items():
            fill(room, size, count, random.Random(turn))
            sizes[size] = shown(room, count)
        for text in (*LINES, AT_THE_TURN):
            for size, room in rooms.items():
                seconds, run = await timed(room, text)
                heard = Heard(seconds, run.usage.prompt, dict(run.stages or {}))
                if text == AT_THE_TURN:
                    rolled[size].append(heard)
                elif text != LINES[0]:
                    warm[size].append(heard)
    return sizes, warm, rolled


def summary(
    sizes: dict[int, int], warm: dict[int, list[Heard]], rolled: dict[int, list[Heard]], model: str
) -> dict[str, object]:
    def median(heard: Sequence[Heard]) -> float:
        return statistics.median(h.seconds for h in heard)

    small, large = min(warm), max(warm)
    plain = {size: median(heard) for size, heard in warm.items()}
    spread = {size: plain[size] + max(0.0, median(rolled[size]) - plain[size]) / prompts.STEP for size in warm}
    stages = {
        size: {name: round(statistics.median(h.stages[name] for h in heard)) for name in heard[0].stages}
        for size, heard in warm.items()
    }
    return {
        "bench": "growth",
        "ratio": round(plain[large] / plain[small], 3),
        "ratio_with_rollover": round(spread[large] / spread[small], 3),
        "seconds": {str(size): round(value, 3) for size, value in plain.items()},
        "rollover_seconds": {str(size): round(median(heard), 3) for size, heard in rolled.items()},
        "prompt_tokens": {str(s): round(statistics.mean(h.tokens for h in heard)) for s, heard in warm.items()},
        "stages_ms": {str(size): found for size, found in stages.items()},
        "shown_tokens": {str(size): tokens for size, tokens in sizes.items()},
        "messages": len(warm[small]),
        "model": model,
    }


async def _measured(model: str, rounds: int) -> dict[str, object]:
    async with ready(model) as engine:
        return summary(*await measure(engine, counter(model), TALKS, rounds), model)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench growth", description="One message in longer and longer talks."
    )
    parser.add_argument("--model", default="tiny", help="as ASIDE_MODEL (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="of six messages each (default: %(default)s)")
    given = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(_measured(given.model, given.rounds))))
    return 0
