"""What one does in a chat beside writing: edit, delete, search, ask why, answer suggestions, and all of it by keyboard."""

import json
import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import PHONE, NewPerson
from tests.web.hands import bars, enter, flaws, invite_link, join, make_room, message, rest, say, two_people

pytestmark = pytest.mark.browser


def room_of(page: Page) -> str:
    return page.url.split("room=")[1]


def fill(page: Page, url: str, texts: list[str]) -> None:
    """Messages of this person, as quickly as the room takes them."""
    token = json.loads(page.evaluate("localStorage['aside.me']"))["token"]
    for i, text in enumerate(texts):
        body = {"client_id": f"fill-{i}", "text": text}
        path = f"{url}/api/v1/rooms/{room_of(page)}/messages"
        while page.request.post(path, data=body, headers={"Authorization": f"Bearer {token}"}).status == 429:
            page.wait_for_timeout(200)


def test_a_message_is_edited_and_deleted_for_everybody(person: NewPerson) -> None:
    ada, bo = two_people(person)
    say(ada, "See you at fife")
    expect(message(ada, "fife")).not_to_have_class(re.compile("pending"))
    ada.keyboard.press("ArrowUp")
    expect(ada.get_by_text("Editing your message")).to_be_visible()
    say(ada, "See you at five")
    expect(message(bo, "at five").locator(".edited")).to_be_visible()
    expect(message(bo, "fife")).to_have_count(0)
    message(bo, "at five").hover()
    expect(bo.get_by_role("button", name="Edit")).to_be_hidden()
    message(ada, "at five").hover()
    ada.get_by_role("button", name="Delete for everybody").click()
    ada.get_by_role("button", name="Delete", exact=True).click()
    expect(bo.get_by_text("This message was deleted.")).to_be_visible()
    expect(message(bo, "at five")).to_have_count(0)


def test_an_edit_is_dropped_with_escape(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, agent=False)
    say(ada, "as it stands")
    expect(message(ada, "as it stands")).not_to_have_class(re.compile("pending"))
    ada.keyboard.press("ArrowUp")
    ada.get_by_label("Message", exact=True).fill("otherwise")
    ada.keyboard.press("Escape")
    expect(ada.get_by_label("Message", exact=True)).to_have_value("")
    expect(message(ada, "as it stands")).to_be_visible()
    expect(ada.locator(".edited")).to_have_count(0)


def test_everything_on_a_message_is_done_by_keyboard(person: NewPerson) -> None:
    ada, bo = two_people(person)
    say(bo, "Who brings the thermos?")
    expect(message(ada, "thermos")).to_be_visible()
    ada.get_by_role("log").focus()
    ada.keyboard.press("ArrowUp")
    expect(message(ada, "thermos")).to_be_focused()
    ada.keyboard.press("+")
    expect(ada.get_by_role("button", name="React with 👍")).to_be_focused()
    ada.keyboard.press("Enter")
    expect(message(bo, "thermos").locator(".reaction")).to_have_text("👍1")
    message(ada, "thermos").focus()
    ada.keyboard.press("r")
    expect(ada.get_by_text("Reply to Bo")).to_be_visible()
    ada.keyboard.type("I do.")
    ada.keyboard.press("Enter")
    expect(message(bo, "I do.").locator(".quote")).to_contain_text("thermos")
    ada.get_by_role("log").focus()
    ada.keyboard.press("End")
    ada.keyboard.press("e")
    ada.keyboard.press("End")
    ada.keyboard.type(" Hot.")
    ada.keyboard.press("Enter")
    expect(message(bo, "I do. Hot.")).to_be_visible()
    ada.get_by_role("log").focus()
    ada.keyboard.press("?")
    expect(ada.get_by_role("dialog", name="Keys")).to_be_visible()
    ada.keyboard.press("Escape")
    ada.keyboard.press("/")
    expect(ada.get_by_label("Search in this room")).to_be_focused()


def test_search_goes_to_a_message_that_is_not_loaded(person: NewPerson, url: str) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, agent=False)
    ada.evaluate("document.querySelector('aside-app').client.close()")
    fill(ada, url, ["The needle is here", *(f"hay {i}" for i in range(60)), "needles everywhere"])
    ada.reload()
    expect(message(ada, "needles everywhere")).to_be_visible()
    expect(message(ada, "The needle is here")).to_have_count(0)
    ada.get_by_role("button", name="Search", exact=True).click()
    ada.keyboard.type("NEEDLE")
    expect(ada.locator(".search [role=status]")).to_have_text("2 found")
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("Enter")
    expect(message(ada, "The needle is here")).to_be_in_viewport()
    expect(message(ada, "The needle is here")).to_be_focused()
    ada.keyboard.press("/")
    ada.keyboard.type(" in a haystack")
    expect(ada.locator(".search [role=status]")).to_have_text("Nothing found.")


