import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from inference.prompt import Part, Prompt
from inference.protocol import Continuation, Encodings, ModelError, ModelUnavailableError, Reading, Readings, Usage
from inference.remote import RemoteEngine
from inference.wire import ToWorker

FAKE = (sys.executable, "-m", "tests.inference.fake_worker")
PATIENCE = 60.0


def says(text: str) -> Prompt:
    return (Part(text),)


async def until(engine: RemoteEngine, true: Callable[[], bool]) -> None:
    """Wait for a status at which `true` holds."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await engine.next_status()


class Pauses:
    """Stands in for sleep: notes how long was asked for, and lets `allowed` of them pass."""

    def __init__(self, allowed: int) -> None:
        self.asked: list[float] = []
        self._allowed = allowed

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        if len(self.asked) > self._allowed:
            await asyncio.Event().wait()


@asynccontextmanager
async def running(
    *arguments: str, deadline: float = PATIENCE, sleep: Callable[[float], Awaitable[None]] | None = None
) -> AsyncIterator[RemoteEngine]:
    engine = RemoteEngine([*FAKE, *arguments], "fake", deadline, sleep or Pauses(0))
    await engine.start()
    try:
        await until(engine, lambda: engine.status() != "starting")
        yield engine
    finally:
        await engine.close()


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def test_every_method_reaches_the_process_and_comes_back() -> None:
    async def story() -> None:
        async with running() as engine:
            assert engine.status() == "ok"
            assert engine.model.name == "fake"
            model = engine.model
            proposals = await model.propose([says("a"), says("b")], 24, 7, urgent=True)
            assert proposals.continuations == (Continuation("a", (-0.5,)), Continuation("b", (-0.5,)))
            assert proposals.usage == Usage(24, 7, 1)
            ratings = await model.rate(says("p"), ["x", "y"], ["q"], ["1", "2"])
            assert ratings.probabilities == (((0.5, 0.5),), ((0.5, 0.5),))
            assert ratings.mass == ((0.5,), (0.5,))
            assert await model.read(says("p"), ["x"]) == Readings((Reading(-1.0, -2.0, 3, (0.5,)),), Usage())
            assert await model.encode(says("p"), ["x", "y"]) == Encodings(((0.5, 1.0), (0.5, 1.0)), Usage())
            took: list[Usage] = []
            assert [piece async for piece in model.stream(says("abc"), 9, 1, spent=took.append)] == ["a", "b", "c"]
            assert sum(took, Usage()) == Usage(generated=3)
            assert await engine.embedder.embed(["four"]) == ((4.0,),)

    play(story)


def test_calls_answer_side_by_side() -> None:
    async def story() -> None:
        async with running() as engine:
            texts = [f"{'x' * n}" for n in range(1, 20)]
            found = await asyncio.gather(*(engine.embedder.embed([text]) for text in texts))
            assert [vector[0][0] for vector in found] == [float(len(text)) for text in texts]

    play(story)


def test_before_it_is_ready_calls_fail_at_once() -> None:
    async def story() -> None:
        engine = RemoteEngine([*FAKE, "slow"], "fake", PATIENCE)
        with pytest.raises(ModelUnavailableError, match="not started"):
            await engine.model.propose([says("a")], 1, 1)
        await engine.start()
        assert engine.status() == "starting"
        with pytest.raises(ModelUnavailableError, match="starting"):
            await engine.embedder.embed(["a"])
        with pytest.raises(ModelUnavailableError, match="starting"):
            await anext(engine.model.stream(says("a"), 1, 1))
        await engine.close()
        assert engine.status() == "closed"

    play(story)


def test_a_crash_fails_calls_in_flight_and_the_process_comes_back() -> None:
    async def story() -> None:
        pauses = Pauses(1)
        async with running(sleep=pauses) as engine:
            waiting = asyncio.gather(
                engine.model.propose([says("hang")], 1, 1), engine.embedder.embed(["hang"]), return_exceptions=True
            )
            await asyncio.sleep(0)
            with pytest.raises(ModelUnavailableError, match="ended with signal 9"):
                await engine.model.rate(says("p"), ["crash"], ["q"], ["1"])
            assert all(isinstance(error, ModelUnavailableError) for error in await waiting)
            await until(engine, lambda: engine.status() == "ok")
            assert await engine.embedder.embed(["back"]) == ((4.0,),)
            assert pauses.asked == [1]

    play(story)


def test_the_status_says_what_happened_and_when_it_goes_on() -> None:
    async def story() -> None:
        async with running() as engine:
            with pytest.raises(ModelUnavailableError):
                await engine.embedder.embed(["crash"])
            await until(engine, lambda: engine.status() != "ok")
            assert engine.status() == "the model process ended with signal 9; restarting in 1 s"

    play(story)


def test_what_was_wrong_is_said_while_it_starts_again() -> None:
    async def story() -> None:
        async with running("broken", sleep=Pauses(1)) as engine:
            await until(engine, lambda: engine.status() == "starting again after: no weights here")

    play(story)


def test_a_process_that_never_gets_ready_is_tried_less_and_less_often() -> None:
    async def story() -> None:
        pauses = Pauses(6)
        async with running("broken", sleep=pauses) as engine:
            await until(engine, lambda: len(pauses.asked) == 7)
            assert pauses.asked == [1, 2, 4, 8, 16, 30, 30]
            assert engine.status() == "no weights here; restarting in 30 s"

    play(story)


def test_a_command_that_does_not_exist_is_a_status() -> None:
    async def story() -> None:
        engine = RemoteEngine(["/no/such/program"], "fake", 1, Pauses(0))
        await engine.start()
        await until(engine, lambda: engine.status() != "starting")
        assert "the model process does not start" in engine.status()
        await engine.close()

    play(story)


def test_an_error_of_the_model_is_an_error_of_the_call() -> None:
    async def story() -> None:
        async with running() as engine:
            with pytest.raises(ModelError, match="too long") as caught:
                await engine.embedder.embed(["fail"])
            assert not isinstance(caught.value, ModelUnavailableError)
            with pytest.raises(ModelError, match="cannot be sent"):
                await engine.embedder.embed(["\ud800"])
            assert engine.status() == "ok"

    play(story)


def test_past_its_deadline_a_call_fails_and_the_process_lives() -> None:
    async def story() -> None:
        async with running(deadline=0.2) as engine:
            with pytest.raises(ModelUnavailableError, match=r"did not answer within 0\.2 s"):
                await engine.model.propose([says("hang")], 1, 1)
            pieces = engine.model.stream(says("a…"), 9, 1)
            assert await anext(pieces) == "a"
            with pytest.raises(ModelUnavailableError, match=r"did not answer within 0\.2 s"):
                await anext(pieces)
            assert engine.status() == "the model did not answer within 0.2 s"
            await engine.embedder.embed(["back"])
            assert engine.status() == "ok"

    play(story)


def test_a_process_that_does_not_hear_a_cancellation_is_ended() -> None:
    async def story() -> None:
        async with running(deadline=0.1) as engine:
            with pytest.raises(ModelUnavailableError):
                await engine.model.propose([says("deaf")], 1, 1)
            assert engine.status() == "the model did not answer within 0.1 s"
            await until(engine, lambda: "restarting" in engine.status())
            assert "said nothing" in engine.status()

    play(story)


def test_closing_a_stream_cancels_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with running() as engine:
            sent = list[str]()
            connection = engine.connection()
            send = connection._send

            def noting(frame: ToWorker) -> None:
                sent.append(type(frame).__name__)
                send(frame)

            monkeypatch.setattr(connection, "_send", noting)
            pieces = engine.model.stream(says("abc…"), 9, 1)
            assert await anext(pieces) == "a"
            await pieces.aclose()
            assert sent == ["Request", "Cancel"]
            assert await engine.embedder.embed(["on"]) == ((2.0,),)

    play(story)


def test_its_process_is_there_when_start_returns_and_there_is_one() -> None:
    async def story() -> None:
        async with running() as engine:
            process = engine.connection()._process
            await engine.start()
            assert engine.connection()._process is process
        gone = RemoteEngine(["/no/such/command"], "fake", PATIENCE, Pauses(0))
        await gone.start()
        await gone.close()

    play(story)


def test_the_process_ends_with_its_engine() -> None:
    async def story() -> None:
        async with running() as engine:
            process = engine.connection()._process
        assert process.returncode == -signal.SIGKILL

    play(story)


def test_the_process_ends_when_its_stdin_does() -> None:
    async def story() -> None:
        stdin, parent = os.pipe()
        process = await asyncio.create_subprocess_exec(*FAKE, stdin=stdin, stdout=asyncio.subprocess.DEVNULL)
        os.close(stdin)
        os.close(parent)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0

    play(story)


@pytest.mark.model
def test_the_embedded_model_in_its_process() -> None:
    from app.settings import Settings

    async def story() -> None:
        command = [sys.executable, "-m", "inference.worker", "tiny", "--cache", str(Settings().cache.expanduser())]
        engine = RemoteEngine(command, "tiny", PATIENCE, Pauses(0))
        await engine.start()
        await until(engine, lambda: engine.status() != "starting")
        assert engine.status() == "ok"
        prompt = (Part("You are in a chat.", "system"), Part("Ann: where to eat?", data=True))
        first = await engine.model.propose([prompt] * 3, 8, 1)
        again = await engine.model.propose([prompt] * 3, 8, 1)
        assert len(first.continuations) == 3
        assert again.usage.cached > first.usage.cached
        assert len((await engine.embedder.embed(["hello"]))[0]) == engine.embedder.dim
        # Cancelled in mid-stream, the model is free for the next call.
        pieces = engine.model.stream(prompt, 2000, 1)
        await anext(pieces)
        await pieces.aclose()
        await engine.embedder.embed(["hello"])
        await engine.close()

    play(story)
