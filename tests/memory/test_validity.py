from hypothesis import given
from hypothesis import strategies as st

from memory.validity import Recalled, beside, dated, replaced, standing
from tests.memory.build import START, item

PARIS = item("paris", "I live in Paris.", day=0)
BERLIN = item("berlin", "I moved to Berlin.", day=5, replaces=("paris",))
SECRET = item("berlin", "I moved to Berlin.", day=5, replaces=("paris",), audience=())


def test_the_newer_value_closes_the_older_on_its_day() -> None:
    older, newer = dated([PARIS, BERLIN])
    assert (older.until, newer.until) == (BERLIN.since, None)


def test_only_the_newest_value_stands() -> None:
    rome = item("rome", "I live in Rome.", day=9, replaces=("paris", "berlin"))
    assert standing([PARIS, BERLIN, rome], {"ann", "bob"}) == (rome,)


def test_what_was_said_in_private_closes_nothing_before_the_others() -> None:
    assert standing([PARIS, SECRET], {"ann", "bob"}) == (PARIS,)
    assert standing([PARIS, SECRET], {"ann"}) == (SECRET,)


@given(st.lists(st.tuples(st.frozensets(st.sampled_from(("bob", "cat"))), st.sets(st.integers(0, 7))), max_size=8))
def test_what_others_said_in_private_changes_nothing(said: list[tuple[frozenset[str], set[int]]]) -> None:
    items = [
        item(f"i{n}", day=n, audience=tuple(audience), replaces=tuple(f"i{k}" for k in older if k < n))
        for n, (audience, older) in enumerate(said)
    ]
    present = {"ann", "bob"}
    heard = [i for i in items if i.audience >= present]
    assert standing(items, present) == standing(heard, present)


def test_a_value_replaces_older_ones_of_its_person_and_kind_only() -> None:
    known = [PARIS, item("bobs", subject="bob"), item("taste", kind="claim"), item("later", day=9)]
    same = {"paris", "bobs", "taste", "later"}
    assert replaced(item("berlin", day=5), known, same).replaces == ("paris",)
    assert replaced(item("berlin", day=5), known, set()).replaces == ()


def test_a_corrected_claim_is_never_shown_alone() -> None:
    claim = item("c", "The moon is a cheese.", kind="claim")
    answer = item("k", "It is rock.", kind="correction", by="aside", corrects="c", day=1)
    assert beside([claim], [claim, answer]) == (Recalled(claim, (answer,)),)
    assert beside([answer], [claim, answer]) == (Recalled(claim, (answer,)),)
    assert beside([answer, claim, PARIS], [claim, answer, PARIS]) == (Recalled(claim, (answer,)), Recalled(PARIS))


def test_a_correction_whose_claim_may_not_be_heard_is_not_shown() -> None:
    answer = item("k", "It is rock.", kind="correction", by="aside", corrects="c", day=1)
    assert beside([answer], [answer]) == ()
    assert answer.at > START
