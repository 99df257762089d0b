import math
from collections.abc import Collection
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from memory.item import Item
from memory.writing import Shelf, linked, related
from tests.memory.build import item

EAST = (1.0, 0.0)


def linking(new: Item, shelf: Shelf, closed: Collection[str]) -> Item | None:
    return linked(new, shelf.older(new), closed)


def near(degrees: float) -> tuple[float, ...]:
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def test_it_asks_about_what_is_near_of_the_same_person_and_kind() -> None:
    new = item("new", "My street is quiet.", day=5, embedding=EAST)
    kept = [
        item("nearest", embedding=near(10)),
        item("near", embedding=near(60)),
        item("far", embedding=near(85)),
        item("claim", kind="claim", embedding=EAST),
        item("later", day=6, embedding=EAST),
        item("foreign", embedding=(1.0, 0.0, 0.0)),
    ]
    assert [i.id for i in related(new, Shelf(kept).older(new))] == ["nearest", "near"]
    event = replace(new, kind="event")
    assert related(event, Shelf([item("e", kind="event", embedding=EAST)]).older(event)) == ()


def test_what_holds_always_is_no_newer_value_of_what_holds_on_some_occasions() -> None:
    travels = item("old", "When I travel with the kids I take the train.", kind="preference", embedding=EAST)
    walks = item("new", "I like long walks.", kind="preference", day=5, embedding=near(10))
    flies = item("newer", "When I travel with the kids I fly.", kind="preference", day=6, embedding=near(10))
    assert related(walks, Shelf([travels]).older(walks)) == ()
    assert [i.id for i in related(flies, Shelf([travels, walks]).older(flies))] == ["old"]


def test_by_meaning_what_happens_and_what_holds_always_may_be_newer_too() -> None:
    boat = item("boat", "We have a boat.", embedding=EAST)
    sold = item("sold", "Sold the old thing.", kind="event", day=5, embedding=near(40))
    assert related(sold, Shelf([boat]).older(sold)) == ()
    assert [i.id for i in related(sold, Shelf([boat]).older(sold), by_meaning=True)] == ["boat"]
    happened = item("happened", kind="event", embedding=EAST)
    assert related(sold, Shelf([happened]).older(sold), by_meaning=True) == ()


def test_what_one_message_says_side_by_side_is_no_next_value_but_by_the_rules() -> None:
    dog = item("dog", "We got a dog.", embedding=EAST, sources=("m1",))
    luna = item("luna", "We got a dog. She's called Luna.", embedding=near(30), sources=("m1",))
    assert related(luna, Shelf([dog]).older(luna), by_meaning=True) == ()
    oslo = item("oslo", "I live in Oslo.", embedding=EAST, sources=("m1",))
    bergen = item("bergen", "I moved to Bergen last week.", embedding=near(30), sources=("m1",))
    assert [i.id for i in related(bergen, Shelf([oslo]).older(bergen))] == ["oslo"]


def test_it_asks_about_what_the_rules_see_however_far_it_is_placed() -> None:
    new = item("new", "Actually I moved to Bergen last week.", day=1, embedding=EAST)
    shelf = Shelf([item("old", "I live in Oslo.", embedding=near(89))])
    assert [i.id for i in related(new, shelf.older(new))] == ["old"]


def test_what_is_closed_is_replaced() -> None:
    old = item("old", "I live in Paris.")
    assert linking(item("new", "I live in Rome.", day=1), Shelf([old]), ["old"]) == replace(
        item("new", "I live in Rome.", day=1), replaces=("old",)
    )


def test_said_again_before_the_same_people_only_the_newer_counts() -> None:
    new = linking(item("new", day=1, sources=("m2",)), Shelf([item("old")]), [])
    assert new is not None
    assert new.replaces == ("old",)


def test_said_again_before_fewer_it_adds_nothing() -> None:
    assert linking(item("new", day=1, audience=(), sources=("m2",)), Shelf([item("old")]), []) is None


def test_said_again_before_more_it_is_kept_beside() -> None:
    new = linking(item("new", day=1, audience=("bob", "cat"), sources=("m2",)), Shelf([item("old")]), [])
    assert new is not None
    assert new.replaces == ()


def test_the_same_message_read_twice_gives_one_item() -> None:
    assert linking(item("again", sources=("m1",)), Shelf([item("old", sources=("m1",))]), []) is None


def test_what_its_subject_put_right_stays_when_it_is_said_again() -> None:
    """Before people who have not heard it, it is kept beside; another value closes it."""
    old = replace(item("old", "I live in Oslo."), edited=True)
    shelf = Shelf([old])
    assert linking(item("new", "i live in Oslo!", day=1, sources=("m2",)), shelf, ["old"]) is None
    assert linking(item("new", "I live in Oslo", day=1, audience=(), sources=("m2",)), shelf, ["old"]) is None
    wider = linking(item("new", "I live in Oslo", day=1, audience=("bob", "cat"), sources=("m2",)), shelf, ["old"])
    assert wider is not None
    assert wider.replaces == ()
    other = linking(item("new", "I live in Rome.", day=1), shelf, ["old"])
    assert other is not None
    assert other.replaces == ("old",)


def test_what_is_only_near_to_words_that_were_put_right_does_not_take_their_place() -> None:
    old = replace(item("old", "My boat is called Aurora.", embedding=EAST), edited=True)
    new = linking(item("new", "The boat has the name Aurora.", day=1, embedding=near(5)), Shelf([old]), [])
    assert new is not None
    assert new.replaces == ()


def test_nearly_the_same_words_that_deny_are_no_repetition() -> None:
    old = item("old", "I eat fish.", embedding=EAST)
    new = linking(item("new", "I don't eat fish.", day=1, embedding=near(5)), Shelf([old]), [])
    assert new is not None
    assert new.replaces == ()


said = st.lists(
    st.tuples(st.sampled_from(("Paris", "Rome")), st.frozensets(st.sampled_from(("bob", "cat"))), st.booleans())
)


@given(said)
def test_what_some_know_does_not_hang_on_what_they_have_not_heard(
    sayings: list[tuple[str, frozenset[str], bool]],
) -> None:
    """Ann says where she lives, before Bob, Cat, both or none; Bob's view is that of a world in which the rest was never said."""

    def world(heard_by: str | None) -> list[Item]:
        made: list[Item] = []
        for n, (town, audience, closes) in enumerate(sayings):
            if heard_by is not None and heard_by not in audience:
                continue
            new = item(f"i{n}", f"I live in {town}.", day=n, audience=tuple(audience), sources=(f"m{n}",))
            if (kept := linking(new, Shelf(made), {i.id for i in made} if closes else ())) is not None:
                made.append(kept)
        return made

    def seen(items: list[Item]) -> list[tuple[str, set[str]]]:
        mine = {i.id: i for i in items if "bob" in i.audience}
        return [(i.id, set(i.replaces) & set(mine)) for i in mine.values()]

    assert seen(world(None)) == seen(world("bob"))
