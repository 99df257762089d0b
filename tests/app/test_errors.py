import inspect
import re

import pytest

from app import errors
from app.errors import BadInput, WireError, shown

KINDS = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, WireError)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not WireError], ids=lambda kind: str(kind.__name__))
def test_the_tree_at_the_top_says_status_and_code_of_each(kind: type[WireError]) -> None:
    line = re.search(rf"── {kind.__name__} +(\d+) +(\w+) ", errors.__doc__ or "")
    assert line is not None
    assert (int(line[1]), line[2]) == (kind.status, kind.code)


def test_codes_are_told_apart() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_an_error_names_field_and_value() -> None:
    error = BadInput("too long", "text", "x" * 200)
    assert (error.detail, error.field, str(error)) == ("too long", "text", "too long")
    assert error.value is not None
    assert len(error.value) == 100
    assert BadInput("missing", "text").value is None


def test_values_are_shown_as_python_writes_them_and_cut() -> None:
    assert shown("a\nb") == "'a\\nb'"
    assert shown(["x"] * 100).endswith("…")
    assert len(shown("y" * 98)) == 100
