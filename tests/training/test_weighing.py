import asyncio
import json

import pytest

from conversation.alternatives import Alternatives
from inference.protocol import Embedder, LanguageModel
from inference.scripted import ScriptedEmbedder, ScriptedModel
from thoughts.weighing import Grounds, Said
from training.weighing import CASES, NAMES, PARTS, Found, Row, _first, _one, fitted, rows


def found(n: int, part: str, *, first: bool, reasons: float, agrees: float, holds: float) -> Found:
    sign = 1 if first else -1
    row = Row(part, f"I say {n}.", "Mika, it rains. Bus or bike?", "bus")
    return Found(row, first, Grounds(sign * reasons, 8, 0.0, (Said("i", agrees * sign, holds),)))


def test_a_fit_finds_what_tells_the_right_one() -> None:
    # Outside the statement agrees with the wrong one, and reasons with the right one.
    outside = [found(n, "outside", first=n % 2 == 0, reasons=1.0, agrees=-2.0, holds=0.1) for n in range(20)]
    told = fitted(outside, 1.0)
    weights = told["weights"]
    assert isinstance(weights, dict)
    assert tuple(weights) == NAMES
    assert weights["reasons"] > 0 > weights["said"]
    assert told["cross"] == {"outside": 1.0}
    assert told["n"] == {"inside": 0, "outside": 20, "elsewhere": 0}


def test_where_a_statement_is_right_as_often_as_not_it_tells_nothing() -> None:
    some = [
        found(n, part, first=n % 2 == 0, reasons=1.0, agrees=2.0 if part == "elsewhere" else -2.0, holds=0.0)
        for n in range(20)
        for part in ("outside", "elsewhere")
    ]
    weights = fitted(some, 1.0)["weights"]
    assert isinstance(weights, dict)
    assert weights["said"] == pytest.approx(0.0, abs=0.01)


def test_rows_have_what_is_right_in_each_part() -> None:
    case = json.loads(CASES[0].read_text(encoding="utf-8"))[0]
    inside, outside, elsewhere = rows()[: len(PARTS)]
    assert [r.part for r in (inside, outside, elsewhere)] == list(PARTS)
    assert [r.right for r in (inside, outside, elsewhere)] == [case["applied"], case["free"], case["applied"]]
    assert inside.asks == f"Mika, {case['inside']} {case['choice']}"


def test_the_right_one_is_found_among_the_two() -> None:
    assert _first(Alternatives("", "the black one", "the red one"), "Black") is True
    assert _first(Alternatives("", "with garlic", "without garlic"), "without") is False
    assert _first(Alternatives("", "with garlic", "without garlic"), "with") is True
    assert _first(Alternatives("", "tea", "coffee"), "juice") is None


class Scripted:
    def __init__(self) -> None:
        self.model: LanguageModel = ScriptedModel(name="other")
        self.embedder: Embedder = ScriptedEmbedder()

    async def start(self) -> None: ...

    def status(self) -> str:
        return "ok"

    async def close(self) -> None: ...


def test_a_case_without_a_scope_or_a_choice_is_left_out() -> None:
    engine = Scripted()
    asks = "Mika, it is Sunday. Black or red?"
    assert asyncio.run(_one(Row("outside", "On Tuesdays I only wear black.", asks, "red"), engine)) is not None
    assert asyncio.run(_one(Row("inside", "On Sundays I only wear black.", asks, "black"), engine)) is None
    assert asyncio.run(_one(Row("inside", "I like black.", asks, "black"), engine)) is None
    assert asyncio.run(_one(Row("inside", "At work I only wear black.", "Mika, hello", "black"), engine)) is None
