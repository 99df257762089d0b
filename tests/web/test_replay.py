"""First run, replays and what is shared of them; and what a person sees of themselves."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import NewPerson
from tests.web.hands import bars, enter, flaws, make_room, message, rest, say

pytestmark = pytest.mark.browser


def write_chat(folder: Path, texts: list[str]) -> Path:
    lines = (
        {"id": f"m{i}", "at": f"2024-03-01T08:{i:02}:00Z", "author": ("Kim", "Lee")[i % 2], "text": text}
        for i, text in enumerate(texts)
    )
    path = folder / "kitchen.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def test_a_newcomer_watches_a_sample_room_think(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    ada.get_by_role("button", name="Watch a sample room").click()
    expect(ada.get_by_role("log").get_by_text("Mira (scripted)").first).to_be_visible()
    expect(ada.get_by_role("tabpanel").locator(".thought").first).to_be_visible()
    expect(ada.get_by_role("group", name="Replay")).to_contain_text("of 14 messages")
    say(ada, "I am here too.")
    expect(message(ada, "I am here too.")).not_to_have_class(re.compile("pending"))


def test_a_chat_file_is_replayed_step_by_step_and_a_run_of_it_is_saved_as_one_file(
    person: NewPerson, tmp_path: Path
) -> None:
    chat = write_chat(tmp_path, ["Who has the key?", "Not me", "Aside, do you know <b>where</b> it is?", "Well?"])
    ada = person()
    enter(ada, "Ada")
    ada.get_by_role("button", name="Replay a chat").click()
    ada.get_by_label("Chat file").set_input_files(chat)
    ada.get_by_label("Speed").select_option("1")
    assert flaws(ada) == []
    ada.get_by_role("button", name="Run it").click()
    expect(ada.get_by_role("heading", name="kitchen")).to_be_visible()
    bar = ada.get_by_role("group", name="Replay")
    bar.get_by_role("button", name="Pause").click()
    expect(bar).to_contain_text("paused")
    before = ada.get_by_role("log").locator(".message:not(.by-agent)").count()
    bar.get_by_role("button", name="Step").click()
    expect(ada.get_by_role("log").locator(".message:not(.by-agent)")).to_have_count(before + 1)
    bar.get_by_label("Speed").select_option("50")
    bar.get_by_role("button", name="Go on").click()
    expect(bar).to_contain_text("4 of 4 messages, at its end")
    expect(ada.get_by_role("log").locator("time").first).to_have_attribute("datetime", re.compile("^2024-03-01T08:00"))
    whole = tmp_path / "whole.html"
    with ada.expect_download() as saved:
        bar.get_by_role("button", name="Save as one HTML file").click()
    saved.value.save_as(whole)
    message(ada, "where").locator(".aside-line").first.click()
    with ada.expect_download() as saved:
        ada.get_by_role("button", name="Save this run as one HTML file").click()
    path = tmp_path / "run.html"
    saved.value.save_as(path)
    shown = ada.context.new_page()
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(path.as_uri())
    expect(shown.locator(".run")).to_contain_text("because")
    expect(shown.locator(".score").first).to_be_visible()
    expect(shown.get_by_text("Aside, do you know <b>where</b> it is?").first).to_be_visible()
    assert asked == [path.as_uri()], "it loads nothing else"
    assert "<script" not in path.read_text()
    shown.goto(whole.as_uri())
    for text in ("Who has the key?", "Not me", "Aside, do you know <b>where</b> it is?", "Well?"):
        expect(shown.get_by_text(text).first).to_be_visible()
    run = shown.locator("details.run", has_text="thought").first
    expect(run.get_by_text("because")).to_be_hidden()
    run.locator("summary").first.click()
    expect(run.get_by_text("because").first).to_be_visible()
    assert not {link for link in asked if link.startswith("http")}
    assert "<script" not in whole.read_text()


def me(page: Page) -> None:
    page.get_by_role("button", name="What is kept of me").click()


def test_a_person_sets_what_is_believed_of_them_and_answers_a_question(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    me(ada)
    dialog = ada.get_by_role("dialog", name="What is kept of Ada")
    belief = dialog.locator(".belief").first
    expect(belief).to_contain_text("100 % unsure")
    choice = belief.locator("select")
    value = choice.locator("option").nth(1).inner_text()
    choice.select_option(value)
    expect(belief).to_contain_text("set by me")
    assert flaws(ada) == []
    choice.select_option("")
    expect(belief).to_contain_text("unsure")
    dialog.get_by_role("button", name="Ask me").click()
    expect(dialog.locator(".pair .card")).to_have_count(2)
    dialog.locator(".pair .card").first.click()
    expect(dialog).to_contain_text("1 answered.")


def test_what_is_remembered_is_seen_corrected_and_forgotten(person: NewPerson, url: str) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada)
    say(ada, "I like a cup of black tea in the morning.")
    for _ in range(120):
        if rest(ada, url, "GET", "/me/profile")["items"]:
            break
        ada.wait_for_timeout(250)
    me(ada)
    dialog = ada.get_by_role("dialog", name="What is kept of Ada")
    words = dialog.get_by_label("What is remembered").first
    expect(words).to_have_value(re.compile("tea"))
    dialog.get_by_text("Where it comes from (1)").click()
    expect(dialog.locator("blockquote").first).to_have_text("I like a cup of black tea in the morning.")
    words.fill("I like green tea.")
    words.press("Tab")
    expect(dialog.get_by_text("in my words").first).to_be_visible()
    assert rest(ada, url, "GET", "/me/profile")["items"][0]["text"] == "I like green tea."
    assert flaws(ada) == []
    dialog.get_by_role("button", name="Forget", exact=True).first.click()
    account = ada.get_by_role("dialog", name=re.compile("^Forget “"))
    expect(account).to_contain_text(re.compile("1 item and 1 message of mine go"))
    expect(account.locator("blockquote")).to_have_text(
        ["I like green tea.", "I like a cup of black tea in the morning."]
    )
    ada.get_by_role("button", name="Forget it").click()
    expect(ada.get_by_text(re.compile("Gone: [1-9]"))).to_be_visible()
    assert rest(ada, url, "GET", "/me/profile")["items"] == []
    with ada.expect_response(re.compile("/me/consent$")):
        dialog.get_by_label("Infer").uncheck()
    expect(dialog.get_by_label("Infer")).not_to_be_checked()
    assert rest(ada, url, "GET", "/me/consent")["infer"] is False


def test_the_reservoir_of_a_room_that_is_quiet_is_empty_and_says_so(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada)
    expect(ada.get_by_role("tabpanel")).to_contain_text("Thoughts kept for later appear here")
    bars(ada, "5")
    expect(ada.locator(".reservoir svg")).to_have_count(0)
