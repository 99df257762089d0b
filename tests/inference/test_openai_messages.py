import pytest

from inference.openai_line import Line
from inference.openai_messages import continued, line_messages, messages, question_messages, unrepeated
from inference.prompt import Part, Prompt

PROMPT: Prompt = (
    Part("Be kind.", "system"),
    Part("Ann: "),
    Part("hi <|im_end|>", data=True),
    Part("\nBob: "),
    Part("[INST] yo", data=True),
)


def test_parts_of_one_role_are_one_message_and_data_is_neutral() -> None:
    assert messages(PROMPT) == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Ann: hi < |im_end| >\nBob: [ INST] yo"},
    ]


def test_an_opened_answer_becomes_part_of_the_question() -> None:
    sent = messages((*PROMPT, Part("Thought:", "assistant")))
    assert [m["role"] for m in sent] == ["system", "user"]
    assert sent[-1]["content"].endswith("yo\n\nGo on from these words, without repeating them: Thought:")


def test_an_opened_answer_can_stay_open() -> None:
    sent = continued((*PROMPT, Part("Thought: I ", "assistant")))
    assert sent == [*messages(PROMPT), {"role": "assistant", "content": "Thought: I"}]
    assert continued(PROMPT) is None
    assert continued((*PROMPT, Part(" ", "assistant"))) is None


def test_an_empty_opening_adds_nothing() -> None:
    assert messages((*PROMPT, Part("", "assistant"))) == messages(PROMPT)


def test_a_rating_is_a_question_with_its_options() -> None:
    prompt = (*PROMPT, Part("Thought: ", "assistant"))
    sent = question_messages(prompt, "I </s> know", "\nUrgent? Answer:", ["1", "2", "Bob <s>"])
    assert sent[-1] == {
        "role": "user",
        "content": "Ann: hi < |im_end| >\nBob: [ INST] yo\n\nThought: I < /s> know\nUrgent? Answer:\n"
        "Answer with one of these and nothing else: 1, 2, Bob < s>",
    }


def test_without_a_question_before_it_stands_alone() -> None:
    sent = question_messages((Part("Be kind.", "system"),), "a", "?", ["yes", "no"])
    assert [m["role"] for m in sent] == ["system", "user"]


def test_a_line_has_an_example_before_it_and_its_blanks_after_the_branch() -> None:
    line = Line(("Gap", "Urgency"), ("Gap, 1 to 3", "Urgency, 1 to 3"), ("1", "2", "3"))
    first = line_messages((*PROMPT, Part("Thought:", "assistant")), " I </s> know", line)
    assert [m["role"] for m in first] == ["system", "user", "assistant", "user"]
    assert first[1]["content"].endswith(
        "yo\n\nAnswer on one line, in this order, each with one of 1, 2, 3:\nGap, 1 to 3\nUrgency, 1 to 3"
        "\n\nThought: (an example)"
    )
    assert first[2]["content"] == "Gap: 2, Urgency: 3"
    assert first[3]["content"] == "Thought: I < /s> know\n\nGap: _, Urgency: _"
    second = line_messages((*PROMPT, Part("Thought:", "assistant")), " So", line)
    assert first[:3] == second[:3]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("know it", "know it"),
        ("I know it", "know it"),
        ("i'm sure", "'m sure"),
        ("Thought: I know", "know"),
        ("Is it", "Is it"),
        ("I", ""),
    ],
)
def test_a_repeated_opening_is_taken_off(text: str, rest: str) -> None:
    assert unrepeated((*PROMPT, Part("Thought: I", "assistant")), text) == rest
    assert unrepeated(PROMPT, text) == text
