"""What people do on the page, for the tests: enter, make a room, join, write."""

import json
import re
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import DESKTOP, NewPerson


def enter(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="No room yet")).to_be_visible()


def make_room(page: Page, name: str = "Hut weekend", memories: str = "", agent: bool = True) -> None:
    page.get_by_role("button", name="Make a room").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the room").fill(name)
    dialog.get_by_label("Background memories").fill(memories)
    dialog.get_by_label("An agent joins the room").set_checked(agent)
    dialog.get_by_role("button", name="Make the room").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def invite_link(page: Page, role: str = "member") -> str:
    page.get_by_role("button", name="People and invites").click()
    link = page.get_by_label("Invite link")
    expect(link).to_have_value(re.compile("#invite="))
    if role != "member":
        before = link.input_value()
        page.get_by_label("Role of whoever joins by this link").select_option(role)
        expect(link).not_to_have_value(before)
    value = link.input_value()
    page.keyboard.press("Escape")
    return value


def join(page: Page, link: str, name: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="What the agent reads and keeps")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("log")).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def message(page: Page, text: str) -> Locator:
    return page.get_by_role("log").get_by_role("article").filter(has=page.locator(".text", has_text=text))


def bars(page: Page, value: str) -> None:
    """Sets every bar of the room's agent, so that what it decides does not hang on what the script rates."""
    page.get_by_role("button", name="Settings of Aside").click()
    page.get_by_text("Every bound of its policy").click()
    for label in ("Open turn", "Somebody else’s turn", "Its own turn"):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Chance below the bar", exact=True).fill("0")
    page.get_by_label("Gap", exact=True).fill("0")
    page.get_by_label("Wait for more", exact=True).fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def two_people(
    person: NewPerson, role: str = "member", size: tuple[int, int] = DESKTOP, scheme: Literal["light", "dark"] = "light"
) -> tuple[Page, Page]:
    ada, bo = person(size, scheme), person(size, scheme)
    enter(ada, "Ada")
    make_room(ada)
    join(bo, invite_link(ada, role), "Bo")
    expect(ada.get_by_text("Bo joined")).to_be_visible()
    return ada, bo


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


COME_IN = """() => Promise.allSettled(
  document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map((one) => one.finished))"""
"""What goes on for ever, as a pulse, is not waited for."""


def flaws(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands, once what was still coming in is there: a run that fades
    in has too little contrast for a quarter of a second."""
    page.evaluate(COME_IN)
    found: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{one['id']} ({one['impact']}): {[node['html'][:160] for node in one['nodes']]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def rest(page: Page, url: str, method: str, path: str, body: Any = None) -> Any:
    """As whoever the page is."""
    token = json.loads(page.evaluate("sessionStorage['aside.me'] ?? localStorage['aside.me']"))["token"]
    answer = page.request.fetch(
        f"{url}/api/v1{path}", method=method, data=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
    return answer.json() if answer.body() else None
