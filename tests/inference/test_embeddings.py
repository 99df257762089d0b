from collections.abc import Sequence

import pytest

from inference.batch import Outcome
from inference.embeddings import PIECE, Embeddings
from inference.protocol import ModelError


class Embedder:
    """Each text is a number, and its vector. Fails while `error` is set."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.error: Exception | None = None

    def __call__(self, texts: Sequence[str]) -> list[tuple[float]]:
        self.asked.append([int(text) for text in texts])
        if self.error is not None:
            raise self.error
        return [(float(text),) for text in texts]


def texts(count: int, first: int = 0) -> tuple[str, ...]:
    return tuple(str(number) for number in range(first, first + count))


def vectors(count: int, first: int = 0) -> tuple[tuple[float], ...]:
    return tuple((float(number),) for number in range(first, first + count))


def test_a_call_is_over_when_all_of_its_texts_are_there_in_their_order() -> None:
    embedder = Embedder()
    embeddings = Embeddings(embedder)
    embeddings.add(1, texts(2 * PIECE + 3))
    assert [embeddings.step(), embeddings.step()] == [[], []]
    assert embeddings.step() == [Outcome(1, vectors(2 * PIECE + 3), None)]
    assert not embeddings
    assert [len(asked) for asked in embedder.asked] == [PIECE, PIECE, 3]


def test_no_texts_are_no_work() -> None:
    embeddings = Embeddings(Embedder())
    assert embeddings.add(1, ()) == [Outcome(1, (), None)]
    assert not embeddings
    assert embeddings.step() == []


def test_who_asks_for_little_does_not_wait_for_who_asks_for_much() -> None:
    embedder = Embedder()
    embeddings = Embeddings(embedder)
    embeddings.add(1, texts(200))
    embeddings.step()
    embeddings.add(2, texts(2, 1000))
    assert [*embeddings.step(), *embeddings.step()] == [Outcome(2, vectors(2, 1000), None)]
    assert embedder.asked[2] == [1000, 1001, *range(2 * PIECE, 3 * PIECE - 2)]


def test_who_asks_for_much_does_not_wait_for_all_who_ask_for_little() -> None:
    embeddings = Embeddings(Embedder())
    embeddings.add(0, texts(200))
    ended = set[int]()
    for call in range(1, 20):
        embeddings.add(call, texts(PIECE))
        ended |= {outcome.name for outcome in embeddings.step()}
    assert 0 in ended


def test_a_cancelled_call_has_nothing_more_embedded() -> None:
    embedder = Embedder()
    embeddings = Embeddings(embedder)
    embeddings.add(1, texts(200))
    embeddings.add(2, texts(1))
    embeddings.step()
    assert embeddings.cancel(1)
    assert not embeddings.cancel(1)
    assert embeddings.step() == [Outcome(2, vectors(1), None)]
    assert not embeddings


@pytest.mark.parametrize("error", [ModelError("no memory left"), RuntimeError("shape")])
def test_an_error_ends_the_calls_of_its_piece_alone(error: Exception) -> None:
    embedder = Embedder()
    embeddings = Embeddings(embedder)
    embeddings.add(1, texts(PIECE))
    embeddings.add(2, texts(1))
    embedder.error = error
    assert embeddings.step() == [Outcome(1, None, error)]
    embedder.error = None
    assert embeddings.step() == [Outcome(2, vectors(1), None)]
