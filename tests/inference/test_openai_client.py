import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import openai
import pytest

from inference.openai_client import OpenAIModel
from inference.prompt import Part, Prompt
from inference.protocol import Ask, ModelError, ModelUnavailableError, Usage
from tests.inference.openai_server import KEY, PROMPT, USAGE, Server, chunks, completion, play, refusal, token


def test_propose_asks_once_a_prompt() -> None:
    async def story() -> None:
        server = Server(lambda body: completion(" a thought\nmore", [token("a", -0.5), token(" thought", -1.5)]))
        proposals = await server.model().propose([PROMPT] * 3, 24, 5)
        assert [c.text for c in proposals.continuations] == ["a thought"] * 3
        assert proposals.continuations[0].logprobs == (-0.5, -1.5)
        assert proposals.usage == Usage(prompt=18, cached=12, generated=6)
        assert sorted(body["seed"] for body in server.asked) == [5, 6, 7]
        assert server.asked[0]["max_tokens"] == 24
        assert server.asked[0]["stop"] == ["\n"]
        assert server.asked[0]["messages"][0] == {"role": "system", "content": "Be kind."}

    play(story)


def test_a_single_question_is_read_from_the_likeliest_tokens() -> None:
    async def story() -> None:
        server = Server(lambda body: completion("4", [token("4", -0.7, _3=-1.6, _4=-0.7, _x=-3)]))
        ratings = await server.model().rate(PROMPT, ["a", "b"], ["q"], list("12345"))
        assert len(ratings.probabilities) == 2
        assert ratings.probabilities[0][0] == pytest.approx((0, 0, 0.289, 0.711, 0), abs=1e-3)
        assert ratings.mass[1][0] == pytest.approx(0.698, abs=1e-3)
        assert ratings.method == "logprobs"
        assert server.asked[0]["top_logprobs"] == 20
        assert len(server.asked) == 2
        assert ratings.usage == Usage(prompt=12, cached=8, generated=4)

    play(story)


QUESTIONS = ["\nGap, from 1 to 5: ", "\nUrgency, from 1 to 5: "]


def line(*texts: str) -> httpx.Response:
    tokens = [token(text, -0.7, **{text: -0.7, "_2" if text.strip().isdecimal() else "_x": -1.6}) for text in texts]
    return completion("".join(texts), tokens)


def test_several_questions_about_a_branch_are_one_request() -> None:
    async def story() -> None:
        server = Server(lambda body: line("Gap", ":", "4", ", ", "Urgency", ":", "5"))
        ratings = await server.model().rate(PROMPT, [" a", " N/A"], QUESTIONS, list("12345"))
        assert (len(server.asked), ratings.method) == (2, "logprobs-line")
        assert server.asked[0]["messages"][-1]["content"] == "a\n\nGap: _, Urgency: _"
        assert server.asked[0]["top_logprobs"] == 20
        for gap, urgency in ratings.probabilities:
            assert gap == pytest.approx((0, 0.289, 0, 0.711, 0), abs=1e-3)
            assert urgency == pytest.approx((0, 0.289, 0, 0, 0.711), abs=1e-3)

    play(story)


def test_what_a_line_leaves_out_is_asked_again_alone() -> None:
    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            asked = body["messages"][-1]["content"]
            if asked == "b\n\nGap: _, Urgency: _":
                return line("Gap", ":", "4")
            return line("3") if asked == "b\n\nUrgency: _" else line("Gap", ":", "4", ", ", "Urgency", ":", "5")

        server = Server(answer)
        ratings = await server.model().rate(PROMPT, ["a", "b"], QUESTIONS, list("12345"))
        best = [[1 + row.index(max(row)) for row in branch] for branch in ratings.probabilities]
        assert best == [[4, 5], [4, 3]]
        assert (len(server.asked), ratings.method) == (3, "logprobs-line")
        assert ratings.usage == Usage(prompt=18, cached=12, generated=6)

    play(story)


def test_a_model_that_keeps_to_no_line_is_asked_one_question_at_a_time_from_then_on() -> None:
    async def story() -> None:
        server = Server(lambda body: line("3"))
        model = server.model()
        ratings = await model.rate(PROMPT, ["a", "b"], QUESTIONS, list("12345"))
        assert (len(server.asked), ratings.method) == (2 + 4, "logprobs")
        await model.rate(PROMPT, ["a", "b"], QUESTIONS, list("12345"))
        assert len(server.asked) == 6 + 4
        assert "Answer with one of these and nothing else" in server.asked[-1]["messages"][-1]["content"]

    play(story)


