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


@pytest.mark.parametrize(
    "text",
    [
        "Mika, how can I export my data?",
        "I'd like to download everything you know about me",
        "Mika, give me a copy of my profile",
    ],
)
def test_taking_it_along(text: str) -> None:
    assert request(text) == Request("export")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("No, I moved to Oslo.", Request("correct", "I moved to Oslo.")),
        ("Mika, no, my sister is called Ida", Request("correct", "my sister is called Ida")),
        ("Mika, that's wrong: I live in Oslo.", Request("correct", "I live in Oslo.", sure=True)),
        ("You’ve got that wrong, my birthday is in May", Request("correct", "my birthday is in May", sure=True)),
        (
            "Mika, that is no longer true. I work at the harbour.",
            Request("correct", "I work at the harbour.", sure=True),
        ),
    ],
)
def test_putting_it_right(text: str, asked: Request) -> None:
    assert request(text) == asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Mika, you may tell the others that I moved to Oslo", Request("widen", "I moved to Oslo")),
        ("you can tell everybody about my new job.", Request("widen", "my new job")),
        ("Mika, you may tell Bob that.", Request("widen", whom="Bob")),
        ("you may now let Bob know about my knee", Request("widen", "my knee", whom="Bob")),
        ("Mika, don't tell Bob about my knee", Request("narrow", "my knee", whom="Bob")),
        ("Please do not tell anybody that I am ill!", Request("narrow", "I am ill")),
        ("Mika, you may not tell Bob that", Request("narrow", whom="Bob")),
        ("Mika, keep that between us, please.", Request("narrow")),
        ("keep what I told you about my divorce to yourself", Request("narrow", "my divorce")),
    ],
)
def test_who_may_hear_it(text: str, asked: Request) -> None:
    assert request(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "No, I don't know?",
        "You can tell that he is tired",
        "you may tell them that dinner is ready",
        "Don't tell Bob that he is late",
        "No.",
        "keep that in mind",
        "I download everything you send",
    ],
)
def test_what_is_no_matter_of_memory(text: str) -> None:
    assert request(text) is None
