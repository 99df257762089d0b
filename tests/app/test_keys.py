"""What is on the wire about keys."""

import pytest
from pydantic import ValidationError

from app.keys import InviteView, NewInvite, NewToken, TicketView
from tests.app.store.opened import NOW


def test_times_come_back_from_json() -> None:
    ticket = TicketView(ticket="t", expires_at=NOW)
    assert TicketView.model_validate_json(ticket.model_dump_json()) == ticket
    invite = InviteView(invite="i", room="r", role="member", expires_at=NOW)
    assert InviteView.model_validate_json(invite.model_dump_json()) == invite


@pytest.mark.parametrize("given", [{"days": 0}, {"days": 3651}, {"days": "7"}, {"label": "x" * 65}, {"token": "mine"}])
def test_a_token_is_asked_for_in_bounds(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewToken.model_validate(given)


@pytest.mark.parametrize("given", [{"days": 0}, {"days": 366}, {"role": "owner"}, {"role": "agent"}])
def test_no_invite_lasts_for_ever_or_makes_an_owner(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewInvite.model_validate(given)