def test_a_line_without_logprobs_is_taken_at_its_word() -> None:
    async def story() -> None:
        server = Server(lambda body: completion("Gap: 4, Urgency: 5"))
        ratings = await server.model().rate(PROMPT, ["a"], QUESTIONS, list("12345"))
        assert (len(server.asked), ratings.method) == (1, "written")
        assert ratings.probabilities[0][1] == pytest.approx((0.025, 0.025, 0.025, 0.025, 0.9))

    play(story)


@pytest.mark.parametrize(("status", "tries"), [(429, 3), (500, 3), (503, 3), (400, 1), (401, 1), (404, 1), (422, 1)])
def test_only_what_may_pass_is_tried_again(status: int, tries: int) -> None:
    async def story() -> None:
        server = Server(lambda body: httpx.Response(status, headers={"retry-after-ms": "1"}, json={"error": "no"}))
        with pytest.raises(ModelError):
            await server.model(retries=2).propose([PROMPT], 5, 1)
        assert len(server.asked) == tries

    play(story)


def test_a_server_without_logprobs_is_taken_at_its_word() -> None:
    async def story() -> None:
        ratings = await Server(lambda body: completion("I say 2")).model().rate(PROMPT, ["a"], ["q"], list("12345"))
        assert ratings.method == "written"
        assert ratings.probabilities[0][0].index(max(ratings.probabilities[0][0])) == 1
        assert ratings.mass == ((1.0,),)

    play(story)


def test_rows_and_columns_keep_their_places() -> None:
    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            asked = body["messages"][-1]["content"]
            return completion({"b1 q1": "ann", "b1 q2": "bob", "b2 q1": "cy", "b2 q2": "di"}[asked.split("\n")[2]])

        ratings = await Server(answer).model().rate(PROMPT, ["b1", "b2"], [" q1", " q2"], ["ann", "bob", "cy", "di"])
        best = [[row.index(max(row)) for row in branch] for branch in ratings.probabilities]
        assert best == [[0, 1], [2, 3]]

    play(story)


def test_what_a_server_refuses_is_not_asked_again() -> None:
    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            for name in ("max_tokens", "logprobs", "top_logprobs", "seed"):
                if name in body:
                    return refusal(400, f"Unsupported parameter: '{name}'; use something else", name)
            return completion("2")

        server = Server(answer)
        model = server.model()
        await model.rate(PROMPT, ["a"], ["q"], ["1", "2"])
        asked_before = len(server.asked)
        await model.rate(PROMPT, ["a"], ["q"], ["1", "2"])
        assert len(server.asked) == asked_before + 1
        assert server.asked[-1]["max_completion_tokens"] > 0
        assert "logprobs" not in server.asked[-1]

    play(story)


@pytest.mark.parametrize("blamed", ["logprobs", "top_logprobs"])
def test_a_server_that_gives_few_alternatives_is_asked_for_few(blamed: str) -> None:
    """vLLM under `--max-logprobs 5` blames `logprobs` for what is wrong with `top_logprobs`."""

    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            asked = body["top_logprobs"]
            if asked > 5:
                return refusal(400, f"{blamed} of {asked} wanted, more than the 5 allowed", blamed)
            return completion("4", [token("4", -0.7, _3=-1.6, _4=-0.7)])

        server = Server(answer)
        model = server.model()
        assert (await model.rate(PROMPT, ["a"], ["q"], list("12345"))).method == "logprobs"
        assert [body["top_logprobs"] for body in server.asked] == [20, 5]
        assert (await model.rate(PROMPT, ["a"], ["q"], list("12345"))).method == "logprobs"
        assert len(server.asked) == 3

    play(story)


def test_a_request_that_is_too_long_teaches_nothing_about_others() -> None:
    """vLLM blames `max_tokens` where a prompt leaves no room for the answer."""

    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            limit = body.get("max_tokens") or body["max_completion_tokens"]
            if limit > 50:
                return refusal(400, f"'max_tokens' or 'max_completion_tokens' is too large: {limit}.", "max_tokens")
            return completion("fine")

        server = Server(answer)
        model = server.model()
        with pytest.raises(ModelError, match="too large"):
            await model.propose([PROMPT], 400, 1)
        await model.propose([PROMPT], 5, 1)
        assert server.asked[-1]["max_tokens"] == 5

    play(story)


def test_no_more_than_eight_requests_at_once() -> None:
    async def story() -> None:
        server = Server(lambda body: completion("1"))
        await server.model().rate(PROMPT, ["a"] * 5, ["q"] * 8, ["1", "2"])
        assert len(server.asked) == 40
        assert 1 < server.most_at_once <= 8

    play(story)


