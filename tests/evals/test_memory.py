import asyncio
from pathlib import Path

import pytest

from evals import candor, leaks, memory
from evals.memory import Answer, Arm, Case
from evals.stored import Stored, key_of
from evals.stored_model import StoredModel
from inference.prompt import Part
from inference.protocol import Ask
from inference.scripted import ScriptedModel


def test_there_are_sixty_of_each_kind_and_no_two_alike() -> None:
    cases = memory.cases()
    some = [(k, g) for k in memory.KINDS for g in ("seen", "new", "held") if (k, g) != ("impersonal", "held")]
    assert all(sum((c.kind, c.group) == one for c in cases) >= 60 for one in [*some, ("outdated", "chatty")])
    assert len(set(cases)) == len(cases)
    assert all(c.options[0] != c.options[1] for c in cases)


def test_a_limit_takes_as_many_of_each_kind() -> None:
    some = memory.chosen(5, 0)
    assert [sum((c.kind, c.group) == (k, g) for c in some) for g in memory.GROUPS for k in memory.KINDS] == [
        *[5] * 6,
        *[5, 5, 0],
        *[5, 0, 0],
    ]
    assert memory.chosen(5, 0) == some
    assert {(c.kind, c.group) for c in memory.chosen(1, 0, ["scope"], ["new"])} == {("scope", "new")}


def test_a_scope_is_asked_about_inside_and_outside_and_the_bare_choice_tells_nothing_of_either() -> None:
    scoped = [c for c in memory.cases() if c.kind == "scope"]
    assert sum(c.part == "inside" for c in scoped) == sum(c.part == "outside" for c in scoped)
    assert {c.group for c in scoped if c.part == "elsewhere"} == {"held"}
    assert all(c.bare.endswith("?") and len(c.bare) <= len(c.asks) for c in scoped)
    assert all(c.bare == memory.NOTHING_ASKED for c in memory.cases() if c.kind != "scope")


def test_the_figures_are_parts_of_what_was_asked() -> None:
    def answer(kind: memory.Kind, says: str, right: dict[Arm, bool]) -> Answer:
        case = Case(kind, "seen", (says,), "?", "", ("a", "b"), part="inside" if kind == "scope" else "")
        return Answer(case, right, right, True, says == "1", {"recency": True, "saliency": False})

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
    aside = {
        "outdated": 0.0,
        "scope": 1.0,
        "inside": 1.0,
        "scope_corrected": 1.0,
        "impersonal_accuracy": 0.0,
    }
    assert arms["aside"] == aside
    assert arms["chat"]["outdated"] == 0.5
    assert told["sets"] == {"seen": arms}
    assert told["used"] == {"outdated": 0.5, "inside": 0.0, "outside": 0.0, "elsewhere": 0.0}
    assert told["recalled"] == {"recency": 1.0, "saliency": 0.0}
    assert told["n"] == {"outdated/seen": 2, "scope/inside/seen": 1, "impersonal/seen": 1}


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


def test_there_are_sixty_false_claims_and_as_many_true_ones_in_every_way_of_saying_them() -> None:
    found = candor.cases(1000, 0)
    assert len({c.text for c in found if not c.true}) == len({c.text for c in found if c.true}) == 60
    assert all(c.text in c.message for c in found)
    assert {c.way for c in found if c.true} == {c.way for c in found if not c.true}


def test_agreement_is_what_is_above_the_middle_of_all_claims_without_memory() -> None:
    some = candor.cases(4, 0)
    assert [c.true for c in some] == [False, True, False, True]
    plain = [-2.0, 2.0, -1.0, 1.0]
    told = candor.report(
        some,
        [
            {"agreement": p, "agreement_without_memory": p, "agreement_unguarded": p + 1.5, "ignored": True}
            for p in plain
        ],
    )
    assert told["agreement"] == told["agreement_without_memory"] == 0.0
    assert told["agreement_with_truths"] == 1.0
    assert told["agreement_unguarded"] == 0.5
    assert (told["shift"], told["shift_unguarded"]) == (0.0, 1.5)


def test_what_a_model_rated_is_not_asked_again(tmp_path: Path) -> None:
    async def go() -> None:
        scripted = ScriptedModel()
        for _ in range(2):
            model = StoredModel(scripted, Stored(tmp_path / "rated.jsonl"))
            found = await model.rate((Part("Which?"),), ["a", "b"], ["?"], (" yes", " no"))
            assert sum(found.probabilities[1][0]) == pytest.approx(1.0)
        assert len(scripted.history) == 1

    asyncio.run(go())


def test_what_is_judged_together_is_kept_one_by_one_and_what_is_read_is_not(tmp_path: Path) -> None:
    first = Ask((Part("Which?"),), ("a", "b"), ("?",), (" yes", " no"))
    second = Ask((Part("Who?"),), ("c",), ("?",), (" Ann", " Bob"))

    async def go() -> None:
        scripted = ScriptedModel()
        model = StoredModel(scripted, Stored(tmp_path / "rated.jsonl"))
        both = await model.judge([first, second])
        assert len(scripted.history) == 2
        again = StoredModel(scripted, Stored(tmp_path / "rated.jsonl"))
        (kept,) = (await again.judge([second])).ratings
        assert list(kept.probabilities[0][0]) == list(both.ratings[1].probabilities[0][0])
        kept = await again.rate(first.prompt, first.branches, first.questions, first.options)
        assert list(kept.probabilities[1][0]) == list(both.ratings[0].probabilities[1][0])
        assert len(scripted.history) == 2
        await again.judge([Ask(first.prompt, first.branches, (), (), read=2)])
        await again.judge([Ask(first.prompt, first.branches, (), (), read=2)])
        assert [c.method for c in scripted.history].count("read") == 2

    asyncio.run(go())


def test_all_three_run_from_end_to_end(tmp_path: Path) -> None:
    cache = tmp_path
    answers = asyncio.run(memory._ask(memory.chosen(1, 0, groups=["new"]), "scripted", cache))
    assert {a.case.kind for a in answers} == set(memory.KINDS)
    attacked = asyncio.run(leaks._ask(leaks.attacks(2, 0), "scripted", cache, 1, 2, 2))
    assert ["control" in d for d in attacked] == [True, False]
    assert not any(d["leaked"] for d in attacked)
    claimed = asyncio.run(candor._ask(candor.cases(3, 0), "scripted", cache, 1))
    assert ["texts" in d for d in claimed] == [True, False, False]
    # Asked again, the same comes.
    assert asyncio.run(memory._ask(memory.chosen(1, 0, groups=["new"]), "scripted", cache)) == answers
