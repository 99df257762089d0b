"""Messages over REST: the same rules, the same order."""

import asyncio
from pathlib import Path
from typing import Any

from tests.app.harness import ManualClock, served


def test_a_post_goes_the_way_of_the_websocket(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            async with ann.line({room: 0}) as line:
                ack = await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "Tea?"})
                assert (await line.until("message"))["message"]["id"] == ack["id"]
                again = await line.post(room, "c1", "Tea?")
                assert {k: again[k] for k in ack} == ack
                assert await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "Tea?"}) == ack
                clash = await ann.call("POST", f"/rooms/{room}/messages", {"client_id": "c1", "text": "Coffee?"})
                assert clash.status_code == 409
                assert clash.json()["error"] == {
                    "code": "conflict",
                    "detail": "client_id 'c1' was used before with another text",
                    "field": "text",
                    "value": "'Coffee?'",
                }

    asyncio.run(go())


def test_pages_forwards_and_backwards(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            for i in range(1, 8):
                clock.advance(1)
                await ann.got("POST", f"/rooms/{room}/messages", {"client_id": f"c{i}", "text": str(i)})

            async def page(query: str) -> tuple[list[int], int | None]:
                view = await ann.got("GET", f"/rooms/{room}/messages?{query}")
                return [m["seq"] for m in view["messages"]], view["next"]

            assert await page("") == ([1, 2, 3, 4, 5, 6, 7], None)
            assert await page("after=0&limit=3") == ([1, 2, 3], 3)
            assert await page("after=3&limit=3") == ([4, 5, 6], 6)
            assert await page("after=6&limit=3") == ([7], None)
            assert await page("limit=3") == ([5, 6, 7], 5)
            assert await page("before=5&limit=3") == ([2, 3, 4], 2)
            assert await page("before=2&limit=3") == ([1], None)
            assert await page("after=1&before=4") == ([2, 3], None)
            assert await page("after=99") == ([], None)

    asyncio.run(go())


def test_a_fresh_reading_shows_what_the_events_added_up_to(tmp_path: Path) -> None:
    """Events on an old state give the new state."""

    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            async with ann.line({room: 0}) as a, bob.line({room: 0}) as b:
                acks = [await a.post(room, f"c{i}", str(i)) for i in range(3)]
                for line, on, message in ((a, True, 0), (b, True, 0), (b, True, 2), (a, False, 0)):
                    await line.send(type="react", room=room, id=acks[message]["id"], emoji="👍", on=on)
                    await line.quiet()
            state: dict[str, Any] = {}
            async with bob.line({room: 0}) as line:
                for frame in line.skipped:
                    if frame["type"] == "message":
                        state[frame["message"]["id"]] = frame["message"]
                    if frame["type"] == "reaction":
                        users = [u for r in state[frame["id"]]["reactions"] for u in r["users"]]
                        users = [*users, frame["user"]] if frame["on"] else [u for u in users if u != frame["user"]]
                        state[frame["id"]]["reactions"] = [{"emoji": "👍", "users": users}] if users else []
            fresh = (await bob.got("GET", f"/rooms/{room}/messages"))["messages"]
            assert fresh == list(state.values())
            assert [m["reactions"] for m in fresh] == [
                [{"emoji": "👍", "users": [bob.id]}],
                [],
                [{"emoji": "👍", "users": [bob.id]}],
            ]

    asyncio.run(go())


def test_the_rate_holds_over_both_ways(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            async with ann.line({room: 0}) as line:
                for i in range(10):
                    await line.post(room, f"c{i}", "x")
            refused = await ann.call("POST", f"/rooms/{room}/messages", {"client_id": "c10", "text": "x"})
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many")

    asyncio.run(go())


def test_a_message_is_edited_and_deleted_over_rest_and_the_socket(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room(agent=None)
            await ann.let_in(room, bob)
            async with bob.line({room: 0}) as line:
                first, second = await line.post(room, "c1", "Tea?"), await line.post(room, "c2", "Or not")
                await bob.got("PATCH", f"/rooms/{room}/messages/{first['id']}", {"text": "Coffee?"})
                assert (await line.until("edited"))["text"] == "Coffee?"
                await line.send(type="edit", room=room, id=first["id"], text="Cocoa?")
                assert (await line.until("edited"))["text"] == "Cocoa?"
                await line.send(type="delete", room=room, id=second["id"])
                assert (await line.until("deleted"))["by"] == bob.id
                refused = await ann.call("PATCH", f"/rooms/{room}/messages/{first['id']}", {"text": "Milk?"})
                assert refused.status_code == 403
                await ann.got("DELETE", f"/rooms/{room}/messages/{first['id']}")
                assert (await line.until("deleted"))["id"] == first["id"]
            page = (await ann.got("GET", f"/rooms/{room}/messages"))["messages"]
            assert [(m["text"], m["deleted_at"] is None, m["edited_at"] is None) for m in page] == [
                ("", False, False),
                ("", False, True),
            ]

    asyncio.run(go())


def test_search_finds_what_holds_every_word_newest_first_and_nothing_that_was_taken_back(tmp_path: Path) -> None:
    async def go() -> None:
        clock = ManualClock()
        async with served(tmp_path, clock=clock) as house:
            ann, eve = await house.user("Ann"), await house.user("Eve")
            room, other = await ann.room(agent=None), await ann.room(agent=None)
            said = [
                "Green tea?",
                "50% off TEA, she said",
                "coffee",
                "no tea_time",
                "tea in another room",
                "tea, taken back",
            ]
            ids = {}
            for i, text in enumerate(said):
                clock.advance(1)
                where = other if "another" in text else room
                body = {"client_id": f"c{i}", "text": text}
                ids[text] = (await ann.got("POST", f"/rooms/{where}/messages", body))["id"]
            await ann.got("DELETE", f"/rooms/{room}/messages/{ids['tea, taken back']}")

            async def found(query: str) -> list[str]:
                return [m["text"] for m in (await ann.got("GET", f"/rooms/{room}/search?q={query}"))["messages"]]

            assert await found("tea") == ["no tea_time", "50% off TEA, she said", "Green tea?"]
            assert await found("said%20tea") == ["50% off TEA, she said"]
            assert await found("%25") == ["50% off TEA, she said"], "a percent sign is one"
            assert await found("_") == ["no tea_time"]
            assert await found("e%20e%20milk") == []
            page = await ann.got("GET", f"/rooms/{room}/search?q=tea&limit=1")
            assert page["messages"][0]["text"] == "no tea_time"
            older = await ann.got("GET", f"/rooms/{room}/search?q=tea&limit=2&before={page['next']}")
            assert [m["text"] for m in older["messages"]] == ["50% off TEA, she said", "Green tea?"]
            assert older["next"] is None
            assert (await eve.call("GET", f"/rooms/{room}/search?q=tea")).status_code == 404
            assert (await ann.call("GET", f"/rooms/{room}/search?q=%20")).status_code == 422

    asyncio.run(go())
