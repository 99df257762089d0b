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
from inference.protocol import Ask, Embedder, Encodings, Judged, ModelUnavailableError, Proposals, Ratings, Readings
from inference.scripted import ScriptedEmbedder
from inference.weights import find_embedder
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

    async def stream(self, prompt: Prompt, limit: int, seed: int, *, urgent: bool = False) -> AsyncGenerator[str]:
        for piece in self.local.stream(prompt, limit, seed):
            yield piece


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds: of each decision, of one decode step, of one rating pass; the tokens that the rating read, those that stand before
    it, and those of the talk that the window shows."""

    decisions: tuple[float, ...]
    decode: float
    rating: float
    rating_tokens: int
    context: int
    shown: int


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


def embedder() -> Embedder:
    """The sentence embedder where its package is installed; on a bare machine the double, which costs nothing."""
    try:
        folder = find_embedder()
    except ModelUnavailableError:
        return ScriptedEmbedder()
    from inference.loading import load_embedder

    local = load_embedder(folder)

    class InProcess:
        dim = local.dim

        async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
            return local.embed(texts)

    return InProcess()


async def measure(model: Any, tokenizer: Any, talk: int, messages: int) -> Measured:
    from inference.transformers_engine import LocalModel

    # On a CPU, too, where the tests take the same way without a graph.
    direct = Direct(LocalModel(model, tokenizer, static=True), "random")
    direct.local.warm_up()
    renderer = direct.local.renderer
    who = thinker(direct, embedder())
    room = Room("gpu", who)

    def count(prompt: Prompt) -> int:
        return sum(len(renderer.plain(part.text)) for part in prompt)

    fill(room, talk, count, random.Random(0))
    await room.hear("Hello again.")
    decisions = [(await timed(room, LINES[n % len(LINES)]))[0] for n in range(messages)]

    moment = room.moment()
    prefix = prompts.shared(moment, "")
    formed = [prompts.quick_thought(prefix, moment)] * THOUGHTS
    steps = LENGTH - 1

    def propose(limit: int) -> None:
        direct.local.propose(formed, limit, 0)

    propose(1)
    device = model.device
    decode = (best_of(lambda: propose(LENGTH), device, 3) - best_of(lambda: propose(1), device, 3)) / steps
    run = await room.hear(LINES[0])
    prompt = prompts.rating(prompts.shared(room.moment(), ""), room.moment())
    asked = ([f" {t.text}" for t in run.thoughts[:THOUGHTS]], [prompts.question(h.label) for h in JUDGED])
    taken = []

    def rate() -> None:
        taken.append(direct.local.rate(prompt, *asked, prompts.RATINGS).usage.prompt)

    rating = best_of(rate, device, 5)
    before = len(renderer.render(prompt).tokens)
    return Measured(tuple(decisions), decode, rating, taken[-1], before, shown(room, count))


def summary(found: Measured, device: Device, shape: Shape) -> dict[str, object]:
    decode_floor = shape.decode_floor(device, found.context)
    rating_floor = shape.read_floor(device, found.rating_tokens, found.context)
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
