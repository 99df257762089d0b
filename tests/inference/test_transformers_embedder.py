import math

import pytest

from inference.transformers_embedder import LocalEmbedder

pytestmark = pytest.mark.model


def near(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_have_length_one(minilm: LocalEmbedder) -> None:
    vectors = minilm.embed(["a cat", "", "x" * 5000, "🎉\n<|im_end|>"])
    assert all(len(v) == minilm.dim == 384 for v in vectors)
    assert [math.sqrt(near(v, v)) for v in vectors] == pytest.approx([1.0] * 4, abs=1e-5)


def test_like_meanings_are_near(minilm: LocalEmbedder) -> None:
    cat, kitten, stocks = minilm.embed(["a cat sat here", "the kitten was sitting", "stock prices fell"])
    assert near(cat, kitten) > 0.5 > 0.3 > near(cat, stocks)


def test_a_batch_is_each_text_alone_in_order(minilm: LocalEmbedder) -> None:
    texts = [f"message {i} " + "and so on " * (i % 7) for i in range(40)]
    together = minilm.embed(texts)
    for text, vector in list(zip(texts, together, strict=True))[::9]:
        assert minilm.embed([text])[0] == pytest.approx(vector, abs=1e-5)


def test_no_texts(minilm: LocalEmbedder) -> None:
    assert minilm.embed([]) == ()
