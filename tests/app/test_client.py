"""The client against a server that is played by the test, frame by frame, over a real loopback socket."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from websockets.asyncio.server import ServerConnection, serve

from app.client import Client, ClosedError, Event, RefusedError, backoff, register
from app.frames import (
    CLIENT_FRAME,
    Ack,
    ErrorEvent,
    Hello,
    Live,
    MessageEvent,
    Resync,
    Send,
    Watch,
    Welcome,
    WelcomeRoom,
    WelcomeUser,
)
from app.protocol import AuthorView, MessageView, Wire
from tests.app.harness import ManualClock, served

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
WELCOME = Welcome(user=WelcomeUser(id="u1", name="Ann"), rooms=[])
IN_ROOM = Welcome(user=WelcomeUser(id="u1", name="Ann"), rooms=[WelcomeRoom(room="r", seq=9, members=[])])

Script = Callable[["Server"], Awaitable[None]]


class Server:
    """One connection, as the test plays it."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    async def take(self) -> Wire:
        return CLIENT_FRAME.validate_json(await self._socket.recv())

    async def hello(self) -> Hello:
        frame = await self.take()
        assert isinstance(frame, Hello)
        return frame

    async def sent(self) -> Send:
        frame = await self.take()
        assert isinstance(frame, Send)
        return frame

    async def give(self, *frames: Wire) -> None:
        for frame in frames:
            await self._socket.send(frame.model_dump_json())

    async def cut(self) -> None:
        self._socket.transport.abort()

    async def stay(self) -> None:
        await self._socket.wait_closed()


