"""The live rooms of this process: opened when somebody asks for them, closed when nobody has for a while."""

import asyncio
from collections.abc import Callable

from app.bus import Bus
from app.clock import Clock, Timer
from app.errors import NotFound
from app.log import REQUEST, ROOM
from app.owners import Owners
from app.recent import RECENT
from app.resident import Listener
from app.room import Room
from app.store import Store
from app.tasks import Tasks

IDLE = 600.0
"""Seconds that a room stays open after the last that was asked of it: longer than any request holds one."""
SWEEP = 0.1
"""Of those seconds: how often is looked for idle rooms."""


class Rooms:
    """`idle`: seconds, as IDLE. Rooms are closed for being idle once `start` was called. `shared`: other processes have them
    too."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        owners: Owners,
        listen: Callable[[Room], Listener],
        idle: float = IDLE,
        shared: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._owners = owners
        self._listen = listen
        self._tasks = Tasks()
        self._opening: dict[str, asyncio.Task[Room]] = {}
        self._open: dict[str, tuple[Room, asyncio.Task[None]]] = {}
        self._idle = idle
        self._shared = shared
        self._asked: dict[str, float] = {}
        self._staged: set[str] = set()
        self._closing: dict[str, asyncio.Future[None]] = {}
        self._timer: Timer | None = None

    def start(self) -> None:
        """Closes idle rooms, now and then."""
        self._sweep()
        self._timer = self._clock.call_later(self._idle * SWEEP, self.start)

    def __len__(self) -> int:
        return len(self._open)

    def unsent(self) -> int:
        """Notes that wait to be sent to other processes."""
        return self._bus.unsent()

    async def get(self, room_id: str) -> Room:
        """Raises NotFound."""
        self._asked[room_id] = self._clock.tick()
        await self._closed(room_id)
        if (live := self._open.get(room_id)) is not None and not live[0].closed:
            return live[0]
        opening = self._opening.get(room_id)
        if opening is None:
            opening = self._opening[room_id] = asyncio.ensure_future(self._open_one(room_id))
            opening.add_done_callback(lambda done: self._opening.pop(room_id, None))
        # Whoever stops waiting does not stop the others, who wait for the same opening.
        return await asyncio.shield(opening)

    async def asked(self, room_id: str, user: str) -> Room:
        """`get`, for something that `user` asks for: what they are in the room is what the database says now, whatever has been
        heard of another process that put them out or gave them another role. Raises NotFound."""
        live = await self.get(room_id)
        await self.confirm(live, user)
        return live

    async def confirm(self, live: Room, user: str) -> None:
        """The same for a room that is at hand. Raises NotFound where the room is gone."""
        if not self._shared or live.id in self._staged:
            return
        role = await self._store.members.role(live.id, user)
        if role != live.role(user):
            await live.look()
            if role is None and live.role(user) is not None and await self._store.rooms.get(live.id) is None:
                raise NotFound("no such room, or you are not in it", "room", live.id)

    async def stage(self, room_id: str, clock: Clock, listen: Callable[[Room], Listener]) -> Room:
        """Opens the room under a clock and a mind of its own until `strike`; whoever is in it is sent back to the log and
        finds it so. Raises NotFound."""
        self._staged.add(room_id)
        await self._closed(room_id)
        while (earlier := self._opening.get(room_id)) is not None:
            await asyncio.wait([earlier])
            await asyncio.sleep(0)  # it is taken off the list a step later
        opening = self._opening[room_id] = asyncio.ensure_future(self._restage(room_id, clock, listen))
        opening.add_done_callback(lambda done: self._opening.pop(room_id, None))
        return await asyncio.shield(opening)

    async def strike(self, room_id: str) -> None:
        """Closes a staged room; whoever asks next opens it as usual."""
        self._staged.discard(room_id)
        if (live := self._open.pop(room_id, None)) is not None:
            await self._end(live)

    async def _restage(self, room_id: str, clock: Clock, listen: Callable[[Room], Listener]) -> Room:
        await self.strike(room_id)
        self._staged.add(room_id)
        return await self._open_one(room_id, clock, listen)

    async def _end(self, live: tuple[Room, asyncio.Task[None]], gone: bool = False) -> None:
        room, task = live
        await self._close(room, gone)
        task.cancel()

    async def _close(self, room: Room, gone: bool = False) -> None:
        """Whoever asks for it meanwhile waits, and opens it anew."""
        over = self._closing.setdefault(room.id, asyncio.get_running_loop().create_future())
        try:
            await room.close(gone)
        finally:
            self._closing.pop(room.id, None)
            if not over.done():
                over.set_result(None)

    async def _open_one(
        self, room_id: str, clock: Clock | None = None, listen: Callable[[Room], Listener] | None = None
    ) -> Room:
        room = await self._load(room_id, clock or self._clock, listen or self._listen)
        opened = False
        try:
            await room.open()
            opened = True
        finally:
            if not opened:  # or it would go on hearing and owning, and nobody would ever close it
                await room.close()
        self._open[room_id] = (room, self._tasks.start(self._run(room), f"room {room_id}"))
        return room

    async def _run(self, room: Room) -> None:
        """However the room ends, nobody waits for it any longer."""
        REQUEST.set("")  # it outlives whoever opened it
        ROOM.set(room.id)
        try:
            await room.run()
        finally:
            if not room.closed:
                await self._close(room)

    def _sweep(self) -> None:
        now = self._clock.tick()
        self._asked = {room: at for room, at in self._asked.items() if room in self._open or now - at <= self._idle}
        for room_id, (room, _) in tuple(self._open.items()):
            asked = self._asked.setdefault(room_id, now)
            if now - asked > self._idle and room.idle and room_id not in self._staged and not room.closed:
                self._closing[room_id] = asyncio.get_running_loop().create_future()
                self._tasks.start(self._end(self._open.pop(room_id)), f"close idle {room_id}")

    async def _closed(self, room_id: str) -> None:
        """Returns when it is not just being closed."""
        while (closing := self._closing.get(room_id)) is not None:
            await asyncio.wait([closing])

    async def delete(self, room_id: str) -> None:
        """From the store too."""
        await self._store.rooms.delete(room_id)
        if (live := self._open.pop(room_id, None)) is not None:
            await self._end(live, gone=True)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._closing:
            await asyncio.wait(self._closing.values())
        if self._opening:
            await asyncio.wait(self._opening.values())
        await self._tasks.close()
        for room, _ in self._open.values():
            if not room.closed:  # its task never began
                await room.close()
        self._open.clear()

    async def _load(self, room_id: str, clock: Clock, listen: Callable[[Room], Listener]) -> Room:
        row = await self._store.rooms.get(room_id)
        if row is None:
            raise NotFound("no such room, or you are not in it", "room", room_id)
        members = await self._store.members.of_room(room_id)
        # What another process logs while we read comes again from the log, in its order.
        recent = [m for m in await self._store.messages.recent_messages(room_id, RECENT) if m.seq <= row.head]
        return Room(row, members, recent, self._store, clock, self._bus, self._owners, listen)
