import io
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest
import torch

from inference.batch import Batch
from inference.embeddings import PIECE
from inference.inbox import Inbox
from inference.prompt import Part, Prompt
from inference.protocol import Ask, ModelError, Usage
from inference.segment import Job, Portion, Segment
from inference.transformers_engine import LocalModel
from inference.wire import (
    Broken,
    Cancel,
    Done,
    Failed,
    FromWorker,
    Method,
    Piece,
    Request,
    ToWorker,
    from_worker,
    pack,
    read_frame,
)
from inference.worker import Worker, _help, read_requests, sender

PROMPT: Prompt = (Part("where should we eat"),)
WROTE = Usage(generated=1)


class Embedder:
    dim = 2

    def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        return tuple((float(len(text)), 0.0) for text in texts)


class Jobs:
    """Streams what it is told to, a pass before each piece."""

    def __init__(self, *pieces: str | Exception) -> None:
        self.pieces = pieces

    def stream(self, prompt: Prompt, limit: int, seed: int, say: Any) -> Job[None]:
        for piece in self.pieces:
            yield (Segment(None, [0]),)  # type: ignore[arg-type]
            if isinstance(piece, Exception):
                raise piece
            say(piece, WROTE)


class Model:
    """A model whose passes find nothing."""

    def __init__(self, *pieces: str | Exception) -> None:
        self.jobs = Jobs(*pieces)

    def batch(self) -> Batch:
        def read(portions: Sequence[Portion]) -> None:
            for segment, tokens in portions:
                segment.read += tokens

        return Batch(read, 100)


class Desk:
    """A worker with what it sends in a list."""

    def __init__(self, model: Any) -> None:
        self.inbox = Inbox()
        self.sent: list[FromWorker] = []
        self.worker = Worker(model, Embedder(), self.inbox, self.sent.append)  # type: ignore[arg-type]

    def serve(self, *requests: Request) -> list[FromWorker]:
        """Until each of `requests` has its last answer."""
        for request in requests:
            self.inbox.put(request)
        awaited = {request.id for request in requests}
        while awaited - {frame.id for frame in self.sent if isinstance(frame, Done | Failed)}:
            self.worker.serve()
        return self.sent


def test_every_method_is_answered(local: LocalModel) -> None:
    desk = Desk(local)
    desk.worker.warm_up()
    ask = Ask(PROMPT, ("a",), (" is ",), ("1", "2"), read=1)
    methods: tuple[Method, ...] = ("propose", "rate", "read", "judge", "stream", "embed")
    for number, method in enumerate(methods):
        desk.serve(Request(number, method, False, (PROMPT,), ("a", "b"), (" is ",), ("1", "2"), 3, 4, (ask,)))
    done = [frame for frame in desk.sent if isinstance(frame, Done)]
    assert len(done) == 6
    assert all(frame.begun is not None for frame in done)
    # As the service will see them.
    assert [len(done[2].result.readings), len(done[3].result.ratings), len(done[5].result)] == [2, 1, 2]


@pytest.mark.parametrize("helped", [False, True])
def test_together_they_get_what_each_gets_alone(helped: bool, local: LocalModel, llama: Any, tokenizer: Any) -> None:
    requests = [Request(n, "propose", prompts=((*PROMPT, Part(f" {n}")),), limit=8, seed=n) for n in range(12)] + [
        Request(99, "rate", prompts=(PROMPT,), texts=("a",), questions=(" is ",), options=("1", "2"))
    ]
    desk = Desk(local)
    before = torch.get_num_threads()

    def help_on() -> None:
        while True:
            desk.worker.help()

    if helped:
        threading.Thread(target=help_on, daemon=True).start()
    together = {frame.id: frame.result for frame in desk.serve(*requests) if isinstance(frame, Done)}
    torch.set_num_threads(before)
    for request in requests:
        (alone,) = (f.result for f in Desk(LocalModel(llama, tokenizer)).serve(request) if isinstance(f, Done))
        if request.method == "propose":
            assert together[request.id].continuations[0].text == alone.continuations[0].text
        else:
            assert together[request.id].probabilities[0][0] == pytest.approx(alone.probabilities[0][0], abs=1e-4)


def test_a_stream_is_pieces_and_an_end() -> None:
    assert Desk(Model("a", "b")).serve(Request(9, "stream", prompts=(PROMPT,))) == [
        Piece(9, "a", WROTE),
        Piece(9, "b", WROTE),
        Done(9, None),
    ]


def test_streams_go_on_side_by_side() -> None:
    sent = Desk(Model("a", "b")).serve(*(Request(n, "stream", prompts=(PROMPT,)) for n in (1, 2)))
    assert sent == [
        Piece(1, "a", WROTE),
        Piece(2, "a", WROTE),
        Piece(1, "b", WROTE),
        Piece(2, "b", WROTE),
        Done(1, None),
        Done(2, None),
    ]


def test_an_error_of_the_model_is_answered_and_the_worker_goes_on() -> None:
    desk = Desk(Model(ModelError("too long")))
    desk.serve(Request(1, "stream", prompts=(PROMPT,)))
    desk.serve(Request(2, "embed", texts=("abc",)))
    assert desk.sent == [Failed(1, "too long", unavailable=False), Done(2, ((3.0, 0.0),))]


