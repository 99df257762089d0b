"""The head that asks."""

import numpy as np
import pytest

from personalization.asker import Asker, AskerError, asker_for, parse, write
from personalization.space import space_for
from personalization.talk import AskingTalk, exercise_task

ONE = np.ones((1, 1), dtype=np.float32)
ASKER = Asker(ONE, ONE[0] * 0, np.array([[1.0, -1.0]], dtype=np.float32), np.zeros(2, dtype=np.float32))


def test_it_chooses_the_likeliest_act_of_each_talk() -> None:
    assert ASKER.choose([[1.0], [-1.0]]) == [0, 1]
    assert ASKER.logits([[0.5]])[0, 0] == pytest.approx(np.tanh(0.5))


def test_what_is_written_is_read() -> None:
    assert np.array_equal(parse(write(ASKER)).logits([[0.3]]), ASKER.logits([[0.3]]))


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(AskerError, match="not an asker"):
        parse(b"")
    with pytest.raises(AskerError, match="do not fit"):
        parse(write(Asker(ONE, ONE[0], np.ones((3, 2), dtype=np.float32), np.ones(2, dtype=np.float32))))
    with pytest.raises(AskerError, match="'nowhere'"):
        asker_for("nowhere")


def test_the_one_that_ships_fits_its_task() -> None:
    task = exercise_task(space_for("exercise"))
    traits = {d.name: d.values[0] for d in task.space.dimensions}
    assert asker_for("exercise").logits([AskingTalk(task, traits).features()]).shape == (1, len(task.acts))
