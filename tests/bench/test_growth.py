import asyncio
import json
import random

from bench.engines import thinker
from bench.growth import MESSAGE, Heard, counter, fill, measure, shown, summary
from bench.talk import Room
from inference.connect import ScriptedEngine
from inference.weights import SCRIPTED


def test_a_talk_is_as_long_as_asked_and_a_prompt_shows_the_end_of_it() -> None:
    engine, count = ScriptedEngine(), counter(SCRIPTED)
    room = Room("test", thinker(engine.model, engine.embedder))
    fill(room, 1024, count, random.Random(0))
    assert len(room.messages) == 1024 // MESSAGE
    assert 40 * (MESSAGE - 1) <= shown(room, count) <= 41 * MESSAGE + 2


def test_a_toy_run_counts_six_messages_and_one_rollover_a_round() -> None:
    sizes, warm, rolled = asyncio.run(measure(ScriptedEngine(), counter(SCRIPTED), (100, 200), 2))
    assert sizes[100] < sizes[200] <= 202
    assert {size: len(heard) for size, heard in warm.items()} == {100: 12, 200: 12}
    assert {size: len(heard) for size, heard in rolled.items()} == {100: 2, 200: 2}
    result = summary(sizes, warm, rolled, SCRIPTED)
    assert json.loads(json.dumps(result)) == result


def test_the_ratio_is_of_medians_and_a_rollover_is_spread_over_a_step() -> None:
    def heard(*seconds: float) -> list[Heard]:
        return [Heard(s, 10, {"formation": 1000 * s}) for s in seconds]

    warm = {256: heard(1.0, 1.0, 9.0), 4096: heard(1.2, 1.2, 1.2)}
    rolled = {256: heard(1.0), 4096: heard(3.6)}
    result = summary({256: 256, 4096: 4096}, warm, rolled, "toy")
    assert result["ratio"] == 1.2
    assert result["ratio_with_rollover"] == 1.3
    assert result["seconds"] == {"256": 1.0, "4096": 1.2}
    assert result["stages_ms"] == {"256": {"formation": 1000}, "4096": {"formation": 1200}}
