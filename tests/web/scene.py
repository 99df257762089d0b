"""A weekend being planned: three people, and an agent whose model says and rates what stands here. The rest is the real
service and the real page. `python -m tests.web.scene` plays it in Chromium and writes the pictures of docs: page, bench, phone.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from zlib import crc32

from playwright.async_api import Page, async_playwright

from app.clock import WallClock
from inference.prompt import Prompt
from inference.protocol import Continuation, Proposals, Ratings, Usage
from inference.scripted import ScriptedModel
from tests.app.harness import House, Person, ScriptedEngine, served
from tests.web.conftest import CHROMIUM, DESKTOP, FLAGS, PHONE

DOCS = Path(__file__).resolve().parents[2] / "docs"
PERSONA = "A quiet friend who knows the mountains around Innsbruck and dislikes small talk."
MEMORIES = [
    "The kitchen of the hut at the lake closes on 12 October.",
    "Bo does not like the exposed ridge path to the hut.",
]


@dataclass(frozen=True, slots=True)
class Line:
    """`thoughts`: what the agent thinks of it after its first word "I", each with the rating (1–5) it is given around.
    `said`: what it writes if it speaks."""

    who: str
    after: int
    text: str
    thoughts: tuple[tuple[str, float], ...] = ()
    answers: str | None = None
    said: str = ""


SCENE = (
    Line(
        "Mira",
        0,
        "So, the hut this year or not? I have the second weekend of October free.",
        ((" would wait for the others to answer.", 1.5),),
    ),
    Line(
        "Ada",
        3,
        "Yes please. I need to see something that is not a screen.",
        ((" notice that Ada sounds tired.", 2.1),),
    ),
    Line(
        "Bo",
        2,
        "In. As long as nobody drags me over that ridge again.",
        ((" know that Bo means it about the ridge.", 2.5),),
    ),
    Line(
        "Mira",
        1270,
        "Good morning! The 7:40 train gets us to the lake by ten.",
        (
            (" could leave the timetable to Mira, she has it.", 1.6),
            (" know a way round the ridge that takes an hour longer.", 2.6),
        ),
    ),
    Line(
        "Ada",
        4,
        "That works. Do we cook up there, or eat at the hut?",
        (
            (" wonder whether the kitchen of the hut is open that weekend.", 3.1),
            (" should let Bo answer, he cares most.", 2.2),
        ),
    ),
    Line(
        "Bo",
        2,
        "Eat at the hut, always. The dumplings are half the reason I come.",
        (
            (" like how Bo puts food before the view.", 1.9),
            (" remember that the kitchen closes on the 12th, so Sunday has no dumplings.", 4.7),
            (" want to know whether Bo was ever up there in snow.", 2.4),
        ),
        answers="That works. Do we cook up there, or eat at the hut?",
        said="One thing about the dumplings: the kitchen closes on the 12th. For Sunday you would have to carry breakfast.",
    ),
    Line(
        "Mira",
        2,
        "Oh! Good that somebody knows that.",
        ((" need not answer thanks.", 1.3),),
    ),
    Line(
        "Bo",
        3,
        "Then I carry the breakfast. I owe you both for last year.\nAnd I have a thermos the size of a small child.",
        (
            (" would leave this light moment alone.", 1.4),
            (" could say that the lower path is kinder to somebody who carries food.", 2.6),
            (" wonder what happened last year that Bo still thinks about.", 2.9),
        ),
    ),
    Line(
        "Ada",
        2,
        "Deal. Mira, can you book four beds? My sister might come along.",
        ((" am glad they are four.", 1.7), (" would like to ask whether the sister knows the ridge.", 2.9)),
    ),
)


class Clock(WallClock):
    """The machine's clock, set back; `skip` lets minutes pass at once."""

    def __init__(self) -> None:
        self._back = timedelta(minutes=sum(line.after for line in SCENE) + 1)

    def now(self) -> datetime:
        return super().now() - self._back

    def skip(self, minutes: int) -> None:
        self._back -= timedelta(minutes=minutes)


