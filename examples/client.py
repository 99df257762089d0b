"""A guest who is never lost: prints a room, answers "ping" with "pong", and comes back to where it was after any cut.

python examples/client.py LINK [--place guest.json]         the link that "Invite" on the page makes, in quotes
python examples/client.py ROOM INVITE [--url http://127.0.0.1:8000] [--place guest.json]

`app.client.Client` does the work. What it does for you:

- a lost connection is made again, with growing pauses, and the events that were missed come first, in order, each once;
- `send` returns when the server has the message for good; cut off before that, it sends again under the same client_id, so the
  room sees the message once;
- `seen` is how far you got; keep it (here: in a file) and a new process goes on from there.

Run it from the project's root, with the interpreter of its virtual environment.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.client import Client, ClientError, register

Kept = dict[str, Any]
"""`id`, `token` and `seen` of the guest."""


def load(place: Path) -> Kept | None:
    return json.loads(place.read_text()) if place.exists() else None


def keep(place: Path, kept: Kept) -> Kept:
    """Whole or not at all, whenever the process dies; readable by its owner only."""
    partial = place.with_name(place.name + ".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(kept))
    partial.replace(place)
    return kept


async def guest(url: str, room: str, invite: str, place: Path) -> None:
    kept = load(place)
    if kept is None:
        user = await register(url, "Guest")
        kept = keep(place, {"id": user.id, "token": user.token, "seen": {}})
    async with Client(url, kept["token"], kept["seen"]) as client:
        if room not in client.seen:
            await client.join(room, invite)
        async for event in client.events():
            if event.type == "message":
                message = event.message
                print(f"[{message.seq}] {message.author.name}: {message.text}", flush=True)
                if message.text == "ping" and message.author.id != kept["id"]:
                    await client.send(room, "pong", reply_to=message.id)
            keep(place, kept | {"seen": client.seen})


def main() -> None:
    parser = argparse.ArgumentParser(description="A guest who answers ping.")
    parser.add_argument("room", help="an invite link, or the id of a room")
    parser.add_argument("invite", nargs="?", help="the code, where no link is given")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--place", type=Path, default=Path("guest.json"), help="the token and the place read to")
    given = parser.parse_args()
    url, room, invite = given.url, given.room, given.invite
    if invite is None:
        link = urlsplit(room)
        asked = parse_qs(link.fragment)
        if not link.netloc or not {"room", "invite"} <= asked.keys():
            parser.error(f"not an invite link, and no invite beside it: {room!r}")
        url, room, invite = f"{link.scheme}://{link.netloc}", asked["room"][0], asked["invite"][0]
    try:
        asyncio.run(guest(url, room, invite, given.place))
    except ClientError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
