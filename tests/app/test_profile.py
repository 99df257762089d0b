"""What people see of what is believed of them, on the wire."""

import pytest
from pydantic import ValidationError

from app.profile import PairAnswer, SetBelief


def test_what_is_given_is_checked() -> None:
    assert SetBelief.model_validate({"value": None}).value is None
    for wrong in ({}, {"value": "x" * 65}, {"value": 3}):
        with pytest.raises(ValidationError):
            SetBelief.model_validate(wrong)
    with pytest.raises(ValidationError):
        PairAnswer.model_validate({"choice": "both"})
