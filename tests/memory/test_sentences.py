import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.item import ItemKind
from memory.sentences import LONGEST, MOST, corrects, kind_of, sentences


def test_a_message_is_cut_into_what_it_states() -> None:
    said = "Hi! I live in Oslo now. Do you? My dog is called Rex\nand I like tea; we went to Bergen."
    assert sentences(said) == ("I live in Oslo now.", "My dog is called Rex", "and I like tea", "we went to Bergen.")


def test_what_tells_of_somebody_named_before_comes_with_who_that_is() -> None:
    dog = "We got a dog last week."
    said = f"{dog} She's called Luna. She only eats fish. It rains."
    assert sentences(said) == (dog, f"{dog} She's called Luna.", f"{dog} She only eats fish.", "It rains.")
    assert sentences("I work with Hans. His sister is a judge.")[1] == "I work with Hans. His sister is a judge."
    long = "my " + "a" * 230
    assert sentences(f"{long}. He has a cough.") == (f"{long}.", "He has a cough.")


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("We got a dog. She barked all night.", "She barked all night."),
        ("He's late again. She has a cold.", "She has a cold."),
        ("I love jazz. They have a concert tonight!", "They have a concert tonight!"),
        ("I like tea. It's a bit late.", "It's a bit late."),
    ],
)
def test_what_passes_and_what_nobody_is_named_for_stands_by_itself(text: str, last: str) -> None:
    assert sentences(text)[-1] == last


def test_two_things_that_one_says_of_oneself_come_apart() -> None:
    assert sentences("I live in Turin and I work as a nurse at the hospital") == (
        "I live in Turin",
        "I work as a nurse at the hospital",
    )
    assert sentences("I like tea, but I hate coffee.") == ("I like tea", "I hate coffee.")


@pytest.mark.parametrize(
    "whole",
    [
        "When I work late I like tea and I like silence.",
        "On Sundays I like tea and I like cake.",
        "I like tea and cake.",
        "I went to Rome and I saw my sister.",
        "I like tea and I am tired.",
        "I live in Turin because I work there and I like it.",
        "My brother and Ines split up; he is with Maya now.",
        "I found the key; It was in the shed all along.",
    ],
)
def test_a_clause_that_hangs_on_another_stays_with_it(whole: str) -> None:
    assert sentences(whole) == (whole,)


def test_what_it_was_asked_to_remember_is_kept_without_the_asking() -> None:
    assert sentences("Mika, remember that I'm allergic to nuts.") == ("I'm allergic to nuts.",)
    assert sentences("please don't forget: my train is at nine.") == ("my train is at nine.",)


@given(st.text(max_size=3_000))
def test_whatever_is_pasted_gives_few_short_sentences(text: str) -> None:
    found = sentences(text)
    assert len(found) <= MOST
    assert all(len(one) <= LONGEST and "\n" not in one for one in found)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("I live in Oslo.", "fact"),
        ("I'm allergic to walnuts", "fact"),
        ("My sister is a nurse.", "fact"),
        ("I moved to Berlin last week.", "fact"),
        ("I have two cats.", "fact"),
        ("I really like black tea", "preference"),
        ("My favourite colour is green.", "preference"),
        ("I can't stand coriander", "preference"),
        ("please call me Jo", "preference"),
        ("We went to the lake on Sunday.", "event"),
        ("I finally passed the exam", "event"),
        ("I'm so tired today", None),
        ("I have to go now", None),
        ("That sounds great.", None),
        ("The earth is flat.", None),
        ("I'd like to see it", None),
        ("I love it", None),
        ("When I cook for my daughter I leave out nuts.", "preference"),
        ("At work I only wear black.", "preference"),
        ("In that case I think we should go", None),
        ("On Friday I bought a car", "event"),
        ("I'm sure that bats are blind", "claim"),
        ("I'm sure you know", None),
        ("I always say that bats are blind", "claim"),
        ("I want to quit my job", "event"),
        ("I'm learning French", "fact"),
        ("My flight leaves at six", "fact"),
        ("I started working at a library", "fact"),
    ],
)
def test_what_the_rules_take_a_sentence_for(sentence: str, kind: ItemKind | None) -> None:
    assert kind_of(sentence) == kind


def test_how_a_correction_opens() -> None:
    assert corrects("Actually, it is rock.")
    assert corrects("No, that one closed last year.")
    assert not corrects("Yes, exactly.")
    assert not corrects("I actually agree.")


def test_what_was_agreed_holds_on() -> None:
    assert kind_of("At the club I pay nothing in cash, we agreed on it.") == "preference"
    assert kind_of("My niece gets no sugar from me.") == "preference"
    assert kind_of("My niece gets married.") is None
    assert kind_of("At the meeting we decided to hire Bob.") is None
    assert kind_of("When my knee hurts, I need the lift.") == "preference"


def test_a_duty_in_a_circumstance_is_no_passing_one() -> None:
    assert kind_of("When I have to concentrate I switch the radio off.") == "preference"
    assert kind_of("I have to go.") is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("No, I moved to Oslo.", "I moved to Oslo."),
        ("oh, sorry, my boat is red", "my boat is red"),
        ("No, nobody came.", "No, nobody came."),
    ],
)
def test_how_a_correction_begins_is_no_part_of_it(said: str, kept: str) -> None:
    assert sentences(said) == (kept,)
