import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.stored_embedder import StoredEmbedder
from training.closing import ENDED, HOLD, VEILED, Pair, near, together
from training.keeping import CASES


class Spread:
    """Every text somewhere on a quarter of a circle: all lie more or less near to each other."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        angles = np.array([sum(map(ord, text)) % 90 for text in texts], dtype=np.float32) * np.pi / 180
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def embedder(folder: Path) -> StoredEmbedder:
    return StoredEmbedder(folder / "kept.npz", Spread)


def test_pairs_are_of_thirteen_relations_and_what_changed_can_be_asked_about() -> None:
    pairs = json.loads((CASES / "changes.json").read_text(encoding="utf-8"))
    made = [Pair(c["newer"], c["older"], c["relation"]) for c in pairs]
    assert {p.relation for p in made} == {*HOLD, *ENDED, *VEILED} - {"together", "near"}
    assert len({(p.newer, p.older) for p in made}) == len(made) == 5892
    for one in pairs:
        told = [one[name] for name in ("asks", "stem", "old", "new")]
        assert all(told) or not any(told)
        assert all(told) or one["relation"] not in (*ENDED, *VEILED)


def test_sixteen_people_said_forty_things_each() -> None:
    persons = json.loads((CASES / "persons.json").read_text(encoding="utf-8"))
    assert [len(said) for said in persons] == [40] * 16
    assert len({text for said in persons for text in said}) == 640


def test_pairs_of_one_person_are_in_the_order_in_which_they_were_said(tmp_path: Path) -> None:
    persons = json.loads((CASES / "persons.json").read_text(encoding="utf-8"))
    place = {text: (who, n) for who, said in enumerate(persons) for n, text in enumerate(said)}
    found = together(50, 0, embedder(tmp_path))
    assert len(found) == 50
    for pair in found:
        (who, newer), (same, older) = place[pair.newer], place[pair.older]
        assert who == same
        assert newer > older
    assert together(50, 0, embedder(tmp_path)) == found != together(50, 1, embedder(tmp_path))


def test_pairs_of_different_people_have_nothing_that_changed_among_them(tmp_path: Path) -> None:
    changes = json.loads((CASES / "changes.json").read_text(encoding="utf-8"))
    changing = {c[one] for c in changes for one in ("older", "newer")}
    found = near(50, 0, embedder(tmp_path))
    assert len(found) == 50
    assert not changing & {text for pair in found for text in (pair.newer, pair.older)}
