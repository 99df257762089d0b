"""From pydantic's words to ours."""

import pytest
from pydantic import ValidationError

from app.errors import BadInput
from app.frames import CLIENT_FRAME
from app.protocol import NewRoom
from app.validation import bad_input


def refused(frame: str) -> BadInput:
    with pytest.raises(ValidationError) as wrong:
        CLIENT_FRAME.validate_json(frame)
    return bad_input(wrong.value.errors(), skip=1)


@pytest.mark.parametrize(
    ("frame", "field", "value", "words"),
    [
        ('{"type":"send","room":"r","client_id":"c","text":7}', "text", "7", "string"),
        ('{"type":"send","room":"r","client_id":"c","text":" "}', "text", "' '", "more than blanks"),
        ('{"type":"send","room":"r","client_id":"c","text":"a\\u0000"}', "text", "'a\\x00'", "NUL"),
        ('{"type":"send","room":"r","client_id":"c"}', "text", None, "missing"),
        ('{"type":"send","room":"r","client_id":"c","text":"x","txt":"y"}', "txt", "'y'", "no such field"),
        ('{"type":"hello","token":"t","rooms":[{"room":"r","after":-1}]}', "rooms.0.after", "-1", "greater"),
        ('{"type":"shout"}', "type", "'shout'", "shout"),
        ('{"room":"r"}', "type", None, "discriminator"),
        ('["ping"]', None, "['ping']", "object"),
        ("{", None, None, "not valid JSON"),
    ],
)
def test_the_field_and_its_value_are_named(frame: str, field: str | None, value: str | None, words: str) -> None:
    error = refused(frame)
    assert (error.field, error.value) == (field, value)
    assert words in error.detail


def test_places_inside_a_body() -> None:
    with pytest.raises(ValidationError) as wrong:
        NewRoom.model_validate({"name": "x", "agent": {"policy": {"preset": "loud"}}})
    error = bad_input(wrong.value.errors())
    assert (error.field, error.value) == ("agent.policy.preset", "'loud'")
