"""What the agents of a room come to believe of its people: read off the room's path, message by message, and asked for when it is
worth it."""

import asyncio
import logging
import secrets
from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import numpy as np

from app.store import Store
from app.store.questions import Asked, declined
from app.tasks import Tasks
from app.tasting import Tasting
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment
from conversation.thought import Question
from inference.protocol import Embedder, ModelError
from personalization.belief import Belief, Evidence, believed, tells
from personalization.declining import declines
from personalization.disposition import Disposition, disposed
from personalization.features import Floats
from personalization.kin import likeness
from personalization.listener import Likelihoods, Listener, listener_for, sentences
from personalization.receptivity import HARDER
from personalization.space import SERVED, Dimension, Space
from personalization.wondering import Asking, Wonder, wondered

log = logging.getLogger(__name__)

ANSWERING = "exercise"
"""The space whose listener knows best what an answer opens with, a yes or a no, whatever was asked."""
WAITING = 256
"""Messages of one room that wait to be read; of more, the oldest are not."""
LATELY = timedelta(days=7)
AGAIN = timedelta(days=30)
"""Before somebody is asked about the same again, in other words: they did not answer, or what they said has faded."""
ACQUAINTED = 12
"""Messages that a person has written in the room before they are asked anything."""
ANSWERS = 8
"""Events of the room within which a question is answered or it was ignored."""
CROWDED = 12.0
"""Messages in two minutes at which a floor is as busy as it counts."""
MINUTES = timedelta(minutes=2)


class Believing:
    """For one room, in the process that thinks in it. `hear` returns at once. Of who does not consent to it nothing is inferred,
    and what was inferred of them before is not used: only what they set by hand."""

    def __init__(self, room: str, embedder: Embedder, store: Store, tasks: Tasks) -> None:
        self._room, self._embedder, self._store, self._tasks = room, embedder, store, tasks
        self._space = store.space
        self._listener: Listener = listener_for(SERVED)
        self._openings: Listener = listener_for(ANSWERING)
        self._tasting = Tasting(embedder, store)
        self._unread: deque[Message] = deque(maxlen=WAITING)
        self._reading: asyncio.Task[None] | None = None

    def hear(self, message: Message) -> None:
        if message.author.kind != "human":
            return
        self._unread.append(message)
        if self._reading is None or self._reading.done():
            self._reading = self._tasks.start(self._read_all(), f"read messages of {self._room}")

    async def rest(self) -> None:
        """Returns when everything heard has been read."""
        while self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _read_all(self) -> None:
        while self._unread:
            message = self._unread.popleft()
            try:
                await self._read(message)
            except ModelError as error:
                log.info("message %s told nothing of its author: %s", message.id, error)

    async def _read(self, message: Message) -> None:
        user = message.author.id
        if not await self._may_infer(user):
            return
        asked = next((q for q in reversed(await self._store.questions.of(user)) if self._open(q)), None)
        read = await self._heard(message.text, None if asked is None else asked.dimension)
        told = {n: Evidence(message.id, own, message.at, room=self._room) for n, own in read.items() if tells(own)}
        if told:
            await self._store.beliefs.add(user, self._room, told)
        if asked is None or asked.seq is None or message.seq <= asked.seq:
            return
        (place,) = await self._embedder.embed([message.text])
        if declines(message.text, place):
            await self._store.questions.settle(asked.id, "declined")
        elif asked.dimension in told:
            await self._store.questions.settle(asked.id, "answered")
        elif message.seq - asked.seq > ANSWERS:
            await self._store.questions.settle(asked.id, "ignored")

    async def _heard(self, text: str, asked: str | None) -> Likelihoods:
        """With what an answer about a dimension of the deployment's own is like, which the listener knows nothing of, and with
        what a yes or a no means behind the question."""
        read = dict(await read_message(self._listener, self._embedder, text, asked))
        dimension = next((d for d in self._space.dimensions if d.name == asked), None)
        if dimension is None:
            return read
        if dimension.examples:
            read[dimension.name] = await read_own(dimension, self._embedder, text)
        if dimension.means is not None:
            opens = await read_opening(self._openings, self._embedder, dimension, text)
            flat = (1.0,) * len(dimension.values)
            read[dimension.name] = tuple(a * b for a, b in zip(read.get(dimension.name, flat), opens, strict=True))
        return read

    def _open(self, question: Asked) -> bool:
        return question.room == self._room and question.outcome is None

    async def _may_infer(self, user: str) -> bool:
        consent = await self._store.consents.get(user)
        return consent.observe and consent.infer

    async def disposition(self, moment: Moment) -> Disposition:
        """Towards the author of what the agent thinks about. Only what everybody here could have heard shapes it."""
        about = moment.about
        person = None if about is None else next((m for m in moment.others if m.id == about.author.id), None)
        if person is None:
            return Disposition()
        readers = [m.id for m in moment.members if m.role != "agent"]
        found = await self._store.beliefs.of(person.id, readers)
        if not await self._may_infer(person.id):
            return disposed(person.id, self._space, beliefs_of(self._space, by_hand(found), moment))
        beliefs = beliefs_of(self._space, found, moment)
        wonder = await self._wonder(moment, person, beliefs)
        palate = await self._tasting.palate(person.id, readers, moment.now)
        return disposed(person.id, self._space, beliefs, wonder, palate)

    async def _wonder(self, moment: Moment, person: Member, beliefs: Mapping[str, Belief]) -> Wonder | None:
        talk = moment.transcript
        if talk.last is None or sum(m.author.id == person.id for m in talk.messages) < ACQUAINTED:
            return None
        before = await self._store.questions.of(person.id)
        asked = [q for q in before if q.dimension is not None]
        asking = Asking(
            since=talk.last.seq - await self._store.questions.last_seq(self._room),
            lately=sum(q.at > moment.now - LATELY for q in asked),
            cool=max(0.0, moment.reception) / HARDER,
            busy=min(1.0, sum(m.at > moment.now - MINUTES for m in talk.messages) / CROWDED),
            readers=sum(m.role != "agent" for m in moment.members) - 1,
            declined=declined(asked),
            unanswered=any(q.outcome != "answered" for q in asked[-1:] if q.at > moment.now - LATELY),
            before=Counter(q.dimension for q in asked if q.dimension is not None),
            asked={q.dimension for q in asked if q.dimension is not None and q.at > moment.now - AGAIN},
        )
        return wondered(self._space, beliefs, asking, person.id)

    async def asked(self, question: Question, message: Message) -> None:
        """Keeps in mind that a question was put, in `message`."""
        await self._store.questions.add(
            Asked(
                id=secrets.token_hex(8),
                user=question.to,
                at=message.at,
                body=question.text,
                room=self._room,
                seq=message.seq,
                dimension=question.dimension,
            )
        )


