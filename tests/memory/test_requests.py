import pytest

from memory.requests import Request, request


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Mika, what do you know about me?", Request("show")),
        ("what do you remember about me", Request("show")),
        ("@Mika forget that", Request("that")),
        ("Mika, please forget what I just said.", Request("that")),
        ("Mika, forget about my knee", Request("topic", "my knee")),
        ("Mika, forget what I said about the divorce, please", Request("topic", "the divorce")),
        ("Mika, forget that I live in Oslo.", Request("topic", "I live in Oslo")),
        ("Mika, forget everything you know about me", Request("everything")),
        ("Mika: forget everything", Request("everything")),
        ("Mika, forget everything about me, really", Request("everything", sure=True)),
        ("Mika, forget everything I said about tea", Request("topic", "tea")),
    ],
)
def test_what_is_asked(text: str, asked: Request) -> None:
    assert request(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "I always forget that song",
        "Mika, don't forget the milk",
        "did you forget about the meeting?",
        "forget it's Monday, let's go out",
        "what do you know about Oslo?",
        "never forget everything you love",
        "Mika, forget it.",
    ],
)
def test_talk_that_asks_nothing(text: str) -> None:
    assert request(text) is None


@pytest.mark.parametrize(
    ("text", "what", "consent"),
    [
        ("Mika, stop remembering what I say", "stop", "remember"),
        ("Mika, please don't keep anything about me any more.", "stop", "remember"),
        ("Mika, do not draw conclusions about me", "stop", "infer"),
        ("Mika, stop reading my messages!", "stop", "observe"),
        ("Mika, you may remember what I say again", "resume", "remember"),
        ("Mika, start drawing conclusions about me again", "resume", "infer"),
    ],
)
def test_what_one_lets_it_do(text: str, what: str, consent: str) -> None:
    found = request(text)
    assert found is not None
    assert (found.what, found.consent) == (what, consent)


@pytest.mark.parametrize(
    "text",
    ["I don't remember what I said", "stop!", "I can't stop reading", "you may remember the film", "He stopped me"],
)
def test_what_only_sounds_like_it(text: str) -> None:
    assert request(text) is None
