"""The page in a real browser: two people and an agent with a scripted model, over the real service."""

import json
import re
from typing import Literal

import pytest
from playwright.sync_api import Response, WebSocketRoute, expect

from app.protocol import PolicyView
from tests.app.harness import ScriptedEngine
from tests.web.conftest import PHONE, NewPerson
from tests.web.hands import bars, enter, fits, invite_link, join, make_room, message, say, two_people

pytestmark = pytest.mark.browser

HEURISTICS = [
    "relevance",
    "information_gap",
    "filling_gap",
    "expected_impact",
    "urgency",
    "coherence",
    "originality",
    "balance",
    "dynamics",
    "silence",
]


def test_two_people_chat_reply_react_and_see_each_other_type(person: NewPerson) -> None:
    ada, bo = two_people(person)
    assert "invite" not in bo.url, "the code stays in the address"
    expect(ada.locator(".chat-head")).to_contain_text("2 online")

    bo.get_by_label("Message", exact=True).press_sequentially("Shall we")
    expect(ada.get_by_text("Bo is typing")).to_be_visible()
    bo.get_by_label("Message", exact=True).fill("Shall we go <b>up</b> to the hut?")
    bo.keyboard.press("Shift+Enter")
    bo.keyboard.type("In October?")
    bo.keyboard.press("Enter")
    expect(ada.get_by_text("Bo is typing")).to_have_count(0)
    question = message(ada, "to the hut?")
    expect(question.locator(".text")).to_have_text("Shall we go <b>up</b> to the hut?\nIn October?")

    question.hover()
    question.get_by_role("button", name="Reply").click()
    say(ada, "Yes, before it closes.")
    quote = message(bo, "before it closes").get_by_role("button", name=re.compile("Bo.*hut"))
    quote.click()
    expect(message(bo, "to the hut?")).to_be_focused()

    question.hover()
    question.get_by_role("button", name="React", exact=True).click()
    question.get_by_role("button", name="React with 🎉").click()
    reaction = message(bo, "to the hut?").locator(".reaction")
    expect(reaction).to_have_text("🎉1")
    reaction.click()
    expect(question.locator(".reaction")).to_have_text("🎉2")
    reaction.click()
    expect(question.locator(".reaction")).to_have_text("🎉1")