def test_a_member_reads_why_not_and_says_that_it_should_have_spoken(person: NewPerson, url: str) -> None:
    ada, bo = two_people(person)
    bars(ada, "5")
    say(bo, "Does anybody know when the hut closes?")
    expect(message(ada, "hut closes").locator(".aside-line").first).to_contain_text(re.compile("held|silent"))
    message(bo, "hut closes").hover()
    bo.get_by_role("button", name="Why?").click()
    dialog = bo.get_by_role("dialog", name="Why, or why not?")
    expect(dialog).to_contain_text("against a bar of 5.00")
    expect(dialog.get_by_role("button", name="Everything it weighed")).to_have_count(0)
    dialog.get_by_role("button", name="You should have spoken here").click()
    expect(dialog).to_contain_text("Noted")
    (label,) = rest(ada, url, "GET", f"/rooms/{room_of(ada)}/labels")["labels"]
    assert label["verdict"] == "should_have_spoken"
    bo.keyboard.press("Escape")
    message(ada, "hut closes").hover()
    ada.get_by_role("button", name="Why?").click()
    ada.get_by_role("button", name="Everything it weighed").click()
    expect(ada.locator(".run[open]")).to_be_visible()


def test_what_an_agent_suggests_is_said_in_the_words_of_the_owner_or_not(person: NewPerson) -> None:
    ada, bo = two_people(person)
    bars(ada, "1")
    ada.get_by_role("button", name="Settings of Aside").click()
    ada.get_by_text("Suggest", exact=True).click()
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator(".agent-chip")).to_contain_text("suggest")
    say(bo, "Aside, what now?")
    card = ada.locator(".suggestion")
    expect(card).to_be_visible()
    expect(bo.locator(".suggestion")).to_have_count(0)
    ada.reload()
    card.get_by_label("What it would say").fill("We wait for the train.")
    card.get_by_role("button", name="Let it say this").click()
    expect(message(bo, "We wait for the train.").locator(".tag")).to_have_text("agent")
    expect(card).to_have_count(0)
    say(bo, "Aside, and then?")
    card.get_by_role("button", name="Not now").click()
    expect(card).to_have_count(0)


def test_what_was_written_offline_outlives_the_page_and_goes_out_once(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, agent=False)
    bo = person()
    join(bo, invite_link(ada), "Bo")
    bo.route_web_socket("**/ws", lambda line: line.close())
    bo.reload()
    expect(bo.get_by_text("You are offline")).to_be_visible()
    say(bo, "written in a tunnel")
    expect(bo.get_by_text("Waiting for the connection")).to_be_visible()
    context = bo.context
    bo.close()
    again = context.new_page()
    again.goto(ada.url)
    expect(message(ada, "written in a tunnel")).to_have_count(1)
    expect(message(again, "written in a tunnel")).to_have_count(1)
    expect(again.get_by_text("Waiting for the connection")).to_have_count(0)
    assert again.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('aside.outbox')).length") == 0


def test_on_a_phone_a_message_is_touched_to_react_reply_and_ask_why(person: NewPerson) -> None:
    ada, bo = two_people(person, size=PHONE)
    say(bo, "See https://example.org/hut?day=2, it is open.")
    row = message(ada, "it is open")
    link = row.get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.org/hut?day=2")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    row.locator(".byline").tap()
    row.get_by_role("button", name="React", exact=True).tap()
    row.get_by_role("button", name="React with 👍").tap()
    expect(message(bo, "it is open").locator(".reaction")).to_have_text("👍1")
    row.get_by_role("button", name="Reply").tap()
    expect(ada.get_by_text("Reply to Bo")).to_be_visible()
    row.locator(".byline").tap()
    row.get_by_role("button", name="Why?").tap()
    expect(ada.get_by_role("dialog", name="Why, or why not?")).to_be_visible()


def test_who_uses_the_keyboard_stays_where_they_are_while_the_room_moves(person: NewPerson) -> None:
    ada, bo = two_people(person)
    search = ada.get_by_role("button", name="Search", exact=True)
    search.focus()
    bo.goto("about:blank")
    expect(ada.locator(".chat-head")).to_contain_text("1 online")
    expect(search).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(person: NewPerson, scheme: Literal["light", "dark"]) -> None:
    ada = person(scheme=scheme)
    ada.goto("/")
    expect(ada.get_by_label("Your name")).to_be_visible()
    ada.wait_for_timeout(3_000)  # the scene has come in
    assert flaws(ada) == []
    enter(ada, "Ada")
    make_room(ada, memories="The hut closes on 12 October.")
    bo = person(size=PHONE, scheme=scheme)
    link = invite_link(ada)
    bo.goto(link)
    assert flaws(bo) == []
    join(bo, link, "Bo")
    bars(ada, "5")
    say(bo, "Aside, what do you know of the hut?")
    thought = ada.get_by_role("tabpanel").locator(".thought").first
    thought.locator("summary").click()
    expect(thought.locator(".score")).to_have_count(10)
    ada.get_by_role("button", name="Search", exact=True).click()
    ada.keyboard.type("hut")
    expect(ada.locator(".hit")).to_have_count(1)
    ada.wait_for_timeout(400)
    assert flaws(ada) == []
    ada.get_by_role("tab", name="Runs").click()
    ada.locator(".run summary").first.click()
    ada.wait_for_timeout(400)
    assert flaws(ada) == []
    ada.get_by_role("button", name="Settings of Aside").click()
    ada.get_by_text("Every bound of its policy").click()
    assert flaws(ada) == []
    ada.keyboard.press("Escape")
    ada.get_by_role("button", name="People and invites").click()
    assert flaws(ada) == []
    message(bo, "what do you know").hover()
    bo.get_by_role("button", name="Why?").click()
    expect(bo.get_by_role("dialog")).to_contain_text("bar")
    assert flaws(bo) == []
