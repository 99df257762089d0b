from dataclasses import replace

import pytest

from memory.scope import scope, scope_of
from memory.sentences import kind_of
from tests.memory.build import item


@pytest.mark.parametrize(
    ("text", "words", "rest"),
    [
        (
            "When I cook for my daughter I leave out nuts, she is allergic.",
            "When I cook for my daughter",
            "I leave out",
        ),
        ("If Kim is here, I hide the sweets.", "If Kim is here", "I hide the sweets"),
        ("With my grandmother I speak Polish.", "With my grandmother", "I speak Polish"),
        ("At the library my phone stays silent.", "At the library", "my phone stays silent"),
        ("Sunday mornings I sleep in.", "Sunday mornings", "I sleep in"),
        ("I eat nothing after midnight.", "after midnight", "I eat nothing"),
        ("I only wear black on weekdays.", "on weekdays", "I only wear black"),
        ("I wear a tie late at night.", "late at night", "I wear a tie"),
        ("I speak French with customers.", "with customers", "I speak French"),
        ("I'm happy to talk while we walk.", "while we walk", "I'm happy to talk"),
        ("At night the dog sleeps in the hall.", "At night", "the dog sleeps"),
        ("Nobody smokes in my car.", "in my car", "Nobody smokes"),
        ("My niece gets no sugar from me.", "for my niece", "gets no sugar"),
        ("Our lodgers get a key only.", "for our lodgers", "get a key only"),
        ("I can't sleep on trains.", "on trains", "I can't sleep"),
        ("Come winter, I swim indoors.", "Come winter", "I swim indoors"),
        ("Every May our street has a feast.", "Every May", "our street"),
        ("My aunt gets a call from me.", "for my aunt", "gets a call"),
        ("Ironing I do on the floor.", "when ironing", "I do on"),
        ("After all my shifts I drink tea.", "After all my shifts", "I drink tea"),
        ("Back from the gym I drink a shake.", "Back from the gym", "I drink a shake"),
    ],
)
def test_the_circumstance_stands_apart_from_what_is_said(text: str, words: str, rest: str) -> None:
    found = scope(text)
    assert found is not None
    assert (found.words, found.holds) == (words, True)
    assert found.rest.startswith(rest)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I eat everything except at breakfast.", "at breakfast"),
        ("Unless it rains I go by bike.", "it rains"),
        ("Unless I'm paid for it I don't translate.", "I'm paid for it"),
        ("Everywhere but at funerals I laugh too loud.", "at funerals"),
        ("My laptop is silent everywhere but at my own desk.", "at my own desk"),
        ("By tram to school, every day except when I carry the tuba", "when I carry the tuba"),
        ("I bargain with everybody, just not with children", "with children"),
        ("I steer by the stars, always. Well, not in the city", "in the city"),
        ("I tip all over the world. Not in Korea though, they mind", "in Korea"),
        ("I eat anything, but not in the evening", "in the evening"),
    ],
)
def test_an_exception_holds_everywhere_else(text: str, words: str) -> None:
    found = scope(text)
    assert found is not None
    assert (found.words, found.holds) == (words, False)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Oslo.",
        "I work at a bank.",
        "I like herring.",
        "My sister got a dog when she was nine.",
        "I wonder if it rains.",
        "I was born in May.",
        "At work.",
        "Everything I do takes time.",
        "My phone gets no signal.",
        "Everything is where it was, but the mirror is cracked.",
        "Every seat is taken, but the driver has offered us his.",
        "I love everyone but my boss.",
        "I'm from Spain, but not from Madrid",
        "I'm allergic to nuts, but not to almonds",
        "I can't sleep at all.",
        "Let's take the church as our meeting point after all.",
        "After all, I live in Oslo.",
        "Just back from the hairdresser, I'm blonde now.",
        "",
    ],
)
def test_what_belongs_to_the_statement_is_no_circumstance(text: str) -> None:
    assert scope(text) is None


def test_a_phrase_at_the_end_is_a_guess() -> None:
    end, front = scope("I speak French with customers."), scope("With customers I speak French.")
    assert end is not None
    assert not end.firm
    assert front is not None
    assert front.firm


@pytest.mark.parametrize(
    ("text", "circumstance", "words"),
    [
        ("Siemens signs my pay slips.", "", None),
        ("Driving is for glasses.", "when I'm driving", "when I'm driving"),
        ("I can't think sitting with a headset.", "", "with a headset"),
        ("I can't think sitting with a headset.", "when I'm on a call", "when I'm on a call"),
        ("At work I only wear black.", "when I'm in black", "At work"),
    ],
)
def test_what_a_model_named_goes_before_a_guess_and_after_what_the_words_say(
    text: str, circumstance: str, words: str | None
) -> None:
    found = scope_of(replace(item("i", text), circumstance=circumstance))
    assert (found and found.words) == words
    assert scope_of(replace(item("i", text), kind="event", circumstance=circumstance)) is None


@pytest.mark.parametrize(
    "text",
    [
        "I run every day but my knee hurts",
        "I drink coffee every morning but my wife prefers tea",
        "I work all day but the pay is bad",
        "I walk every day but at night I take the bus",
        "I love all animals, but by far I prefer cats",
        "I speak French, but not in front of natives",
    ],
)
def test_what_goes_on_after_a_word_for_all_is_no_exception(text: str) -> None:
    found = scope(text)
    assert found is None or found.holds


def test_a_circumstance_at_the_beginning_goes_before_an_exception_at_the_end() -> None:
    found = scope("On Mondays I eat everything, just not in winter")
    assert found is not None
    assert (found.words, found.holds) == ("On Mondays", True)


def test_what_is_left_of_an_exception_can_be_read() -> None:
    found = scope("Everywhere but at weddings I wear black")
    assert found is not None
    assert found.rest == "Everywhere I wear black"
    assert kind_of("Everywhere but at weddings I wear black") == "preference"
