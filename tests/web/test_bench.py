"""The policy bench, the shadow review and the room in drawings."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import NewPerson
from tests.web.hands import bars, enter, flaws, make_room, message, say, two_people

pytestmark = pytest.mark.browser


def slide(page: Page, label: str, value: float) -> None:
    page.get_by_label(label, exact=True).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }", str(value)
    )


def test_a_moved_bar_redecides_the_log_at_once_is_applied_and_undone(person: NewPerson) -> None:
    ada, bo = two_people(person)
    bars(ada, "5")
    for i in range(3):
        say(bo, f"Does anybody know number {i}?")
        expect(message(ada, f"number {i}?").locator(".aside-line").first).to_contain_text("held")
    ada.get_by_role("button", name="Bench").click()
    verdict = ada.locator(".verdict")
    expect(verdict).to_contain_text("0 of")
    before = ada.locator(".change").first.locator(".before").inner_text()
    for label in ("Bar, open turn", "Bar, another’s turn", "Bar, its own turn"):
        slide(ada, label, 1)
    slide(ada, "Gap in seconds", 0)
    slide(ada, "Share of the talk", 1)
    expect(verdict).to_contain_text(re.compile(r"^[1-9]\d* of \d+ decisions flip"))
    assert ada.locator(".change").first.locator(".after").inner_text() != before
    expect(message(ada, "number 1?").locator(".aside-line.flip")).to_contain_text("speak, not hold")
    ada.locator(".flips button").first.click()
    expect(ada.locator(".message:focus")).to_have_count(1)
    assert flaws(ada) == []
    ada.get_by_role("button", name="Apply").click()
    expect(ada.get_by_text(re.compile("In force as version"))).to_be_visible()
    say(bo, "Aside, and now?")
    expect(ada.get_by_role("log").locator(".by-agent")).not_to_have_count(0)
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("The policy is as it was.")).to_be_visible()
    ada.get_by_role("button", name="Thoughts", exact=True).click()
    expect(ada.locator(".aside-line.flip")).to_have_count(0)
    ada.get_by_role("button", name="Settings of Aside").click()
    ada.get_by_text("Every bound of its policy").click()
    expect(ada.get_by_label("Open turn", exact=True)).to_have_value("5")


def test_a_weight_moves_the_log_and_a_rate_finds_its_bar(person: NewPerson) -> None:
    ada, bo = two_people(person)
    for i in range(4):
        say(bo, f"What about number {i}?")
        expect(message(ada, f"number {i}?").locator(".aside-line").first).to_be_visible()
    ada.get_by_role("button", name="Bench").click()
    expect(ada.locator("[data-preset=chatty] small")).to_contain_text("%")
    ada.get_by_label("Target rate in per cent").fill("100")
    ada.get_by_role("button", name="Find the bar").click()
    expect(ada.get_by_label("Bar, open turn")).to_have_value(re.compile(r"^1(\.\d+)?$"))
    ada.get_by_role("button", name="Reset").click()
    expect(ada.locator(".verdict")).to_contain_text("0 of")
    ada.get_by_text("Weights of the ten").click()
    with ada.expect_request(re.compile("/redecide$")) as asked:
        slide(ada, "Relevance", 0)
    body = asked.value.post_data_json
    assert body is not None
    assert body["policy"]["weights"] == {"relevance": 0}
    ada.get_by_role("button", name="Apply").click()
    expect(ada.get_by_text(re.compile("In force as version"))).to_be_visible()


def test_shadow_is_reviewed_and_promoted(person: NewPerson) -> None:
    ada, bo = two_people(person)
    bars(ada, "1")
    ada.get_by_role("button", name="Settings of Aside").click()
    ada.get_by_text("Shadow", exact=True).click()
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator(".agent-chip")).to_contain_text("shadow")
    say(bo, "Aside, what do you say?")
    expect(message(ada, "what do you say").locator(".aside-line").first).to_contain_text("shadow mode")
    ada.get_by_role("button", name="Bench").click()
    ada.get_by_role("button", name="Yes, say such things").click()
    expect(ada.get_by_text("You accepted 1 of 1.")).to_be_visible()
    ada.get_by_role("button", name="Promote: let it speak").click()
    expect(ada.locator(".chat-head")).not_to_contain_text("shadow")
    expect(bo.get_by_role("log").locator(".by-agent")).to_have_count(0)


def warm(route: Route) -> None:
    """A warm engine uses more tokens again than it reads anew; the scripted one has no cache."""
    answer = route.fetch()
    body = answer.json()
    for run in body["runs"]:
        run["tokens"] = {"prompt": 300, "cached": 1200, "generated": 40}
    route.fulfill(response=answer, json=body)


def test_the_room_is_drawn_and_the_reservoir_is_a_lane(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada)
    bars(ada, "5")
    say(ada, "Does anybody know the way?")
    expect(message(ada, "the way").locator(".aside-line").first).to_contain_text("held")
    lane = ada.locator(".reservoir svg")
    expect(lane).to_have_attribute("aria-label", re.compile(r"Reservoir: \d+ (held|returning)"))
    lives = lane.get_by_role("button", name=re.compile("^held: "))
    expect(lives.first).to_be_visible()
    lives.first.focus()
    assert flaws(ada) == []
    if lives.count() > 1:
        ada.keyboard.press("ArrowDown")
        expect(lives.nth(1)).to_be_focused()
    ada.keyboard.press("Enter")
    expect(ada.locator(".lane .thought[open]")).to_have_count(1)
    expect(ada.locator(".lane .thought[open] > summary")).to_be_focused()
    ada.route("**/runs?limit=200", warm)
    ada.get_by_role("button", name="Room", exact=True).click()
    expect(ada.get_by_text(re.compile(r"^340 read anew and written, 1200 from the cache"))).to_be_visible()
    for title in ("Who talks", "How often it speaks", "How it is received", "Tokens", "Time to a decision"):
        expect(ada.get_by_role("heading", name=title)).to_be_visible()
    expect(ada.get_by_role("img", name=re.compile("Share of the talk: Ada 100 %"))).to_be_visible()
    assert flaws(ada) == []
