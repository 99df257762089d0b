"""What a precision costs in quality: `python -m bench precision CHATS [--model tiny] [--precision int8] [--places 12]`.

Places of true replies in real chats (a folder of them), each read by the model in float32 and in the other precision, under the
prompt under which thoughts are rated. Of the tokens of the reply: how far apart the distributions of the next token are (KL, in
nats), how often the likeliest token is the same, and how far the log-probability of the token that came is off. Of the reply as
a thought: how far apart its ratings are, over ten questions of five options each.
"""

import argparse
import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from bench.rating import QUESTIONS
from conversation.places import Place, places
from inference.weights import Precision, find_model
from thoughts import prompts

if TYPE_CHECKING:
    import torch

LONGEST = 40
"""Tokens of a reply that are looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one place: log-probabilities of the next token at each token of the reply, [tokens, vocabulary], the tokens that came,
    and the ratings, by question."""

    log_next: "torch.Tensor"
    came: "torch.Tensor"
    ratings: tuple[tuple[float, ...], ...]


def seen(model: Any, tokenizer: Any, some: Sequence[Place]) -> list[Seen]:
    import torch

    from inference.forward import Forward
    from inference.segment import Portion, Segment
    from inference.tape import Tape
    from inference.transformers_engine import LocalModel
    from inference.tree import ROOT

    forward, local, found = Forward(model), LocalModel(model, tokenizer), []
    for place in some:
        prompt = prompts.rating(prompts.shared(place.moment, ""), place.moment)
        reply = f" {place.candidates[0].text}"
        came = local.renderer.plain(reply)[:LONGEST]
        segment = Segment(Tape(), local.renderer.render(prompt).tokens, ends=[ROOT, *range(len(came) - 1)])
        segment.tree.add(ROOT, came[:-1])
        forward.read([Portion(segment, segment.left)])
        with torch.inference_mode():
            logits = forward.head.logits(torch.stack([segment.hidden[node] for node in segment.ends]).to(model.dtype))
        rated = local.rate(prompt, [reply], QUESTIONS, prompts.RATINGS).probabilities[0]
        found.append(Seen(torch.log_softmax(logits, -1), torch.tensor(came), rated))
    return found


def compare(exact: Sequence[Seen], other: Sequence[Seen]) -> dict[str, float]:
    kl, same, errors, ratings = list[float](), list[float](), list[float](), list[float]()
    for one, two in zip(exact, other, strict=True):
        kl += (one.log_next.exp() * (one.log_next - two.log_next)).sum(-1).tolist()
        same += (one.log_next.argmax(-1) == two.log_next.argmax(-1)).float().tolist()
        errors += (two.log_next - one.log_next).gather(1, one.came[:, None])[:, 0].tolist()
        pairs = zip(one.ratings, two.ratings, strict=True)
        ratings += [abs(p - q) for a, b in pairs for p, q in zip(a, b, strict=True)]
    return {
        "kl_mean": round(statistics.mean(kl), 5),
        "kl_max": round(max(kl), 4),
        "top1_agreement": round(statistics.mean(same), 4),
        "logprob_error_mean": round(statistics.mean(errors), 4),
        "logprob_error_abs": round(statistics.mean(map(abs, errors)), 4),
        "rating_difference_mean": round(statistics.mean(ratings), 5),
        "rating_difference_max": round(max(ratings), 4),
        "tokens": len(kl),
        "ratings": len(ratings) // len(prompts.RATINGS),
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench precision", description="A precision against float32.")
    parser.add_argument("chats", type=Path, help="folder of chats, one JSON object a line")
    parser.add_argument("--model", default="tiny", help="tiny, small, a folder or hub id (default: %(default)s)")
    parser.add_argument("--precision", choices=get_args(Precision), default="int8", help="default: %(default)s")
    parser.add_argument("--places", type=int, default=12, help="default: %(default)s")
    given = parser.parse_args(arguments)
    # Read by OpenMP when torch loads it: as in the model process.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from app.settings import Settings
    from inference.loading import dtype_of, load_weights

    cache = Settings().cache.expanduser()
    source = find_model(given.model, cache)
    some = places(sorted(given.chats.glob("*.jsonl")), given.places, 0, 0)[: given.places]
    # One after the other: both in memory at once would be more than the larger model's machine has.
    exact = seen(*load_weights(source, dtype_of("float32")), some)
    other = seen(*load_weights(source, dtype_of(given.precision, cache), cache), some)
    result = {"bench": "precision", **compare(exact, other), "precision": given.precision, "model": given.model}
    print(json.dumps(result))
    return 0
