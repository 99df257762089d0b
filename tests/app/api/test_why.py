"""Why, for every member."""

import asyncio
from pathlib import Path

from tests.app.harness import ScriptedEngine, served
from tests.app.test_privacy import CANARY, CanaryModel


def test_a_member_reads_why_and_nothing_that_was_only_thought(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, ScriptedEngine(model=CanaryModel())) as house:
            ann, bob, eve = [await house.user(name) for name in ("Ann", "Bob", "Eve")]
            policy = {
                "im_threshold": 1,
                "interrupt_threshold": 1,
                "allocated_threshold": 1,
                "debounce": 0,
                "min_gap": 0,
            }
            room = await ann.room(agent={"name": "Mika", "persona": "PERSONA-SECRET", "policy": policy})
            await ann.let_in(room, bob)
            async with bob.line({room: 0}) as line:
                ack = await line.post(room, "1", "Mika, what tea shall we drink?")
                said = await line.until("message", seq=ack["seq"] + 1)
            for _ in range(400):  # the run is stored just after its message
                asked = await bob.call("GET", f"/rooms/{room}/why?seq={ack['seq']}")
                if asked.json()["whys"][0]["said"]:
                    break
                await asyncio.sleep(0.01)
            (one,) = asked.json()["whys"]
            assert (one["act"], one["said"], one["bound"]) == ("speak", said["message"]["text"], None)
            assert one["words"][0] == "It spoke."
            assert 0 < len(one["speaking"]) + len(one["against"]) <= 4
            of_message = (await bob.got("GET", f"/rooms/{room}/why?seq={said['seq']}"))["whys"]
            assert of_message == [one] == [await bob.got("GET", f"/runs/{one['run']}/why")]
            assert CANARY not in asked.text
            assert "PERSONA" not in asked.text
            assert (await eve.call("GET", f"/runs/{one['run']}/why")).status_code == 404

    asyncio.run(go())


def test_a_message_that_nobody_thought_about_says_so(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            sent = await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "1", "text": "Tea?"})
            found = await ann.got("GET", f"/rooms/{room}/why?seq={sent['seq']}")
            assert found["whys"] == []
            assert found["words"][0].startswith("No agent thought about this message")
            nowhere = await ann.call("GET", f"/rooms/{room}/why?seq=99")
            assert (nowhere.status_code, nowhere.json()["error"]["field"]) == (404, "seq")

    asyncio.run(go())
