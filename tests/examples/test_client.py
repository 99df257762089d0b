import asyncio
from pathlib import Path

from tests.app.harness import ManualClock, served
from tests.examples.running import example


def said(line: str) -> str:
    """Without the number in front."""
    return line.partition(" ")[2]


def test_the_guest_answers_and_after_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            ann = await house.user("Ann")
            room = await ann.room("Tea", agent=None)
            code = (await ann.got("POST", f"/rooms/{room}/invites", {}))["invite"]
            place = tmp_path / "guest.json"
            arguments = (room, code, "--url", house.url, "--place", str(place))
            async with example("client.py", *arguments) as lines:
                await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "1", "text": "ping"})
                assert [said(await anext(lines)) for _ in range(2)] == ["Ann: ping", "Guest: pong"]
                await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "2", "text": "thanks"})
                assert said(await anext(lines)) == "Ann: thanks"  # the place before it has been kept by now
            await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "3", "text": "meanwhile"})
            link = f"{house.url}/#invite={code}&room={room}"  # what the page makes does as well
            async with example("client.py", link, "--place", str(place)) as lines:
                first = said(await anext(lines))
                if first == "Ann: thanks":
                    first = said(await anext(lines))
                assert first == "Ann: meanwhile"
                await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "4", "text": "ping"})
                assert [said(await anext(lines)) for _ in range(2)] == ["Ann: ping", "Guest: pong"]

    asyncio.run(go())