@asynccontextmanager
async def playing(*scripts: Script) -> AsyncIterator[str]:
    """A server that plays one script a connection; afterwards each must have run to its end."""
    left, done = list(scripts), 0

    async def handle(socket: ServerConnection) -> None:
        nonlocal done
        await left.pop(0)(Server(socket))
        done += 1

    async with serve(handle, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    assert not left
    assert done == len(scripts)


def at_once() -> Generator[float]:
    yield from itertools.repeat(0.0)


def said(seq: int) -> MessageEvent:
    author = AuthorView(id="u2", name="Bob", kind="human")
    return MessageEvent(
        room="r",
        seq=seq,
        message=MessageView(id=f"m{seq}", seq=seq, room="r", author=author, text=f"number {seq}", at=AT),
    )


async def seqs(events: AsyncIterator[Event], upto: int) -> list[int]:
    found: list[int] = []
    async for event in events:
        if isinstance(event, MessageEvent):
            found.append(event.seq)
            if event.seq == upto:
                break
    return found


def test_it_resumes_after_a_cut_and_gives_each_event_once() -> None:
    async def first(server: Server) -> None:
        assert [(r.room, r.after) for r in (await server.hello()).rooms] == [("r", 3)]
        await server.give(WELCOME, said(4), Live(room="r", seq=4), said(5))
        await server.cut()

    async def second(server: Server) -> None:
        assert [(r.room, r.after) for r in (await server.hello()).rooms] == [("r", 5)]
        await server.give(WELCOME, said(5), said(6), Live(room="r", seq=6))
        await server.stay()

    async def go() -> None:
        async with playing(first, second) as url, Client(url, "token", {"r": 3}, at_once) as client:
            assert await seqs(client.events(), 6) == [4, 5, 6]
            assert client.seen == {"r": 6}

    asyncio.run(go())


def test_what_was_not_acknowledged_is_sent_again_under_its_client_id() -> None:
    ids: list[str] = []

    async def first(server: Server) -> None:
        await server.hello()
        await server.give(WELCOME)
        ids.append((await server.sent()).client_id)
        await server.cut()

    async def second(server: Server) -> None:
        await server.hello()
        await server.give(WELCOME)
        ids.append((await server.sent()).client_id)
        await server.give(Ack(client_id=ids[-1], room="r", seq=9, id="m9"))
        await server.stay()

    async def go() -> None:
        async with playing(first, second) as url, Client(url, "token", {"r": 0}, at_once) as client:
            ack = await client.send("r", "once")
            assert (ack.seq, ack.id) == (9, "m9")
        assert len(ids) == 2
        assert ids[0] == ids[1]

    asyncio.run(go())


def test_a_refused_message_raises_and_the_connection_stays() -> None:
    async def only(server: Server) -> None:
        await server.hello()
        await server.give(WELCOME)
        first = await server.sent()
        await server.give(ErrorEvent(code="forbidden", detail="observers read", client_id=first.client_id))
        second = await server.sent()
        await server.give(Ack(client_id=second.client_id, room="r", seq=1, id="m1"))
        await server.stay()

    async def go() -> None:
        async with playing(only) as url, Client(url, "token", {"r": 0}, at_once) as client:
            with pytest.raises(RefusedError, match="observers read"):
                await client.send("r", "no")
            assert (await client.send("r", "yes")).seq == 1

    asyncio.run(go())


def test_a_wrong_token_ends_it_for_events_and_for_senders() -> None:
    async def only(server: Server) -> None:
        await server.hello()
        await server.give(ErrorEvent(code="unauthorized", detail="no such token"))
        await server.stay()

    async def go() -> None:
        async with playing(only) as url, Client(url, "wrong", {"r": 0}, at_once) as client:
            with pytest.raises(RefusedError, match="no such token"):
                await client.send("r", "hello")
            for _ in range(2):
                with pytest.raises(RefusedError, match="no such token"):
                    await anext(client.events())
            with pytest.raises(RefusedError, match="no such token"):
                await client.send("r", "hello again")

    asyncio.run(go())


def test_a_room_that_is_gone_is_reported_and_the_others_go_on() -> None:
    async def only(server: Server) -> None:
        await server.hello()
        await server.give(
            ErrorEvent(code="not_found", detail="no such room", field="room", value="old"), WELCOME, said(1)
        )
        await server.stay()

    async def go() -> None:
        async with playing(only) as url, Client(url, "token", {"old": 0, "r": 0}, at_once) as client:
            events = client.events()
            error = await anext(events)
            assert isinstance(error, ErrorEvent)
            assert error.code == "not_found"
            assert await seqs(events, 1) == [1]

    asyncio.run(go())


def test_resync_reads_again_from_where_the_server_says() -> None:
    async def only(server: Server) -> None:
        await server.hello()
        await server.give(WELCOME, said(1), said(2), Resync(room="r", after=2), said(9))
        assert [(r.room, r.after) for r in (await server.hello()).rooms] == [("r", 2)]
        await server.give(IN_ROOM, *(said(n) for n in range(3, 10)))
        await server.stay()

    async def go() -> None:
        async with playing(only) as url, Client(url, "token", {"r": 0}, at_once) as client:
            assert await seqs(client.events(), 9) == list(range(1, 10))

    asyncio.run(go())


def test_a_room_that_is_followed_later_is_asked_for_and_watches_are_renewed() -> None:
    async def first(server: Server) -> None:
        assert (await server.hello()).rooms == []
        await server.give(WELCOME)
        assert [(r.room, r.after) for r in (await server.hello()).rooms] == [("r", 7)]
        await server.give(IN_ROOM, Live(room="r", seq=7))
        assert await server.take() == Watch(type="watch", room="r", on=True)
        await server.give(said(8))
        await server.cut()

    async def renewed(server: Server) -> None:
        assert [(r.room, r.after) for r in (await server.hello()).rooms] == [("r", 8)]
        await server.give(IN_ROOM)
        assert await server.take() == Watch(type="watch", room="r", on=True)
        await server.give(said(9))
        await server.stay()

    async def go() -> None:
        async with playing(first, renewed) as url, Client(url, "token", delays=at_once) as client:
            events = client.events()
            assert isinstance(await anext(events), Welcome)
            await client.follow("r", 7)
            assert [type(await anext(events)) for _ in range(2)] == [Welcome, Live]
            await client.watch("r")
            assert await seqs(events, 9) == [8, 9]

    asyncio.run(go())


def test_a_room_that_is_followed_before_the_welcome_is_not_forgotten() -> None:
    async def go() -> None:
        greeted, followed = asyncio.Event(), asyncio.Event()

        async def only(server: Server) -> None:
            assert (await server.hello()).rooms == []
            greeted.set()
            await followed.wait()
            await server.give(WELCOME)
            assert [r.room for r in (await server.hello()).rooms] == ["r"]
            await server.give(IN_ROOM, said(1))
            await server.stay()

        async with playing(only) as url, Client(url, "token", delays=at_once) as client:
            await greeted.wait()
            await client.follow("r")
            followed.set()
            assert await seqs(client.events(), 1) == [1]

    asyncio.run(go())


def test_closing_tells_whoever_still_waits() -> None:
    async def go() -> None:
        asked = asyncio.Event()

        async def silent(server: Server) -> None:
            await server.hello()
            await server.give(WELCOME)
            await server.sent()
            asked.set()
            await server.stay()

        async def sender(client: Client) -> None:
            with pytest.raises(ClosedError):
                await client.send("r", "hello")

        async with (
            playing(silent) as url,
            asyncio.TaskGroup() as group,
            Client(url, "token", {"r": 0}, at_once) as client,
        ):
            group.create_task(sender(client))
            await asked.wait()

    asyncio.run(go())


def test_nothing_listening_is_said_plainly() -> None:
    async def go() -> None:
        with pytest.raises(ClosedError, match=r"cannot reach http://127\.0\.0\.1:9"):
            await register("http://127.0.0.1:9", "Ann")

    asyncio.run(go())


def test_pauses_grow_to_ten_seconds_and_are_spread() -> None:
    delays = list(itertools.islice(backoff(Random(1)), 12))
    assert all(0.125 * 2**i <= delay <= 0.25 * 2**i for i, delay in enumerate(delays[:6]))
    assert all(5 <= delay <= 10 for delay in delays[6:])
    assert delays == list(itertools.islice(backoff(Random(1)), 12))


def test_everything_that_is_asked_over_rest(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=ManualClock()) as house:
            ann, bob = await register(house.url, "Ann"), await register(house.url, "Bob")
            async with Client(house.url, ann.token) as first, Client(house.url, bob.token) as second:
                room = await first.create_room("Tea", agent=None)
                assert (room.name, room.role, room.agents) == ("Tea", "owner", [])
                joined = await second.join(room.id, await first.invite(room.id))
                assert joined.role == "member"
                ack = await second.send(room.id, "hello")
                page = await first.messages(room.id)
                assert [(m.seq, m.text) for m in page.messages] == [(ack.seq, "hello")]
                assert [r.id for r in await second.rooms()] == [room.id]
                assert (await first.room(room.id)).seq >= ack.seq
                assert (await first.runs(room.id)).runs == []
                assert (await first.thoughts(room.id)).thoughts == []
                with pytest.raises(RefusedError) as refused:
                    await second.runs(room.id)
                assert refused.value.code == "forbidden"
                with pytest.raises(RefusedError) as wrong:
                    await second.send(room.id, "   ")
                assert (wrong.value.code, wrong.value.field) == ("bad_input", "text")

    asyncio.run(go())


def test_a_gap_in_what_happens_now_is_asked_for_again() -> None:
    async def only(server: Server) -> None:
        await server.hello()
        await server.give(WELCOME, said(1), Live(room="r", seq=1), said(2), said(4), said(5))
        assert [(r.room, r.after) for r in (await server.hello()).rooms] == [("r", 2)]
        await server.give(IN_ROOM, *(said(n) for n in range(3, 7)), Live(room="r", seq=6))
        await server.stay()

    async def go() -> None:
        async with playing(only) as url, Client(url, "token", {"r": 0}, at_once) as client:
            assert await seqs(client.events(), 6) == list(range(1, 7))

    asyncio.run(go())


def test_what_could_not_be_committed_now_is_sent_again_under_its_client_id() -> None:
    async def only(server: Server) -> None:
        await server.hello()
        await server.give(WELCOME)
        first = await server.sent()
        await server.give(
            ErrorEvent(code="unavailable", detail="the database did not commit", client_id=first.client_id)
        )
        assert await server.sent() == first
        await server.give(ErrorEvent(code="too_many", detail="slow down", client_id=first.client_id))
        assert await server.sent() == first
        await server.give(Ack(client_id=first.client_id, room="r", seq=1, id="m1"))
        await server.stay()

    async def go() -> None:
        async with playing(only) as url, Client(url, "token", {"r": 0}, at_once) as client:
            await anext(client.events())
            assert (await client.send("r", "Tea?")).seq == 1

    asyncio.run(go())
