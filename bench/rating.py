"""One pass against separate calls: `python -m bench rating [--model tiny] [--tokens 700]`.

Three thoughts are rated on ten questions after a talk of 700 tokens. Once as Aside does it: the talk was read before (a thought
was formed about it), and one pass reads the end of the prompt, the thoughts and all questions as a tree. And once by thirty
separate calls, each of which reads the whole prompt with one thought and one question in one forward pass that shares nothing,
as a server without a prefix cache would. Same weights, same precision, same attention, one process; the two take turns.

`max_abs_difference` is between the probabilities of the tree and those of the separate calls in the same precision; where that
is not float32, `…_float32` compares tree and separate calls in float32, and `…_precision` the tree with float32 separate calls.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.engines import thinker
from bench.talk import Room, line
from heuristics.motivation import HEURISTICS
from inference.prompt import Prompt
from inference.scripted import ScriptedEmbedder, ScriptedModel
from inference.weights import find_model
from thoughts import prompts

THOUGHTS = (
    " I could ask them whether the inn has a room left for the second night.",
    " I know that the bus on the bay does not run on Sunday.",
    " I am not sure that the tent is big enough for all of us.",
)
QUESTIONS = tuple(prompts.question(h.label) for h in HEURISTICS)
MESSAGES = 20
TREES = 5
"""Times that the tree is timed, spread over the separate calls."""

Table = list[list[tuple[float, ...]]]
"""Probabilities by thought, question, option."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of the tree (each time) and of the separate calls (all together), and what each found."""

    tree_seconds: list[float]
    separate_seconds: float
    tree: Table
    separate: Table
    prompt_tokens: int
    tree_tokens: int


def talk_of(tokenizer: Any, tokens: int) -> Room:
    """A room whose talk takes about `tokens` tokens."""
    from inference.rendering import Renderer

    renderer = Renderer(tokenizer)

    def count(text: str) -> int:
        return len(renderer.plain(f"Ann: {text}\n"))

    rng = random.Random(0)
    room = Room("rating", thinker(ScriptedModel(), ScriptedEmbedder()))
    for _ in range(MESSAGES):
        room.say(line(rng, tokens // MESSAGES, count))
    return room


def alone(forward: Any, renderer: Any, prompt: Prompt, thought: str, question: str) -> tuple[float, ...]:
    """Probabilities of the ratings from a forward pass of its own over everything."""
    from inference.options import choice, probabilities
    from inference.rendering import joined
    from inference.segment import Portion, Segment
    from inference.tape import Tape
    from inference.tree import ROOT

    rendered = renderer.render(prompt)
    text, pending = joined(rendered.pending, thought)
    whole = question if question[:1].isspace() else pending + question
    asked = choice([renderer.plain(whole + option) for option in prompts.RATINGS])
    found = dict[tuple[tuple[int, ...], int], float]()
    for inner in asked.inner:
        tokens = (*rendered.tokens, *renderer.plain(text), *asked.stem, *inner)
        nexts = {path[len(inner)] for path in asked.paths if path[: len(inner)] == inner != path}
        segment = Segment(Tape(), tokens, asked=[(ROOT, token) for token in nexts])
        forward.read([Portion(segment, len(segment))])
        found |= {(inner, token): segment.found[ROOT, token] for token in nexts}
    return probabilities(asked, lambda inner, token: found[inner, token])[0]


def measure(model: Any, tokenizer: Any, tokens: int, questions: Sequence[str] = QUESTIONS) -> Timed:
    from inference.forward import Forward
    from inference.transformers_engine import LocalModel

    local, forward = LocalModel(model, tokenizer), Forward(model)
    moment = talk_of(tokenizer, tokens).moment()
    prefix = prompts.shared(moment, "")
    prompt = prompts.rating(prefix, moment)
    formed = [prompts.quick_thought(prefix, moment), prompts.slow_thought(prefix, moment, (), (), ask=True)]
    tree_seconds: list[float] = []

    def by_tree() -> tuple[Table, int]:
        # What comes before a rating in every run, and leaves the talk read, not the prompt's end.
        local.propose(formed, 1, 0)
        began = time.perf_counter()
        found = local.rate(prompt, THOUGHTS, questions, prompts.RATINGS)
        tree_seconds.append(time.perf_counter() - began)
        return [list(rows) for rows in found.probabilities], found.usage.prompt

    def by_calls() -> tuple[Table, float]:
        table, seconds = [], 0.0
        every = max(1, len(THOUGHTS) * len(questions) // (TREES - 1))
        for i, thought in enumerate(THOUGHTS):
            row = []
            for j, question in enumerate(questions):
                began = time.perf_counter()
                row.append(alone(forward, local.renderer, prompt, thought, question))
                seconds += time.perf_counter() - began
                if (i * len(questions) + j + 1) % every == 0:
                    by_tree()
            table.append(row)
        return table, seconds

    by_tree()
    alone(forward, local.renderer, prompt, THOUGHTS[0], questions[0])
    tree_seconds.clear()
    tree, tree_tokens = by_tree()
    separate, seconds = by_calls()
    return Timed(tree_seconds, seconds, tree, separate, len(local.renderer.render(prompt).tokens), tree_tokens)


def largest_difference(one: Table, other: Table) -> float:
    pairs = zip(one, other, strict=True)
    rows = [row for a, b in pairs for row in zip(a, b, strict=True)]
    return max(abs(p - q) for a, b in rows for p, q in zip(a, b, strict=True))


def summary(timed: Timed, dtype: str, exact: Timed | None, model: str) -> dict[str, object]:
    tree = statistics.median(timed.tree_seconds)
    result: dict[str, object] = {
        "bench": "rating",
        "ratio": round(timed.separate_seconds / tree, 1),
        "max_abs_difference": round(largest_difference(timed.tree, timed.separate), 6),
        "compared": f"tree and separate calls, both in {dtype}",
        "seconds_tree": round(tree, 4),
        "seconds_separate": round(timed.separate_seconds, 3),
        "calls": sum(map(len, timed.separate)),
        "prompt_tokens": timed.prompt_tokens,
        "tree_tokens": timed.tree_tokens,
        "dtype": dtype,
        "model": model,
    }
    if exact is not None:
        result["max_abs_difference_float32"] = round(largest_difference(exact.tree, exact.separate), 6)
        result["max_abs_difference_precision"] = round(largest_difference(timed.tree, exact.separate), 6)
    return result


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench rating", description="One rating pass against separate calls."
    )
    parser.add_argument("--model", default="tiny", help="tiny, small, a folder or hub id (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=700, help="of the talk (default: %(default)s)")
    parser.add_argument("--exact", action="store_true", help="compare with float32 too, which takes as long again")
    given = parser.parse_args(arguments)
    # Read by OpenMP when torch loads it: as in the model process.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    from app.settings import Settings
    from inference.loading import dtype_of, load_weights
    from inference.threads import cores

    settings = Settings()
    torch.set_num_threads(settings.threads or cores())
    source = find_model(given.model, settings.cache)
    cache = settings.cache.expanduser()
    dtype = dtype_of(settings.precision, cache)
    model, tokenizer = load_weights(source, dtype, cache)
    timed = measure(model, tokenizer, given.tokens)
    exact = None
    if given.exact and dtype != torch.float32:
        exact = measure(*load_weights(source, torch.float32), given.tokens)
    print(json.dumps(summary(timed, str(dtype).removeprefix("torch."), exact, given.model)))
    return 0
