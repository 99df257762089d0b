"""A question worth asking joins the thoughts, and competes like any other; what it is worth counts in Information gap."""

from array import array
from collections.abc import Sequence
from dataclasses import replace

from conversation.decision import Decision
from conversation.moment import Moment
from conversation.thought import Question, Thought
from inference.protocol import Embedder
from personalization.disposition import Disposition
from personalization.wondering import Wonder

POINTS = 5.0
"""Points of a score for a question that is worth a reply wholly right instead of wholly wrong, net of its cost."""
PASSED = "a question of its moment, which has passed"


async def curiosity(moment: Moment, disposition: Disposition, wonder: Wonder, embedder: Embedder, run: str) -> Thought:
    """Put to the person by name where others read along. Raises ModelError."""
    name = next((m.name for m in moment.members if m.id == disposition.person), "")
    text = wonder.text if len(moment.others) < 2 or not name else f"{name}, {wonder.text[:1].lower()}{wonder.text[1:]}"
    about = moment.about
    return Thought(
        id=f"{run}-curious",
        agent=moment.agent.id,
        kind="curiosity",
        text=f"I would like to know: {text}",
        stimuli=() if about is None else (about.id,),
        formed_seq=moment.trigger.seq,
        formed_at=moment.now,
        accessed_seq=moment.trigger.seq,
        embedding=array("f", (await embedder.embed([text]))[0]),
        question=Question(disposition.person, wonder.dimension, text, POINTS * wonder.net),
    )


def passed(thoughts: Sequence[Thought], decision: Decision) -> tuple[Thought, ...]:
    """Questions that were not asked are not held: whether one is worth asking is worked out anew each time."""
    said = decision.thought if decision.act == "speak" else None
    return tuple(replace(t, state="expired", why=PASSED) for t in thoughts if t.question is not None and t.id != said)
