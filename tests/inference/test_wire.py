import io

import pytest

from inference import wire
from inference.prompt import Part
from inference.protocol import Continuation, Encodings, Proposals, Ratings, Reading, Readings, Usage
from inference.wire import Broken, Cancel, Done, Failed, FromWorker, Piece, Ready, Request, ToWorker, pack, read_frame


@pytest.mark.parametrize(
    "frame",
    [
        Request(1, "rate", True, ((Part("a", "system"), Part("<b>\n", data=True)),), ("x",), ("q",), ("1", "2"), 3, 4),
        Request(2, "embed", texts=("è🎉", ""), owner="den"),
        Cancel(7),
    ],
)
def test_to_the_worker(frame: ToWorker) -> None:
    body = read_frame(io.BytesIO(pack(frame)))
    assert body is not None
    assert wire.to_worker(body) == frame


@pytest.mark.parametrize(
    "frame", [Piece(1, "è", Usage(9, 8, 1)), Done(1, [1.5]), Failed(2, "no", True), Ready(), Broken("gone")]
)
def test_from_the_worker(frame: FromWorker) -> None:
    body = read_frame(io.BytesIO(pack(frame)))
    assert body is not None
    assert wire.from_worker(body) == frame


def test_results_come_back_as_they_were() -> None:
    def carried(result: object) -> object:
        body = read_frame(io.BytesIO(pack(Done(1, result))))
        assert body is not None
        done = wire.from_worker(body)
        assert isinstance(done, Done)
        return done.result

    usage = Usage(1, 2, 3)
    proposals = Proposals((Continuation("a", (-1.0, -2.5)), Continuation("")), usage)
    ratings = Ratings((((0.25, 0.75),), ((1.0, 0.0),)), ((0.5,), (0.25,)), "logits", usage)
    readings = Readings((Reading(-1.0, -2.0, 3, (0.5,)), Reading(0, 0, 0)), usage)
    assert wire.proposals(carried(proposals)) == proposals
    assert wire.ratings(carried(ratings)) == ratings
    assert wire.readings(carried(readings)) == readings
    encodings = Encodings(((0.5, -2.0), ()), usage)
    assert wire.encodings(carried(encodings)) == encodings
    assert wire.vectors(carried(((0.6, 0.8),))) == ((0.6, 0.8),)


def test_frames_follow_each_other_until_the_pipe_ends() -> None:
    pipe = io.BytesIO(pack(Cancel(1)) + pack(Cancel(2)))
    assert [wire.to_worker(body) for _ in range(2) if (body := read_frame(pipe)) is not None] == [Cancel(1), Cancel(2)]
    assert read_frame(pipe) is None


@pytest.mark.parametrize("kept", [2, 6])
def test_a_frame_cut_short_is_the_end(kept: int) -> None:
    assert read_frame(io.BytesIO(pack(Cancel(1))[:kept])) is None
