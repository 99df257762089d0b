import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.protocol import ModelError
from inference.remembered import RememberedEmbedder
from inference.scripted import ScriptedEmbedder


@dataclass
class Counting:
    """Gives each text its length as a vector; waits a turn of the loop as a real one would."""

    dim: int = 1
    asked: list[tuple[str, ...]] = field(default_factory=list)
    fails: bool = False

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        self.asked.append(tuple(texts))
        await asyncio.sleep(0)
        if self.fails:
            raise ModelError("down")
        return tuple((float(len(t)),) for t in texts)


async def asked(remembered: RememberedEmbedder, *texts: str) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(vector) for vector in await remembered.embed(texts))


def test_a_text_is_asked_for_once_even_within_one_call() -> None:
    async def work() -> None:
        inner = Counting()
        remembered = RememberedEmbedder(inner)
        assert await asked(remembered, "a", "bb", "a") == ((1.0,), (2.0,), (1.0,))
        assert await asked(remembered, "bb", "ccc") == ((2.0,), (3.0,))
        assert inner.asked == [("a", "bb"), ("ccc",)]

    asyncio.run(work())


def test_nothing_new_asks_nobody() -> None:
    async def work() -> None:
        inner = Counting()
        remembered = RememberedEmbedder(inner)
        assert await remembered.embed([]) == ()
        await remembered.embed(["a"])
        await remembered.embed(["a", "a"])
        assert inner.asked == [("a",)]

    asyncio.run(work())


def test_who_asks_for_many_at_once_is_not_asked_for_them_again() -> None:
    async def work() -> None:
        inner = Counting()
        remembered = RememberedEmbedder(inner, capacity=2)
        many = ["a", "bb", "ccc", "dddd"]
        await remembered.embed(many)
        await remembered.embed(["eeeee"])
        await remembered.embed(many)
        assert inner.asked == [("a", "bb", "ccc", "dddd"), ("eeeee",)]

    asyncio.run(work())


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    async def work() -> None:
        inner = Counting()
        remembered = RememberedEmbedder(inner, capacity=2)
        for text in ("a", "bb", "a", "ccc", "a", "bb"):
            await remembered.embed([text])
        assert inner.asked == [("a",), ("bb",), ("ccc",), ("bb",)]

    asyncio.run(work())


def test_a_call_larger_than_the_memory_is_answered_whole() -> None:
    async def work() -> None:
        remembered = RememberedEmbedder(Counting(), capacity=1)
        assert await asked(remembered, "a", "bb", "ccc") == ((1.0,), (2.0,), (3.0,))

    asyncio.run(work())


def test_two_calls_at_once_do_not_take_each_others_vectors() -> None:
    async def work() -> None:
        remembered = RememberedEmbedder(Counting(), capacity=2)
        await remembered.embed(["a", "bb"])
        many, few = await asyncio.gather(asked(remembered, "ccc", "dddd", "eeeee"), asked(remembered, "a", "xxxx"))
        assert many == ((3.0,), (4.0,), (5.0,))
        assert few == ((1.0,), (4.0,))

    asyncio.run(work())


def test_a_failure_is_passed_on_and_not_remembered() -> None:
    async def work() -> None:
        inner = Counting(fails=True)
        remembered = RememberedEmbedder(inner)
        with pytest.raises(ModelError):
            await remembered.embed(["a"])
        inner.fails = False
        assert await asked(remembered, "a") == ((1.0,),)

    asyncio.run(work())


@given(st.lists(st.lists(st.text("abc", max_size=2), max_size=5), max_size=12), st.integers(1, 5))
def test_it_always_answers_as_the_inner_one_would(calls: list[list[str]], capacity: int) -> None:
    async def work() -> None:
        remembered = RememberedEmbedder(Counting(), capacity)
        for texts in calls:
            assert await asked(remembered, *texts) == tuple((float(len(t)),) for t in texts)

    asyncio.run(work())


def test_it_has_the_size_of_the_inner_one() -> None:
    assert RememberedEmbedder(Counting(dim=7)).dim == 7


def test_what_is_forgotten_is_asked_for_again_also_what_was_under_way() -> None:
    async def go() -> None:
        inner = ScriptedEmbedder()
        remembered = RememberedEmbedder(inner)
        await remembered.embed(["a"])
        remembered.forget()
        assert remembered._known == {}
        gate = asyncio.Event()

        class Slow(ScriptedEmbedder):
            async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
                await gate.wait()
                return await super().embed(texts)

        slow = RememberedEmbedder(Slow())
        asking = asyncio.ensure_future(slow.embed(["b"]))
        await asyncio.sleep(0)
        slow.forget()
        gate.set()
        assert len(await asking) == 1
        assert slow._known == {}

    asyncio.run(go())


def test_what_is_kept_takes_four_bytes_a_number_and_reads_the_same_the_first_time_as_later() -> None:
    @dataclass
    class Fixed(Counting):
        async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
            return tuple((0.1, 0.5) for _ in texts)

    async def work() -> None:
        remembered = RememberedEmbedder(Fixed(dim=2))
        first = await remembered.embed(["a"])
        assert first == await remembered.embed(["a"])
        assert first[0] == pytest.approx((0.1, 0.5))
        assert remembered._known["a"].itemsize == 4

    asyncio.run(work())
