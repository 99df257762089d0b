"""How simulated people put things."""

import itertools
import json
import random
from pathlib import Path

import pytest

from personalization.features import words
from personalization.phrasing import Phrasing, PhrasingError, parse, phrased, phrasing_for, phrasing_in, unheard_for
from personalization.space import space_for

HELD_OUT = Path(__file__).parents[2] / "evals" / "phrasings"
SPACES = ("exercise", "education", "preferences")


def _unlearned(name: str) -> list[Phrasing]:
    """Education is trained and not measured on its own."""
    return [unheard_for(name), *([] if name == "education" else [phrasing_in(HELD_OUT, name)])]


def _all(phrasing: Phrasing) -> list[str]:
    said = [p for values in phrasing.said.values() for some in values.values() for p in some]
    return [*said, *phrasing.off, *(p for some in phrasing.open.values() for p in some)]


@pytest.mark.parametrize("name", SPACES)
def test_there_are_words_for_every_value(name: str) -> None:
    for phrasing in (phrasing_for(name), *_unlearned(name)):
        assert all(phrasing.of(d.name, v) for d in space_for(name).dimensions for v in d.values)
        rng = random.Random(0)
        assert not any("(" in phrased(p, rng) or "|" in phrased(p, rng) for p in _all(phrasing))


@pytest.mark.parametrize("name", SPACES)
def test_what_is_measured_on_is_in_other_words_than_what_is_learned_from(name: str) -> None:
    rng = random.Random(0)
    learned = [set(words(phrased(p, rng))) for p in _all(phrasing_for(name)) for _ in range(4)]
    others = _unlearned(name)
    assert not {p for o in others for some in o.open.values() for p in some} & set(_all(phrasing_for(name)))
    for phrase in (p for o in others for values in o.said.values() for some in values.values() for p in some):
        own = set(words(phrase))
        if len(own) < 4:
            continue
        nearest = max(len(own & other) / len(own | other) for other in learned)
        assert nearest < 0.6, phrase


def test_the_parts_of_a_split_share_no_phrase_and_lose_none() -> None:
    whole = phrasing_for("exercise")
    parts = [whole.split(i, 5) for i in range(5)]
    for seen, unseen in parts:
        for d, value in itertools.product(whole.said, ("yes", "no")):
            assert not set(seen.of(d, value)) & set(unseen.of(d, value))
            assert set(seen.of(d, value)) | set(unseen.of(d, value)) == set(whole.of(d, value))


def test_one_way_of_each_choice_is_taken() -> None:
    rng = random.Random(1)
    found = {phrased("I (like|love) it (a lot|).", rng) for _ in range(50)}
    assert found == {"I like it a lot.", "I love it a lot.", "I like it.", "I love it."}


@pytest.mark.parametrize(
    "document",
    [{}, {"open": {}, "vague": [], "off": ["x"], "turn": ["x"], "also": ["x"], "said": {}}, {"open": [1]}],
)
def test_what_is_wrong_is_named(document: object) -> None:
    with pytest.raises(PhrasingError, match="not a phrasing"):
        parse(json.dumps(document))
