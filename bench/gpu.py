"""How near a large model on a GPU comes to what the GPU could do: `python -m bench gpu [--messages 10]`.

Random weights in the shape of Qwen3-4B in bf16, a talk of 1,000 tokens, three thoughts of 20 tokens each: random weights cost
what real ones cost, and need no download. A decision is a whole run, from a message to it, five stages, with the talk read
before; a decode step and a rating pass are set against their floors (`bench.floor`). Without a GPU there is nothing to measure:
it says so and ends well.
"""

import argparse
import asyncio
import json
import random
import statistics
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.engines import thinker
from bench.floor import Device, Shape, best_of, measure_device, shape_of
from bench.growth import fill, shown
from bench.service import ROOT
from bench.talk import Room, timed
from heuristics.motivation import JUDGED
from inference.prompt import Prompt
from inference.protocol import Ask, Encodings, Judged, Proposals, Ratings, Readings, Spent, uncounted
from inference.scripted import ScriptedEmbedder
from thoughts import prompts

if TYPE_CHECKING:
    from inference.transformers_engine import LocalModel

QWEN3_4B: dict[str, Any] = {
    "vocab_size": 151_936,
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40_960,
    "tie_word_embeddings": True,
}
TALK, LENGTH, THOUGHTS = 1000, 20, 3
END = "<|endoftext|>"
PAGES = ("README.md", "docs/architecture.md", "docs/heuristics.md", "thoughts/prompts.py")
LINES = (
    "Shall we meet at the lake?",
    "Who brings something to eat?",
    "And what if it rains?",
    "Does anybody know a museum?",
)
RATED = (
    "I could ask the museum by the harbour what it costs on a Saturday and tell you all tonight.",
    "We said the same last week, so somebody should simply decide where we meet and when.",
    "If it rains we can still take the train back early and eat at my place instead.",
)
"""Thoughts of about LENGTH tokens: what a random model writes is not read as it was written."""


