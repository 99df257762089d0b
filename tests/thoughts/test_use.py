from dataclasses import replace

import pytest

from conversation.asked import shipped
from conversation.moment import Moment
from memory.occasion import Fit, Reading
from memory.saliency import Retrieved, Trace
from tests.conversation.build import ANN, ASIDE, BOB, CAT, message, moment, thought
from tests.memory.build import item
from thoughts.known import Known, Narrowed, made_of
from thoughts.retrieval import Recall
from thoughts.use import DECIDES, Use, asks_for, decided, decisive, fits_of, known_now, narrowed, used

LIVES = item("home", "I live in Oslo.")
LIKES = item("taste", "I like herring.", kind="preference")
CLAIM = item("claim", "The bakery is open on Sundays.", kind="claim", subject="bob")
BOBS = item("bobs", "I like it hot.", kind="preference", subject="bob")
ITEMS = (LIVES, LIKES, CLAIM, BOBS)
GIVEN = Trace("given", "memory", "I love lakes.", ())


def trace(name: str) -> Trace:
    found = next((i for i in ITEMS if i.id == name), None)
    return GIVEN if found is None else Trace(name, "item", found.text, (), audience=found.audience)


def came(*names: str, saliency: float = DECIDES) -> Recall:
    return Recall(tuple(Retrieved(trace(n), saliency) for n in names), (), {})


def asks(text: str, kind: str = "message") -> Moment:
    return moment([message(1, ANN, text)], kind=kind)  # type: ignore[arg-type]


def uses(text: str, *names: str, saliency: float = DECIDES) -> dict[str, Use]:
    return dict(decided(asks(text), came(*names, saliency=saliency), (), ITEMS))


@pytest.mark.parametrize("text", ["What is the capital of Norway?", "How hot is lava?"])
def test_a_fact_is_answered_without_what_people_are(text: str) -> None:
    assert uses(text, "home", "taste", "bobs", "given") == {
        "home": "ignore",
        "taste": "ignore",
        "bobs": "ignore",
        "given": "support",
    }


def test_what_somebody_else_said_of_the_world_may_help_with_a_fact_and_ones_own_words_may_not() -> None:
    assert uses("When does the bakery open?", "claim") == {"claim": "support"}
    bobs_question = moment([message(1, BOB, "When does the bakery open?")])
    assert decided(bobs_question, came("claim"), (), ITEMS) == {"claim": "ignore"}


def test_who_may_be_somebody_here() -> None:
    assert uses("Who likes it hot?", "bobs", "taste") == {"bobs": "support", "taste": "ignore"}


@pytest.mark.parametrize("text", ["Aside, herring or ham?", "Aside, it is Friday. Herring or ham?"])
def test_who_is_only_called_is_not_what_is_asked_about(text: str) -> None:
    assert uses(text, "taste") == {"taste": "decide"}
    assert uses(text, "taste", saliency=DECIDES - 0.01) == {"taste": "support"}


@pytest.mark.parametrize("text", ["Aside, do you like herring?", "Aside, what is your home?", "Where does Aside live?"])
def test_what_an_agent_is_asked_of_itself_is_not_told_by_what_people_are(text: str) -> None:
    assert set(uses(text, "taste", "home", "bobs").values()) == {"ignore"}


def test_what_one_claimed_of_the_world_is_no_answer_unless_one_asks_of_oneself() -> None:
    for text, use in (("Aside, herring or ham?", "ignore"), ("Aside, where do I buy my bread?", "decide")):
        bobs_question = moment([message(1, BOB, text)])
        assert decided(bobs_question, came("claim"), (), ITEMS) == {"claim": use}


def test_where_a_side_is_asked_for_nothing_of_people_counts() -> None:
    assert set(uses("Herring is the best fish, right?", "home", "taste", "claim", "bobs").values()) == {"ignore"}


def test_a_question_of_ones_own_is_decided_by_ones_own_items() -> None:
    assert uses("Where do I live?", "home", "bobs") == {"home": "decide", "bobs": "ignore"}
    assert uses("Where do I live?", "home", saliency=DECIDES - 0.01) == {"home": "support"}


def test_who_is_named_is_concerned() -> None:
    assert uses("How does Bob like it?", "taste", "bobs") == {"taste": "ignore", "bobs": "decide"}
    assert uses("Would Bob like what I like?", "taste", "bobs") == {"taste": "decide", "bobs": "decide"}


def test_talk_that_asks_nothing_is_supported() -> None:
    assert uses("I am so hungry.", "taste", "bobs") == {"taste": "support", "bobs": "support"}


def test_what_holds_only_elsewhere_is_ignored_and_what_holds_just_here_decides() -> None:
    def found(text: str, fit: Fit) -> Use:
        return decided(asks(text), came("taste", saliency=DECIDES - 0.1), (), ITEMS, {"taste": fit})["taste"]

    for text in ("What should I eat?", "I am so hungry."):
        assert (found(text, "within"), found(text, "outside"), found(text, "unclear")) == (
            "decide",
            "ignore",
            "support",
        )
    assert found("How hot is lava?", "within") == "ignore"
    assert decisive({"taste": "decide", "home": "decide", "bobs": "ignore"}, {"taste": "within", "bobs": "within"}) == {
        "taste"
    }


def test_in_a_pause_nobody_asks() -> None:
    assert decided(asks("How hot is lava?", "pause"), came("taste"), (), ITEMS) == {"taste": "support"}


