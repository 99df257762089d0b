"""Whether a long room stays smooth on the page: `python -m bench page [--messages 5000] [--rate 10] [--seconds 20]`.

A service with the scripted model, a room of so many messages open in Debian's Chromium, people who write at `rate` messages a
second, and somebody who turns the wheel back through the room and presses keys. Chromium's trace tells how long each task of the
page's main thread took, on the clock and on the processor (`cpu`: a busy machine adds nothing to it), the page how far apart its
frames were.
`first_thought_s`: from the start of the process to the first thought of the sample room on the screen.
"""

import argparse
import asyncio
import itertools
import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.client import Client
from app.keys import UserView
from app.protocol import NewAgent, PolicyView
from app.store import Store
from app.store.database import Database
from app.tasks import Tasks
from bench.service import running
from conversation.member import Member
from conversation.message import Author

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

# Playwright is a package of developers: the other measurements do without.

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WRITERS = 10
BAR = 50.0
"""Milliseconds."""
FRAMES = """() => { performance.mark("measured");
const at = []; const tick = (t) => { at.push(t); if (!window.enough) requestAnimationFrame(tick); };
requestAnimationFrame(tick); window.frames_at = at; }"""


KNOWN = "() => document.querySelector('aside-app').room.last"


async def seeded(folder: Path, messages: int) -> tuple[list[UserView], str, int]:
    """The people, the first of whom owns the room, the room, and its last seq."""
    database = Database(f"sqlite+aiosqlite:///{folder}/aside.db")
    await database.migrate()
    store, tasks, now = Store(database, lambda: "scripted"), Tasks(), datetime.now(UTC)
    writing = tasks.start(database.committer.run(), "commit")
    people = [await store.users.add(f"Person {i}", now) for i in range(WRITERS)]
    agent = NewAgent(policy=PolicyView(debounce=0.0, min_gap=60.0))
    room = await store.rooms.create("A long room", people[0].id, agent, now)
    for one in people[1:]:
        await store.members.put(room, Member(one.id, one.name, "member"), now)
    for first in range(0, messages, 100):
        numbers = range(first, min(first + 100, messages))
        await asyncio.gather(*(store.messages.post(room, *_line(people, i), None, now) for i in numbers))
    row = await store.rooms.get(room)
    assert row is not None
    database.committer.close()
    await writing
    await database.close()
    return people, room, row.head


