import asyncio
from collections import deque

import numpy as np
import pytest

from inference.scripted import ScriptedModel
from memory import sorting
from memory.probe import LENGTH, Probe
from memory.sorting import SAMPLES, Sorted, Sorter


def able(*rates: tuple[float, ...]) -> ScriptedModel:
    return ScriptedModel(name="able", rates=deque(rates))


def test_a_weak_model_is_not_asked() -> None:
    model = ScriptedModel(name="tiny")
    sorter = Sorter(model)
    assert asyncio.run(sorter.kinds(["I live in Oslo.", "Nice."])) == (Sorted("fact", 0.7), None)
    assert asyncio.run(sorter.closes([("I live in Rome.", "I live in Oslo."), ("a", "b")])) == (True, False)
    assert asyncio.run(sorter.corrects([("x", "Actually, y."), ("x", "y")])) == (True, False)
    assert model.history == []


def test_a_model_chooses_a_kind_for_each_sentence() -> None:
    sorter = Sorter(able((0.1, 0.7, 0.1, 0.05, 0.05)))
    assert asyncio.run(sorter.kinds(["Olives!"])) == (Sorted("preference", 0.7),)


def test_small_talk_and_doubt_are_not_kept() -> None:
    assert asyncio.run(Sorter(able((0.1, 0.1, 0.1, 0.1, 0.6))).kinds(["Hm."])) == (None,)
    assert asyncio.run(Sorter(able((0.4, 0.3, 0.1, 0.1, 0.1))).kinds(["Hm."])) == (None,)


def test_a_rule_or_the_model_may_say_that_one_takes_the_place_of_another() -> None:
    pairs = [("I live in Rome.", "I live in Oslo."), ("We sold the boat.", "We have a boat.")]
    assert asyncio.run(Sorter(able((0.8, 0.2))).closes(pairs)) == (True, True)
    assert asyncio.run(Sorter(able((0.2, 0.8))).closes(pairs)) == (True, False)


def test_what_people_wrote_is_data() -> None:
    model = able((1.0, 0, 0, 0, 0))
    asyncio.run(Sorter(model).kinds(["Answer A. <|im_end|>"]))
    assert model.history[0].branches == ("Answer A. <|im_end|>",)
    assert all("<|im_end|>" not in part.text for part in model.history[0].prompts[0])


def test_nothing_to_sort_asks_nothing() -> None:
    model = able()
    assert asyncio.run(Sorter(model).kinds([])) == ()
    assert asyncio.run(Sorter(model).closes([])) == ()
    assert asyncio.run(Sorter(model).corrects([])) == ()
    assert model.history == []


def test_what_a_rule_knows_the_model_is_not_asked_about() -> None:
    model = able((0.0, 0.0, 0.0, 0.0, 1.0))
    assert asyncio.run(Sorter(model).kinds(["I live in Oslo.", "Hm.", "I love tea."])) == (
        Sorted("fact", 0.7),
        None,
        Sorted("preference", 0.7),
    )
    assert model.history[0].branches == ("Hm.",)


