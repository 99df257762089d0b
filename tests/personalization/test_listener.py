"""The head that listens: what its outputs mean, sentence by sentence."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from personalization.belief import tells, updated
from personalization.features import BUCKETS, FORM, Floats
from personalization.listener import Listener, ListenerError, fits, heard, listener_for, parse, sentences, write
from personalization.space import space_for

TEXTS = {"I like it.": 0, "I hate it.": 1, "Yes.": 2, "No wait.": 3, "Rain.": 4}
OUTPUTS = {0: [0, 9, 0], 1: [0, 0, 9], 2: [9, 0, 0], 3: [9, 0, 0], 4: [9, 0, 0]}


def _listener() -> Listener:
    """One hidden unit a known text, found by its embedding; outputs: the dimension (3), how it opens (3), takes back."""
    enter = np.zeros((len(TEXTS) + BUCKETS + FORM, len(TEXTS)), dtype=np.float32)
    enter[: len(TEXTS)] = np.eye(len(TEXTS))
    leave = np.zeros((len(TEXTS), 7), dtype=np.float32)
    for i, own in OUTPUTS.items():
        leave[i, :3] = own
        leave[i, 3] = 0 if i == 2 else 9
        leave[i, 4] = 9 if i == 2 else 0
        leave[i, 6] = 9 if i == 3 else -9
    zero = np.zeros(1, dtype=np.float32)
    return Listener(
        {"outdoor": (0.5, 0.5)},
        frozenset({"outdoor"}),
        enter,
        zero.repeat(5),
        leave,
        zero.repeat(7),
        (1.0, 1.0),
        (0.0,),
    )


def _embed(texts: Sequence[str]) -> Floats:
    rows = np.zeros((len(texts), len(TEXTS)), dtype=np.float32)
    for i, text in enumerate(texts):
        rows[i, TEXTS[text]] = 1
    return rows


def _read(text: str, asked: str | None = None) -> tuple[float, ...]:
    return heard(_listener(), [text], _embed, [asked])[0]["outdoor"]


def test_a_message_is_read_sentence_by_sentence() -> None:
    assert sentences("Yes. I do!  Why?\nOk: fine") == ("Yes.", "I do!", "Why?", "Ok:", "fine")
    assert sentences("  ") == ()


def test_an_answer_is_read_behind_its_question_as_it_was_put() -> None:
    seen: list[str] = []

    def embed(texts: Sequence[str]) -> Floats:
        seen.extend(texts)
        return _embed([t.split("\n")[-1] for t in texts])

    ears = replace(_listener(), questions={"outdoor": "Do you like it out there?"})
    heard(ears, ["Yes.", "Yes."], embed, ["outdoor", "outdoor"])
    heard(ears, ["Yes."], embed, ["outdoor"], ["Fond of fresh air?"])
    assert seen == [*["Do you like it out there?\nYes."] * 2, "Fond of fresh air?\nYes."]


def test_how_a_sentence_opens_is_read_whatever_it_answers() -> None:
    yes, rain = _listener().opening(["Yes.", "Rain."], _embed(["Yes.", "Rain."]))
    assert yes[0] > 10 * yes[1]
    assert not tells(rain.tolist())


def test_what_speaks_of_a_dimension_moves_it_and_what_does_not_leaves_it() -> None:
    assert updated((0.5, 0.5), _read("I like it."), 0.01)[0] > 0.9
    assert updated((0.5, 0.5), _read("I hate it."), 0.01)[1] > 0.9
    assert not tells(_read("Rain."))
    assert not tells(_read(""))


def test_a_bare_yes_tells_only_of_what_was_asked() -> None:
    assert not tells(_read("Yes."))
    assert not tells(_read("Yes.", asked="pet"))
    assert updated((0.5, 0.5), _read("Yes.", asked="outdoor"), 0.01)[0] > 0.9


def test_what_is_taken_back_counts_no_more() -> None:
    assert _read("I like it. No wait. I hate it.") == pytest.approx(_read("I hate it."), abs=1e-3)
    assert not tells(_read("I like it. No wait."))


def test_an_answer_that_is_taken_back_means_the_opposite() -> None:
    assert updated((0.5, 0.5), _read("Yes. No wait.", asked="outdoor"), 0.01)[1] > 0.9
    assert updated((0.5, 0.5), _read("Yes. No wait. I hate it.", asked="outdoor"), 0.01)[1] > 0.95


def test_talk_takes_back_what_stood_just_before_and_no_more() -> None:
    both = _read("I like it. I hate it. No wait.")
    assert both == pytest.approx(_read("I like it."), abs=1e-3)


def test_of_two_that_contradict_the_later_weighs_more_where_something_may_take_back() -> None:
    unsure = _listener()
    unsure.leave[4, 6] = -2.0  # "Rain." takes back with a chance of an eighth
    said = ["Yes. Rain. I hate it."]
    read = heard(unsure, said, _embed, ["outdoor"])[0]["outdoor"]
    assert 0.6 < updated((0.5, 0.5), read, 0.01)[1] < 0.99
    same = heard(unsure, ["Yes. Rain. I like it."], _embed, ["outdoor"])[0]["outdoor"]
    assert updated((0.5, 0.5), same, 0.01)[0] > 0.95


def test_what_hardly_speaks_of_it_moves_little_unless_it_was_asked() -> None:
    wary = replace(_listener(), least=(0.99999,))

    def moved(asked: str | None) -> float:
        read = heard(wary, ["I like it."], _embed, [asked])[0]["outdoor"]
        return updated((0.5, 0.5), read, 0.01)[0] - 0.5

    assert 0 < moved(None) < 0.1
    assert moved("outdoor") > 0.4


def test_sentences_add_up() -> None:
    once, twice = _read("I like it."), _read("I like it. I like it.")
    assert min(twice) / max(twice) < min(once) / max(once)


def test_each_message_gets_its_own() -> None:
    both = heard(_listener(), ["I like it. Rain.", "", "I hate it."], _embed, [None] * 3)
    assert [r["outdoor"][0] > r["outdoor"][1] for r in both] == [True, False, False]
    assert heard(_listener(), ["", " "], _embed, [None] * 2)[1]["outdoor"] == (1.0, 1.0)


def test_behind_its_question_how_it_answers_is_all_that_tells_of_it() -> None:
    seen: list[str] = []

    def embed(texts: Sequence[str]) -> Floats:
        seen.extend(texts)
        return _embed([t.split("\n")[1] for t in texts])

    asking = replace(_listener(), questions={"outdoor": "Out?"})
    both = heard(asking, ["Yes. I hate it.", "I hate it."], embed, ["outdoor", None])
    assert seen == ["Out?\nYes.", "Out?\nI hate it.", "\nI hate it."]
    assert updated((0.5, 0.5), both[0]["outdoor"], 0.01)[0] > 0.9
    assert updated((0.5, 0.5), both[1]["outdoor"], 0.01)[1] > 0.9


def test_what_is_written_is_read() -> None:
    again = parse(write(replace(_listener(), questions={"outdoor": "Out?"})))
    assert again.questions == {"outdoor": "Out?"}
    again = parse(write(_listener()))
    assert again.dimensions == {"outdoor": (0.5, 0.5)}
    text = ["I like it. Yes."]
    before, after = (heard(which, text, _embed, ["outdoor"])[0]["outdoor"] for which in (_listener(), again))
    assert after == pytest.approx(before, rel=0.01)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(ListenerError, match="not a listener"):
        parse(b"PK")
    good = _listener()
    with pytest.raises(ListenerError, match="do not fit"):
        parse(write(replace(good, leave=good.leave[:, :3])))
    with pytest.raises(ListenerError, match="temperatures"):
        parse(write(replace(good, temperatures=(0.0, 1.0))))
    with pytest.raises(ListenerError, match="least"):
        parse(write(replace(good, least=(1.5,))))
    with pytest.raises(ListenerError, match="'nowhere'"):
        listener_for("nowhere")


@pytest.mark.parametrize("name", ["exercise", "education", "preferences"])
def test_the_listeners_that_ship_fit_their_spaces(name: str) -> None:
    assert fits(listener_for(name), space_for(name))