def _line(people: Sequence[UserView], i: int) -> tuple[Author, str, str]:
    who = people[(i * 7 + i // 3) % len(people)]
    return Author(who.id, who.name, "human"), f"seed-{i}", f"Message number {i}. " + "So it goes on and on. " * (i % 6)


async def write(url: str, who: UserView, room: str, head: int, every: float, until: float) -> None:
    async with Client(url, who.token, {room: head}) as client:
        n = 0
        while time.monotonic() < until:
            n += 1
            await client.send(room, f"Now number {n} of {who.name}. " + "Words. " * (n % 9))
            await asyncio.sleep(every)


async def use(page: "Page", until: float) -> None:
    """Scrolls through the room and writes in it, as one does."""
    composer = page.get_by_label("Message", exact=True)
    await composer.focus()
    turn = 0
    while time.monotonic() < until:
        turn += 1
        await page.mouse.move(600, 400)
        await page.mouse.wheel(0, -900 if turn % 8 < 4 else 900)
        await page.keyboard.type("word ")
        await page.wait_for_timeout(40)


async def opened(browser: "Browser", url: str, me: UserView, room: str, whole: bool) -> "Page":
    """The room at its end, traced from now on; with `whole`, every message of it is loaded first."""
    page = await browser.new_page(viewport={"width": 1360, "height": 820})
    await page.goto(url)
    await page.evaluate("me => localStorage.setItem('aside.me', JSON.stringify(me))", me.model_dump())
    await page.goto(f"{url}/#room={room}")
    await page.reload()
    await page.locator(".message").first.wait_for()
    if whole:
        await page.evaluate("() => document.querySelector('aside-chat').jump('none')")
        await page.evaluate("() => document.querySelector('aside-chat').toEnd()")
    await page.wait_for_timeout(1500)
    await browser.start_tracing(page=page)
    # The profiler of the trace starts with the first script: 35 to 48 ms that are not the page's.
    await page.evaluate("() => undefined")
    await page.evaluate(FRAMES)
    return page


def tasks_of(trace: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Tasks of the page's main thread since the mark `measured`: milliseconds by the clock and on the processor."""
    began = next((e["ts"] for e in trace["traceEvents"] if e["name"] == "measured"), math.inf)
    events = [e for e in trace["traceEvents"] if e["ts"] >= began or e["name"] == "thread_name"]
    mains = {
        (e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for e in events:
        if e.get("ph") == "X" and e["name"].endswith("RunTask") and (e["pid"], e["tid"]) in mains:
            found.setdefault((e["pid"], e["tid"]), []).append((e["dur"] / 1000, e.get("tdur", e["dur"]) / 1000))
    return max(found.values(), key=lambda some: sum(t for t, _ in some), default=[])


async def measure(asked: argparse.Namespace) -> dict[str, object]:
    from playwright.async_api import async_playwright

    with tempfile.TemporaryDirectory(prefix="aside-page-") as place:
        people, room, head = await seeded(Path(place), asked.messages)
        with running("scripted", folder=Path(place)) as url:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = await opened(browser, url, people[0], room, asked.whole)
                loaded = await page.evaluate(KNOWN)
                until = time.monotonic() + asked.seconds
                every = len(people[1:]) / asked.rate
                await asyncio.gather(use(page, until), *(write(url, p, room, head, every, until) for p in people[1:]))
                at: list[float] = await page.evaluate("() => { window.enough = true; return window.frames_at; }")
                last = await page.evaluate(KNOWN)
                rows = await page.locator(".message").count()
                trace = json.loads(await browser.stop_tracing())
                await browser.close()
    tasks = sorted(tasks_of(trace))
    clock, cpu = [t for t, _ in tasks], sorted(c for _, c in tasks)
    apart = sorted(b - a for a, b in itertools.pairwise(at))
    return {
        "messages": asked.messages,
        "came_in": last - loaded,
        "rows": rows,
        "tasks": len(tasks),
        "longest_ms": round(clock[-1], 1),
        "longest_cpu_ms": round(cpu[-1], 1),
        "p999_cpu_ms": round(cpu[int(len(cpu) * 0.999) - 1], 1),
        "over_50_ms": sum(t > BAR for t in clock),
        "over_50_ms_cpu": sum(t > BAR for t in cpu),
        "frame_p50_ms": round(apart[len(apart) // 2], 1),
        "frame_p99_ms": round(apart[int(len(apart) * 0.99)], 1),
    }


async def newcomer(model: str) -> dict[str, object]:
    from playwright.async_api import async_playwright

    began = time.perf_counter()
    with running(model) as url:
        ready = time.perf_counter() - began
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page(viewport={"width": 1360, "height": 820})
            await page.goto(url)
            await page.get_by_label("Your name").fill("Ada")
            await page.keyboard.press("Enter")
            await page.get_by_role("button", name="Watch a sample room").click()
            await page.locator(".thought").first.wait_for(timeout=60_000)
            first = time.perf_counter() - began
            await browser.close()
    return {"model": model, "ready_s": round(ready, 1), "first_thought_s": round(first, 1)}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench page")
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=10.0, help="messages a second that come in")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--whole", action="store_true", help="load every message first")
    parser.add_argument("--newcomer", metavar="MODEL", help="time the way to the first thought instead")
    asked = parser.parse_args(arguments)
    result = newcomer(asked.newcomer) if asked.newcomer else measure(asked)
    print(json.dumps(asyncio.run(result)))
    return 0
