"""What people ask an agent about its memory of them, answered in the room: by rule, with no model, and before everybody here."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.erasing import Gone, Sharing, Wanted
from app.errors import WireError
from app.resident import Resident, RoomPort
from app.store import Store
from app.store.erasing import ANSWER
from conversation.message import Message
from conversation.question import first_person
from conversation.transcript import Transcript
from inference.protocol import ModelError
from memory.audience import may_hear, people, reach
from memory.consent import Consent
from memory.item import Item
from memory.requests import Request, request
from memory.sentences import kind_of
from memory.slots import same_slot
from memory.topics import about
from thoughts.addressing import addressee, partner

log = logging.getLogger(__name__)

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


class Keeper(Protocol):
    """Does what a person wants done with what is kept of them, whose id comes first. Each may take a moment; they raise WireError
    and ModelError."""

    async def forget(self, user: str, wanted: Wanted) -> Gone: ...
    async def agree(self, user: str, consent: Consent) -> None:
        """Puts in force what they let agents do."""

    async def correct(self, user: str, item: str, text: str) -> None: ...
    async def share(self, user: str, wanted: Wanted, sharing: Sharing) -> tuple[Item, ...]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    agent: Resident
    request: Request
    message: Message


class SelfService:
    """Without a `keeper` nothing is served."""

    def __init__(self, room: RoomPort, store: Store, keeper: Keeper | None) -> None:
        self._room = room
        self._store = store
        self._keeper = keeper
        self._served: set[str] = set()

    def heard(self, message: Message, residents: Sequence[Resident]) -> Asked | None:
        """What a person asks one of `residents` of its memory; None where they ask nothing."""
        if self._keeper is None or message.author.kind != "human" or (asked := request(message.text)) is None:
            return None
        members = self._room.members()
        called = addressee(message, members, self._room.transcript()) or partner(message, members)
        agent = next((r for r in residents if r.id == called), None)
        if agent is None and asked.what in (
            "that",
            "widen",
            "narrow",
        ):  # "forget that" as an answer to one's own message
            agent = residents[0] if len(residents) == 1 and _own(message, self._room.transcript()) else None
        if asked.what == "correct" and not _corrects(asked, message, agent, self._room.transcript()):
            return None
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
        assert self._keeper is not None
        message, user = asked.message, asked.message.author.id
        match asked.request.what:
            case "show":
                known = await self._store.items.about(user, people(self._room.members()))
                return shown([i for i in known if i.until is None and i.kind != "correction"])
            case "export":
                return f"All that is kept of you comes as one JSON file, from your profile or GET /me/export. {PROFILE}"
            case "correct":
                return await self._put_right(user, asked.request.topic)
            case "widen" | "narrow":
                return await self._shared(asked.request, message)
            case "that":
                meant = _meant(message, self._room.transcript())
                await self._keeper.forget(user, Wanted(messages=(message.id, *meant)))
                return "I have forgotten that, and what you wrote of it is gone from the room."
            case "topic":
                gone = await self._keeper.forget(user, Wanted(topic=asked.request.topic))
                if about(message.text, asked.request.topic):
                    await self._keeper.forget(user, Wanted(messages=(message.id,)))
                return (
                    f"Forgotten: {gone.items} things that I remembered, and {gone.messages} messages of yours are gone."
                )
            case "stop" | "resume":
                on, name = asked.request.what == "resume", asked.request.consent
                await self._keeper.agree(user, replace(await self._store.consents.get(user), **{name: on}))
                return f"{AGREED[name, on]} {PROFILE}"
            case "everything" if not asked.request.sure:
                return (
                    "That erases all that is kept of you, and deletes everything you ever wrote in any room here. Say “forget "
                    "everything, really” to me and it is done. Your profile lets you choose."
                )
            case "everything":
                await self._keeper.forget(user, Wanted(everything=True))
                return "Done: nothing is kept of you any more."

    async def _put_right(self, user: str, text: str) -> str:
        """Of what everybody here heard: what they did not hear is nothing to speak of before them."""
        assert self._keeper is not None
        known = await self._store.items.about(user, people(self._room.members()))
        old = next((i for i in known if i.until is None and i.corrects is None and same_slot(text, i.text)), None)
        if old is None:
            return f"I remember it as you say: “{text}”. {PROFILE}"
        await self._keeper.correct(user, old.id, text)
        return f"I have put it right: “{text}” in place of “{old.text}”. {PROFILE}"

    async def _shared(self, wanted: Request, message: Message) -> str:
        assert self._keeper is not None
        user, widens = message.author.id, wanted.what == "widen"
        here = people(self._room.members())
        whom = None if not wanted.whom else await self._called(user, wanted.whom)
        if whom is not None and len(whom) != 1:
            some = "nobody" if not whom else "more than one"
            return f"I know {some} of the name of {wanted.whom} in your rooms, so nothing is changed. {PROFILE}"
        meant = (
            Wanted(topic=wanted.topic) if wanted.topic else Wanted(messages=_meant(message, self._room.transcript()))
        )
        if not meant.topic and not meant.messages:
            return f"You have said nothing here yet that I could keep to myself or tell. {PROFILE}"
        changed = await self._keeper.share(user, meant, Sharing(widens, whom, here))
        to = wanted.whom or ("everybody" if widens else "anybody who is not here")
        if not widens:
            return f"I do not tell {to} what I remember of that. {PROFILE}"
        told = "; ".join(f"“{i.text}”" for i in changed[:SHOWN] if may_hear(reach(i), here))
        if not changed:
            return f"I keep nothing of that which {to} may not hear already. {PROFILE}"
        return f"I may tell {to} now{': ' + told if told else ' what I remember of that'}. {PROFILE}"

    async def _called(self, user: str, name: str) -> frozenset[str]:
        """Ids of those of that name in the rooms of `user`."""
        rooms = [await self._store.members.of_room(row.id) for row in await self._store.rooms.of_user(user)]
        folded = name.casefold()
        others = (m for members in rooms for m in members if m.role != "agent" and m.id != user)
        return frozenset(m.id for m in others if folded in (m.name.casefold(), m.name.split()[0].casefold()))


def _corrects(asked: Request, message: Message, agent: Resident | None, transcript: Transcript) -> bool:
    """Whether it puts right what an agent knows. A bare no does where the agent has just said something of the same kind."""
    if kind_of(asked.topic) not in ("fact", "preference"):
        return False
    if asked.sure:
        return True
    before = [m for m in transcript.messages if m.seq < message.seq]
    answered = transcript.with_id(message.reply_to) if message.reply_to else next(iter(before[-1:]), None)
    if agent is None or answered is None or answered.author.id != agent.id:
        return False
    return any(same_slot(asked.topic, part) for part in re.split(r"[.!?;“”]+", first_person(answered.text)))


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
