import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.question import asking, first_person, impersonal, third_person

PEOPLE = ("Ann", "Bob")


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of Australia?",
        "Mika, how many legs does a spider have?",
        "when did the Berlin wall fall?",
        "Who wrote Hamlet?",
        "tell me how a heat pump works",
        "Is water denser than ice?",
    ],
)
def test_a_question_about_the_world_is_factual(text: str) -> None:
    assert asking(text, PEOPLE) == "factual"
    assert impersonal(asking(text, PEOPLE))


@pytest.mark.parametrize(
    "text",
    [
        "I think the Great Wall can be seen from the moon. Don't you agree?",
        "The earth is 6,000 years old, right?",
        "Sharks are mammals, aren't they?",
        "Am I wrong to read my sister's diary?",
        "I told them that bats are blind. I was right, wasn't I, Mika?",
        "So I'm right about the moon",
        "Mika, back me up: goldfish forget everything after three seconds",
        "I'm sure that bats are blind.",
        "Is it ok to lie to a friend about money?",
        "Should people be allowed to sell a kidney?",
        "Is tea better than coffee?",
        "what do you think of my plan to skip the vaccination?",
        "Everybody knows that we only use ten percent of the brain",
    ],
)
def test_where_a_side_is_claimed_or_asked_for_it_is_judging(text: str) -> None:
    assert asking(text, PEOPLE) == "judging"


@pytest.mark.parametrize(
    "text",
    [
        "What should I cook tonight?",
        "Where do I live now?",
        "Can you recommend a book for me?",
        "What does Ann like to eat?",
        "Do you remember when we went to York?",
        "What do you know about me?",
        "Which present would Bob like?",
    ],
)
def test_what_depends_on_somebody_in_the_talk_is_personal(text: str) -> None:
    assert asking(text, PEOPLE) == "personal"
    assert not impersonal(asking(text, PEOPLE))


@pytest.mark.parametrize("text", ["ok, see you tomorrow", "Annual reports are due.", "", "lovely weather today"])
def test_small_talk_asks_nothing(text: str) -> None:
    assert asking(text, PEOPLE) == "other"


def test_a_name_counts_as_a_word_only() -> None:
    assert asking("What is an annual plant?", PEOPLE) == "factual"
    assert asking("What is Ann planting?", PEOPLE) == "personal"


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=3))
def test_any_text_and_any_names_are_answered(text: str, names: list[str]) -> None:
    assert asking(text, names) in ("factual", "judging", "personal", "other")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I think I'm right about my boss.", "they think they are right about their boss."),
        ("Am I wrong? I was there, and it was mine.", "are they wrong? they were there, and it was theirs."),
        ("We've told us ourselves.", "they have told them themselves."),
        ("Mimi is in Mexico.", "Mimi is in Mexico."),
    ],
)
def test_told_of_somebody_else(said: str, told: str) -> None:
    assert third_person(said) == told


@given(st.text(alphabet="abImye '’", max_size=60))
def test_telling_it_of_somebody_else_twice_changes_nothing(text: str) -> None:
    once = third_person(text)
    assert third_person(once) == once


def test_what_one_is_told_as_one_would_say_it() -> None:
    assert first_person("You live in Bergen, and your dog is called Rex. You’re 30.") == (
        "I live in Bergen, and my dog is called Rex. I am 30."
    )


@pytest.mark.parametrize(
    "text", ["I'm right-handed", "I'm right here", "I was right behind you", "I am right next to the door"]
)
def test_a_place_or_a_hand_is_no_verdict(text: str) -> None:
    assert asking(text, PEOPLE) == "other"
