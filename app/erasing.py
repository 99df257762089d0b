"""Forgetting for a person: what is meant, that it goes everywhere, and that whoever holds something of it in memory lets go."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from app.clock import Clock
from app.errors import BadInput, NotFound
from app.rooms import Rooms
from app.store import Store
from app.store.erasing import Said
from inference.protocol import Embedder
from memory.audience import reach
from memory.consent import Consent
from memory.item import Item
from memory.saliency import cosine
from memory.topics import NEAR, about, echoes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be forgotten: one of `item` (an id), `topic` (in words), `room` (an id), `messages` (ids) or `everything`.
    `keep_messages`: what the person wrote stays in its rooms, though no agent reads it any more."""

    item: str | None = None
    topic: str | None = None
    room: str | None = None
    messages: tuple[str, ...] = ()
    everything: bool = False
    keep_messages: bool = False


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who may hear an item from now on: `people` beside those who may, or everybody where it is None; where it does not widen,
    all but `people`, or `here` alone where it is None."""

    widens: bool
    people: frozenset[str] | None = None
    here: frozenset[str] = frozenset()

    def of(self, item: Item) -> Item:
        if self.widens:
            if self.people is None or item.public:
                return replace(item, public=True)
            return replace(item, audience=item.audience | self.people)
        fewer = item.audience & self.here if self.people is None else item.audience - self.people
        return replace(item, public=False, audience=fewer | {item.subject})


@dataclass(frozen=True, slots=True)
class Gone:
    """How many there were. `thoughts`: those that lost their words."""

    items: int
    messages: int
    thoughts: int


@dataclass(frozen=True, slots=True)
class Eraser:
    store: Store
    rooms: Rooms
    embedder: Embedder
    clock: Clock

    async def agree(self, user: str, consent: Consent) -> None:
        """Holds from now on, in every room of the person."""
        await self.store.consents.put(user, consent, self.clock.now())
        for row in await self.store.rooms.of_user(user):
            (await self.rooms.get(row.id)).agents_changed()

    async def named(self, user: str, wanted: Wanted) -> tuple[Sequence[Item], Sequence[Said]]:
        """The items and the messages that `forget` would take. Raises as `forget` does."""
        _check(wanted)
        items = await self._items(await self.store.items.of_subject(user), wanted)
        return items, await self._messages(user, items, wanted)

    async def forget(self, user: str, wanted: Wanted) -> Gone:
        """Raises NotFound for an item that is not the person's, BadInput where nothing or too much is named, and ModelError where
        a topic cannot be placed."""
        items, messages = await self.named(user, wanted)
        texts = [i.text for i in items] + [m.text for m in messages]
        traced = await self.store.erasing.erase({i.id for i in items} | {m.id for m in messages})
        repeated = [
            m for m in await self.store.erasing.spoken(user, traced) if any(echoes(m.text, said) for said in texts)
        ]
        for room, author, ids in _by_room(user, () if wanted.keep_messages else messages, repeated):
            live = await self.rooms.get(room)
            for message in ids:
                await live.take_back(author, message)
        if wanted.everything:
            await self.store.labels.forget(user)
            await self.store.beliefs.forget(user)
            await self.store.questions.forget(user)
        await self.store.summaries.forget(user, lambda text: _summarises(text, texts, wanted))
        for room in sorted(traced.rooms | {m.room for m in messages} | {m.room for m in repeated}):
            await self._tell(room)
        await self.store.erasing.settle()
        return Gone(len(traced.items), 0 if wanted.keep_messages else len(messages), len(traced.thoughts))

    async def correct(self, user: str, item: str, text: str) -> None:
        """The person's own words take the place of the item's, and what came of the old ones goes. Raises NotFound and
        ModelError."""
        await self._own(user, item)
        (vector,) = await self.embedder.embed([text])
        await self._changed(await self.store.erasing.reword(item, text, vector))

    async def open_to(self, user: str, item: str, people: Collection[str] | None) -> None:
        """Sets who may hear an item and what corrects it, beside the person; None for everybody. Thoughts that were made of it
        for the old audience go. Raises NotFound."""
        await self._own(user, item)
        audience = None if people is None else frozenset(people) | {user}
        await self._changed(await self.store.erasing.redirect(item, audience))

    async def share(self, user: str, wanted: Wanted, sharing: Sharing) -> tuple[Item, ...]:
        """Opens the items that are meant to more people, or keeps them to fewer: those that were changed, as they are then.
        What is opened must name the topic; what is kept back may be near to it. Raises NotFound and ModelError."""
        items = [i for i in await self._items(await self.store.items.of_subject(user), wanted) if i.corrects is None]
        if sharing.widens and wanted.topic is not None:
            items = [i for i in items if about(i.text, wanted.topic) or echoes(i.text, wanted.topic)]
        changed = [after for i in items if (after := sharing.of(i)) != i]
        for item in changed:
            await self.open_to(user, item.id, reach(item))
        return tuple(changed)

    async def _changed(self, rooms: Iterable[str]) -> None:
        for room in sorted(rooms):
            await self._tell(room)
        await self.store.erasing.settle()

    async def _own(self, user: str, item: str) -> None:
        if item not in {i.id for i in await self.store.items.of_subject(user)}:
            raise NotFound("no such item of yours", "item", item)

    async def _items(self, kept: Collection[Item], wanted: Wanted) -> list[Item]:
        if wanted.item is not None:
            found = [i for i in kept if wanted.item in (i.id, i.corrects)]
            if not any(i.id == wanted.item for i in found):
                raise NotFound("no such item of yours", "item", wanted.item)
            return found
        if wanted.topic is not None:
            (vector,) = await self.embedder.embed([wanted.topic])
            placed = [i for i in kept if len(i.embedding) == len(vector)]
            near = {i.id for i in placed if cosine(i.embedding, vector) >= NEAR}
            return [i for i in kept if i.id in near or about(i.text, wanted.topic)]
        if wanted.messages:
            return [i for i in kept if not set(wanted.messages).isdisjoint(i.sources)]
        return [i for i in kept if wanted.everything or i.room == wanted.room]

    async def _messages(self, user: str, items: Collection[Item], wanted: Wanted) -> tuple[Said, ...]:
        """What the person wrote of it. A message that came of an item is its source; of a topic, whatever names it too."""
        said = self.store.erasing.said
        if wanted.everything or wanted.room is not None:
            return await said(user, room=wanted.room)
        sources = {m for i in items for m in i.sources} | set(wanted.messages)
        if wanted.topic is None:
            return await said(user, ids=sources)
        return tuple(m for m in await said(user) if m.id in sources or about(m.text, wanted.topic))

    async def _tell(self, room: str) -> None:
        """Its agents read anew, without what is gone. A room that was deleted meanwhile has none."""
        try:
            (await self.rooms.get(room)).agents_changed()
        except NotFound:
            return


def _summarises(text: str, said: Collection[str], wanted: Wanted) -> bool:
    """Whether what a person wrote of themselves says what they want forgotten."""
    named = wanted.topic is not None and about(text, wanted.topic)
    return wanted.everything or named or any(echoes(text, one) for one in said)


def _check(wanted: Wanted) -> None:
    named = [wanted.item is not None, wanted.topic is not None, wanted.room is not None, wanted.everything]
    if sum(named) + bool(wanted.messages) != 1:
        raise BadInput("name exactly one of item, topic, room and everything", "item", wanted.item)


def _by_room(
    user: str, own: Collection[Said], repeated: Collection[Said]
) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """(room, author, ids)."""
    found: dict[tuple[str, str], list[str]] = {}
    for message in own:
        found.setdefault((message.room, user), []).append(message.id)
    for message in repeated:
        found.setdefault((message.room, message.author), []).append(message.id)
    return [(room, author, tuple(ids)) for (room, author), ids in found.items()]
