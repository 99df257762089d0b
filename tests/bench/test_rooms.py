import asyncio

from bench.rooms import HISTORY, measure, room, summary
from inference.connect import ScriptedEngine
from inference.protocol import Usage


def test_rooms_have_talks_of_their_own() -> None:
    engine = ScriptedEngine()
    one, other = room("a", engine, 1), room("b", engine, 2)
    assert len(one.messages) == len(other.messages) == HISTORY
    assert [m.text for m in one.messages] != [m.text for m in other.messages]


def test_a_toy_run_decides_about_every_message() -> None:
    found = asyncio.run(measure(ScriptedEngine(), (1, 3), 6))
    assert {many: messages for many, (_, messages, _) in found.items()} == {1: 6, 3: 6}
    assert all(seconds > 0 and used.prompt > 0 for seconds, _, used in found.values())


def test_the_ratio_is_of_rates() -> None:
    result = summary({1: (8.0, 16, Usage(160)), 4: (10.0, 20, Usage(400)), 16: (8.0, 32, Usage(32))}, "toy")
    assert result["rate"] == {"1": 2.0, "4": 2.0, "16": 4.0}
    assert result["ratio"] == 2.0
    assert result["prompt_tokens"] == {"1": 10, "4": 20, "16": 1}
