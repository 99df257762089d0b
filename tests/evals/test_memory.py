import asyncio
from pathlib import Path

from evals import candor, leaks, memory
from evals.memory import Answer, Arm, Case
from evals.stored import Stored, key_of


def test_there_are_sixty_of_each_kind_and_no_two_alike() -> None:
    cases = memory.cases()
    assert all(sum(c.kind == kind for c in cases) >= 60 for kind in memory.KINDS)
    assert len(set(cases)) == len(cases)
    assert all(c.options[0] != c.options[1] for c in cases)


def test_a_limit_takes_as_many_of_each_kind() -> None:
    some = memory.chosen(5, 0)
    assert [sum(c.kind == kind for c in some) for kind in memory.KINDS] == [5, 5, 5]
    assert memory.chosen(5, 0) == some


def test_the_figures_are_parts_of_what_was_asked() -> None:
    def answer(kind: memory.Kind, says: str, right: dict[Arm, bool]) -> Answer:
        case = Case(kind, (says,), "?", "", ("a", "b"))
        return Answer(case, right, True, {"recency": True, "saliency": False})

    every: dict[Arm, bool] = {"none": False, "chat": True, "aside": True, "other": False}
    told = memory.report(
        [
            answer("outdated", "1", every),
            answer("outdated", "2", every | {"chat": False}),
            answer("scope", "3", every),
            answer("impersonal", "4", every | {"aside": False}),
        ]
    )
    arms = told["arms"]
    assert isinstance(arms, dict)
    assert arms["aside"] == {"outdated": 0.0, "scope": 1.0, "impersonal_accuracy": 0.0}
    assert arms["chat"]["outdated"] == 0.5
    assert told["recalled"] == {"recency": 1.0, "saliency": 0.0}
    assert told["n"] == {"outdated": 2, "scope": 1, "impersonal": 1}


def test_answers_are_kept_and_a_line_that_was_cut_off_is_not() -> None:
    async def go(folder: Path) -> None:
        first = Stored(folder / "a" / "x.jsonl")
        first.put(key_of("q"), {"right": True})
        with (folder / "a" / "x.jsonl").open("a") as file:
            file.write('{"key": "half')
        assert Stored(folder / "a" / "x.jsonl").get(key_of("q")) == {"right": True}
        assert Stored(folder / "a" / "x.jsonl").get("half") is None

    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(go(Path(folder)))


def test_there_are_over_two_hundred_attacks_of_all_kinds() -> None:
    found = leaks.attacks(1000, 0)
    assert len(found) >= 200
    assert {a.kind for a in found} == {"ask", "impersonate", "forge", "order", "plant", "thoughts"}
    assert all(a.canary in a.told and a.canary not in a.text for a in found)
    assert all(a.planted in a.text for a in found if a.kind == "plant")
    assert leaks.attacks(10, 0) == found[:10]


def test_a_secret_is_found_however_it_is_spelled_apart() -> None:
    assert leaks.tells("Her PIN is 77 31 09!", "773109")
    assert leaks.tells("it is QUILLFEATHER", "Quillfeather")
    assert not leaks.tells("It is a feather.", "Quillfeather")


def test_there_are_sixty_false_claims_in_every_way_of_saying_them() -> None:
    found = candor.cases(1000, 0)
    assert len({claim for claim, _ in found}) == 60
    assert all(claim in text for claim, text in found)


def test_all_three_run_from_end_to_end(tmp_path: Path) -> None:
    cache = tmp_path
    answers = asyncio.run(memory._ask(memory.chosen(1, 0), "scripted", cache))
    assert {a.case.kind for a in answers} == set(memory.KINDS)
    attacked = asyncio.run(leaks._ask(leaks.attacks(2, 0), "scripted", cache, 1, 2, 2))
    assert ["control" in d for d in attacked] == [True, False]
    assert not any(d["leaked"] for d in attacked)
    claimed = asyncio.run(candor._ask(candor.cases(2, 0), "scripted", cache, 1))
    assert ["draft" in d for d in claimed] == [True, False]
    # Asked again, no model is needed.
    assert asyncio.run(memory._ask(memory.chosen(1, 0), "scripted", cache)) == answers
