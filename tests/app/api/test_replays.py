"""A chat from a file runs through a room that its owner watches."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.api.replays import SAMPLE
from tests.app.harness import Person, ScriptedEngine, served

AGENT = {"name": "Aside", "policy": {"debounce": 0.0}}


def chat(texts: Sequence[str], apart: int = 60) -> str:
    return "\n".join(
        json.dumps({"id": f"m{i}", "at": f"2024-03-01T{8 + i * apart // 3600:02}:{i * apart // 60 % 60:02}:00Z",
                    "author": ("Kim", "Lee")[i % 2], "text": text})
        for i, text in enumerate(texts)
    )  # fmt: skip


async def until(who: Person, room: str, **fields: Any) -> Any:
    async with asyncio.timeout(20):
        while True:
            view = await who.got("GET", f"/rooms/{room}/replay")
            if all(view[name] == value for name, value in fields.items()):
                return view
            await asyncio.sleep(0.02)


def test_a_chat_keeps_its_times_is_thought_about_and_watched(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, eve = await house.user("Ann"), await house.user("Eve")
            body = {"name": "Old talk", "chat": chat(["Tea?", "Yes", "Aside, what do you think?"]), "agent": AGENT}
            view = await ann.got("POST", "/replays", {**body, "speed": 500.0})
            room = view["room"]
            assert view["messages"] == 3
            async with ann.line({room: 0}) as line:
                await line.send(type="watch", room=room, on=True)
                await until(ann, room, state="ended", done=3)
                page = await ann.got("GET", f"/rooms/{room}/messages")
                people = [m for m in page["messages"] if m["author"]["kind"] == "human"]
                assert [(m["author"]["name"], m["text"], m["at"]) for m in people] == [
                    ("Kim", "Tea?", "2024-03-01T08:00:00Z"),
                    ("Lee", "Yes", "2024-03-01T08:01:00Z"),
                    ("Kim", "Aside, what do you think?", "2024-03-01T08:02:00Z"),
                ]
                runs = (await ann.got("GET", f"/rooms/{room}/runs"))["runs"]
                assert {run["trigger"]["seq"] for run in runs} >= {m["seq"] for m in people}
                assert all(run["at"].startswith("2024-03-01") for run in runs)
            assert (await eve.call("GET", f"/rooms/{room}/replay")).status_code == 404
            again = await ann.got("POST", "/replays", {**body, "speed": 500.0})
            assert again["room"] == room
            await until(ann, room, state="ended")
            assert len((await ann.got("GET", f"/rooms/{room}/messages"))["messages"]) == len(page["messages"])
            mine = await ann.call("POST", f"/rooms/{room}/messages", {"client_id": "x", "text": "I read this now."})
            assert mine.status_code == 201
            last = (await ann.got("GET", f"/rooms/{room}/messages?limit=1"))["messages"][0]
            assert not last["at"].startswith("2024"), "the room has its own time again"

    asyncio.run(go())


def test_it_waits_for_its_pace_steps_and_goes_on(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            body = {"name": "Slow", "chat": chat(["one", "two", "three", "four"], 600), "agent": AGENT, "speed": 0.1}
            room = (await ann.got("POST", "/replays", body))["room"]
            await until(ann, room, done=1)
            paused = await ann.got("PUT", f"/rooms/{room}/replay", {"state": "paused"})
            assert paused["state"] == "paused"
            await ann.got("PUT", f"/rooms/{room}/replay", {"step": True})
            await until(ann, room, done=2, state="paused")
            await ann.let_in(room, bob)
            assert (await bob.call("PUT", f"/rooms/{room}/replay", {"step": True})).status_code == 403
            await ann.got("PUT", f"/rooms/{room}/replay", {"state": "running", "speed": 1000.0})
            await until(ann, room, done=4, state="ended", speed=1000.0)
            over = await ann.call("PUT", f"/rooms/{room}/replay", {"step": True})
            assert over.status_code == 409

    asyncio.run(go())


def test_the_sample_is_labelled_and_happens_now(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            body = {"name": "Sample", "speed": 1000.0}
            first, second = await ann.got("POST", "/replays", body), await ann.got("POST", "/replays", body)
            assert first["room"] != second["room"], "each asking is a new sample"
            room = first["room"]
            await until(ann, room, state="ended")
            members = (await ann.got("GET", f"/rooms/{room}"))["members"]
            people = [m["name"] for m in members if m["role"] == "member"]
            assert len(people) == 3
            assert all(name.endswith("(scripted)") for name in people)
            texts = [json.loads(line)["text"] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
            got = (await ann.got("GET", f"/rooms/{room}/messages?limit=500"))["messages"]
            assert [m["text"] for m in got if m["author"]["kind"] == "human"] == texts

    asyncio.run(go())


@pytest.mark.parametrize(
    ("chat", "word"),
    [
        ("not json", "line 1: not a message"),
        ('{"id": "1", "at": "2024-01-01T00:00:00Z"}', "author"),
        ("\n\n", "no message"),
    ],
)
def test_what_is_no_chat_is_refused_with_its_line(tmp_path: Path, chat: str, word: str) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            answer = await ann.call("POST", "/replays", {"name": "Odd", "chat": chat})
            assert answer.status_code == 422
            assert answer.json()["error"]["field"] == "chat"
            assert word in answer.json()["error"]["detail"]

    asyncio.run(go())


def test_without_a_model_it_fails_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        monkeypatch.setattr("app.live_replay.READY_WITHIN", 0.1)
        async with served(tmp_path, ScriptedEngine(word="weights are missing")) as house:
            ann = await house.user("Ann")
            room = (await ann.got("POST", "/replays", {"name": "Sample"}))["room"]
            failed = await until(ann, room, state="failed")
            assert "weights are missing" in failed["error"]

    asyncio.run(go())
