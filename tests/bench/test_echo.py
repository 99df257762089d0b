"""The app that gives back what it gets."""

import asyncio
from typing import Any

from bench.echo import echo


def test_text_and_bytes_come_back_until_the_end() -> None:
    coming = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "tea", "bytes": None},
        {"type": "websocket.receive", "text": None, "bytes": b"\x00"},
        {"type": "websocket.disconnect", "code": 1000},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(echo({"type": "websocket"}, receive, send))
    assert [event["type"] for event in sent] == ["websocket.accept", "websocket.send", "websocket.send"]
    assert [(event["text"], event["bytes"]) for event in sent[1:]] == [("tea", None), (None, b"\x00")]
