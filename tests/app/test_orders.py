"""What was said in the room holds before the database knows it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.orders import Orders, obeyed
from app.protocol import AgentView, PolicyView, QuietHours, QuietView
from app.resident import Resident
from app.thought_views import policy_of
from conversation.member import Member
from conversation.message import Message
from tests.app.harness import ManualClock, served
from tests.app.minds import FakeRoom
from tests.conversation.build import ANN, BOB, NOW

MIKA = Member("mika", "Mika", "agent")


def resident(**policy: object) -> Resident:
    view = AgentView(
        id="mika", room="r", name="Mika", persona="", memories=[], model="m", mode="speak", policy=PolicyView(**policy),  # type: ignore[arg-type]
        policy_version=1,
    )  # fmt: skip
    return Resident(view, policy_of(view))


def said(text: str) -> Message:
    return Message("m1", 1, BOB.as_author(), text, NOW)


def a_room() -> FakeRoom:
    return FakeRoom("r", ManualClock(NOW), (ANN, BOB, MIKA))


def test_it_holds_until_it_is_kept() -> None:
    async def go() -> None:
        room = a_room()
        orders, mika, message = Orders(room), resident(), said("Mika, be quiet")
        order = orders.heard(message, [mika], NOW)
        assert order is not None
        assert order.until is not None
        assert orders.applied(mika).policy.hushed(NOW)
        await orders.keep(mika, message, order.until)
        assert room.hushes == [("mika", QuietView(until=order.until, by="bob", name="Bob", message="m1"))]
        assert not orders.applied(mika).policy.hushed(NOW)

    asyncio.run(go())


def test_an_order_whose_time_is_over_is_none() -> None:
    assert Orders(a_room()).heard(said("Mika, be quiet for a minute"), [resident()], NOW + timedelta(minutes=1)) is None
    assert Orders(a_room()).heard(said("Mika, be quiet"), [], NOW) is None


def test_six_is_six_in_the_zone_of_the_quiet_hours() -> None:
    berlin = resident(quiet_hours=QuietHours(start="22:00", end="07:00", zone="Europe/Berlin"))
    order = Orders(a_room()).heard(said("Mika, be quiet until 18:00"), [berlin], NOW)
    assert order is not None
    assert order.until == NOW.replace(hour=17)


def test_the_run_says_who_and_until_when() -> None:
    assert obeyed(said(""), NOW).reason == "Bob told it to be quiet until 2026-03-14 12:00 UTC"
    assert obeyed(said(""), None).bound is None


def test_everybody_sees_who_asked_for_quiet_and_a_member_may_end_it(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob, eve = [await house.user(name) for name in ("Ann", "Bob", "Eve")]
            room = await ann.room(agent={"name": "Mika"})
            await ann.let_in(room, bob)
            await ann.let_in(room, eve, role="observer")
            async with bob.line({room: 0}) as line:
                await line.post(room, "1", "Mika, quiet for an hour please")
                event = await line.until("quiet")
                assert event["quiet"]["name"] == "Bob"
                reaction = await line.until("reaction")
                assert (reaction["emoji"], reaction["user"]) == ("🤐", event["agent"])
                path = f"/rooms/{room}/agents/{event['agent']}"
                assert (await bob.got("GET", path))["quiet"] == event["quiet"]
                assert (await bob.got("GET", path))["policy_version"] == 1
                assert (await eve.call("DELETE", f"{path}/quiet")).status_code == 403
                agent = await ann.got("GET", path)
                assert (await ann.got("PUT", path, agent))["quiet"] == event["quiet"]
                await bob.got("DELETE", f"{path}/quiet")
                assert (await line.until("quiet"))["quiet"] is None
                assert (await bob.got("GET", path))["quiet"] is None
                gone = await bob.call("DELETE", f"/rooms/{room}/agents/nobody/quiet")
                assert (gone.status_code, gone.json()["error"]["field"]) == (404, "agent")

    asyncio.run(go())


def test_being_told_off_is_remembered_and_being_let_talk_is_not_that() -> None:
    orders = Orders(a_room())
    orders.heard(said("Mika, be quiet"), [resident()], NOW)
    orders.heard(replace(said("Mika, you can talk again"), seq=2), [resident()], NOW)
    assert orders.told_off == {"mika": frozenset({1})}
