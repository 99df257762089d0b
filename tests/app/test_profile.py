"""What people see of what is kept of them, on the wire."""

import pytest
from pydantic import ValidationError

from app.profile import ConsentView, Forget, ItemChange, PairAnswer, SetBelief


def test_consent_is_given_until_it_is_taken_back() -> None:
    assert ConsentView() == ConsentView(observe=True, remember=True, infer=True)


def test_what_is_not_known_is_an_error() -> None:
    with pytest.raises(ValidationError):
        Forget.model_validate({"all": True})
    with pytest.raises(ValidationError):
        ItemChange.model_validate({"text": ""})


def test_what_is_given_is_checked() -> None:
    assert SetBelief.model_validate({"value": None}).value is None
    for wrong in ({}, {"value": "x" * 65}, {"value": 3}):
        with pytest.raises(ValidationError):
            SetBelief.model_validate(wrong)
    with pytest.raises(ValidationError):
        PairAnswer.model_validate({"choice": "both"})
