"""A room out of the service as a file, and into it."""

import asyncio
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from app.api.access import Caller, Here, InRoom, heavy, require
from app.api.rooms import room_view
from app.errors import BadInput
from app.protocol import RoomView
from app.transfer import exported, read

router = APIRouter(tags=["transfers"])

MEDIA = "application/x-ndjson"
IMPORT_LIMIT = 64 * 1024 * 1024
"""Bytes."""
NAME = "Imported"
LINES: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA: {}}, "description": "one JSON object a line"}}
FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {MEDIA: {"schema": {"type": "string"}}}}}


@router.get("/rooms/{room}/export", response_class=StreamingResponse, responses=LINES)
async def export(room: InRoom, parts: Here, caller: Caller) -> StreamingResponse:
    """Owners. The whole log and every run, as lines of JSON (`app/transfer.py`): what `POST /rooms/import`,
    `python -m app import` and `python -m app replay` take."""
    require(room, caller, "manage")
    heavy(parts, caller)
    headers = {"Content-Disposition": f'attachment; filename="room-{room.id}.jsonl"'}
    return StreamingResponse(exported(parts.store, room.id, room.name), media_type=MEDIA, headers=headers)


@router.post("/rooms/import", status_code=201, openapi_extra=FILE)
async def take_in(request: Request, parts: Here, caller: Caller) -> RoomView:
    """A new room of the caller's out of an export, or out of a chat with one message a line. Its people come in as names whom
    nobody can be; its agents come in as they were."""
    heavy(parts, caller)
    # Where the caller gives up, the file is closed, and a thread that still reads it ends.
    transfers = parts.store.transfers
    with transfers.in_memory(), await _body(request) as file:
        async with transfers.importing:
            whole = await asyncio.to_thread(read, _lines(file), NAME)
            room = await transfers.take_in(whole, caller.id, caller.name, parts.clock.now())
    return await room_view(await parts.rooms.get(room), parts, caller)


async def _body(request: Request) -> BytesIO:
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > IMPORT_LIMIT:
                raise HTTPException(413, f"a file may have {IMPORT_LIMIT} bytes", {"Connection": "close"})
    except ClientDisconnect as error:
        raise BadInput("the file is not whole") from error
    return BytesIO(b"".join(chunks))


def _lines(file: BytesIO) -> Iterator[str]:
    """Read one by one: a file of nothing but ends of lines has too many of them. Raises BadInput."""
    at = 0
    for line in file:
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise BadInput(f"not UTF-8: {error.reason} at byte {at + error.start}") from error
        at += len(line)
