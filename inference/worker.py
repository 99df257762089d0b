"""The model's own process: `python -m inference.worker [MODEL] --cache DIR --threads N`.

Requests come in on stdin and answers go out on stdout, as `inference.wire` packs them. A reader thread takes them in; the main
thread works on many at once, one pass after the other, and on a CPU another thread makes passes beside it when there is much to
read. The process ends when stdin does, which is when its parent is gone.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, assert_never, get_args

from inference.allocation import keep_pages
from inference.batch import Batch, Outcome
from inference.calls import now
from inference.edge import edge
from inference.embeddings import Embeddings
from inference.inbox import Inbox
from inference.protocol import ModelError, ModelUnavailableError, Usage
from inference.weights import Precision, find_embedder, find_model
from inference.wire import Broken, Cancel, Done, Failed, FromWorker, Piece, Ready, Request, pack, read_frame, to_worker

if TYPE_CHECKING:
    from inference.jobs import Jobs
    from inference.segment import Job
    from inference.transformers_embedder import LocalEmbedder
    from inference.transformers_engine import LocalModel

log = logging.getLogger(__name__)

_SPINS = "10000"
"""Rounds that an OpenMP thread (GNU's) waits awake: some tens of microseconds."""
_NICENESS = 10
"""The chat loop goes first on a shared core: a thought may take longer, a message may not."""


_MOST = 32
"""Jobs worked on at once. More would wait for each other in the same passes, and each holds a tape."""


class Worker:
    """`model` None: embeddings only."""

    def __init__(
        self, model: "LocalModel | None", embedder: "LocalEmbedder", inbox: Inbox, send: Callable[[FromWorker], None]
    ) -> None:
        self._model = model
        self._batch = Batch(_nothing_to_read, 0) if model is None else model.batch()
        self._embedder = embedder
        self._embeddings = Embeddings(embedder.embed)
        self._inbox = inbox
        self._send = send
        self._begun: dict[int, float] = {}

    def warm_up(self) -> None:
        """As `LocalModel.warm_up`; the embedder, too."""
        self._embedder.embed(["warm up"])
        if self._model is not None:
            self._model.warm_up()

    def serve(self) -> None:
        """Take what waits, embed a piece of it, and make one pass for the jobs under way. Waits for a request where there is
        none."""
        wait = not (self._batch.waiting or self._embeddings)
        taken = self._inbox.take(_MOST - len(self._batch), wait=wait)
        self._begun |= dict.fromkeys((request.id for request in taken.requests), now())
        for name in taken.cancelled:
            if self._batch.cancel(name) or self._embeddings.cancel(name):
                self._end(Failed(name, "cancelled", unavailable=True))
        for request in taken.requests:
            if request.method == "embed":
                self._answer(self._embeddings.add(request.id, request.texts))
            else:
                self._start(request)
        self._answer(self._embeddings.step())
        if self._batch.waiting:
            self._answer(self._batch.step())

    @property
    def takes_help(self) -> bool:
        return self._batch.takes_help

    def help(self) -> None:
        """One pass beside those of `serve`, once there is something to read that it does not read. In another thread."""
        self._answer(self._batch.help())
        self._inbox.wake()

    def _start(self, request: Request) -> None:
        if self._model is None:
            self._end(Failed(request.id, "this process has no language model, only an embedder", unavailable=True))
        else:
            job = self._job(self._model.jobs, request)
            self._answer(self._batch.add(request.id, job, urgent=request.urgent, owner=request.owner))

    def _job(self, jobs: "Jobs", request: Request) -> "Job[Any]":
        match request.method:
            case "propose":
                return jobs.propose(request.prompts, request.limit, request.seed)
            case "rate":
                return jobs.rate(request.prompts[0], request.texts, request.questions, request.options)
            case "judge":
                return jobs.judge(request.asks)
            case "read":
                return jobs.read(request.prompts[0], request.texts)
            case "encode":
                return jobs.encode(request.prompts[0], request.texts)
            case "stream":
                say = partial(self._say, request.id)
                return jobs.stream(request.prompts[0], request.limit, request.seed, say)
            case "embed":
                raise AssertionError("embedding is no job")
            case _:
                assert_never(request.method)

    def _say(self, name: int, text: str, usage: Usage) -> None:
        self._send(Piece(name, text, usage))

    def _answer(self, outcomes: Iterable[Outcome]) -> None:
        for name, result, error in outcomes:
            if error is None:
                self._end(Done(name, result))
            elif isinstance(error, ModelError):
                self._end(Failed(name, str(error), unavailable=isinstance(error, ModelUnavailableError)))
            else:
                self._end(Failed(name, f"the model failed: {error!r}", unavailable=False))

    def _end(self, frame: Done | Failed) -> None:
        self._inbox.over(frame.id)
        self._send(replace(frame, begun=self._begun.pop(frame.id, None)))


def _nothing_to_read(portions: Sequence[object]) -> None:
    raise AssertionError(f"no model to read {portions!r}")


def read_requests(pipe: BinaryIO, inbox: Inbox, send: Callable[[FromWorker], None]) -> None:
    """Feed `inbox` until the pipe ends. A request cancelled while it waits is answered here."""
    while (body := read_frame(pipe)) is not None:
        match to_worker(body):
            case Request() as request:
                inbox.put(request)
            case Cancel(id=request_id):
                if inbox.cancel(request_id):
                    send(Failed(request_id, "cancelled", unavailable=True))


def sender(pipe: BinaryIO) -> Callable[[FromWorker], None]:
    """A function that writes frames to `pipe` from any thread, and ends the process when nobody reads them."""
    lock = threading.Lock()

    def send(frame: FromWorker) -> None:
        data = pack(frame)
        with lock:
            try:
                pipe.write(data)
                pipe.flush()
            except BrokenPipeError:
                os._exit(0)

    return send


def _load(
    model: str | None, cache: Path, threads: int, precision: Precision
) -> "tuple[LocalModel | None, LocalEmbedder]":
    # Missing weights are found out before torch is imported: a supervisor that tries again must not burn a core on it.
    source = None if model is None else find_model(model, cache)
    folder = find_embedder()
    # Read by OpenMP when torch loads it. Threads that wait spinning for long take the time of the one they wait for beside
    # anything else that runs; threads that sleep at once take longer to wake than a layer takes (inference/threads.py).
    os.putenv("GOMP_SPINCOUNT", _SPINS)
    # transformers imports these where they are installed, for losses and helpers that nobody here calls: a second of every start.
    for unused in ("scipy", "sklearn"):
        sys.modules.setdefault(unused, None)  # type: ignore[arg-type]
    import torch

    from inference.loading import dtype_of, load_embedder, load_model
    from inference.threads import cores, settler

    allowed = threads or cores()
    torch.set_num_threads(allowed)
    dtype = dtype_of(precision, cache)
    embedder = load_embedder(folder, dtype, cache)
    model_ = None if source is None else load_model(source, dtype, settler(allowed), cache)
    return model_, embedder


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m inference.worker")
    parser.add_argument("model", nargs="?", help="none: embeddings only")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--precision", choices=get_args(Precision), default="auto")
    parser.add_argument("--threads", type=int, default=0, help="0: every core this process may use")
    options = parser.parse_args(arguments)
    # A library that prints must not write into the frames: descriptor 1 becomes stderr, and the pipe moves away.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(_NICENESS)
    # Ctrl-C reaches the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="model process: %(levelname)s %(message)s", stream=sys.stderr)
    inbox, send = Inbox(), sender(out)

    def read_until_parent_is_gone() -> None:
        read_requests(sys.stdin.buffer, inbox, send)
        os._exit(0)

    threading.Thread(target=read_until_parent_is_gone, name="reader", daemon=True).start()
    try:
        worker = Worker(*_load(options.model, options.cache, options.threads, options.precision), inbox, send)
        keep_pages()
        worker.warm_up()
    except ModelError as error:
        send(Broken(str(error)))
        sys.stderr.flush()
        # Not `return`: the reader thread holds stdin, and the interpreter cannot shut down around it.
        os._exit(1)
    from inference.threads import cores  # with torch, which is loaded by now

    if worker.takes_help and (options.threads or cores()) > 1:
        threading.Thread(target=_help, args=(worker,), name="second pass", daemon=True).start()
    send(Ready())
    while True:
        worker.serve()


def _help(worker: Worker) -> NoReturn:
    """Ends the process where it cannot go on, as the main thread would: whoever waits for what this one was reading is told, and
    the process is started again."""
    with edge("the second pass") as kept:
        while True:
            worker.help()
    log.critical("the second pass broke: %r", kept.error)
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
