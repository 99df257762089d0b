"""The service as a whole: up, down, and up again."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from app.front import Front
from app.main import create_app
from app.settings import Settings
from tests.app.harness import ScriptedEngine, served
from tests.app.store.opened import opened


def test_it_starts_what_it_needs_and_stops_it_again(tmp_path: Path) -> None:
    async def go() -> None:
        engine = ScriptedEngine()
        database = f"sqlite+aiosqlite:///{tmp_path}/made/if/missing/aside.db"
        async with served(tmp_path, engine, database=database) as house:
            assert engine.running
            assert (await house.http.get("/readyz")).json() == {
                "ready": True,
                "checks": {"database": "ok", "model": "ok"},
            }
        assert not engine.running
        assert house.app.socket is None
        assert [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    asyncio.run(go())


def test_everything_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room("Tea")
            async with ann.line({room: 0}) as line:
                acks = [await line.post(room, f"c{i}", str(i)) for i in range(8)]
        async with served(tmp_path) as house:
            ann.house = house
            async with ann.line({room: 0}) as line:
                messages = [
                    f for f in line.skipped if f["type"] == "message" and f["message"]["author"]["id"] == ann.id
                ]
                assert [(f["seq"], f["message"]["id"]) for f in messages] == [(a["seq"], a["id"]) for a in acks]
                assert await line.post(room, "c3", "3") == acks[3]

    asyncio.run(go())


WRITES = """
import asyncio, sys
from tests.app.store.opened import NOW, a_room, opened

async def go():
    async with opened(sys.argv[1]) as store:
        room, _, ann = await a_room(store)
        print(room, flush=True)
        for i in range(100_000):
            posted = await asyncio.gather(*(
                store.messages.post(room, ann, f"c{i}-{j}", "x", None, NOW)
                for j in range(3)
            ))
            for one in posted:
                print(one.message.seq, one.message.id, flush=True)

asyncio.run(go())
"""


def test_everything_acknowledged_is_there_after_a_kill(sqlite_url: str) -> None:
    """SIGKILL amid writing: what was acknowledged is in the log, in its place, and the log has no holes."""
    with subprocess.Popen([sys.executable, "-c", WRITES, sqlite_url], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(100)]
        child.kill()
        lines += child.stdout.readlines()
    room = lines[0].strip()
    acknowledged = [(int(seq), one) for seq, one in (line.split() for line in lines[1:] if line.endswith("\n"))]

    async def go() -> None:
        async with opened(sqlite_url) as store:
            kept = {m.seq: m.id for m in await store.messages.recent_messages(room, 100_000)}
            head = await store.rooms.get(room)
            assert head is not None
            assert sorted(kept) == list(range(1, head.head + 1))
            assert len(acknowledged) >= 99
            assert all(kept[seq] == one for seq, one in acknowledged)

    asyncio.run(go())


def test_chat_goes_on_while_the_model_is_not_there(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, ScriptedEngine(word="weights are missing")) as house:
            ready = await house.http.get("/readyz")
            assert ready.status_code == 503
            assert ready.json() == {"ready": False, "checks": {"database": "ok", "model": "weights are missing"}}
            ann = await house.user("Ann")
            room = await ann.room("Tea")
            async with ann.line({room: 0}) as line:
                assert (await line.post(room, "c1", "Tea?"))["type"] == "ack"

    asyncio.run(go())


def test_it_runs_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    async def go() -> None:
        async with served(tmp_path, database=postgres_url) as house:
            assert (await house.http.get("/readyz")).json()["ready"]
            ann, bob = await house.user("Ann"), await house.user("Bob")
            room = await ann.room("Tea", agent=None)
            await ann.let_in(room, bob)
            async with ann.line({room: 0}) as a, bob.line({room: 0}) as b:
                for i in range(5):
                    await a.post(room, f"c{i}", str(i))
                assert [f["seq"] for f in await b.quiet() if f["type"] == "message"] == [2, 3, 4, 5, 6]

    asyncio.run(go())


def test_creating_the_app_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = create_app(Settings(model="scripted"), ScriptedEngine())
    assert isinstance(app, Front)
    assert "/api/v1/rooms/{room}/messages" in app.openapi()["paths"]
    assert list(tmp_path.iterdir()) == []


def test_the_generated_description_names_every_route() -> None:
    paths = create_app(Settings(model="scripted"), ScriptedEngine()).openapi()["paths"]
    routes = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    room = "/api/v1/rooms/{room}"
    assert routes == {
        ("POST", "/api/v1/users"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/me/beliefs"),
        ("PUT", "/api/v1/me/beliefs/{dimension}"),
        ("DELETE", "/api/v1/me/beliefs"),
        ("GET", "/api/v1/me/questions/next"),
        ("POST", "/api/v1/me/questions/{id}"),
        ("GET", "/api/v1/me/taste"),
        ("GET", "/api/v1/me/profile"),
        ("PUT", "/api/v1/me/profile"),
        ("PATCH", "/api/v1/me/profile/items/{item}"),
        ("POST", "/api/v1/me/forget"),
        ("GET", "/api/v1/me/consent"),
        ("PUT", "/api/v1/me/consent"),
        ("GET", "/api/v1/me/export"),
        ("GET", "/api/v1/info"),
        ("POST", "/api/v1/rooms"),
        ("GET", "/api/v1/rooms"),
        ("GET", room),
        ("PATCH", room),
        ("DELETE", room),
        ("POST", f"{room}/members"),
        ("DELETE", f"{room}/members/{{user}}"),
        ("POST", f"{room}/invites"),
        ("DELETE", f"{room}/invites"),
        ("POST", "/api/v1/tokens"),
        ("GET", "/api/v1/tokens"),
        ("DELETE", "/api/v1/tokens"),
        ("DELETE", "/api/v1/tokens/{token}"),
        ("POST", "/api/v1/tickets"),
        ("GET", f"{room}/messages"),
        ("GET", f"{room}/search"),
        ("GET", f"{room}/calibration"),
        ("POST", "/api/v1/replays"),
        ("GET", f"{room}/replay"),
        ("PUT", f"{room}/replay"),
        ("POST", f"{room}/messages"),
        ("PATCH", f"{room}/messages/{{message}}"),
        ("DELETE", f"{room}/messages/{{message}}"),
        ("GET", f"{room}/agents"),
        ("POST", f"{room}/agents"),
        ("GET", f"{room}/agents/{{agent}}"),
        ("PUT", f"{room}/agents/{{agent}}"),
        ("DELETE", f"{room}/agents/{{agent}}"),
        ("GET", f"{room}/runs"),
        ("GET", "/api/v1/runs/{run}"),
        ("GET", f"{room}/thoughts"),
        ("DELETE", f"{room}/agents/{{agent}}/quiet"),
        ("GET", f"{room}/agents/{{agent}}/refit"),
        ("POST", f"{room}/agents/{{agent}}/refit"),
        ("DELETE", f"{room}/agents/{{agent}}/refit"),
        ("POST", f"{room}/feedback"),
        ("GET", f"{room}/labels"),
        ("POST", f"{room}/redecide"),
        ("GET", f"{room}/suggestions"),
        ("POST", "/api/v1/suggestions/{run}"),
        ("GET", f"{room}/why"),
        ("GET", "/api/v1/runs/{run}/why"),
        ("POST", "/api/v1/runs/{run}/feedback"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", f"{room}/export"),
        ("POST", "/api/v1/rooms/import"),
    }
