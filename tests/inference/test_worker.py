import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from inference.inbox import Inbox
from inference.prompt import Part, Prompt
from inference.protocol import ModelError
from inference.transformers_engine import LocalModel
from inference.wire import (
    Broken,
    Cancel,
    Done,
    Failed,
    FromWorker,
    Piece,
    Request,
    ToWorker,
    from_worker,
    pack,
    read_frame,
)
from inference.worker import Worker, read_requests, sender

PROMPT: Prompt = (Part("where should we eat"),)


class Embedder:
    dim = 2

    def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        return tuple((float(len(text)), 0.0) for text in texts)


class Model:
    """Says what it is told to, one `check` before each piece."""

    def __init__(self, *pieces: str | Exception) -> None:
        self.pieces = pieces

    def stream(self, prompt: Prompt, limit: int, seed: int, check: Any) -> Iterator[str]:
        for piece in self.pieces:
            check()
            if isinstance(piece, Exception):
                raise piece
            yield piece


class Desk:
    """A worker with what it sends in a list."""

    def __init__(self, model: Any) -> None:
        self.inbox = Inbox()
        self.sent: list[FromWorker] = []
        self.worker = Worker(model, Embedder(), self.inbox, self.sent.append)  # type: ignore[arg-type]

    def serve(self, request: Request) -> list[FromWorker]:
        self.inbox.put(request)
        self.worker.serve_next()
        return self.sent


def test_every_method_is_answered(local: LocalModel) -> None:
    desk = Desk(local)
    desk.worker.warm_up()
    for method in ("propose", "rate", "read", "embed"):
        desk.serve(Request(1, method, False, (PROMPT,), ("a", "b"), (" is ",), ("1", "2"), 3, 4))
    assert [type(frame) for frame in desk.sent] == [Done] * 4
    # As the service will see them.
    read, embedded = [done.result for done in desk.sent[2:] if isinstance(done, Done)]
    assert [len(read.readings), len(embedded)] == [2, 2]


def test_a_stream_is_pieces_and_an_end() -> None:
    assert Desk(Model("a", "b")).serve(Request(9, "stream", prompts=(PROMPT,))) == [
        Piece(9, "a"),
        Piece(9, "b"),
        Done(9, None),
    ]


def test_an_error_of_the_model_is_answered_and_the_worker_goes_on() -> None:
    desk = Desk(Model(ModelError("too long")))
    desk.serve(Request(1, "stream", prompts=(PROMPT,)))
    desk.serve(Request(2, "embed", texts=("abc",)))
    assert desk.sent == [Failed(1, "too long", unavailable=False), Done(2, ((3.0, 0.0),))]


def test_an_unforeseen_error_ends_one_request_only(caplog: pytest.LogCaptureFixture) -> None:
    (failed,) = Desk(Model(RuntimeError("shape"))).serve(Request(1, "stream", prompts=(PROMPT,)))
    assert failed == Failed(1, "the model failed: RuntimeError('shape')", unavailable=False)
    assert "request stream failed" in caplog.text


def test_running_work_stops_when_nobody_waits_any_more() -> None:
    desk = Desk(Model("a", "b", "c"))

    def send(frame: FromWorker) -> None:
        desk.sent.append(frame)
        if frame == Piece(1, "b"):
            desk.inbox.cancel(1)

    desk.worker = Worker(Model("a", "b", "c"), Embedder(), desk.inbox, send)  # type: ignore[arg-type]
    desk.serve(Request(1, "stream", prompts=(PROMPT,)))
    assert desk.sent == [Piece(1, "a"), Piece(1, "b"), Failed(1, "cancelled", unavailable=True)]


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
    assert inbox.take().id == 2


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