def beliefs_of(space: Space, found: Mapping[str, Collection[Evidence]], moment: Moment) -> dict[str, Belief]:
    """Of those dimensions that there is evidence about, as they hold in this room at this hour."""
    return {d.name: believed(d, found[d.name], moment.now, moment.room) for d in space.dimensions if d.name in found}


def by_hand(found: Mapping[str, Collection[Evidence]]) -> dict[str, list[Evidence]]:
    return {name: own for name, told in found.items() if (own := [e for e in told if e.set_by_hand])}


async def read_own(dimension: Dimension, embedder: Embedder, text: str) -> tuple[float, ...]:
    """How probable an answer is under each value, by the dimension's examples. Raises ModelError."""
    parts, known = sentences(text), [s for some in dimension.examples for s in some]
    if not parts:
        return (1.0,) * len(dimension.values)
    rows: Floats = np.array(await embedder.embed([*parts, *known]), dtype=np.float32)
    ends = np.cumsum([len(parts), *(len(some) for some in dimension.examples)])
    answer, *examples = np.split(rows, ends[:-1])
    return likeness(answer, examples)


async def read_message(listener: Listener, embedder: Embedder, text: str, asked: str | None) -> Likelihoods:
    """How probable the message is under each value of each dimension; nothing where another embedder is in use than the
    listener was
    fitted on. Raises ModelError."""
    parts = sentences(text)
    embedded: Sequence[Sequence[float]] = await embedder.embed(list(parts)) if parts else ()
    rows: Floats = np.array(embedded, dtype=np.float32).reshape(len(parts), -1)
    if rows.shape[1] != listener.dim:
        return {}
    return listener.read([parts], rows, [asked])[0]


async def read_opening(listener: Listener, embedder: Embedder, dimension: Dimension, text: str) -> tuple[float, ...]:
    """How probable the opening of an answer is under each value, where a yes and a no mean one each. Raises ModelError."""
    parts, means = sentences(text)[:1], dimension.means
    rows: Floats = np.array(await embedder.embed(list(parts)) if parts else (), dtype=np.float32).reshape(
        len(parts), -1
    )
    if means is None or rows.shape[1] != listener.dim:
        return (1.0,) * len(dimension.values)
    yes, no = listener.opening(parts, rows)[0].tolist()
    return tuple(yes if v == means[0] else no if v == means[1] else (yes + no) / 2 for v in dimension.values)