async def turns() -> None:
    """Enough of them for a request to come to the server, had it a slot."""
    for _ in range(100):
        await asyncio.sleep(0)


@asynccontextmanager
async def crowded(model: OpenAIModel) -> AsyncIterator[list[AsyncGenerator[str]]]:
    """Eight streams that are being read."""
    streams = [model.stream(PROMPT, 9, seed) for seed in range(8)]
    for pieces in streams:
        assert await anext(pieces) == "Hel"
    yield streams
    for pieces in streams:
        await pieces.aclose()


def test_a_stream_holds_its_slot_until_it_ends_or_is_closed() -> None:
    async def story() -> None:
        server = Server(lambda body: chunks("Hel", "lo"))
        model = server.model()
        async with crowded(model) as streams:
            more = [model.stream(PROMPT, 9, 8), model.stream(PROMPT, 9, 9)]
            begun = [asyncio.ensure_future(anext(pieces)) for pieces in more]
            await turns()
            assert len(server.asked) == 8
            await streams[3].aclose()
            assert await begun[0] == "Hel"
            await turns()
            assert (len(server.asked), begun[1].done()) == (9, False)
            assert [piece async for piece in streams[5]] == ["lo"]
            assert await begun[1] == "Hel"
            for pieces in more:
                await pieces.aclose()

    play(story)


def test_whoever_gives_up_waiting_and_a_stream_that_breaks_hold_no_slot() -> None:
    async def story() -> None:
        server = Server(lambda body: chunks("Hel", "lo", finished=body["seed"] != 0))
        model = server.model()
        async with crowded(model) as streams:
            gives_up, waits = (asyncio.ensure_future(anext(model.stream(PROMPT, 9, seed))) for seed in (8, 9))
            await turns()
            gives_up.cancel()
            with pytest.raises(ModelUnavailableError, match="broke off"):
                assert [piece async for piece in streams[0]]
            assert await waits == "Hel"
        assert [body["seed"] for body in server.asked] == [*range(8), 9]

    play(story)


HURRIED: Prompt = (*PROMPT, Part("Ann: Aside, quick!", data=True))


async def streamed(model: OpenAIModel) -> str:
    return "".join([piece async for piece in model.stream(HURRIED, 9, 1, urgent=True)])


@pytest.mark.parametrize(
    "hurried",
    [
        lambda model: model.propose([HURRIED], 5, 1, urgent=True),
        lambda model: model.rate(HURRIED, ["a"], ["q"], list("12345"), urgent=True),
        lambda model: model.rate(HURRIED, ["a"], QUESTIONS, list("12345"), urgent=True),
        lambda model: model.judge([Ask(HURRIED, ("a",), ("q",), tuple("12345"))], urgent=True),
        streamed,
    ],
    ids=["propose", "a question", "a line", "judge", "stream"],
)
def test_what_is_urgent_overtakes_what_waits(hurried: Callable[[OpenAIModel], Awaitable[object]]) -> None:
    async def story() -> None:
        def answer(body: dict[str, Any]) -> httpx.Response:
            return chunks("Hel", "lo") if body.get("stream") else completion("Gap: 4, Urgency: 5")

        server = Server(answer)
        model = server.model()
        async with crowded(model) as streams:
            patient = asyncio.ensure_future(model.propose([PROMPT] * 2, 5, 1))
            await turns()
            urgent = asyncio.ensure_future(hurried(model))
            await turns()
            assert len(server.asked) == 8
            await streams[0].aclose()
            await asyncio.gather(patient, urgent)
        assert ["quick!" in str(body["messages"]) for body in server.asked[8:]] == [True, False, False]

    play(story)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ModelError),
        (422, ModelError),
        (401, ModelUnavailableError),
        (404, ModelUnavailableError),
        (429, ModelUnavailableError),
        (500, ModelUnavailableError),
    ],
)
def test_errors_become_ours_without_the_key(status: int, kind: type[Exception]) -> None:
    async def story() -> None:
        model = Server(lambda body: refusal(status, f"bad key {KEY}, said the server")).model()
        with pytest.raises(ModelError, match="said the server") as caught:
            await model.propose([PROMPT], 5, 1)
        assert type(caught.value) is kind
        assert KEY not in str(caught.value)
        assert isinstance(caught.value.__cause__, openai.OpenAIError)
        with pytest.raises(ModelError):
            await model.rate(PROMPT, ["a"], ["q"], ["1", "2"])
        with pytest.raises(ModelError):
            await anext(model.stream(PROMPT, 5, 1))

    play(story)


