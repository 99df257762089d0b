"""From pydantic's account of what was wrong to ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import BadInput
from app.protocol import NO_NUL, SOMETHING

_WORDS = {"extra_forbidden": "no such field", "missing": "this field is missing"}
_PATTERNS = {SOMETHING: "must hold more than blanks, and no NUL", NO_NUL: "must hold no NUL"}


def bad_input(errors: Sequence[Mapping[str, Any]], skip: int = 0) -> BadInput:
    """Of the first of `errors`. `skip`: how many names at the start of its place are not fields of what was sent."""
    first = errors[0]
    place = [str(name) for name in first["loc"][skip:]]
    if first["type"] == "json_invalid":
        return BadInput("not valid JSON")
    if first["type"].startswith("union_tag"):
        return BadInput(first["msg"], "type", _tag(first))
    message = _WORDS.get(first["type"], first["msg"])
    if first["type"] == "string_pattern_mismatch" and first["ctx"]["pattern"] in _PATTERNS:
        message = _PATTERNS[first["ctx"]["pattern"]]
    value = None if first["type"] == "missing" else first.get("input")
    return BadInput(message, ".".join(place) or None, value)


def _tag(error: Mapping[str, Any]) -> object:
    given = error.get("input")
    return given.get("type") if isinstance(given, dict) else given
