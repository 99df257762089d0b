"""What nobody can ask when looking back on decisions, and that a stored view reads back as it was."""

import pytest
from pydantic import ValidationError

from app.protocol import Wire
from app.review import (
    Feedback,
    LabelView,
    MessageFeedback,
    RedecideAsk,
    RefitView,
    SuggestionAnswer,
    SuggestionView,
)

AT = "2026-01-05T09:30:00Z"
STORED: list[tuple[type[Wire], str]] = [
    (
        LabelView,
        '{"room":"r1","user":"u1","agent":"a1","run":null,"seq":7,"verdict":"should_have_spoken","source":"feedback",'
        f'"at":"{AT}"}}',
    ),
    (
        SuggestionView,
        '{"run":"n1","room":"r1","agent":"a1","mode":"suggest","state":"accepted","text":"Tea?","reply_to":null,"seq":7,'
        f'"at":"{AT}","audience":null,"by":"u1","decided_at":"{AT}","message":"m8"}}',
    ),
    (
        RefitView,
        '{"labels":9,"needed":5,"offset":0.25,"agreed_before":4,"agreed_after":8,'
        '"flips":{"runs":20,"speak_before":6,"speak_after":4,"flipped":["n1","n2"]},"learned":null,'
        f'"versions":[{{"version":1,"offset":0.1,"labels":5,"at":"{AT}","by":"u1","before":null}}]}}',
    ),
]


@pytest.mark.parametrize(
    "ask",
    [
        {"limit": 0},
        {"limit": 10_001},
        {"calibration": ""},
        {"weights": {"relevance": -1}},
        {"weights": {"relevance": 100.5}},
        {"weights": {"relevance": float("nan")}},
        {"policy": {"im_threshold": 5.1}},
        {"mode": "loud"},
        {"before": "n1"},
    ],
)
def test_redecisions_out_of_bounds(ask: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RedecideAsk.model_validate(ask)


def test_a_redecision_replaces_only_the_fields_of_the_policy_that_were_given() -> None:
    assert RedecideAsk().policy.model_fields_set == set()
    ask = RedecideAsk.model_validate_json('{"policy":{"im_threshold":3.5},"limit":10000}')
    assert ask.policy.model_fields_set == {"im_threshold"}


def test_no_two_asks_share_their_weights() -> None:
    RedecideAsk().weights["relevance"] = 1.0
    assert RedecideAsk().weights == {}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Feedback, {"verdict": "bad"}),
        (Feedback, {}),
        (MessageFeedback, {"verdict": "good", "seq": -1}),
        (MessageFeedback, {"verdict": "good", "seq": "7"}),
        (MessageFeedback, {"verdict": "good"}),
        (SuggestionAnswer, {"verdict": "good"}),
        (SuggestionAnswer, {"verdict": "accept", "text": " "}),
        (SuggestionAnswer, {"verdict": "accept", "text": "a\x00b"}),
    ],
)
def test_no_verdict(kind: type[Wire], body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(body)


@pytest.mark.parametrize(("kind", "body"), STORED, ids=lambda part: part.__name__ if isinstance(part, type) else "")
def test_what_is_stored_reads_back_as_it_was(kind: type[Wire], body: str) -> None:
    assert kind.model_validate_json(body).model_dump_json() == body
