"""What people ask an agent about its memory of them, answered in the room: by rule, with no model, and before everybody here."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from app.erasing import Gone, Wanted
from app.errors import WireError
from app.resident import Resident, RoomPort
from app.store import Store
from app.store.erasing import ANSWER
from conversation.message import Message
from conversation.transcript import Transcript
from inference.protocol import ModelError
from memory.audience import people
from memory.consent import Consent
from memory.item import Item
from memory.requests import Request, request
from memory.topics import about
from thoughts.addressing import addressee, partner

log = logging.getLogger(__name__)

Forget = Callable[[str, Wanted], Awaitable[Gone]]
Agree = Callable[[str, Consent], Awaitable[None]]
SHOWN = 8
"""Items that an answer names."""
PROFILE = "Your profile (/me/profile) shows you all that is kept of you, and lets you change it."
AGREED = {
    (
        "observe",
        False,
    ): "From now on I do not read what you write, and keep nothing of it. To take that back, use your profile.",
    ("observe", True): "I read what you write again.",
    (
        "remember",
        False,
    ): "From now on I keep nothing of what you say, and use nothing that I kept. To have it erased, tell me to forget it.",
    ("remember", True): "I remember what you say again.",
    ("infer", False): "From now on I conclude nothing about you beyond what you said.",
    ("infer", True): "I draw conclusions from what you say again.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    agent: Resident
    request: Request
    message: Message


class SelfService:
    """`forget` may take a moment; it raises WireError and ModelError. `agree` puts in force what a person lets agents do."""

    def __init__(self, room: RoomPort, store: Store, forget: Forget | None, agree: Agree | None = None) -> None:
        self._room = room
        self._store = store
        self._forget = forget
        self._agree = agree
        self._served: set[str] = set()

    def heard(self, message: Message, residents: Sequence[Resident]) -> Asked | None:
        """What a person asks one of `residents` of its memory; None where they ask nothing."""
        if self._forget is None or message.author.kind != "human" or (asked := request(message.text)) is None:
            return None
        if asked.what in ("stop", "resume") and self._agree is None:
            return None
        members = self._room.members()
        called = addressee(message, members, self._room.transcript()) or partner(message, members)
        agent = next((r for r in residents if r.id == called), None)
        if agent is None and asked.what == "that":  # "forget that" as an answer to one's own message
            agent = residents[0] if len(residents) == 1 and _own(message, self._room.transcript()) else None
        if agent is None or message.id in self._served:
            return None
        self._served.add(message.id)  # what is heard again after a take-over is not done twice
        return Asked(agent, asked, message)

    async def answer(self, asked: Asked, speaks: bool) -> None:
        """Does it, and says so where the agent `speaks`."""
        try:
            text = await self._done(asked)
            if speaks:
                gone = asked.request.what in ("that", "topic") or asked.request.sure
                client, fence = f"{ANSWER}{asked.message.id}", self._room.fence
                await self._room.post_agent(asked.agent.id, client, text, None if gone else asked.message.id, fence)
        except (WireError, ModelError) as failure:
            log.warning("agent %s could not serve %s: %s", asked.agent.id, asked.request.what, failure)

    async def _done(self, asked: Asked) -> str:
        assert self._forget is not None
        message, user = asked.message, asked.message.author.id
        match asked.request.what:
            case "show":
                known = await self._store.items.about(user, people(self._room.members()))
                return shown([i for i in known if i.until is None and i.kind != "correction"])
            case "that":
                meant = _meant(message, self._room.transcript())
                await self._forget(user, Wanted(messages=(message.id, *meant)))
                return "I have forgotten that, and what you wrote of it is gone from the room."
            case "topic":
                gone = await self._forget(user, Wanted(topic=asked.request.topic))
                if about(message.text, asked.request.topic):
                    await self._forget(user, Wanted(messages=(message.id,)))
                return (
                    f"Forgotten: {gone.items} things that I remembered, and {gone.messages} messages of yours are gone."
                )
            case "stop" | "resume":
                assert self._agree is not None
                on, name = asked.request.what == "resume", asked.request.consent
                await self._agree(user, replace(await self._store.consents.get(user), **{name: on}))
                return f"{AGREED[name, on]} {PROFILE}"
            case "everything" if not asked.request.sure:
                return (
                    "That erases all that is kept of you, and deletes everything you ever wrote in any room here. Say “forget "
                    "everything, really” to me and it is done. Your profile lets you choose."
                )
            case "everything":
                await self._forget(user, Wanted(everything=True))
                return "Done: nothing is kept of you any more."


def shown(items: Sequence[Item]) -> str:
    """What may be said of somebody before everybody here. That there is more is not said."""
    if not items:
        return f"I remember nothing of you that everybody here has heard. {PROFILE}"
    named = "; ".join(f"“{i.text}” ({i.at:%Y-%m-%d})" for i in items[:SHOWN])
    return f"I remember of you: {named}. {PROFILE}"


def _own(message: Message, transcript: Transcript) -> bool:
    answered = transcript.with_id(message.reply_to) if message.reply_to else None
    return answered is not None and answered.author.id == message.author.id


def _meant(message: Message, transcript: Transcript) -> tuple[str, ...]:
    """The message of the same person that they answer, or else their last one before."""
    if message.reply_to is not None and _own(message, transcript):
        return (message.reply_to,)
    own = [m.id for m in transcript.messages if m.author.id == message.author.id and m.seq < message.seq]
    return tuple(own[-1:])