class Direct:
    """LanguageModel over a model in this process, whose thoughts are cut at LENGTH tokens."""

    def __init__(self, local: "LocalModel", name: str) -> None:
        self.name = name
        self.local = local

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        return self.local.propose(prompts, min(limit, LENGTH), seed)

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        return self.local.rate(prompt, branches, questions, options)

    async def judge(self, asks: Sequence[Ask], *, urgent: bool = False) -> Judged:
        return self.local.judge(asks)

    async def encode(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Encodings | None:
        return self.local.encode(prompt, branches)

    async def read(self, prompt: Prompt, branches: Sequence[str], *, urgent: bool = False) -> Readings | None:
        return self.local.read(prompt, branches)

    async def stream(
        self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False, spent: Spent = uncounted
    ) -> AsyncGenerator[str]:
        for piece in self.local.stream(prompt, limit, seed, spent=spent):
            yield piece


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds: of each decision, of one decode step, of one rating pass; the tokens that the rating read, after how many of them
    it asked, those that stand before it, and those of the talk that the window shows; thoughts of all decisions."""

    decisions: tuple[float, ...]
    decode: float
    rating: float
    rating_tokens: int
    asked: int
    context: int
    shown: int
    thoughts: int


def tokenizer_of(vocabulary: int) -> Any:
    """Learned from our own pages here and now, about as long-winded as a real one on plain English; and as many other tokens as
    the matrix has rows, so that a random model hardly ever draws an ending."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    letters = pre_tokenizers.ByteLevel.alphabet()
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    learned = min(4096, vocabulary // 2)
    core.train(
        [str(ROOT / name) for name in PAGES],
        trainers.BpeTrainer(vocab_size=learned, special_tokens=[END], initial_alphabet=letters, show_progress=False),
    )
    spelled = json.loads(core.to_str())
    known = spelled["model"]["vocab"]
    known |= {f"x{i}": i for i in range(len(known), vocabulary)}
    core = Tokenizer.from_str(json.dumps(spelled))
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=core, eos_token=END)  # type: ignore[no-untyped-call]
    return tokenizer


def random_model(shape: dict[str, Any], device: str) -> Any:
    """A Qwen3 of that shape with random weights in bf16."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(0)
    config = Qwen3Config(**shape)
    with torch.device(device):
        model: Any = Qwen3ForCausalLM._from_config(  # type: ignore[no-untyped-call]
            config, dtype=torch.bfloat16, attn_implementation="sdpa"
        )
    return model.eval()


async def measure(model: Any, tokenizer: Any, talk: int, messages: int) -> Measured:
    from inference.transformers_engine import LocalModel

    # On a CPU, too, where the tests take the same way without a graph.
    direct = Direct(LocalModel(model, tokenizer, static=True), "random")
    direct.local.warm_up()
    renderer = direct.local.renderer
    # What a random model writes is nothing to an embedder: it would call all of it the same, and drop it.
    who = thinker(direct, ScriptedEmbedder())
    room = Room("gpu", who)

    def count(prompt: Prompt) -> int:
        return sum(len(renderer.plain(part.text)) for part in prompt)

    fill(room, talk, count, random.Random(0))
    await room.hear("Hello again.")
    heard = [await timed(room, LINES[n % len(LINES)]) for n in range(messages)]

    moment = room.moment()
    prefix = prompts.shared(moment, "")
    formed = [prompts.quick_thought(prefix, moment)] * THOUGHTS
    written = []

    def propose(limit: int) -> None:
        written.append(max(len(c.logprobs) for c in direct.local.propose(formed, limit, 0).continuations))

    propose(1)
    device = model.device
    decode = best_of(lambda: propose(LENGTH), device, 3) - best_of(lambda: propose(1), device, 3)
    steps = max(1, max(written) - min(written))
    prompt = prompts.rating(prompts.shared(room.moment(), ""), room.moment())
    asked = ([f" {text}" for text in RATED], [prompts.question(h.label) for h in JUDGED])
    taken = []

    def rate() -> None:
        taken.append(direct.local.rate(prompt, *asked, prompts.RATINGS).usage.prompt)

    rating = best_of(rate, device, 5)
    before = len(renderer.render(prompt).tokens)
    decisions = tuple(seconds for seconds, _ in heard)
    thoughts = sum(len(run.thoughts) for _, run in heard)
    questions = len(asked[0]) * len(asked[1])
    return Measured(decisions, decode / steps, rating, taken[-1], questions, before, shown(room, count), thoughts)


def summary(found: Measured, device: Device, shape: Shape) -> dict[str, object]:
    decode_floor = shape.decode_floor(device, found.context)
    rating_floor = shape.read_floor(device, found.rating_tokens, found.asked, found.context)
    return {
        "bench": "gpu",
        "decision_ms_p50": round(1000 * statistics.median(found.decisions), 1),
        "decode_over_floor": round(found.decode / decode_floor, 2),
        "rating_over_floor": round(found.rating / rating_floor, 2),
        "device": device.name,
        "decode_ms": round(1000 * found.decode, 3),
        "decode_floor_ms": round(1000 * decode_floor, 3),
        "rating_ms": round(1000 * found.rating, 2),
        "rating_floor_ms": round(1000 * rating_floor, 2),
        "rating_tokens": found.rating_tokens,
        "shown_tokens": found.shown,
        "bandwidth_gb_s": round(device.bandwidth / 1e9, 1),
        "matrix_tflop_s": round(device.matrix_rate / 1e12, 2),
        "messages": len(found.decisions),
        "thoughts": found.thoughts,
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench gpu", description="A model of 4B parameters against the GPU's floor."
    )
    parser.add_argument("--messages", type=int, default=6, help="decisions timed (default: %(default)s)")
    given = parser.parse_args(arguments)
    import torch

    if not torch.cuda.is_available():
        print(json.dumps({"bench": "gpu", "device": None, "reason": "torch finds no CUDA device on this machine"}))
        return 0
    model = random_model(QWEN3_4B, "cuda")
    tokenizer = tokenizer_of(QWEN3_4B["vocab_size"])
    found = asyncio.run(measure(model, tokenizer, TALK, given.messages))
    print(json.dumps(summary(found, measure_device(model.device, 8192), shape_of(model))))
    return 0
