from inference.openai_messages import messages, question_messages
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
