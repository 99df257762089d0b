"""Percentiles of cosines."""

import asyncio

from inference.scripted import ScriptedEmbedder
from training.saliency import percentiles


def test_equal_texts_are_near_and_strangers_are_not() -> None:
    same = asyncio.run(percentiles([("a b c", "a b c")] * 5, ScriptedEmbedder()))
    apart = asyncio.run(percentiles([("a b c", "x y z")] * 5, ScriptedEmbedder()))
    assert same["p50"] == 1.0
    assert apart["p50"] < 0.5
    assert list(same) == ["p5", "p25", "p50", "p75", "p90", "p95", "p99"]