def test_an_unforeseen_error_ends_one_request_only(caplog: pytest.LogCaptureFixture) -> None:
    (failed,) = Desk(Model(RuntimeError("shape"))).serve(Request(1, "stream", prompts=(PROMPT,)))
    assert failed == Failed(1, "the model failed: RuntimeError('shape')", unavailable=False)
    assert "a job failed" in caplog.text


def test_embeddings_that_wait_are_one_batch_and_each_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def embed(self: Embedder, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        calls.append(list(texts))
        return tuple((float(len(text)),) for text in texts)

    monkeypatch.setattr(Embedder, "embed", embed)
    sent = Desk(None).serve(Request(1, "embed", texts=("a", "bb")), Request(2, "embed", texts=("ccc",)))
    assert sent == [Done(1, ((1.0,), (2.0,))), Done(2, ((3.0,),))]
    assert calls == [["a", "bb", "ccc"]]


def test_many_texts_are_embedded_in_pieces_with_passes_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def embed(self: Embedder, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        calls.append(len(texts))
        return tuple((float(text),) for text in texts)

    monkeypatch.setattr(Embedder, "embed", embed)
    many = tuple(str(number) for number in range(2 * PIECE + 1))
    desk = Desk(Model("a", "b", "c"))
    desk.serve(Request(1, "embed", texts=many), Request(2, "stream", prompts=(PROMPT,)))
    assert desk.sent == [
        Piece(2, "a", WROTE),
        Piece(2, "b", WROTE),
        Done(1, tuple((float(text),) for text in many)),
        Piece(2, "c", WROTE),
        Done(2, None),
    ]
    assert calls == [PIECE, PIECE, 1]


def test_what_is_being_embedded_stops_when_nobody_waits_any_more() -> None:
    desk = Desk(Model("a"))
    desk.inbox.put(Request(1, "embed", texts=("x",) * (9 * PIECE)))
    desk.worker.serve()
    assert not desk.inbox.cancel(1)
    desk.serve(Request(2, "embed", texts=("abc",)))
    assert desk.sent == [Failed(1, "cancelled", unavailable=True), Done(2, ((3.0, 0.0),))]


def test_an_embedder_that_fails_ends_its_requests_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def embed(self: Embedder, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        raise RuntimeError("shape")

    monkeypatch.setattr(Embedder, "embed", embed)
    sent = Desk(Model("a")).serve(Request(1, "embed", texts=("a",)), Request(2, "stream", prompts=(PROMPT,)))
    assert sent == [Failed(1, "the model failed: RuntimeError('shape')", False), Piece(2, "a", WROTE), Done(2, None)]
    assert "embedding failed" in caplog.text


def test_running_work_stops_when_nobody_waits_any_more() -> None:
    desk = Desk(Model("a", "b", "c"))

    def send(frame: FromWorker) -> None:
        desk.sent.append(frame)
        if frame == Piece(1, "b", WROTE):
            desk.inbox.cancel(1)

    desk.worker = Worker(Model("a", "b", "c"), Embedder(), desk.inbox, send)  # type: ignore[arg-type]
    desk.serve(Request(1, "stream", prompts=(PROMPT,)))
    assert desk.sent == [Piece(1, "a", WROTE), Piece(1, "b", WROTE), Failed(1, "cancelled", unavailable=True)]


def test_without_a_model_only_embeddings() -> None:
    desk = Desk(None)
    desk.worker.warm_up()
    (failed,) = desk.serve(Request(1, "propose", prompts=(PROMPT,)))
    assert isinstance(failed, Failed)
    assert "no language model" in failed.detail


def test_requests_are_read_until_the_pipe_ends() -> None:
    inbox, sent = Inbox(), list[FromWorker]()
    frames: list[ToWorker] = [Request(1, "embed"), Request(2, "embed"), Cancel(1), Cancel(77)]
    read_requests(io.BytesIO(b"".join(pack(frame) for frame in frames)), inbox, sent.append)
    assert sent == [Failed(1, "cancelled", unavailable=True)]
    assert [request.id for request in inbox.take(9, wait=False).requests] == [2]


def test_what_is_sent_can_be_read() -> None:
    pipe = io.BytesIO()
    sender(pipe)(Piece(1, "x"))
    body = read_frame(io.BytesIO(pipe.getvalue()))
    assert body is not None
    assert from_worker(body) == Piece(1, "x")


def test_the_process_names_missing_weights_and_ends(tmp_path: Any) -> None:
    """A real process, which ends before it imports torch."""
    command = [sys.executable, "-m", "inference.worker", "tiny", "--cache", str(tmp_path)]
    # An open pipe that says nothing: at the end of its stdin the worker would just leave.
    stdin, parent = os.pipe()
    done = subprocess.run(command, stdin=stdin, capture_output=True, timeout=60, check=False)
    os.close(stdin)
    os.close(parent)
    body = read_frame(io.BytesIO(done.stdout))
    assert done.returncode == 1
    assert body is not None
    frame = from_worker(body)
    assert isinstance(frame, Broken)
    assert "python -m inference.weights tiny" in frame.detail


def test_a_second_pass_that_breaks_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for what it was reading would wait for ever."""

    class Broken:
        def help(self) -> None:
            raise RuntimeError("nobody expected this")

    def leave(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr("inference.worker.os._exit", leave)
    with pytest.raises(SystemExit) as left:
        _help(cast(Worker, Broken()))
    assert left.value.code == 1
