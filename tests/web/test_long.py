"""Long rooms: few rows are on the page, however many messages there are, and what one has not read is found."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import NewPerson
from tests.web.hands import enter, invite_link, join, make_room, message, rest

pytestmark = pytest.mark.browser

MOST = 400
"""Rows that are on the page at once: `KEPT` of web/rows.js, twice."""


def take_in(page: Page, url: str, count: int) -> None:
    """Opens a room in which two others have written `count` messages."""
    began = datetime(2026, 3, 1, 8, tzinfo=UTC)
    lines = [
        {
            "id": f"m{i}",
            "at": (began + timedelta(minutes=i)).isoformat(),
            "author": ("Kim", "Lee")[i % 2],
            "text": f"number {i}.",
        }
        for i in range(count)
    ]
    token = json.loads(page.evaluate("localStorage['aside.me']"))["token"]
    answer = page.request.post(
        f"{url}/api/v1/rooms/import",
        data="\n".join(json.dumps(line) for line in lines),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
    )
    assert answer.ok, answer.text()
    page.goto(f"{url}/#room={answer.json()['id']}")
    page.reload()
    expect(message(page, f"number {count - 1}.")).to_be_in_viewport()


def rows(page: Page) -> list[int]:
    return [int(text.split()[1].rstrip(".")) for text in page.get_by_role("log").locator(".text").all_text_contents()]


def test_a_long_room_keeps_few_rows_and_goes_both_ways(person: NewPerson, url: str) -> None:
    ada = person()
    enter(ada, "Ada")
    take_in(ada, url, 900)
    scroller = ada.locator(".scroller")
    for _ in range(12):
        scroller.evaluate("e => e.scrollTo(0, 0)")
        ada.wait_for_timeout(150)
    shown = rows(ada)
    assert shown == list(range(shown[0], shown[-1] + 1)), "no row is left out and none is twice"
    assert len(shown) <= MOST
    assert shown[0] < 500
    assert shown[-1] < 899, "those far below have left"
    newest = ada.get_by_role("button", name="To the newest")
    expect(newest).to_be_visible()
    ada.evaluate(
        "document.querySelector('aside-chat').jump(document.querySelector('aside-app').room.entries[0].message.id)"
    )
    oldest = rows(ada)
    assert len(oldest) <= MOST
    assert oldest[0] <= shown[0]
    for _ in range(4):
        scroller.evaluate("e => e.scrollTo(0, e.scrollHeight)")
        ada.wait_for_timeout(150)
    further = rows(ada)
    assert further == list(range(further[0], further[-1] + 1))
    assert len(further) <= MOST
    assert further[-1] > oldest[-1]
    newest.click()
    expect(message(ada, "number 899.")).to_be_in_viewport()
    expect(newest).to_be_hidden()


def test_the_mark_of_what_is_unread_is_found_further_back_than_a_page(person: NewPerson, url: str) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, agent=False)
    bo = person()
    join(bo, invite_link(ada), "Bo")
    expect(ada.get_by_text("Bo joined")).to_be_visible()
    room = ada.url
    ada.goto("about:blank")
    path = f"{url}/api/v1/rooms/{bo.url.split('room=')[1]}/messages"
    token = json.loads(bo.evaluate("localStorage['aside.me']"))["token"]
    for i in range(70):
        body = {"client_id": f"c{i}", "text": f"number {i}."}
        while bo.request.post(path, data=body, headers={"Authorization": f"Bearer {token}"}).status == 429:
            bo.wait_for_timeout(200)
    ada.goto(room)
    first = message(ada, "number 0.")
    expect(first.locator(".unread-mark")).to_have_text("New")
    expect(first).to_be_in_viewport()
    expect(ada.locator(".unread-mark")).to_have_count(1)
    assert len(rest(ada, url, "GET", f"/rooms/{bo.url.split('room=')[1]}/messages?limit=100")["messages"]) == 70


def test_a_room_that_somebody_writes_in_while_one_is_elsewhere_says_so_and_is_whole_when_one_comes(
    person: NewPerson, url: str
) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, "First", agent=False)
    bo = person()
    join(bo, invite_link(ada), "Bo")
    bo.get_by_label("Message", exact=True).fill("before Ada left")
    bo.keyboard.press("Enter")
    expect(message(ada, "before Ada left")).to_be_visible()
    ada.get_by_role("button", name="New room").click()
    ada.get_by_label("Name of the room").fill("Second")
    ada.get_by_role("button", name="Make the room").click()
    expect(ada.get_by_role("heading", name="Second")).to_be_visible()
    ada.reload()
    expect(ada.get_by_role("heading", name="Second")).to_be_visible()
    bo.get_by_label("Message", exact=True).fill("while Ada was elsewhere")
    bo.keyboard.press("Enter")
    item = ada.locator(".room-item", has_text="First")
    expect(item).to_contain_text("unread")
    expect(ada).to_have_title("● Second · Aside")
    item.click()
    expect(message(ada, "while Ada was elsewhere")).to_be_visible()
    expect(message(ada, "before Ada left")).to_be_visible()
    expect(ada).to_have_title("First · Aside")