def test_owner_watches_a_thought_held_and_one_said_and_a_member_sees_neither(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, memories="The hut closes on 12 October.")
    bo = person()
    frames: list[str] = []
    bo.on("websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(str(data))))
    answers: list[Response] = []
    bo.on("response", lambda answer: answers.append(answer))
    join(bo, invite_link(ada), "Bo")

    bars(ada, "5")
    say(bo, "Aside, what do you know of the hut?")
    thought = ada.get_by_role("tabpanel").locator(".thought").first
    expect(thought).to_be_visible()
    expect(message(ada, "what do you know").locator(".aside-line")).to_contain_text("held")
    thought.hover()
    expect(message(ada, "what do you know")).to_have_class(re.compile("stimulus"))
    thought.locator("summary").click()
    rows = thought.locator(".score")
    expect(rows).to_have_count(10)
    assert [row.get_attribute("data-heuristic") for row in rows.all()] == HEURISTICS
    for row in rows.all():
        assert 1 <= float(row.locator(".score-value").inner_text()) <= 5
        how = row.locator(".how").inner_text()
        assert row.locator(".bins i").count() == (0 if how == "measured" else 5)
    held = thought.locator(".thought-text").inner_text()

    bars(ada, "1")
    say(bo, "Aside, tell us now.")
    spoken = ada.get_by_role("log").locator(".by-agent").first
    expect(spoken).to_be_visible()
    expect(bo.get_by_role("log").locator(".by-agent").first).to_be_visible()
    expect(spoken.locator(".aside-line").first).to_contain_text("thought first:")
    message(ada, "tell us now").locator(".aside-line").first.click()
    run = ada.locator(".run[open]")
    expect(run).to_contain_text("because")
    expect(run).to_contain_text("Who was expected to speak")
    expect(run).to_contain_text("Time and tokens,")
    ada.get_by_role("tab", name="Said").click()
    expect(ada.get_by_role("tabpanel").locator(".thought.spoken")).not_to_have_count(0)

    expect(bo.locator(".mind, .mind-toggle, .aside-line")).to_have_count(0)
    kinds = {json.loads(frame)["type"] for frame in frames}
    assert "message" in kinds
    assert not kinds & {"thought", "decision"}
    assert not any(held in frame for frame in frames)
    told = [answer.text() for answer in answers if "/api/" in answer.url]
    assert told
    assert not any(held in text or '"scores"' in text for text in told)
    room = bo.url.split("room=")[1]
    token = json.loads(bo.evaluate("localStorage['aside.me']"))["token"]
    for path in ("runs", "thoughts", "labels", "calibration", "suggestions"):
        shut = bo.request.get(f"/api/v1/rooms/{room}/{path}", headers={"Authorization": f"Bearer {token}"})
        assert shut.status == 403, path


def test_observer_watches_and_does_not_write(person: NewPerson) -> None:
    ada, bo = two_people(person, role="observer")
    bars(ada, "5")
    say(ada, "Aside, are you there?")
    expect(bo.get_by_role("tabpanel").locator(".thought").first).to_be_visible()
    expect(bo.get_by_text("You observe this room")).to_be_visible()
    expect(bo.get_by_role("button", name="Settings of Aside")).to_have_count(0)


def test_a_second_person_in_a_new_tab_of_the_same_browser(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada)
    ada.get_by_role("button", name="Invite somebody").click()
    second = ada.get_by_role("link", name="Open a second person in a new tab")
    expect(second).to_have_attribute("href", re.compile("as=new#invite="))
    with ada.context.expect_page() as opened:
        second.click()
    bo = opened.value
    bo.get_by_label("Your name in this tab").fill("Bo")
    bo.get_by_role("button", name="Join").click()
    say(bo, "It is me, Bo.")
    ada.keyboard.press("Escape")
    expect(message(ada, "It is me, Bo.").locator(".author")).to_have_text("Bo")
    bo.reload()
    expect(bo.locator(".whoami strong")).to_have_text("Bo")
    ada.reload()
    expect(ada.locator(".whoami strong")).to_have_text("Ada")
    expect(message(ada, "It is me, Bo.")).to_be_visible()


def test_what_is_written_while_the_connection_is_cut_goes_out_once_on_return(person: NewPerson) -> None:
    ada = person()
    down = False
    lines: list[WebSocketRoute] = []

    def route(line: WebSocketRoute) -> None:
        if down:
            line.close()
            return
        line.connect_to_server()
        lines.append(line)

    ada.route_web_socket("**/ws", route)
    ada.clock.install()
    enter(ada, "Ada")
    make_room(ada)
    bo = person()
    join(bo, invite_link(ada), "Bo")
    expect(ada.get_by_text("Bo joined")).to_be_visible()

    down = True
    lines[-1].close()
    expect(ada.get_by_text("You are offline")).to_be_visible()
    say(ada, "written offline")
    say(ada, "and a second one")
    expect(ada.get_by_text("Waiting for the connection")).to_have_count(2)
    say(bo, "missed by Ada")
    expect(message(bo, "missed by Ada")).to_be_visible()

    # With its clock at a stand the page does not try again of itself, just before the click.
    ada.clock.pause_at(ada.evaluate("Date.now() + 1"))
    down = False
    ada.get_by_role("button", name="Try now").click()
    ada.clock.resume()
    expect(message(ada, "missed by Ada")).to_be_visible()
    expect(ada.get_by_text("Waiting for the connection")).to_have_count(0)
    expect(message(bo, "and a second one")).to_be_visible()
    texts = bo.get_by_role("log").locator(".message:not(.by-agent) .text").all_inner_texts()
    assert texts == ["missed by Ada", "written offline", "and a second one"]


def test_a_lost_frame_is_asked_for_again_and_nothing_comes_out_of_order(person: NewPerson) -> None:
    ada = person()
    lost: list[str] = []

    def route(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if "the second" in str(frame) and not lost:
                lost.append(str(frame))
            else:
                line.send(frame)

        server.on_message(pass_on)

    ada.route_web_socket("**/ws", route)
    enter(ada, "Ada")
    make_room(ada, agent=False)
    bo = person()
    join(bo, invite_link(ada), "Bo")
    for text in ("the first", "the second", "the third"):
        say(bo, text)
        expect(message(bo, text)).not_to_have_class(re.compile("pending"))
    expect(message(ada, "the third")).to_be_visible()
    assert len(lost) == 1
    assert ada.get_by_role("log").locator(".text").all_inner_texts() == ["the first", "the second", "the third"]


def test_who_comes_back_sees_where_the_unread_messages_begin(person: NewPerson) -> None:
    ada, bo = two_people(person)
    bars(ada, "5")
    say(bo, "read by Ada")
    expect(message(ada, "read by Ada")).to_be_visible()
    room = ada.url
    ada.goto("about:blank")
    expect(bo.locator(".chat-head")).to_contain_text("1 online")
    say(bo, "written while she was away")
    expect(message(bo, "while she was away")).not_to_have_class(re.compile("pending"))
    ada.goto(room)
    expect(message(ada, "while she was away").locator(".unread-mark")).to_have_text("New")
    expect(message(ada, "read by Ada").locator(".unread-mark")).to_have_count(0)


def test_older_messages_come_in_when_one_scrolls_up(person: NewPerson, url: str) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada, agent=False)
    me = json.loads(ada.evaluate("localStorage['aside.me']"))
    room = ada.url.split("room=")[1]
    token = {"Authorization": f"Bearer {me['token']}"}
    ada.evaluate("document.querySelector('aside-app').client.close()")
    for i in range(64):
        body = {"client_id": f"c{i}", "text": f"message number {i}."}
        while ada.request.post(f"{url}/api/v1/rooms/{room}/messages", data=body, headers=token).status == 429:
            ada.wait_for_timeout(200)
    ada.reload()
    expect(message(ada, "message number 63.")).to_be_in_viewport()
    expect(message(ada, "message number 3.")).to_have_count(0)
    ada.locator(".scroller").evaluate("e => e.scrollTo(0, 100)")
    expect(message(ada, "message number 3.")).to_have_count(1)
    expect(message(ada, "message number 3.")).not_to_be_in_viewport()
    numbers = ada.get_by_role("log").locator(".text").all_inner_texts()
    assert numbers == [f"message number {i}." for i in range(64)]


def test_settings_show_and_change_every_bound_of_the_policy(person: NewPerson) -> None:
    ada = person()
    enter(ada, "Ada")
    make_room(ada)
    ada.get_by_role("button", name="Settings of Aside").click()
    ada.get_by_text("Every bound of its policy").click()
    dialog = ada.get_by_role("dialog")
    for name, default in PolicyView().model_dump().items():
        if name not in ("preset", "quiet_hours", "weights"):
            shown = dialog.locator(f"[name={name}]").get_attribute("placeholder")
            unset = "no limit" if name == "tokens_per_day" else "preset"
            assert shown == (unset if default is None else f"{default:g}"), name
    dialog.get_by_label("Share of the talk").fill("2")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Share of the talk").fill("0.25")
    dialog.get_by_label("Persona").fill("A quiet friend.")
    dialog.get_by_text("Shadow", exact=True).click()
    dialog.get_by_role("button", name="Save").click()
    expect(ada.locator(".agent-chip")).to_contain_text("shadow")
    ada.get_by_role("button", name="Settings of Aside").click()
    expect(dialog.get_by_label("Persona")).to_have_value("A quiet friend.")
    dialog.get_by_role("button", name="Mute for an hour").click()
    expect(ada.locator(".agent-chip")).to_contain_text("muted")


def test_a_model_that_is_away_is_said_in_words_and_the_chat_goes_on(person: NewPerson, engine: ScriptedEngine) -> None:
    engine.word = "loading the weights"
    ada, bo = two_people(person)
    expect(ada.get_by_text("loading the weights")).to_be_visible()
    say(ada, "We talk anyway.")
    expect(message(bo, "We talk anyway.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_width(person: NewPerson, scheme: Literal["light", "dark"]) -> None:
    ada, bo = two_people(person, size=PHONE, scheme=scheme)
    say(bo, "a-word-that-is-far-too-long-for-a-phone-" * 5)
    expect(message(ada, "far-too-long")).to_be_visible()
    assert fits(ada)
    ada.get_by_role("button", name="Mind").click()
    expect(ada.get_by_role("complementary", name="What the agent thinks")).to_be_in_viewport(ratio=1)
    assert fits(ada)
    ada.get_by_role("button", name="Close the mind panel").click()
    ada.get_by_role("button", name="Rooms", exact=True).click()
    expect(ada.get_by_role("navigation", name="Rooms")).to_be_in_viewport(ratio=1)
    ada.keyboard.press("Escape")
    expect(ada.get_by_role("navigation", name="Rooms")).to_be_hidden()
