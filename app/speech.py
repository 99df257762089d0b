"""From a decision to speak to a message in the room: drafts on the way, and a check that the room has not moved on."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from app.frames import Draft, DraftEnd
from app.protocol import AuthorView, Wire
from app.tasting import numbers
from app.unfinished import reply_key
from conversation.alternatives import Alternatives
from conversation.message import Message
from conversation.moment import Moment
from conversation.thought import Thought
from inference.metered import Metered
from inference.protocol import Usage
from memory.audience import common, may_hear, people
from memory.saliency import Vector, cosine
from personalization.candor import Candor
from personalization.pairs import bank_for
from personalization.palate import Choice, Palate, choose
from personalization.receptivity import goodbye
from thoughts import prompts, reservoir
from thoughts.addressing import addressee
from thoughts.articulation import LIMIT, Articulation
from thoughts.guard import candid, taken
from thoughts.known import NOTHING_KNOWN, Known
from thoughts.pipeline import Thinker
from thoughts.retrieval import HEARD
from thoughts.use import asked_of, known_now
from thoughts.weighing import Weighing, choice_of, weighed

ATTEMPTS = 3
"""A reply that the room overtook is written again for what the room says now, and one that is not worth a message is written
again with another seed; then it is given up."""
DRAFTS = 3
"""Of a reply to somebody whose taste is known, written side by side; only of the first attempt."""
ANSWERS = "I want to answer that."
"""What the agent wants to say where it is asked to choose, and something was said for just such an occasion: a thought that came
beside it would lead the reply away."""


class Stage(Protocol):
    """The part of a room that speaking needs."""

    def broadcast(self, frame: Wire) -> None: ...
    async def post_agent(self, agent_id: str, client_id: str, text: str, reply_to: str | None) -> Message: ...


@dataclass(frozen=True, slots=True)
class Speech:
    """`superseded`: the room moved on. `dropped`: the model wrote nothing that is worth a message; `why` says what it did.
    `failed`: it could not write. `usage`: of writing it, of weighing what it says, and of the guard. `candor`: what the guard
    saw, where something of a person stood behind the reply. `choice`: how one of several drafts was taken. `weighing`: of the
    choice that the agent was asked to make, where it was weighed."""

    outcome: Literal["said", "superseded", "dropped", "failed"]
    message: Message | None = None
    why: str | None = None
    usage: Usage = field(default=Usage(), compare=False)
    candor: Candor | None = None
    choice: Choice | None = field(default=None, compare=False)
    weighing: Weighing | None = None


async def speak(
    stage: Stage,
    look: Callable[[], Moment],
    moment: Moment,
    thought: Thought,
    thinker: Thinker,
    run_id: str,
    seed: int,
    silenced: Callable[[], bool] = lambda: False,
    known: Known = NOTHING_KNOWN,
) -> Speech:
    """Writes `thought` as a message and posts it, unless the agent is `silenced` meanwhile. `look` gives the room as it is
    now, with the trigger of `moment`; `known`: what the reply may know of people. Raises ModelError, and what posting raises; the
    draft is closed whatever happens. A reply behind which something of a person stands is shown when the guard has seen it."""
    model = Metered(thinker.model)
    thinker = replace(thinker, model=model)
    fault: str | None = None
    candor: Candor | None = None
    plain: str | None = None
    weighing: Weighing | None = None
    seen: Moment | None = None
    urgent = moment.trigger.kind == "addressed"
    for attempt in range(ATTEMPTS):
        now = look()
        if silenced() or await _stale(moment, now, thought, thinker):
            return Speech("superseded", usage=model.usage, weighing=weighing)
        place = await _place(known, now, thinker)
        known_here = NOTHING_KNOWN if plain is not None else known_now(known, now, place)
        if plain is None and thought.question is None and (seen is None or _overtaken(seen, now)):
            weighing = await weighed(now, known_here, place, thinker.model, thinker.embedder, seed, urgent=urgent)
            seen = now
            if _overtaken(now, look()):
                continue
        known_here = known_here.unweighed() if weighing is None else weighing.left(known_here)
        choice_put = choice_of(now, place) if thought.question is None else None
        settled = ANSWERS if choice_put is not None and known_here.decisive else None
        wants = plain or (weighing.wants if weighing is not None else settled)
        saying = thought if wants is None else replace(thought, text=wants)
        # A question that finds something out takes no side.
        weighs = plain is not None or (thought.question is None and known_here.personal(thought))
        about = asked_of(now) if weighs else None
        draft = f"{run_id}-{attempt}"
        palate = thinker.disposition.palate if attempt == 0 and thought.question is None else None
        drafts = 1 if palate is None else DRAFTS
        held_back = about is not None or drafts > 1
        seeds = [seed + attempt + n * ATTEMPTS for n in range(drafts)]
        writing = [_write(stage, look, now, saying, thinker, draft, s, known_here, held_back=held_back) for s in seeds]
        written, choice = await _taken(await _side_by_side(writing), palate, thinker)
        if written.text is None:
            fault = None
            continue
        became: str | None = None
        try:
            if (fault := await _fault(written.text, now, thinker, choice=choice_put)) is not None:
                continue
            text = written.text
            if plain is None and weighing is not None and attempt + 1 < ATTEMPTS and _other(text, choice_put, weighing):
                continue
            if about is not None and plain is None:
                guarded = await candid(about.text, text, thinker.model, seed, urgent=urgent)
                candor = guarded.candor
                if guarded.instead is not None and attempt + 1 < ATTEMPTS:
                    plain = guarded.instead
                    continue
                text = guarded.instead or text
            elif about is not None and plain is not None and candor is not None:
                # The personal form must not take the side back.
                held = await taken(about.text, text, thinker.model, urgent=urgent) == candor.impersonal
                text = text if held else plain
            if about is not None and _overtaken(now, look()):
                continue  # while it was weighed
            if silenced() or not may_hear(_private(thought, known_here), people(look().members)):
                return Speech("superseded", usage=model.usage, weighing=weighing)
            message = await stage.post_agent(moment.agent.id, reply_key(moment.trigger), text, _answers(now))
            became = message.id
            return Speech("said", message, usage=model.usage, candor=candor, choice=choice, weighing=weighing)
        finally:
            stage.broadcast(DraftEnd(room=moment.room, draft=written.draft, id=became))
    return Speech("superseded" if fault is None else "dropped", why=fault, usage=model.usage, weighing=weighing)


async def _place(known: Known, now: Moment, thinker: Thinker) -> Vector:
    """The embedding of what is answered, where something hangs on it. Raises ModelError."""
    about = asked_of(now)
    if about is None or (known.summary is None and not known.items and choice_of(now) is None):
        return ()
    (place,) = await thinker.embedder.embed([about.text])
    return place


@dataclass(frozen=True, slots=True)
class _Written:
    """`text` is None when somebody else wrote meanwhile, "" when nothing is left to say."""

    draft: str
    text: str | None


async def _side_by_side(writing: Sequence[Coroutine[None, None, _Written]]) -> list[_Written]:
    """Where one breaks, none goes on. Raises ModelError."""
    tasks = [asyncio.ensure_future(one) for one in writing]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _taken(drafts: Sequence[_Written], palate: Palate | None, thinker: Thinker) -> tuple[_Written, Choice | None]:
    """The draft that suits best; the first one where there is nothing to choose among, and none where
    somebody wrote meanwhile. Raises ModelError."""
    first = next((one for one in drafts if one.text is None), drafts[0])
    texts = list(dict.fromkeys(one.text for one in drafts if one.text))
    if palate is None or first.text is None or len(texts) < 2:
        return first if first.text is None or not texts else replace(first, text=texts[0]), None
    found = await numbers(bank_for(), thinker.embedder, texts)
    if found is None:
        return replace(first, text=texts[0]), None
    choice = choose(palate, found)
    return replace(first, text=texts[choice.taken]), choice


async def _write(
    stage: Stage,
    look: Callable[[], Moment],
    moment: Moment,
    thought: Thought,
    thinker: Thinker,
    draft: str,
    seed: int,
    known: Known,
    *,
    held_back: bool,
) -> _Written:
    """`held_back`: nobody sees it grow."""
    shown = prompts.names(moment)
    me = moment.agent
    articulation = Articulation(shown[me.id], tuple(shown[m.id] for m in moment.others))
    if thought.question is not None:
        return _Written(draft, thought.question.text)
    form = thinker.disposition.form
    prompt = prompts.reply(prompts.shared(moment, thinker.persona), moment, thought, known, form)
    author = AuthorView(id=me.id, name=me.name, kind="agent")
    urgent = moment.trigger.kind == "addressed"
    finished = False
    try:
        async with aclosing(thinker.model.stream(prompt, LIMIT, seed, urgent=urgent)) as pieces:
            async for piece in pieces:
                if _overtaken(moment, look()):
                    return _Written(draft, None)
                if (delta := articulation.feed(piece)) and not held_back:
                    stage.broadcast(Draft(room=moment.room, draft=draft, author=author, delta=delta))
                if articulation.done:
                    break
        finished = not _overtaken(moment, look())
        return _Written(draft, articulation.text if finished else None)
    finally:
        if not finished:
            stage.broadcast(DraftEnd(room=moment.room, draft=draft, id=None))


def _private(thought: Thought, known: Known) -> frozenset[str] | None:
    """Who may hear what the reply was made of."""
    return common([thought.audience, *known.audiences])


def _overtaken(then: Moment, now: Moment) -> bool:
    if now.transcript.revision != then.transcript.revision or people(now.members) - people(then.members):
        return True
    return (now.last.seq if now.last else 0) != (then.last.seq if then.last else 0)


def _reworded(then: Moment, now: Moment, thought: Thought) -> bool:
    """Whether a message that set `thought` off was edited or deleted since."""
    if now.transcript.revision == then.transcript.revision:
        return False
    texts = {m.id: m.text for m in now.transcript.messages}
    return any(m.id in thought.stimuli and texts.get(m.id) != m.text for m in then.transcript.messages)


async def _stale(then: Moment, now: Moment, thought: Thought, thinker: Thinker) -> bool:
    """Whether what came since makes the thought pointless: somebody said it, calls a member, took back what it is about,
    or has come who may not hear it."""
    if not may_hear(thought.audience, people(now.members)) or _reworded(then, now, thought):
        return True
    seen = then.last.seq if then.last else 0
    since = [m for m in now.transcript.messages if m.seq > seen]
    if not since:
        return False
    vectors = await thinker.embedder.embed([m.text for m in since])
    if any(cosine(v, thought.embedding) >= reservoir.SAID for v in vectors):
        return True
    return addressee(since[-1], now.members, now.transcript) is not None


async def _fault(text: str, moment: Moment, thinker: Thinker, *, choice: Alternatives | None = None) -> str | None:
    """Why `text` is not worth a message, in words; None where it is. `choice`: what it answers; whoever takes one of the two says
    over again what was told with them."""
    if not text:
        return "the model wrote nothing"
    takes = choice is not None and "?" not in text and len(_named(text, choice)) == 1
    asked = moment.about.id if takes and moment.about is not None else None
    said = [m.text for m in moment.transcript.tail(HEARD) if m.id != asked]
    if moment.about is not None and goodbye(moment.about.text) and "?" in text:
        return "it answers a goodbye with a question"
    vector, *others = await thinker.embedder.embed([text, *prompts.ECHOES, *said])
    if reservoir.near(vector, others[: len(prompts.ECHOES)]):
        return "the model only repeated its instruction"
    if reservoir.near(vector, others[len(prompts.ECHOES) :]):
        return "the reply says what was said already"
    return None


def _named(text: str, choice: Alternatives) -> set[str]:
    """Those of the two that stand in `text` as words: "eat" is not in "great"."""
    plain, both = text.casefold(), (choice.first.casefold(), choice.second.casefold())
    return {one for one in both if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", plain)}


def _other(text: str, choice: Alternatives | None, weighing: Weighing) -> bool:
    """Whether `text` names the one of the two that was not taken, and it alone."""
    if choice is None:
        return False
    return _named(text, choice) == {(choice.second, choice.first)[weighing.taken].casefold()}


def _answers(moment: Moment) -> str | None:
    """The message that a reply is linked to: the one that called the agent."""
    about = moment.about
    if about is None or addressee(about, moment.members, moment.transcript) != moment.agent.id:
        return None
    return about.id
