import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.audience import LeakError, admissible, admitted, common, ensure_heard, may_hear, people, reach
from tests.conversation.build import ANN, ASIDE, BOB
from tests.memory.build import item

ids = st.frozensets(st.sampled_from(("ann", "bob", "cat", "dan")))


def test_agents_are_nobodys_audience_and_observers_are() -> None:
    assert people((ASIDE, ANN, BOB)) == {"ann", "bob"}


@given(ids, ids)
def test_an_item_is_admitted_exactly_where_all_were_there(audience: frozenset[str], present: frozenset[str]) -> None:
    said = item(audience=tuple(audience))
    assert admissible(said, present) == (present != frozenset() and present <= audience | {"ann"})


@given(ids, ids, ids)
def test_one_more_in_the_room_never_admits_more(
    audience: frozenset[str], present: frozenset[str], more: frozenset[str]
) -> None:
    said = item(audience=tuple(audience))
    assert not present or admissible(said, present) or not admissible(said, present | more)


@given(ids.filter(bool))
def test_what_the_subject_opened_is_for_everybody(present: frozenset[str]) -> None:
    assert admissible(item(audience=(), public=True), present)


@given(st.lists(ids), ids)
def test_what_is_admitted_passes_the_builders_check(audiences: list[frozenset[str]], present: frozenset[str]) -> None:
    items = [item(f"i{n}", audience=tuple(a)) for n, a in enumerate(audiences)]
    ensure_heard(map(reach, admitted(items, present)), present)


def test_a_leak_is_an_error_that_names_who_and_not_what() -> None:
    with pytest.raises(LeakError, match="'cat'") as caught:
        ensure_heard([reach(item(text="The cake is a surprise."))], {"ann", "cat"})
    assert "cake" not in str(caught.value)


@given(st.lists(st.none() | ids))
def test_what_is_made_of_many_is_for_those_who_heard_all(audiences: list[frozenset[str] | None]) -> None:
    made = common(audiences)
    assert all(made is not None and made <= a for a in audiences if a is not None)
    assert made is not None or all(a is None for a in audiences)


def test_before_nobody_only_what_everybody_may_hear_is_said() -> None:
    assert may_hear(None, ())
    assert not may_hear(frozenset({"ann"}), ())
    with pytest.raises(LeakError, match="an empty room"):
        ensure_heard([frozenset({"ann"})], ())
