"""Schemas of what there is to know of a person."""

import json
from pathlib import Path

import pytest

from personalization.space import Dimension, Space, SpaceError, parse, served, space_for
from tests.personalization.build import EMOJI, LENGTH


@pytest.mark.parametrize("name", ["preferences", "exercise", "education"])
def test_every_space_that_ships_is_sound(name: str) -> None:
    space = space_for(name)
    assert space.name == name
    assert all(d.ask for d in space.dimensions)


def test_preferences_hold_what_the_agent_adapts_to() -> None:
    names = [d.name for d in space_for("preferences").dimensions]
    assert names == [
        "length", "formality", "humour", "directness", "emoji", "chiming_in", "questions", "expertise"
    ]  # fmt: skip


def test_a_deployment_adds_its_own() -> None:
    coach = Space("coach", (Dimension("goal", ("strength", "calm"), (0.5, 0.5)),))
    both = space_for("preferences").with_own(coach)
    assert both.name == "coach"
    assert both.dimension("goal").values == ("strength", "calm")
    assert both.dimension("length").index("long") == 2
    with pytest.raises(SpaceError, match="named twice"):
        both.with_own(coach)


def _document(**changes: object) -> str:
    return json.dumps({"name": "own", "dimensions": {"goal": {"values": {"a": 0.5, "b": 0.5}, **changes}}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not a space"),
        ('{"name": "x"}', "dimensions"),
        (_document(values={"a": 1.0}), r"goal: values must be two or more.*\('a',\)"),
        (_document(values={"a": 0.7, "b": 0.7}), r"goal: prior must be above 0 and sum to 1.*0\.7"),
        (_document(values={"a": "1", "b": 0.5}), "goal: not a number: '1'"),
        (_document(values=[1]), "goal: values must give"),
        (_document(floor=0.9), r"goal: floor.*0\.9"),
        (_document(private="yes"), "goal: private.*'yes'"),
        (_document(ask=""), "not a text"),
        (_document(ask="Why?", again="How?"), "goal: again must be a list of questions: .*How"),
        (_document(again=["How?"]), "goal: again is other words for ask"),
        (_document(ask="Why?", yes="a", no="c"), r"goal: yes and no must be two of .*'c'"),
        (_document(ask="Why?", yes="a"), "'no'"),
        (_document(colour="red"), r"goal: unknown fields \['colour'\]"),
        (_document(examples={"a": ["x"]}), "goal: examples must be lists of sentences by value, of a, b"),
        (_document(examples={"a": ["x"], "b": "y"}), "goal: no list of sentences for b: 'y'"),
        (_document(forms=["x"]), r"goal: forms must say by value how a reply is put, of a, b: \['x'\]"),
        (_document(forms={"c": "x"}), "goal: forms must say by value how a reply is put, of a, b: {'c': 'x'}"),
        (_document(forms={"a": "x\ny"}), r"goal: a form is one line of 120 characters at most: 'x\\ny'"),
        (_document(forms={"a": "x" * 121}), "goal: a form is one line of 120 characters at most: 'xxx"),
        (_document(stake=2), "goal: stake must be 0 to 1: 2.0"),
        (_document(stake="much"), "goal: not a number: 'much'"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    with pytest.raises(SpaceError, match=told):
        parse(text)


def test_a_schema_says_what_may_be_asked_where() -> None:
    found = parse(_document(ask="What for?", private=True, floor=0.1)).dimension("goal")
    assert (found.ask, found.private, found.floor) == ("What for?", True, 0.1)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(SpaceError, match="'huge'"):
        LENGTH.index("huge")
    with pytest.raises(SpaceError, match="'mood'"):
        Space("x", (LENGTH, EMOJI)).dimension("mood")
    with pytest.raises(SpaceError, match="'nothing'"):
        space_for("nothing")
    with pytest.raises(SpaceError, match="3 numbers"):
        Dimension("length", ("short", "medium", "long"), (0.5, 0.5))


def test_a_deployments_own_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "coach.json"
    file.write_text(
        _document(ask="What for?", examples={"a": ["To get strong."], "b": ["To calm down.", "For peace."]})
    )
    goal = served(file).dimension("goal")
    assert goal.examples == (("To get strong.",), ("To calm down.", "For peace."))
    assert served() == space_for("preferences")


def test_what_shapes_a_reply_is_worth_a_question_unless_the_file_says_otherwise() -> None:
    assert parse(_document(forms={"a": "with an example"})).dimension("goal").forms == ("with an example", "")
    assert parse(_document()).dimension("goal").stake == 0
    assert parse(_document(forms={})).dimension("goal").stake == 1
    assert parse(_document(forms={}, stake=0.3)).dimension("goal").stake == 0.3


def test_the_example_fits() -> None:
    goal = served(Path("examples/coach.json")).dimension("goal")
    assert goal.private
    assert all(goal.forms)
    assert all(goal.examples)


def test_a_question_whose_answer_nobody_could_tell_is_refused() -> None:
    deaf = parse(_document(ask="What for?", forms={"a": "with an example"}))
    with pytest.raises(SpaceError, match=r"goal: an answer to ask is told by examples.*'What for\?'"):
        space_for("preferences").with_own(deaf)
    heard = parse(_document(ask="For strength?", forms={"a": "with an example"}, yes="a", no="b"))
    assert space_for("preferences").with_own(heard).dimension("goal").stake == 1


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match=r"cannot be read.*none\.json"):
        served(tmp_path / "none.json")
    twice = tmp_path / "twice.json"
    twice.write_text('{"name": "own", "dimensions": {"length": {"values": {"a": 0.5, "b": 0.5}}}}')
    with pytest.raises(SpaceError, match="named twice"):
        served(twice)


def test_what_a_bare_yes_tells_is_said_by_the_schema_or_by_the_names_of_the_values() -> None:
    assert space_for("preferences").dimension("emoji").means == ("welcome", "unwanted")
    assert space_for("preferences").dimension("length").means is None
    assert space_for("exercise").dimension("injured").means == ("yes", "no")
