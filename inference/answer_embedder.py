"""What a language model makes of an answer behind its question, as an embedding: "Mine was stolen" is a no to one question
and tells nothing of another, which a sentence alone does not say."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.loading import load_layers
from inference.weights import find_model

BATCH = 128
SHOTS = """Question: Do you like sweets?
Answer: I finish the jar before noon.
In short: yes

Question: Do you own a bicycle?
Answer: Mine was stolen and I never bought another.
In short: no

Question: Do you sing?
Answer: Only in the shower, like everyone.
In short: unclear

Question: Are you a morning person?
Answer: Don't speak to me before ten.
In short: no

"""
TAIL = "\nIn short:"


class AnswerEmbedder:
    """`layers`: how many of the model's are gone through. A text is a question, a line break and an answer of one line; its
    embedding is the hidden state after TAIL, where the model is about to say yes or no, divided by its length. SHOTS and the
    question are read once for all answers to it."""

    def __init__(self, model: Any, tokenizer: Any, layers: int) -> None:
        self._model, self._tokenizer = model.model, tokenizer
        self._model.layers = self._model.layers[:layers]
        self._model.norm = torch.nn.Identity()
        self._tail = self._ids(TAIL)
        self._shots: Any = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """[text, dim], rows of length 1."""
        found: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(texts)
        for question, own in _by_question(texts).items():
            before = self._ids(f"Question: {question}\nAnswer:")
            answers = {i: self._ids(" " + texts[i].partition("\n")[2]) for i in own}
            read = self._read(before)
            order = sorted(own, key=lambda i: len(answers[i]))
            for start in range(0, len(order), BATCH):
                some = order[start : start + BATCH]
                for i, row in zip(some, self._batch(read, [answers[i] for i in some]), strict=True):
                    found[i] = row
        return np.stack(found)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return ids

    @torch.inference_mode()
    def _read(self, before: Sequence[int]) -> Any:
        """Keys and values of SHOTS and then `before`."""
        if self._shots is None:
            self._shots = self._model(input_ids=torch.tensor([self._ids(SHOTS)]), use_cache=True).past_key_values
        past = copy.deepcopy(self._shots)
        return self._model(input_ids=torch.tensor([before]), past_key_values=past, use_cache=True).past_key_values

    @torch.inference_mode()
    def _batch(self, read: Any, answers: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        rows = [[*own, *self._tail] for own in answers]
        longest = max(len(row) for row in rows)
        past = copy.deepcopy(read)
        past.batch_repeat_interleave(len(rows))
        seen = past.get_seq_length()
        tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        mask = torch.tensor([[1] * (seen + len(row)) + [0] * (longest - len(row)) for row in rows])
        states = self._model(
            input_ids=tokens, attention_mask=mask, past_key_values=past, use_cache=True
        ).last_hidden_state
        ends = states[torch.arange(len(rows)), torch.tensor([len(row) - 1 for row in rows])].float()
        found: NDArray[np.float32] = (ends / ends.norm(dim=1, keepdim=True)).numpy()
        return found


def _by_question(texts: Sequence[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        found.setdefault(text.partition("\n")[0], []).append(i)
    return found


def answer_embedder(name: str, layers: int, cache: Path) -> AnswerEmbedder:
    """Of a built-in model, in bf16 where the processor multiplies it fast. Raises ModelUnavailableError."""
    return AnswerEmbedder(*load_layers(find_model(name, cache)), layers)
