"""Who may do what, as values; tests/app/test_security.py asks the running service."""

from typing import get_args

import pytest

from app.errors import Forbidden
from app.rights import RIGHTS, Right, allow, may
from conversation.member import Role


def test_every_right_says_who_has_it_and_owners_have_all() -> None:
    assert set(RIGHTS) == set(get_args(Right))
    assert all("owner" in roles for roles in RIGHTS.values())


@pytest.mark.parametrize("right", get_args(Right))
def test_who_is_not_in_the_room_may_nothing(right: Right) -> None:
    assert not may(None, right)


def test_agents_write_and_do_nothing_else() -> None:
    assert {right for right in RIGHTS if may("agent", right)} == {"write"}


@pytest.mark.parametrize("right", get_args(Right))
@pytest.mark.parametrize("role", get_args(Role))
def test_allow_raises_where_one_may_not_and_says_who_may(role: Role, right: Right) -> None:
    if may(role, right):
        allow(role, right, "den")
        return
    with pytest.raises(Forbidden, match=f"^only owners.* may do that; you are {role}$") as refused:
        allow(role, right, "den")
    assert (refused.value.field, refused.value.value) == ("room", "'den'")
