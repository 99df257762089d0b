"""The messages of a room. Posting goes the same way as on the websocket, under the same rules."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.access import Caller, Here, InRoom
from app.posting import post
from app.protocol import SOMETHING, AckView, Id, MessageChange, MessagesView, NewMessage, Seq

router = APIRouter(tags=["messages"])


class MessagePage(BaseModel):
    """With `after`, what follows it, oldest first; else the last ones, before `before` where given. Always oldest first."""

    model_config = ConfigDict(extra="forbid")

    after: Seq | None = None
    before: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("/rooms/{room}/messages")
async def read(page: Annotated[MessagePage, Query()], room: InRoom, parts: Here) -> MessagesView:
    """`next`: pass it as `after` (or, reading backwards, as `before`) for more; null where there is none."""
    found = await parts.store.messages.page(room.id, page.after, page.before, page.limit + 1)
    if len(found) <= page.limit:
        return MessagesView(messages=list(found))
    if page.after is not None:
        kept = found[: page.limit]
        return MessagesView(messages=list(kept), next=kept[-1].seq)
    kept = found[1:]
    return MessagesView(messages=list(kept), next=kept[0].seq)


class SearchPage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(min_length=1, max_length=200, pattern=SOMETHING)]
    before: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 40


@router.get("/rooms/{room}/search")
async def search(page: Annotated[SearchPage, Query()], room: InRoom, parts: Here) -> MessagesView:
    """Messages that hold every word of `q`, as a part of a word too; newest first. Upper and lower case are the same, on SQLite
    for the letters of ASCII only. `next`: pass it as `before` for older ones."""
    found = await parts.store.messages.search(room.id, page.q.split(), page.before, page.limit + 1)
    kept = found[: page.limit]
    return MessagesView(messages=list(kept), next=kept[-1].seq if len(found) > page.limit else None)


@router.post("/rooms/{room}/messages", status_code=201)
async def write(new: NewMessage, room: InRoom, parts: Here, caller: Caller) -> AckView:
    """The same `client_id` again gives the same answer and no second message."""
    message = await post(parts, room, caller.id, new.client_id, new.text, new.reply_to, "rest")
    return AckView(client_id=new.client_id, room=room.id, seq=message.seq, id=message.id)


@router.patch("/rooms/{room}/messages/{message}", status_code=204)
async def edit(change: MessageChange, room: InRoom, message: Id, caller: Caller) -> None:
    """Only its author gives a message other words. What it said before is not kept."""
    await room.edit(caller.id, message, change.text)


@router.delete("/rooms/{room}/messages/{message}", status_code=204)
async def delete(room: InRoom, message: Id, caller: Caller) -> None:
    """Its author, or an owner. That it was there stays to be seen; what it said, and what the agents thought of it, is gone."""
    await room.delete(caller.id, message)
