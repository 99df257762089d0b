"""The interests of people in a room, for one mind: grouped off the loop, kept until what they rest on changes."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from app.portraits import infers, journeys_of, own, telling
from app.store import Store
from app.tasks import Tasks
from conversation.member import Member
from conversation.moment import Moment
from inference.protocol import LanguageModel
from memory.audience import common, people, reach
from memory.item import Item
from memory.journeys import LEAST, Journey, named
from memory.recall import Candidates
from memory.saliency import Trace
from memory.sorting import RULES_ONLY
from thoughts.interests import Interest

PEOPLE = 6
"""Members whose interests are looked at: those who wrote last."""


class Interests:
    """Grouping is arithmetic for a while, so another thread does it. Names are asked of `model` behind the thinking, and until
    one has come the rule's is used."""

    def __init__(self, store: Store, model: LanguageModel, tasks: Tasks) -> None:
        self._store = store
        self._model = model
        self._tasks = tasks
        self._found: dict[tuple[str, frozenset[str]], tuple[Journey, ...]] = {}
        self._naming: asyncio.Task[None] | None = None

    def forget(self) -> None:
        """Somebody may have taken back what is in there."""
        if self._naming is not None:
            self._naming.cancel()
            self._naming = None
        self._found.clear()

    async def of(self, moment: Moment, candidates: Candidates) -> tuple[Interest, ...]:
        """Of those in the room who let agents infer, from `candidates`: what everybody here may hear."""
        here = people(moment.members)
        last = moment.transcript.speakers(len(moment.transcript.messages))
        members = {m.id: m for m in moment.members if m.id in here}
        found: list[Interest] = []
        for who in [w for w in last if w in members][:PEOPLE]:
            found += await self._of_one(members[who], moment, candidates)
        return tuple(found)

    async def _of_one(self, member: Member, moment: Moment, candidates: Candidates) -> list[Interest]:
        said = {i.id: i for i in telling(own(candidates, member.id))}
        if len(said) < LEAST or not await infers(self._store, member.id):
            return []
        key = (member.id, frozenset(said))
        if key not in self._found:
            self._found = {k: v for k, v in self._found.items() if k[0] != member.id}
            placed = _placed(said, candidates)
            self._found[key] = await asyncio.to_thread(journeys_of, member.id, placed)
            self._name(key, said)
        return [_interest(j, member.name, said, moment) for j in self._found[key]]

    def _name(self, key: tuple[str, frozenset[str]], said: Mapping[str, Item]) -> None:
        """One person's at a time: who comes meanwhile is named when their interests change the next time."""
        if self._model.name in RULES_ONLY or (self._naming is not None and not self._naming.done()):
            return

        async def work() -> None:
            for place, journey in enumerate(self._found[key]):
                name = await named(journey, [said[one].text for one in journey.sources], self._model, 0)
                if (found := self._found.get(key)) is None:
                    return
                self._found[key] = (*found[:place], replace(found[place], name=name), *found[place + 1 :])

        self._naming = self._tasks.start(work(), "name an interest")


def _placed(said: Mapping[str, Item], candidates: Candidates) -> list[Item]:
    """With their embeddings, which candidates have apart."""
    rows = {item.id: row for item, row in zip(candidates.items, candidates.vectors, strict=True)}
    return [replace(item, embedding=tuple(rows[item.id].tolist())) for item in said.values()]


def _interest(journey: Journey, name: str, said: Mapping[str, Item], moment: Moment) -> Interest:
    sources = tuple(said[one] for one in journey.sources)
    audience = common(map(reach, sources))
    trace = Trace(f"journey-{journey.id}", "item", journey.remark(name, moment.now), journey.centre, audience=audience)
    return Interest(
        journey.person,
        trace,
        journey.dormant(moment.now),
        tuple(Trace(i.id, "item", i.text, i.embedding, audience=reach(i)) for i in sources),
    )
