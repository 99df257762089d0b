import json

from training.closing import Pair
from training.keeping import CASES


def test_pairs_are_of_four_relations_and_what_changed_can_be_asked_about() -> None:
    pairs = json.loads((CASES / "changes.json").read_text(encoding="utf-8"))
    made = [Pair(c["newer"], c["older"], c["relation"]) for c in pairs]
    assert {p.relation for p in made} == {"changed", "also", "again", "apart"}
    assert len({(p.newer, p.older) for p in made}) == len(made) == 300
    for one in pairs:
        told = [one[name] for name in ("asks", "stem", "old", "new")]
        assert all(told) if one["relation"] == "changed" else not any(told)
