"""A model process without a model: `python -m tests.inference.fake_worker [broken|slow|thinks FILE]`. It speaks the real wire and
does what the first text of a request says: `crash`, `hang` (until cancelled), `deaf` (for ever), `fail`, else it answers with its
texts. `thinks FILE`: it has one thought, and while there is FILE it writes its process id there instead and has none."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from inference.protocol import Usage
from inference.remote import EMBEDDING_DIM
from inference.wire import Broken, Cancel, Done, Failed, FromWorker, Piece, Ready, Request, pack, read_frame, to_worker


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    def send(frame: FromWorker) -> None:
        answers.write(pack(frame))
        answers.flush()

    if "broken" in sys.argv:
        send(Broken("no weights here"))
        return
    if "slow" not in sys.argv:
        send(Ready())
    deaf: set[int] = set()
    thinks = Path(sys.argv[2]) if "thinks" in sys.argv else None
    while (body := read_frame(requests)) is not None:
        frame = to_worker(body)
        if isinstance(frame, Cancel):
            if frame.id not in deaf:
                send(Failed(frame.id, "cancelled", unavailable=True))
            continue
        if thinks is not None:
            think(frame, thinks, send)
            continue
        wish = wish_of(frame)
        if wish == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        elif wish == "deaf":
            deaf.add(frame.id)
        elif wish == "fail":
            send(Failed(frame.id, "too long", unavailable=False))
        elif wish != "hang":
            answer(frame, wish, send)


def think(request: Request, asleep: Path, send: Callable[[FromWorker], None]) -> None:
    """As a model would whose thoughts are all the same."""
    if request.method == "propose" and asleep.exists():
        asleep.write_text(str(os.getpid()))
    elif request.method == "propose":
        texts = [{"text": " would take the train.", "logprobs": [-0.5]} for _ in request.prompts]
        send(Done(request.id, {"continuations": texts, "usage": {"prompt": 1, "cached": 0, "generated": 1}}))
    elif request.method == "embed":
        send(Done(request.id, [alone(text) for text in request.texts]))
    elif request.method == "judge":
        usage = {"prompt": 1, "cached": 0, "generated": 0}
        ratings = [rated(ask.branches, ask.questions, ask.options) | {"usage": usage} for ask in request.asks]
        send(Done(request.id, {"ratings": ratings, "readings": [None] * len(ratings), "usage": usage}))
    else:
        send(Failed(request.id, "only thinks", unavailable=False))


def alone(text: str) -> list[float]:
    """A vector that is like no other's, most of the time."""
    return [float(i == sum(text.encode()) % EMBEDDING_DIM) for i in range(EMBEDDING_DIM)]


def rated(branches: Sequence[str], questions: Sequence[str], options: Sequence[str]) -> dict[str, Any]:
    """Every option as likely."""
    row = [1 / len(options)] * len(options) if options else []
    rows = [[row for _ in questions] for _ in branches]
    mass = [[0.5 for _ in questions] for _ in branches]
    return {"probabilities": rows, "mass": mass, "method": "logits"}


def wish_of(request: Request) -> str:
    return request.texts[0] if request.texts else request.prompts[0][0].text


def answer(request: Request, wish: str, send: Callable[[FromWorker], None]) -> None:
    usage = {"prompt": request.limit, "cached": request.seed, "generated": int(request.urgent)}
    match request.method:
        case "embed":
            send(Done(request.id, [[float(len(text))] for text in request.texts]))
        case "propose":
            texts = [{"text": prompt[0].text, "logprobs": [-0.5]} for prompt in request.prompts]
            send(Done(request.id, {"continuations": texts, "usage": usage}))
        case "rate":
            send(Done(request.id, rated(request.texts, request.questions, request.options) | {"usage": usage}))
        case "read":
            one = {"given": -1.0, "alone": -2.0, "tokens": 3, "hidden": [0.5]}
            send(Done(request.id, {"readings": [one for _ in request.texts], "usage": usage}))
        case "encode":
            send(Done(request.id, {"states": [[0.5, 1.0] for _ in request.texts], "usage": usage}))
        case "stream":
            for letter in wish.removesuffix("…"):
                send(Piece(request.id, letter, Usage(generated=1)))
            if not wish.endswith("…"):
                send(Done(request.id, None))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
