"""The light connection says and does what uvicorn's does."""

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState
from websockets.frames import Opcode
from websockets.protocol import OPEN, Protocol, Side
from websockets.server import ServerProtocol

from app.outbox import Outbox
from app.websocket import Doorway, Gate, Letters, Websocket, framed
from tests.app.harness import served


@given(st.text(max_size=300) | st.integers(1, 4).map(lambda n: "é" * 40_000 * n))
def test_a_frame_says_its_text_and_is_made_once(body: str) -> None:
    client = Protocol(Side.CLIENT, state=OPEN, max_size=None)
    client.receive_data(framed(body))
    (frame,) = client.events_received()
    assert frame.opcode is Opcode.TEXT  # type: ignore[union-attr]
    assert bytes(frame.data).decode() == body  # type: ignore[union-attr]
    assert framed(body) is framed(body)


def test_a_gate_lets_through_once_open() -> None:
    async def go() -> None:
        gate = Gate(False)
        waiting = asyncio.ensure_future(gate.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        gate.set()
        gate.clear()  # shut again before whoever waits has looked
        await asyncio.sleep(0)
        assert not waiting.done()
        gate.set()
        await waiting
        await gate.wait()
        gate.clear()
        cancelled = asyncio.ensure_future(gate.wait())
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        gate.set()
        assert gate.is_set()

    asyncio.run(go())


def test_letters_come_in_order_and_are_waited_for() -> None:
    async def go() -> None:
        letters = Letters()
        assert letters.empty()
        first = asyncio.ensure_future(letters.get())
        await asyncio.sleep(0)
        for i in range(3):
            letters.put_nowait(i)
        assert not letters.empty()
        assert [await first, await letters.get(), await letters.get()] == [0, 1, 2]
        assert letters.empty()

    asyncio.run(go())


class Pipe(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__({})
        self.written: list[bytes] = []
        self.closing = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


def test_a_reader_that_does_not_keep_up_is_not_written_to() -> None:
    async def go() -> None:
        config = uvicorn.Config(lambda *_: None, ws=Websocket, log_config=None)
        config.load()
        socket, pipe = Websocket(config, ServerState(), {}), Pipe()
        socket.connection_made(pipe)
        assert not socket.write_now("before the handshake")
        socket.handshake_complete = True
        assert socket.write_now("a")
        socket.pause_writing()
        assert not socket.write_now("b")
        socket.resume_writing()
        assert socket.write_now("c")
        pipe.closing = True
        assert not socket.write_now("d")
        assert pipe.written == [framed("a"), framed("c")]

    asyncio.run(go())


def test_what_ended_is_freed_at_once_and_waits_for_no_look_for_garbage(tmp_path: Path) -> None:
    def there(*kinds: type) -> int:
        return sum(type(o) in kinds for o in gc.get_objects())

    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room("Den")
            gc.collect()
            doors = there(Doorway)
            gc.disable()
            try:
                for n in range(3):
                    async with ann.line({room: 0}) as line:
                        await line.post(room, f"c{n}", "Hello.")
                        assert (there(Websocket), there(Outbox)) == (1, 1)
                        assert there(Doorway) <= doors  # the one of Ann's requests may have ended meanwhile
                    for _ in range(100):
                        if not there(Websocket, Outbox):
                            break
                        await asyncio.sleep(0.01)
                assert there(Websocket, ServerProtocol, Letters, Outbox) == 0
            finally:
                gc.enable()

    asyncio.run(go())
