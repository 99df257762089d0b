import math
from typing import Any

import pytest

from inference.answers import Answer, Place
from inference.openai_line import Line, as_line, read_line

near: Any = pytest.approx
OPTIONS = ("1", "2", "3", "4", "5")
LINE = Line(("Gap", "Filling a gap", "Urgency"), ("Gap, 1 to 5", "Filling a gap, 1 to 5", "Urgency, 1 to 5"), OPTIONS)


def weighed(text: str) -> Place:
    """A token, sure of itself by half; a digit has the next one beside it."""
    digit = text.strip()
    other = text.replace(digit, str(int(digit) + 1)) if digit.isdecimal() else "something else"
    return Place(text, ((text, math.log(0.5)), (other, math.log(0.25))))


def tokens(*texts: str) -> list[Place]:
    return [weighed(text) for text in texts]


def best(answers: list[Answer | None]) -> list[int | None]:
    return [None if a is None else 1 + a.shares.index(max(a.shares)) for a in answers]


def written(text: str) -> list[int | None]:
    return best(read_line(LINE, text, ()))


def test_questions_are_named_by_how_they_begin() -> None:
    line = as_line(["\nRelevance, from 1 to 5: ", "\nFilling a gap, from 1 to 5: "], [" 1", " 2"])
    assert line == Line(
        ("Relevance", "Filling a gap"), ("Relevance, from 1 to 5", "Filling a gap, from 1 to 5"), ("1", "2")
    )
    assert line.blank == "Relevance: _, Filling a gap: _"


@pytest.mark.parametrize(
    ("questions", "options"),
    [
        (["a:"], OPTIONS),
        ([], OPTIONS),
        (["a:", "b:"], ["Ann", "Bob"]),
        (["a:", "b:"], ["1", "100"]),
        (["a, now:", "A, later:"], OPTIONS),
        (["a:", "\n: "], OPTIONS),
    ],
)
def test_where_one_line_would_not_do(questions: list[str], options: list[str]) -> None:
    assert as_line(questions, options) is None


def test_an_example_starts_in_the_middle_and_uses_every_option() -> None:
    line = Line(tuple("abcdef"), tuple("abcdef"), OPTIONS)
    assert line.example == "a: 3, b: 1, c: 4, d: 2, e: 5, f: 3"
    assert Line(("a", "b"), ("a", "b"), ("0", "1", "2")).example == "a: 1, b: 2"


def test_one_question_of_a_line() -> None:
    assert LINE.only(1) == Line(("Filling a gap",), ("Filling a gap, 1 to 5",), OPTIONS)
    assert LINE.only(2).room < LINE.room


def test_each_answer_is_read_at_its_place() -> None:
    places = tokens("G", "ap", ":", " ", "3", ",", " Filling", " a gap", ":", " 2", ", Urgency", ":", " 1")
    first, second, third = read_line(LINE, "", places)
    assert first == Answer(near((0, 0, 2 / 3, 1 / 3, 0)), near(0.75), "logprobs-line")
    assert second == Answer(near((0, 2 / 3, 1 / 3, 0, 0)), near(0.75), "logprobs-line")
    assert third is not None
    assert third.shares == near((2 / 3, 1 / 3, 0, 0, 0))


def test_a_token_that_also_has_the_mark_before_the_answer() -> None:
    places = [
        Place("Gap", (("Gap", -0.1), ("x", -3))),
        Place(":3", ((":3", math.log(0.6)), (":4", math.log(0.2)), (" 5", -3))),
    ]
    assert read_line(LINE, "", places)[0] == Answer(near((0, 0, 0.75, 0.25, 0)), near(0.8), "logprobs-line")


def test_tokens_without_their_alternatives_are_only_words() -> None:
    places = [Place(text, ((text, -0.1),)) for text in ("Gap", ":", " 3")]
    answer = read_line(LINE, "", places)[0]
    assert answer is not None
    assert answer.method == "written"
    assert answer.shares[2] == near(0.9)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Gap: 3, Filling a gap: 2, Urgency: 1", [3, 2, 1]),
        ("Sure!\n**Gap**: 3\n- Filling a gap — 2\n- urgency = 1", [3, 2, 1]),
        ("Urgency: 1, Filling a gap: 2, Gap: 3", [3, 2, 1]),
        ("Gap, 1 to 5: 3, Filling a gap, 1 to 5: 4", [3, 4, None]),
        ("Filling a gap: 4", [None, 4, None]),
        ("Gap: 3/5, Gap: 4, Urgency: [2]", [3, None, 2]),
        ("Gap: 6, Filling a gap: high, Urgency: 12", [None, None, None]),
        ("Gap:\n3", [None, None, None]),
        ("The gap is wide. Gap: 2", [2, None, None]),
        ("fılling a gap: 4, Gap: 2", [2, None, None]),
        ("3, 2, 1", [3, 2, 1]),
        ("3, 2", [None, None, None]),
        ("I would say 3 of 5", [None, None, None]),
        ("", [None, None, None]),
    ],
)
def test_models_that_deviate(text: str, answers: list[int | None]) -> None:
    assert written(text) == answers
