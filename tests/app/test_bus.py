"""The bus of a single process."""

import asyncio

from app.bus import LocalBus, Note


def test_alone_nobody_answers() -> None:
    async def go() -> None:
        bus, heard = LocalBus(), list[Note]()
        await bus.start()
        await bus.join("r", heard.append)
        bus.publish("r", Note(seq=1))
        await bus.leave("r")
        await bus.close()
        assert heard == []

    asyncio.run(go())


def test_a_note_survives_the_wire() -> None:
    note = Note(frame='{"type":"pong"}', watchers=True)
    assert Note.model_validate_json(note.model_dump_json()) == note