@dataclass
class Actor(ScriptedModel):
    """Thinks what the scene says of the last line that a prompt contains, and rates it around the level that is given there."""

    name: str = "scripted"
    levels: dict[str, float] = field(default_factory=lambda: {t: x for line in SCENE for t, x in line.thoughts})

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        thoughts = _last_line(prompts[0]).thoughts
        texts = [thoughts[min(i, len(thoughts) - 1)][0] for i in range(len(prompts))]  # the same again is dropped
        return Proposals(
            tuple(Continuation(t, ()) for t in texts), Usage(prompt=900 + 40 * len(thoughts), cached=840, generated=48)
        )

    async def rate(
        self,
        prompt: Prompt,
        branches: Sequence[str],
        questions: Sequence[str],
        options: Sequence[str],
        *,
        urgent: bool = False,
    ) -> Ratings:
        usage = Usage(prompt=60 * len(branches), cached=0)
        if options[0] != "1":
            weights = [1 + crc32(f"{_last_line(prompt).text}{o}".encode()) % 4 for o in options[:-1]] + [9]
            return Ratings(((tuple(w / sum(weights) for w in weights),),), ((1.0,),), "logits", usage)
        rows = tuple(tuple(self._row(b, q) for q in questions) for b in branches)
        return Ratings(rows, tuple(tuple(0.9 for _ in questions) for _ in branches), "logits", usage)

    def _row(self, branch: str, question: str) -> tuple[float, ...]:
        level = next((x for text, x in self.levels.items() if text in branch), None)
        noise = crc32(f"{branch}{question}".encode()) % 1000 / 1000 - 0.5
        mean = 3.0 if level is None else level + 1.5 * noise
        weights = [math.exp(-((i - mean) ** 2) / (0.9 + noise)) for i in range(1, 6)]
        return tuple(w / sum(weights) for w in weights)


def _last_line(prompt: Prompt) -> Line:
    text = "\n".join(part.text for part in prompt)
    return max(SCENE, key=lambda line: text.rfind(line.text.split("\n")[0]))


async def play(house: House, model: Actor, clock: Clock) -> tuple[Person, str]:
    """The owner and the room, when the last line has been thought about."""
    people = {name: await house.user(name) for name in ("Ada", "Bo", "Mira")}
    ada = people["Ada"]
    policy = {
        "preset": "active",
        "im_threshold": 3.6,
        "interrupt_threshold": 4.2,
        "system1_prob": 0.0,
        "debounce": 0.0,
        "pause": 3600.0,
    }
    agent = {"name": "Aside", "persona": PERSONA, "memories": MEMORIES, "policy": policy}
    room = await ada.room("Hut weekend", agent)
    await ada.let_in(room, people["Bo"], people["Mira"])
    ids: dict[str, str] = {}
    async with (
        ada.line({room: 0}) as watcher,
        people["Bo"].line({room: 0}) as bo,
        people["Mira"].line({room: 0}) as mira,
    ):
        await watcher.send(type="watch", room=room, on=True)
        lines = {"Ada": watcher, "Bo": bo, "Mira": mira}
        for n, line in enumerate(SCENE):
            clock.skip(line.after)
            if line.said:
                model.replies.append(line.said)
            more = {"reply_to": ids[line.answers]} if line.answers else {}
            ack = await lines[line.who].post(room, f"line-{n}", line.text, **more)
            ids[line.text] = ack["id"]
            run = (await watcher.until("decision"))["run"]
            while run["trigger"]["seq"] < ack["seq"] or (run["decision"]["act"] == "speak" and run["outcome"] is None):
                run = (await watcher.until("decision"))["run"]
            if run["decision"]["act"] == "speak":
                said = run_message(run)
                for fan in (bo, mira):
                    await fan.send(type="react", room=room, id=said, emoji="🙏", on=True)
                await watcher.until("reaction")
                await watcher.until("reaction")
    return ada, room


def run_message(run: dict[str, object]) -> str:
    assert isinstance(run["message"], str), run
    return run["message"]


async def main() -> None:
    model, clock = Actor(), Clock()
    with TemporaryDirectory() as folder:
        async with served(Path(folder), ScriptedEngine(model), clock) as house, async_playwright() as playwright:
            ada, room = await play(house, model, clock)
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

            async def opened(size: tuple[int, int], scheme: Literal["light", "dark"]) -> Page:
                page = await browser.new_page(
                    viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale="en-GB"
                )
                me = {"id": ada.id, "name": ada.name, "token": ada.token}
                await page.goto(house.url)
                await page.evaluate("me => localStorage.setItem('aside.me', JSON.stringify(me))", me)
                await page.goto(f"{house.url}/#room={room}")
                await page.reload()
                await page.locator(".message").first.wait_for()
                return page

            page = await opened(DESKTOP, "light")
            await page.get_by_role("tab", name="Said").click()
            await page.locator(".thought summary").first.click()
            await page.locator(".score").nth(9).wait_for()
            await page.wait_for_timeout(500)
            await page.screenshot(path=DOCS / "page.png")
            page = await opened(DESKTOP, "dark")
            await page.get_by_role("button", name="Bench").click()
            await page.get_by_label("Bar, open turn").fill("3.1")
            await page.locator(".flips li").first.wait_for()
            await page.wait_for_timeout(500)
            await page.screenshot(path=DOCS / "bench.png")
            page = await opened(PHONE, "light")
            await page.locator(".aside-line").first.wait_for()
            await page.wait_for_timeout(500)
            await page.screenshot(path=DOCS / "phone.png")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
