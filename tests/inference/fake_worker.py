"""A model process without a model: `python -m tests.inference.fake_worker [broken|slow]`. It speaks the real wire and does what
the first text of a request says: `crash`, `hang` (until cancelled), `deaf` (for ever), `fail`, else it answers with its texts."""

import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

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
    while (body := read_frame(requests)) is not None:
        frame = to_worker(body)
        if isinstance(frame, Cancel):
            if frame.id not in deaf:
                send(Failed(frame.id, "cancelled", unavailable=True))
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
            row = [1 / len(request.options)] * len(request.options)
            rows = [[row for _ in request.questions] for _ in request.texts]
            mass = [[0.5 for _ in request.questions] for _ in request.texts]
            send(Done(request.id, {"probabilities": rows, "mass": mass, "method": "logits", "usage": usage}))
        case "read":
            one = {"given": -1.0, "alone": -2.0, "tokens": 3, "hidden": [0.5]}
            send(Done(request.id, {"readings": [one for _ in request.texts], "usage": usage}))
        case "encode":
            send(Done(request.id, {"states": [[0.5, 1.0] for _ in request.texts], "usage": usage}))
        case "stream":
            for letter in wish.removesuffix("…"):
                send(Piece(request.id, letter))
            if not wish.endswith("…"):
                send(Done(request.id, None))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