def test_a_held_thought_goes_with_the_items_that_it_was_made_of() -> None:
    made = replace(thought("t1"), stimuli=("m1", "taste"))
    heard = replace(thought("t2"), audience=frozenset({"ann", "bob"}))
    free = thought("t3")
    back = tuple(Retrieved(Trace(t.id, "thought", t.text, ()), 0.5) for t in (made, heard, free))
    found = decided(asks("How hot is lava?"), Recall((), back, {}), (made, heard, free), ITEMS)
    assert found == {"t1": "ignore", "t2": "ignore", "t3": "support"}
    assert made_of(made, {"taste"})
    assert not made_of(free, {"taste"})


def test_what_is_ignored_is_not_thought_with_and_what_decides_comes_first() -> None:
    found = came("home", "taste", "bobs")
    left = used(found, {"home": "support", "taste": "decide", "bobs": "ignore"})
    assert [r.trace.id for r in left.memories] == ["taste", "home"]
    assert left.heard is found.heard


def test_a_reply_knows_only_what_all_who_are_here_may_hear() -> None:
    summary = Trace("s", "item", "Ann likes it short.", (), audience=frozenset({"ann"}))
    known = Known((trace("home"),), summary, frozenset({"home"}))
    now = asks("I am so hungry.")
    assert known_now(known, now) == Known((trace("home"),), None, frozenset({"home"}))
    assert known_now(known, replace(now, members=(ASIDE, ANN, BOB, CAT))).items == ()
    assert known_now(known, replace(now, members=(ASIDE, ANN))).summary == summary


READ = {"taste": Reading("outside", 0.1), "bobs": Reading("unclear", 0.5)}


def test_a_choice_is_weighed_by_what_who_asks_said_of_any_occasion_and_by_nothing_of_others() -> None:
    assert fits_of(READ) == {"taste": "outside", "bobs": "unclear"}
    for text in ("Aside, herring or ham?", "Aside, it is Friday. Herring or ham?"):
        found = narrowed(asks(text), came("home", "taste", "bobs"), (), ITEMS, READ)
        assert found == (Narrowed(trace("taste"), LIKES.text, 0.1),)
    at_work = replace(LIKES, text="At work I eat herring.")
    found = narrowed(asks("Aside, herring or ham?"), came("taste"), (), (at_work,), READ)
    assert found == (Narrowed(trace("taste"), at_work.text, 0.1, "now: At work"),)
    # A verdict takes nobody's side, and in a pause nobody asked.
    assert narrowed(asks("Herring is better than ham, isn't it?"), came("taste"), (), ITEMS, READ) == ()
    assert narrowed(asks("Herring or ham?", "pause"), came("taste"), (), ITEMS, READ) == ()


def test_a_choice_of_ones_own_is_none_of_the_world_wherever_it_lies() -> None:
    text = "Aside, I text my sister, who likes it quick. Careful or sloppy?"
    world = placed(text, 1.0)[text]
    assert asks_for(text, ["Ann", "Bob"], world, "Aside") == "personal"
    assert asks_for("My nephew never heard that bats are blind.", ["Ann"], world, "Aside") == "judging"
    assert asks_for("Aside, which is larger, Mars or Venus?", ["Ann"], (), "Aside") == "factual"


def test_who_came_in_hears_nothing_of_what_a_choice_would_be_weighed_by() -> None:
    known = Known(narrowed=(Narrowed(trace("taste"), LIKES.text, 0.1),))
    now = asks("Aside, it is Friday. Herring or ham?")
    assert known_now(known, now) == known
    assert known_now(known, replace(now, members=(ASIDE, ANN, BOB, CAT))) == Known()


def test_a_reply_to_a_fact_knows_nothing_of_people() -> None:
    known = Known((trace("home"),), None, frozenset({"home"}))
    assert known_now(known, asks("How hot is lava?")) == Known(made=frozenset({"home"}))


def placed(text: str, towards: float) -> dict[str, tuple[float, ...]]:
    """Where the shipped reading takes `text` for the world's, or for the talkers' own."""
    weights = shipped().place
    length = sum(w * w for w in weights) ** 0.5
    return {text: tuple(towards * w / length for w in weights)}


def test_a_claim_that_no_phrase_gives_away_has_no_items_in_its_prompt() -> None:
    text = "My nephew never heard that bats are blind."
    here, world = placed(text, -1.0), placed(text, 1.0)
    assert decided(asks(text), replace(came("home"), heard=here), (), ITEMS) == {"home": "support"}
    assert decided(asks(text), replace(came("home"), heard=world), (), ITEMS) == {"home": "ignore"}
    known = Known((trace("home"),), None, frozenset({"home"}))
    assert known_now(known, asks(text), here[text]) == known
    assert known_now(known, asks(text), world[text]).items == ()


def test_a_question_about_a_thing_of_the_talkers_has_their_items() -> None:
    text = "What is the boat's name?"
    assert uses(text, "home") == {"home": "ignore"}, "by the phrases alone"
    assert decided(asks(text), replace(came("home"), heard=placed(text, -1.0)), (), ITEMS) == {"home": "decide"}


def test_what_a_newer_one_takes_the_place_of_is_left_alone() -> None:
    now, both = asks("Aside, where do I live?"), came("home", "taste")
    assert decided(now, both, (), ITEMS, gone={"home"}) == {"home": "ignore", "taste": "decide"}
    known = replace(thought("t"), stimuli=("home",))
    with_thought = replace(both, thoughts=(Retrieved(Trace("t", "thought", known.text, ()), 0.5),))
    assert decided(now, with_thought, (known,), ITEMS, gone={"home"})["t"] == "ignore"
    assert decided(now, with_thought, (known,), ITEMS)["t"] == "support"
