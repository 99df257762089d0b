from dataclasses import replace

from app.discretion import run_for, without_words
from app.protocol import RetrievedView, SaidView, WeighingView
from app.thought_views import thought_view
from tests.app.store.opened import a_run, a_thought


def test_a_reader_outside_the_audience_gets_no_words() -> None:
    secret = thought_view(replace(a_thought("aside", 1, text="Ann is ill."), audience=frozenset({"ann", "bob"})))
    assert without_words(secret, ["ann"]).text == "Ann is ill."
    assert without_words(secret, ["ann", "bob"]) == secret
    hidden = without_words(secret, ["ann", "cat"])
    assert (hidden.text, hidden.audience) == ("", [])
    assert hidden.motivation == secret.motivation


def test_what_is_from_the_room_alone_is_for_all_who_may_read_thoughts() -> None:
    plain = thought_view(a_thought("aside", 1))
    assert without_words(plain, ["anybody"]) == plain


def test_a_run_is_shown_without_the_words_that_are_not_for_the_reader() -> None:
    secret = thought_view(replace(a_thought("aside", 1, text="Ann is ill."), audience=frozenset({"ann"})))
    heard = RetrievedView(id="i", kind="item", text="Ann said: I am ill.", saliency=1.0, audience=["ann"])
    run = a_run("room", "aside", 1).model_copy(update={"thoughts": [secret], "retrieved": [heard]})
    assert "ill" not in run_for(run, ["bob"]).model_dump_json()
    assert run_for(run, ["ann"]) == run


def test_which_way_something_speaks_that_is_not_for_the_reader_is_not_shown_either() -> None:
    heard = RetrievedView(id="i", kind="item", text="Ann said: At work I drink tea.", saliency=1.0, audience=["ann"])
    weighed = WeighingView(
        taken=1, chance=0.7, reasons=8, reasoned=0.5, suits=-0.5, said=[SaidView(agrees=2, holds=0.1)]
    )
    run = a_run("room", "aside", 1).model_copy(update={"retrieved": [heard], "weighing": weighed})
    assert run_for(run, ["ann"]).weighing == weighed
    assert run_for(run, ["bob"]).weighing == WeighingView(taken=1, chance=0.7, reasons=8)
