"""A running service and a real browser. The browser's API is synchronous, so the service has a loop in its own thread."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.app.harness import ScriptedEngine, served

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1360, 820)
PHONE = (390, 780)
PATIENCE = 40_000
"""Milliseconds, as for everything else here: on a busy machine a page takes its time, and a test that hangs fails anyway."""
expect.set_options(timeout=PATIENCE)


class NewPerson(Protocol):
    def __call__(self, size: tuple[int, int] = DESKTOP, scheme: Literal["light", "dark"] = "light") -> Page: ...


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def profiles(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Closed after the service: a socket that both sides close at the same moment makes the server's shutdown fail."""
    contexts: list[BrowserContext] = []
    yield contexts
    for context in contexts:
        context.close()


@pytest.fixture
def url(tmp_path: Path, engine: ScriptedEngine, profiles: list[BrowserContext]) -> Iterator[str]:
    """Where the service answers."""
    ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with served(tmp_path, engine) as house:
            ready.set_result((house.url, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=run, name="service")
    thread.start()
    address, loop, stop = ready.result(timeout=30)
    yield address
    loop.call_soon_threadsafe(stop.set)
    thread.join(timeout=30)
    assert not thread.is_alive(), "the service did not stop"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(browser: Browser, profiles: list[BrowserContext], url: str) -> Iterator[NewPerson]:
    """`person(size=…, scheme=…)`: a page in a browser profile of its own. A script error or a breach of the content policy on
    any of them fails the test."""
    wrong: list[str] = []

    def new(size: tuple[int, int] = DESKTOP, scheme: Literal["light", "dark"] = "light") -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            has_touch=size == PHONE,
            base_url=url,
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE)
        profiles.append(context)
        context.on("page", lambda page: page.on("pageerror", lambda error: wrong.append(str(error))))
        context.on("console", lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None)
        return context.new_page()

    yield new
    assert not wrong, wrong
