"""A model with random weights and its tokenizer, made here in milliseconds; the embedded model, loaded once for all tests."""

import os
import random
from typing import Any

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from app.settings import Settings
from inference.loading import load_embedder, load_model
from inference.transformers_embedder import LocalEmbedder
from inference.transformers_engine import LocalModel
from inference.weights import find_embedder, find_model

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|other|>")
_WORDS = "Ann Bob Smith where should we eat tonight somewhere cheap with vegan food how urgent is it answer 1 2 3 4 5"


def make_tokenizer(template: str | None = CHATML) -> Any:
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    rng = random.Random(1)
    lines = [" ".join(rng.choices(_WORDS.split(), k=12)) + ".\n" for _ in range(200)]
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(lines, trainer)
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|im_end|>")  # type: ignore[no-untyped-call]
    tokenizer.add_tokens(["<think>"])
    tokenizer.chat_template = template
    return tokenizer


def make_model(vocabulary: int, **changes: Any) -> Any:
    torch.manual_seed(7)
    shape: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
        "eos_token_id": 2,
        # Wide weights: with the usual ones every distribution is nearly flat and a wrong mask would not show.
        "initializer_range": 0.3,
        "attn_implementation": "sdpa",
    }
    model: Any = LlamaForCausalLM(LlamaConfig(**(shape | changes)))
    return model.eval()


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    return make_tokenizer()


@pytest.fixture(scope="session")
def llama(tokenizer: Any) -> Any:
    return make_model(len(tokenizer) + 5)


@pytest.fixture(scope="session")
def plain(tokenizer: Any) -> Any:
    """The same weights with transformers' own attention, to compare with."""
    return make_model(len(tokenizer) + 5)


@pytest.fixture
def local(llama: Any, tokenizer: Any) -> LocalModel:
    """Random weights, nothing read yet."""
    return LocalModel(llama, tokenizer)


@pytest.fixture(scope="session")
def tiny() -> LocalModel:
    """The embedded model in float32. Prepare it with `python -m inference.weights tiny`."""
    return load_model(find_model("tiny", Settings().cache), torch.float32)


@pytest.fixture(scope="session")
def minilm() -> LocalEmbedder:
    return load_embedder(find_embedder())