def test_an_answer_without_choices_is_an_error() -> None:
    async def story() -> None:
        empty = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
        with pytest.raises(ModelError, match="no answer"):
            await Server(lambda body: httpx.Response(200, json=empty)).model().propose([PROMPT], 5, 1)

    play(story)


def test_a_server_that_is_away() -> None:
    async def story() -> None:
        def away(body: dict[str, Any]) -> httpx.Response:
            raise httpx.ConnectError("refused")

        with pytest.raises(ModelUnavailableError):
            await Server(away).model().propose([PROMPT], 5, 1)
        with pytest.raises(ModelUnavailableError):
            await Server(away).model().probe()

    play(story)


def test_a_server_that_does_not_answer_in_time() -> None:
    async def story() -> None:
        async def silence(request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        http: Any = httpx.AsyncClient(transport=httpx.MockTransport(silence))
        client = openai.AsyncOpenAI(base_url="http://server/v1", api_key=KEY, http_client=http, max_retries=0)
        model = OpenAIModel("some-model", client, 0.05)
        with pytest.raises(ModelUnavailableError, match=r"within 0\.05 s"):
            await model.rate(PROMPT, ["a"], ["q"], ["1", "2"])
        with pytest.raises(ModelUnavailableError, match=r"within 0\.05 s"):
            await anext(model.stream(PROMPT, 5, 1))

    play(story)


def test_a_stream_comes_in_pieces() -> None:
    async def story() -> None:
        server = Server(lambda body: chunks("Hel", "", "lo"))
        model = server.model()
        assert [piece async for piece in model.stream(PROMPT, 9, 4)] == ["Hel", "lo"]
        assert server.asked[0]["stream"] is True
        pieces = model.stream(PROMPT, 9, 4)
        assert await anext(pieces) == "Hel"
        await pieces.aclose()

    play(story)


@pytest.mark.parametrize(
    ("usage", "told"), [(USAGE, Usage(prompt=6, cached=4, generated=2)), (None, Usage(generated=3))]
)
def test_a_stream_tells_what_it_took_and_counts_its_pieces_where_the_server_does_not(
    usage: dict[str, Any] | None, told: Usage
) -> None:
    async def story() -> None:
        server, took = Server(lambda body: chunks("Hel", "lo", "!", usage=usage)), list[Usage]()
        assert [piece async for piece in server.model().stream(PROMPT, 9, 4, spent=took.append)] == ["Hel", "lo", "!"]
        assert took == [told]
        assert server.asked[0]["stream_options"] == {"include_usage": True}

    play(story)


def test_a_server_that_does_not_know_how_to_tell_is_not_asked_to() -> None:
    def answer(body: dict[str, Any]) -> httpx.Response:
        return refusal(400, "unknown field: stream_options") if "stream_options" in body else chunks("Hi")

    async def story() -> None:
        server, took = Server(answer), list[Usage]()
        model = server.model()
        for _ in range(2):
            assert [piece async for piece in model.stream(PROMPT, 9, 4, spent=took.append)] == ["Hi"]
        assert took == [Usage(generated=1), Usage(generated=1)]
        assert ["stream_options" in body for body in server.asked] == [True, False, False]

    play(story)


def test_a_stream_that_is_left_counts_the_pieces_so_far() -> None:
    async def story() -> None:
        took = list[Usage]()
        pieces = Server(lambda body: chunks("Hel", "lo", usage=USAGE)).model().stream(PROMPT, 9, 4, spent=took.append)
        await anext(pieces)
        await pieces.aclose()
        assert took == [Usage(generated=1)]

    play(story)


@pytest.mark.parametrize("texts", [(), ("Hel", "lo")])
def test_half_a_stream_is_no_answer(texts: tuple[str, ...]) -> None:
    async def story() -> None:
        got: list[str] = []

        async def listen() -> None:
            async for piece in Server(lambda body: chunks(*texts, finished=False)).model().stream(PROMPT, 9, 4):
                got.append(piece)  # noqa: PERF401

        with pytest.raises(ModelUnavailableError, match="broke off"):
            await listen()
        assert got == list(texts)

    play(story)


def test_reading_is_not_for_servers() -> None:
    assert asyncio.run(Server(lambda body: completion("")).model().read(PROMPT, ["a"])) is None
    assert asyncio.run(Server(lambda body: completion("")).model().encode(PROMPT, ["a"])) is None
