"""Export and import, over the wire and back."""

import asyncio
import gc
import json
import time
from pathlib import Path
from typing import Any

import pytest

from app.rates import HEAVY
from app.store.transfers import FILES
from conversation.chats import read_chat
from tests.app.harness import Person, served
from tests.app.store.opened import a_run


async def exported(who: Person, room: str) -> str:
    response = await who.call("GET", f"/rooms/{room}/export")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return response.text


async def imported(who: Person, text: str | bytes) -> Any:
    headers = {"Authorization": f"Bearer {who.token}", "Content-Type": "application/x-ndjson"}
    return await who.house.http.post("/api/v1/rooms/import", content=text, headers=headers)


def test_what_went_out_comes_in_the_same(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            agent = {"name": "Mika", "persona": "Dry.", "memories": ["Bob likes tea."], "mode": "shadow"}
            room = await ann.room("Den", agent=agent)
            await ann.let_in(room, bob)
            async with ann.line({room: 0}) as a, bob.line({room: 0}) as b:
                acks = [await a.post(room, f"c{i}", f"words {i}") for i in range(3)]
                reply = await b.post(room, "c", "Tea!", reply_to=acks[0]["id"])
                await a.send(type="react", room=room, id=reply["id"], emoji="👍", on=True)
                await b.send(type="edit", room=room, id=reply["id"], text="Coffee!")
                await a.send(type="delete", room=room, id=acks[1]["id"])
                await a.until("deleted")
            (mika,) = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
            run = a_run(room, mika["id"], acks[0]["seq"]).model_copy(update={"message": reply["id"]})
            await house.parts.store.runs.save_run(run)
            text = await exported(ann, room)
            assert "words 1" not in text
            (tmp_path / "den.jsonl").write_text(text)
            assert [m.text for m in read_chat(tmp_path / "den.jsonl").messages] == ["words 0", "words 2", "Coffee!"]

            copy = (await imported(ann, text)).json()
            assert (copy["name"], copy["role"], copy["seq"]) == ("Den", "owner", 8)
            assert [(m["name"], m["role"]) for m in copy["members"]] == [("Ann", "owner"), ("Mika", "agent")]
            (nia,) = copy["agents"]
            assert nia["id"] != mika["id"]
            assert {k: nia[k] for k in agent} == agent
            old = (await ann.got("GET", f"/rooms/{room}/messages"))["messages"]
            new = (await ann.got("GET", f"/rooms/{copy['id']}/messages"))["messages"]
            keep = ("seq", "text", "at", "edited_at", "deleted_at")
            assert [{k: m[k] for k in keep} for m in new] == [{k: m[k] for k in keep} for m in old]
            assert [m["author"]["name"] for m in new] == [m["author"]["name"] for m in old]
            assert new[3]["reply_to"] == new[0]["id"]
            assert [r["emoji"] for r in new[3]["reactions"]] == ["👍"]
            assert not {m["id"] for m in old} & {m["id"] for m in new}
            assert bob.id not in json.dumps(new)
            (kept,) = (await ann.got("GET", f"/rooms/{copy['id']}/runs"))["runs"]
            assert (kept["agent"], kept["trigger"]["seq"], kept["message"]) == (nia["id"], acks[0]["seq"], new[3]["id"])
            again = (await exported(ann, copy["id"])).count("\n")
            assert again == text.count("\n")
            async with ann.line({copy["id"]: 0}) as line:
                seqs = [f["seq"] for f in line.skipped if f["type"] not in ("welcome", "live")]
                assert seqs == list(range(1, 9))
                assert (await line.post(copy["id"], "n", "and on"))["seq"] == 9

    asyncio.run(go())


def test_a_long_file_holds_nobody_up(tmp_path: Path) -> None:
    line = {"at": "2026-01-01T00:00:00Z", "author": "Ann", "text": "words " * 20}
    text = "\n".join(json.dumps(line | {"id": i, "author": f"Ann {i % 50}"}) for i in range(15_000))

    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            gc.collect()
            gc.disable()  # what earlier tests left is not this one's to look through
            coming = asyncio.ensure_future(imported(ann, text))
            # Work of this thread: another process's turn is none of it.
            clock, longest, ticks = time.thread_time, 0.0, 0
            before = clock()
            while not coming.done():
                await asyncio.sleep(0.001)
                longest, before, ticks = max(longest, clock() - before), clock(), ticks + 1
            assert (await coming).json()["seq"] == 15_000
            assert longest < 0.5, f"the loop worked for {longest:.2f} s at a stretch"
            assert ticks > 20

    try:
        asyncio.run(go())
    finally:
        gc.enable()


def test_nobody_speaks_for_anybody_by_a_file(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, eve = await house.user("Ann"), await house.user("Eve")
            line = {
                "id": 1,
                "at": "2026-01-01T00:00:00Z",
                "author": "Ann",
                "author_id": ann.id,
                "text": "I owe Eve 100",
            }
            room = (await imported(eve, json.dumps(line))).json()
            (message,) = (await eve.got("GET", f"/rooms/{room['id']}/messages"))["messages"]
            assert message["author"]["id"] != ann.id
            assert (await ann.call("GET", f"/rooms/{room['id']}")).status_code == 404

    asyncio.run(go())


def test_a_file_that_is_none_is_told_where_and_makes_no_room(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            for content in (b"{", b"\xff\xfe", b'{"id":1}', b'{"room":{"name":"x","agents":[{}]}}', b"[" * 100_000):
                response = await imported(ann, content)
                assert response.status_code == 422, content
                assert response.json()["error"]["code"] == "bad_input"
            assert (await ann.got("GET", "/rooms"))["rooms"] == []
            last = [(await imported(ann, b"{")).status_code for _ in range(HEAVY.burst)][-1]
            assert last == 429

    asyncio.run(go())


def test_no_more_files_are_in_memory_than_there_is_room_for(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            content = b'{"id": 1, "at": "2004-11-15T12:18:00Z", "author": "ann", "text": "Tea?"}'
            async with house.parts.store.transfers.importing:
                waiting = [asyncio.ensure_future(imported(ann, content)) for _ in range(FILES + 1)]
                (refused,), _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                assert refused.result().status_code == 429
            assert sorted(one.status_code for one in await asyncio.gather(*waiting)) == [201] * FILES + [429]

    asyncio.run(go())


def test_who_goes_away_amid_a_file_leaves_nothing_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            transfers = house.parts.store.transfers
            host, port = house.url.removeprefix("http://").split(":")
            _, writer = await asyncio.open_connection(host, int(port))
            head = f"POST /api/v1/rooms/import HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {ann.token}\r\n"
            writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
            async with asyncio.timeout(5):
                while not transfers._files:  # noqa: ASYNC110 (what we wait for is on the other side of a socket)
                    await asyncio.sleep(0.005)
                writer.close()
                while transfers._files:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
                await asyncio.sleep(0.05)

    asyncio.run(go())
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