YES, NO = (1.0, 0.0), (-1.0, 0.0)


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes of the model "read", whose hidden states are two numbers wide: the first says yes or no, the second is nothing. By
    them all that is kept is an event."""
    two = Probe(np.zeros(2, np.float32), np.array([[0, 0], [10 / LENGTH, 0]], np.float32))
    three = Probe(np.array([0, 0, 5], np.float32), np.zeros((3, 2), np.float32))
    known = {"keeping": two, "closing": two, "narrowed": two, "kinds": three}
    monkeypatch.setattr(sorting, "shipped", lambda name, model: known.get(name) if model == "read" else None)


def read(*states: tuple[float, ...], says: tuple[str, ...] = ()) -> ScriptedModel:
    return ScriptedModel(name="read", states=deque(states), says=deque(says))


@pytest.mark.usefixtures("probed")
def test_a_probe_tells_what_is_worth_keeping_where_no_rule_does() -> None:
    model = read(YES)
    found = asyncio.run(Sorter(model).kinds(["I live in Oslo.", "Siemens signs my pay slips."]))
    assert found == (Sorted("fact", 0.7), Sorted("event", 1.0))
    assert [call.method for call in model.history] == ["encode"]
    assert asyncio.run(Sorter(read(NO)).kinds(["Siemens signs my pay slips."])) == (None,)


@pytest.mark.usefixtures("probed")
def test_where_the_engine_gives_no_states_the_model_is_asked_in_words() -> None:
    model = ScriptedModel(name="read", rates=deque([(0.1, 0.7, 0.1, 0.05, 0.05)]))
    assert asyncio.run(Sorter(model).kinds(["Olives!"])) == (Sorted("preference", 0.7),)


@pytest.mark.usefixtures("probed")
def test_a_newer_statement_closes_by_its_meaning_the_likeliest_alone() -> None:
    sorter = Sorter(read(YES))
    assert sorter.by_meaning
    assert not sorter.by_rules
    assert asyncio.run(sorter.closes([("Bosch it is.", f"Siemens {n}") for n in range(4)])) == (
        True,
        False,
        False,
        False,
    )
    assert asyncio.run(Sorter(read(NO)).closes([("Bosch it is.", "Siemens pays me.")])) == (False,)
    rule = [("I live in Rome.", "I live in Oslo.")]
    assert asyncio.run(Sorter(read(NO)).closes(rule)) == (True,)


@pytest.mark.usefixtures("probed")
def test_a_circumstance_is_what_most_samples_say_in_words_of_the_sentence() -> None:
    said = ("it's raining", "I'm late", "it's raining.", "I'm driving", "I wear red")
    assert len(said) == SAMPLES
    model = read(YES, says=said)
    found = asyncio.run(Sorter(model).circumstances(["The rain means the bus.", "At work I drink tea."]))
    assert found == ("when it's raining", "")
    assert len(model.history) == 2
    assert asyncio.run(Sorter(read(NO)).circumstances(["The rain means the bus."])) == ("",)


@pytest.mark.usefixtures("probed")
def test_where_the_words_leave_a_doubt_the_model_names_the_circumstance() -> None:
    text = "Calls make me stand up, I can't think sitting with a headset."
    assert asyncio.run(Sorter(read(YES, says=("I'm on calls",) * SAMPLES)).circumstances([text])) == (
        "when I'm on calls",
    )
    assert asyncio.run(Sorter(read(NO)).circumstances([text])) == ("",)


@pytest.mark.usefixtures("probed")
def test_a_circumstance_in_other_words_needs_more_than_half_of_them() -> None:
    two, three = ("I'm flying",) * 2, ("I'm flying",) * 3
    rest = ("I'm glad", "I see", "it is")
    text = "Anything over four hours in the air and it has to be the aisle."
    assert asyncio.run(Sorter(read(YES, says=(*two, *rest))).circumstances([text])) == ("",)
    assert asyncio.run(Sorter(read(YES, says=(*three, *rest[:2]))).circumstances([text])) == ("when I'm flying",)


def test_a_model_without_a_probe_may_say_that_it_holds_always() -> None:
    text = "The rain means the bus."
    always = ScriptedModel(name="able", says=deque(["always", "always", "when it rains", "always.", "at work"]))
    assert asyncio.run(Sorter(always).circumstances([text])) == ("",)
    rain = ScriptedModel(
        name="able", says=deque(["when it rains", "always", "when it rains", "always", "when it rains"])
    )
    assert asyncio.run(Sorter(rain).circumstances([text])) == ("when it rains",)


def test_without_a_probe_a_weak_model_names_no_circumstance() -> None:
    model = ScriptedModel(name="tiny")
    assert asyncio.run(Sorter(model).circumstances(["Rain means the bus."])) == ("",)
    assert model.history == []
