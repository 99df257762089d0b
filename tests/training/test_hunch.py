"""The hunch: trees and networks over what the maps leave."""

from pathlib import Path

import numpy as np
import pytest

from conversation.events import EVENT
from conversation.scene import NUMBERS
from heuristics.facts import COUNTED, facts_of, hunch
from heuristics.hunch import Hunch
from thoughts.points import points
from training.hunch import NAMES, grow, hunches, rows
from training.occasions import Occasions, occasions

RNG = np.random.default_rng(0)
COUNT = 8_000
TURNS, OWED = RNG.uniform(0, 10, COUNT), RNG.uniform(0, 1, COUNT)
BOTH = (TURNS > 5) & (OWED > 0.5)
CHANCE = np.where(BOTH, 0.6, 0.1)
SPOKE = (RNG.random(COUNT) < CHANCE).astype(float)
EVERY = np.arange(COUNT)
NOWHERE = np.zeros(COUNT, int)
SEEN = Occasions(
    facts={name: np.full(COUNT, np.nan) for name in COUNTED}
    | {"turns": TURNS, "owed": np.where(RNG.random(COUNT) < 0.05, np.nan, OWED)},
    scene={name: RNG.integers(0, 3, COUNT).astype(float) for name in NUMBERS},
    spoke=SPOKE,
    wait=np.where(SPOKE == 1, 1.0, 30.0),
    who=NOWHERE,
    called=NOWHERE.astype(bool),
    others=NOWHERE.astype(bool),
    chat=NOWHERE,
    member=NOWHERE,
    place=EVERY,
    events=(np.zeros((1, COUNT, len(EVENT)), np.float16),),
)


@pytest.fixture(scope="module")
def grown() -> Hunch:
    return grow(SEEN, trees=150, nets=1, passes=4)


def test_it_tells_what_two_facts_say_together_and_neither_alone(grown: Hunch) -> None:
    found = hunches(grown, SEEN)
    assert found[BOTH].mean() > found[~BOTH].mean() + 0.1


def test_rows_have_no_gaps() -> None:
    assert rows(SEEN).shape == (COUNT, len(NAMES))
    assert not np.isnan(rows(SEEN)).any()


def test_it_is_the_same_of_all_occasions_at_once_as_of_one_agent_live(tmp_path: Path, grown: Hunch) -> None:
    chat = tmp_path / "chat.jsonl"
    lines = [_line(n, who) for n, who in enumerate("abcabacbbacbacab" * 7)]
    chat.write_text("".join(lines), encoding="utf-8")
    seen = occasions([chat], 1)
    told = dict(zip(zip(seen.place, seen.member, strict=True), hunches(hunch(), seen), strict=True))
    for point in points([chat], 20, 0):
        last = point.moment.trigger.seq - 1
        member = "abc".index(point.moment.agent.id)
        assert facts_of(point.moment)["hunch"] == pytest.approx(told[last, member], abs=2e-3)


def _line(n: int, who: str) -> str:
    text = "b: why?" if who == "a" and n % 3 == 0 else "well, that is so"
    return f'{{"id": {n}, "at": "2020-01-01T00:{n // 60:02}:{n % 60:02}+00:00", "author": "{who}", "text": "{text}"}}\n'
