"""Rooms without a service: a talk, an agent that thinks about each line of it, and what it holds."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment, Trigger
from conversation.thought import Thought
from conversation.transcript import Transcript
from thoughts.pipeline import Thinker, think
from thoughts.policy import Policy
from thoughts.prompts import CLIP
from thoughts.run import Run

SHADOW = Policy(mode="shadow")
PACE = timedelta(seconds=20)
"""Between two messages: long enough for no bound on talking to bite, short enough for nothing to fade."""
_BEGAN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
_WORDS = (
    "so we go by bus at 7 or by car at 8 if the map is ok and it is not too far to the old inn on the bay but I am in for tea "
    "and pie at 4 pm as it may get wet and my tent is 2 men big did you ask Max or Eva how to get in for 9 or 10 euro"
)


def line(rng: random.Random, tokens: int, count: Callable[[str], int]) -> str:
    """Small talk that takes `tokens` by `count`, or one less. Asserts that a prompt shows all of it."""
    words: list[str] = []
    known = _WORDS.split()
    while count(" ".join((*words, "so"))) <= tokens:
        words.append(rng.choice(known))
    while words and count(" ".join(words)) > tokens:
        words.pop()
    text = " ".join(words) or "ok"
    assert len(text) <= CLIP, f"{tokens} tokens do not fit the {CLIP} characters of a message that a prompt shows"
    return text


@dataclass
class Room:
    """Two or more people and one agent, as `app.agent` would have it think, without storage: held thoughts are carried from
    run to run, nothing is ever said."""

    name: str
    thinker: Thinker
    people: tuple[str, ...] = ("Ann", "Bob")
    agent: str = "Aside"
    messages: list[Message] = field(default_factory=list)
    held: dict[str, Thought] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """The next person's line; nobody thinks about it."""
        seq = len(self.messages) + 1
        author = self._people()[seq % len(self.people)].as_author()
        self.messages.append(Message(f"{self.name}-{seq}", seq, author, text, _BEGAN + seq * PACE))

    async def hear(self, text: str) -> Run:
        """The next person's line, and what the agent thinks of it. Raises RuntimeError where thinking failed."""
        self.say(text)
        run = await think(f"{self.name}/{len(self.messages)}", self.moment(), tuple(self.held.values()), self.thinker)
        if run.error is not None:
            raise RuntimeError(run.error)
        self.held |= {thought.id: thought for thought in (*run.thoughts, *run.changed)}
        self.held = {name: thought for name, thought in self.held.items() if thought.state == "held"}
        return run

    def moment(self) -> Moment:
        me = Member("agent", self.agent, "agent")
        last = self.messages[-1]
        return Moment(
            self.name,
            me,
            (*self._people(), me),
            Transcript(tuple(self.messages)),
            Floor(),
            Trigger("message", last.seq),
            last.at,
        )

    def _people(self) -> Sequence[Member]:
        return [Member(name, name, "member") for name in self.people]


async def timed(room: Room, text: str) -> tuple[float, Run]:
    """Seconds from the line to the decision, and the run."""
    began = time.perf_counter()
    run = await room.hear(text)
    return time.perf_counter() - began, run
