"""Tokens and tickets over the wire."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_a_second_token_is_the_same_person_until_it_is_revoked(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            issued = await ann.got("POST", "/tokens", {"label": "script", "days": 3})
            headers = {"Authorization": f"Bearer {issued['token']}"}
            me = await house.http.get("/api/v1/me", headers=headers)
            assert me.json() == {"id": ann.id, "name": "Ann"}
            listed = (await ann.got("GET", "/tokens"))["tokens"]
            assert [(t["label"], t["renews"], t["current"]) for t in listed] == [
                ("", True, True),
                ("script", False, False),
            ]
            assert (await ann.call("DELETE", f"/tokens/{issued['id']}")).status_code == 204
            assert (await house.http.get("/api/v1/me", headers=headers)).status_code == 401
            assert (await ann.call("DELETE", f"/tokens/{issued['id']}")).status_code == 404

    asyncio.run(go())


def test_leaving_takes_the_token_that_asks(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            assert (await ann.call("DELETE", "/tokens/current")).status_code == 204
            assert (await ann.call("GET", "/me")).status_code == 401

    asyncio.run(go())


def test_everywhere_else_means_not_here(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            for _ in range(3):
                await ann.got("POST", "/tokens", {})
            assert (await ann.call("DELETE", "/tokens")).status_code == 204
            (left,) = (await ann.got("GET", "/tokens"))["tokens"]
            assert left["current"]

    asyncio.run(go())


def test_a_ticket_opens_one_websocket(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            ticket = (await ann.got("POST", "/tickets"))["ticket"]
            async with house.dial() as line:
                await line.send(type="hello", ticket=ticket)
                assert (await line.next())["user"]["id"] == ann.id
                await line.send(type="hello", rooms=[{"room": room, "after": 0}])
                assert [w["room"] for w in (await line.next())["rooms"]] == [room]
                async with house.dial() as second:
                    await second.send(type="hello", ticket=ticket)
                    error = await second.next()
                    assert (error["code"], error["field"]) == ("unauthorized", "ticket")
                    assert ticket not in str(error)
                    assert (await second.closed())[0] == 4401

    asyncio.run(go())


def test_a_ticket_is_no_token(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            ann.token, token = (await ann.got("POST", "/tickets"))["ticket"], ann.token
            assert (await ann.call("GET", "/me")).status_code == 401
            async with house.dial() as line:
                await line.send(type="hello", ticket=token)
                assert (await line.next())["code"] == "unauthorized"

    asyncio.run(go())
