"""Promise 2: a thought never reaches a room as text. Every frame and every answer that anybody gets is read."""

import asyncio
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.protocol import RunView
from inference.prompt import Prompt
from inference.protocol import Continuation, Proposals, Usage
from inference.scripted import ScriptedModel
from tests.app.harness import PATIENCE, House, Line, Person, ScriptedEngine, served

CANARY = "canary"
"""In every thought, and in no message."""
FORBIDDEN = (
    CANARY,
    '"thought"',
    '"decision"',
    '"scores"',
    '"motivation"',
    '"distribution"',
    "PERSONA-SECRET",
    "from 1 (not at all)",
)


class CanaryModel(ScriptedModel):
    """Thinks in canaries and speaks without them."""

    async def propose(self, prompts: Sequence[Prompt], limit: int, seed: int, *, urgent: bool = False) -> Proposals:
        rng = random.Random(seed)
        texts = [f"{CANARY} {rng.random()} {i}" for i, _ in enumerate(prompts)]
        return Proposals(tuple(Continuation(t) for t in texts), Usage(1, 0, 1))


ACTIONS = st.lists(
    st.sampled_from(
        ["ann", "bob", "eve", "mika?", "watch ann", "unwatch ann", "watch bob", "watch eve", "react", "typing"]
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions=ACTIONS, mode=st.sampled_from(["speak", "shadow", "suggest"]), observer=st.booleans())
def test_no_thought_score_or_prompt_reaches_anybody_who_does_not_watch(
    actions: list[str], mode: str, observer: bool
) -> None:
    asyncio.run(_chat(actions, mode, observer))


async def _chat(actions: list[str], mode: str, observer: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), ScriptedEngine(model=CanaryModel())) as house:
            await _play(house, actions, mode, observer)


async def _play(house: House, actions: list[str], mode: str, observer: bool) -> None:
    ann, bob, eve = [await house.user(name) for name in ("Ann", "Bob", "Eve")]
    policy = {"im_threshold": 1, "interrupt_threshold": 1, "allocated_threshold": 1, "debounce": 0, "min_gap": 0}
    agent = {"name": "Mika", "persona": "PERSONA-SECRET", "mode": mode, "policy": policy}
    room = await ann.room("Den", agent=agent)
    await ann.let_in(room, bob)
    await ann.let_in(room, eve, role="observer" if observer else "member")
    async with ann.line({room: 0}) as first, bob.line({room: 0}) as second, eve.line({room: 0}) as third:
        lines = {"ann": first, "bob": second, "eve": third}
        watching = await _act(room, lines, actions)
        await _thought(house, room)
        seen = {who: [*line.skipped, *await line.quiet()] for who, line in lines.items()}
    assert _leaks(seen["bob"]) == []
    if not ("eve" in watching and observer):
        assert _leaks(seen["eve"]) == []
    if "ann" not in watching:
        assert _leaks(seen["ann"]) == []
    await _rest_is_closed(house, room, bob)


async def _thought(house: House, room: str) -> None:
    """Waits until an agent has decided about the last message of a person, so that all frames it made are sent."""
    async with asyncio.timeout(PATIENCE):
        while True:
            runs = await house.parts.store.runs.list_runs(room, limit=1)
            live = await house.parts.rooms.get(room)
            asked = [m.seq for m in live.transcript().messages if m.author.kind == "human"]
            done = not asked or (runs and _knew(runs[0]) >= asked[-1])
            if done and not (runs and runs[0].decision.act == "speak" and runs[0].outcome is None):
                return
            await asyncio.sleep(0.005)


def _knew(run: RunView) -> int:
    """The last message that was thought about: a run about a call takes in what came after it."""
    return max(run.trigger.seq, run.basis.footing.head if run.basis else 0)


async def _act(room: str, lines: dict[str, Line], actions: list[str]) -> set[str]:
    watching: set[str] = set()
    for n, action in enumerate(actions):
        word, _, who = action.partition(" ")
        if word in ("watch", "unwatch"):
            await lines[who].send(type="watch", room=room, on=word == "watch")
            if word == "watch":
                watching.add(who)
        elif word == "typing":
            await lines["bob"].send(type="typing", room=room, on=True)
        elif word == "react":
            await lines["bob"].send(type="react", room=room, id="nothing", emoji="👍", on=True)
        elif word == "mika?":
            await lines["ann"].post(room, f"c{n}", f"Mika, what about number {n}?")
        else:
            await lines[word].post(room, f"c{n}", f"remark number {n} of {word}")
    return watching


async def _rest_is_closed(house: House, room: str, stranger_to_thoughts: Person) -> None:
    runs = house.parts.store.runs
    stored = await runs.list_runs(room)
    paths = [
        f"/rooms/{room}",
        "/rooms",
        f"/rooms/{room}/agents",
        f"/rooms/{room}/messages",
        f"/rooms/{room}/runs",
        f"/rooms/{room}/thoughts",
    ]
    for path in (*paths, *(f"/runs/{run.id}" for run in stored)):
        answer = await stranger_to_thoughts.call("GET", path)
        assert not any(word in answer.text for word in FORBIDDEN), f"{path}: {answer.text}"


def _leaks(frames: Sequence[object]) -> list[str]:
    texts = [orjson.dumps(frame).decode() for frame in frames]
    return [text for text in texts if any(word in text for word in FORBIDDEN)]
