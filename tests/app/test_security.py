"""The table of docs/security.md: every route and every frame, as every role, against the running service."""

import asyncio
import contextlib
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from app.frames import ClientFrame
from app.live_replay import LiveReplay
from app.main import create_app
from app.rates import Limit
from app.settings import Settings
from conversation.member import Member, Role
from conversation.message import Author
from tests.app.harness import House, Line, Person, ScriptedEngine, served
from tests.app.store.opened import a_run
from tests.app.store.test_suggestions import suggestion

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
ROLES = ("nobody", "stranger", "former", "observer", "member", "owner")
REFUSALS = ("unauthorized", "forbidden", "not_found")
NOBODIES = ("no token", "a wrong token", "a revoked token", "a token that is over")


def table() -> dict[str, dict[str, str]]:
    """Row → role → what is expected."""
    lines = PAGE.split("| route or frame |")[1].split("\n\n")[0].splitlines()
    assert [cell.strip() for cell in lines[0].split("|") if cell.strip()] == list(ROLES)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    found = {row[0]: dict(zip(ROLES, row[1:], strict=True)) for row in rows}
    assert len(found) == len(rows), "a row is there twice"
    assert {cell for row in found.values() for cell in row.values()} == {"yes", *REFUSALS}
    return found


TABLE = table()
SEQ = object()
"""The number of a message that is there: others of the room's events come before it."""
BODIES: dict[str, Any] = {
    "POST /api/v1/users": {"name": "Zoe"},
    "POST /api/v1/tokens": {},
    "PATCH /api/v1/me/profile/items/{item} (none of one's own)": {"text": "I like tea."},
    "PUT /api/v1/me/profile": {"summary": {"text": "I like tea."}},
    "POST /api/v1/me/forget": {"topic": "shoes"},
    "PUT /api/v1/me/consent": {"observe": True},
    "PUT /api/v1/me/beliefs/{dimension}": {"value": "long"},
    "POST /api/v1/me/questions/{id} (one's own)": {"choice": "first"},
    "POST /api/v1/me/questions/{id} (another's)": {"choice": "first"},
    "POST /api/v1/replays": {"name": "Sample", "speed": 1000},
    "PUT /api/v1/rooms/{room}/replay (there is one)": {"speed": 2},
    "POST /api/v1/rooms": {"name": "Attic", "agent": None},
    "POST /api/v1/rooms/import": {"id": 1, "at": "2026-01-05T09:30:00Z", "author": "Ann", "text": "Tea?"},
    "PATCH /api/v1/rooms/{room}": {"name": "Cellar"},
    "POST /api/v1/rooms/{room}/members (with an invite)": {"invite": "{invite}"},
    "POST /api/v1/rooms/{room}/members (with an invite of another room)": {"invite": "{foreign}"},
    "POST /api/v1/rooms/{room}/members (somebody else)": {"user": "{other}"},
    "POST /api/v1/rooms/{room}/members (oneself, as owner)": {"user": "{me}", "role": "owner"},
    "POST /api/v1/rooms/{room}/invites": {},
    "POST /api/v1/rooms/{room}/invites (for observers)": {"role": "observer"},
    "POST /api/v1/rooms/{room}/messages": {"client_id": "new", "text": "Tea?"},
    "PATCH /api/v1/rooms/{room}/messages/{message} (one's own)": {"text": "changed"},
    "PATCH /api/v1/rooms/{room}/messages/{message} (another's)": {"text": "changed"},
    "POST /api/v1/rooms/{room}/agents": {"name": "Nia"},
    "PUT /api/v1/rooms/{room}/agents/{agent}": {"persona": "Dry."},
    "POST /api/v1/runs/{run}/feedback": {"verdict": "good"},
    "POST /api/v1/rooms/{room}/feedback": {"seq": SEQ, "verdict": "should_have_spoken"},
    "POST /api/v1/rooms/{room}/redecide": {},
    "POST /api/v1/suggestions/{run}": {"verdict": "reject"},
}
QUERIES = {"GET /api/v1/rooms/{room}/why": "?seq={seq}", "GET /api/v1/rooms/{room}/search": "?q=tea"}
FRAMES: dict[str, dict[str, Any]] = {
    "frame hello": {"rooms": [{"room": "{room}", "after": 0}]},
    "frame ping": {},
    "frame send": {"room": "{room}", "client_id": "new", "text": "Tea?"},
    "frame typing": {"room": "{room}", "on": True},
    "frame react": {"room": "{room}", "id": "{another}", "emoji": "👍", "on": True},
    "frame edit (one's own)": {"room": "{room}", "id": "{own}", "text": "changed"},
    "frame edit (another's)": {"room": "{room}", "id": "{another}", "text": "changed"},
    "frame delete (one's own)": {"room": "{room}", "id": "{own}"},
    "frame delete (another's)": {"room": "{room}", "id": "{another}"},
    "frame watch": {"room": "{room}", "on": True},
}


@dataclass
class Company:
    """One person of each role, and keys that are of nobody."""

    house: House
    people: dict[str, Person]
    other: Person
    nobodies: list[Person]

    async def room(self) -> tuple[str, dict[str, str]]:
        """A room of its own for each row, with something of everything in it; what stands in its paths and bodies."""
        store, clock = self.house.parts.store, self.house.parts.clock
        owner = self.people["owner"]
        room = await owner.room("Den", agent={"name": "Mika", "mode": "shadow"})
        live = await self.house.parts.rooms.get(room)
        roles: dict[str, Role] = {"former": "member", "observer": "observer", "member": "member"}
        for who, role in roles.items():
            await live.join(Member(self.people[who].id, who, role))
        await live.join(Member(self.other.id, "other", "owner"))  # the last owner could not leave
        names = {"room": room, "other": self.other.id}
        for who in ("owner", *roles):
            author = Author(self.people[who].id, who, "human")
            posted = await store.messages.post(room, author, "old", f"said by {who}", None, clock.now())
            names[f"message of {who}"], names["seq"] = posted.message.id, str(posted.message.seq)
        (agent,) = await store.agents.of_room(room)
        run = a_run(room, agent.id, int(names["seq"]))
        await store.runs.save_run(run)
        await store.suggestions.add(suggestion(room, run.id, "shadow", agent.id))
        await live.leave(self.people["former"].id)
        self.house.parts.replays._all[room] = LiveReplay(room, (), 1.0, 0)
        foreign = await owner.room("Elsewhere", agent=None)
        names |= {"agent": agent.id, "run": run.id}
        names["invite"] = (await owner.got("POST", f"/rooms/{room}/invites", {}))["invite"]
        names["foreign"] = (await owner.got("POST", f"/rooms/{foreign}/invites", {}))["invite"]
        return room, names

    def as_(self, role: str, names: dict[str, str]) -> dict[str, str]:
        """`names` as they are for `role`: what is its own, and what is not."""
        person = self.people.get(role, self.other)
        another = names["message of member" if role == "owner" else "message of owner"]
        own = names.get(f"message of {role}", names["message of owner"])
        return names | {"me": person.id, "own": own, "another": another}


async def company(house: House) -> Company:
    people = {role: await house.user(role) for role in ROLES[1:]}
    credentials, now = house.parts.store.credentials, house.parts.clock.now()
    wrong, revoked, over = [await house.user(name) for name in NOBODIES[1:]]
    wrong.token += "x"
    await credentials.revoke(revoked.id, None, now)
    over.token = (await credentials.issue(over.id, "", now, timedelta(0), renews=False)).token
    return Company(house, people, await house.user("Other"), [wrong, revoked, over])


def filled(body: Any, names: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: filled(value, names) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, names) for value in body]
    if body is SEQ:
        return int(names["seq"])
    return re.sub(r"\{(\w+)\}", lambda m: names[m[1]], body) if isinstance(body, str) else body


def test_the_table_has_every_route_and_every_frame_and_nothing_else() -> None:
    paths = create_app(Settings(model="scripted"), ScriptedEngine()).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    frames = {
        f"frame {get_args(kind.model_fields['type'].annotation)[0]}" for kind in get_args(get_args(ClientFrame)[0])
    }
    assert {row.split(" (")[0] for row in TABLE} == routes | frames


def test_every_body_and_frame_of_this_test_is_of_a_row() -> None:
    assert set(BODIES) | set(FRAMES) | set(QUERIES) <= set(TABLE)
    assert {row for row in TABLE if row.startswith("frame")} == set(FRAMES)


# -- routes ------------------------------------------------------------------------------------------------------------


def test_every_route_as_every_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Rates have tests of their own; here some hundred calls with keys of nobody come from one address.
    monkeypatch.setattr("app.api.access.STRANGERS", Limit(rate=1000, burst=1000))

    async def go() -> None:
        async with served(tmp_path) as house:
            who = await company(house)
            wrong = [
                f"{row} as {role}: {got}, not {TABLE[row][role]}"
                for row in TABLE
                if not row.startswith("frame")
                async for role, got in asked(who, row)
                if got != TABLE[row][role]
            ]
            assert not wrong, "\n".join(wrong)

    asyncio.run(go())


async def asked(who: Company, row: str) -> Any:
    """(role, outcome) for each role, the least first: what takes something away is done last."""
    _, names = await who.room()
    for role in ROLES:
        mine = who.as_(role, names) | {"dimension": "length", "item": "nothing"}
        if "questions/{id}" in row:
            asked_of = who.people.get(role, who.other) if "own" in row else who.other
            mine["id"] = (await asked_of.got("GET", "/me/questions/next"))["id"]
        for person in who.nobodies if role == "nobody" else [who.people[role]]:
            if row.startswith("DELETE /api/v1/tokens"):
                mine["token"] = await a_token(who, role, row)
            yield role, await one(person, row, mine)
        if role == "nobody":
            yield role, await one(None, row, mine, who.house)


async def a_token(who: Company, role: str, row: str) -> str:
    of = who.people.get(role, who.other) if "own" in row else who.other
    credentials, now = who.house.parts.store.credentials, who.house.parts.clock.now()
    if row == "DELETE /api/v1/tokens":
        return ""
    return (await credentials.issue(of.id, "", now, timedelta(days=1), renews=False)).id


async def one(person: Person | None, row: str, names: dict[str, str], house: House | None = None) -> str:
    method, path = row.split(" (")[0].split(" ")
    message = "own" if "one's own" in row else "another"
    user = "me" if "(oneself" in row else "other"
    path = filled(path, names | {"message": names[message], "user": names[user]})
    path += filled(QUERIES.get(row, ""), names)
    body = filled(BODIES.get(row), names)
    if person is None:
        assert house is not None
        response = await house.http.request(method, path, json=body)
    else:
        headers = {"Authorization": f"Bearer {person.token}"}
        response = await person.house.http.request(method, path, json=body, headers=headers)
    return outcome(response.status_code, body_of(response), row)


def body_of(response: httpx.Response) -> Any:
    json = response.content and response.headers.get("content-type") == "application/json"
    return response.json() if json else None


def outcome(status: int, body: Any, row: str) -> str:
    if status in (401, 403, 404):
        code: str = body["error"]["code"]
        assert REFUSALS.index(code) == (401, 403, 404).index(status)
        return code
    # Learning needs labels, there is nothing to undo, so many replays at once: that is said to who may ask only.
    assert status < 300 or (status == 409 and ("refit" in row or "POST /api/v1/replays" in row)), (
        f"{row}: {status} {body}"
    )
    return "yes"


# -- frames ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_frame_as_every_role(tmp_path: Path, role: str) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            who = await company(house)
            for row, frame in FRAMES.items():
                room, names = await who.room()
                mine = who.as_(role, names)
                speakers: list[Person | None] = [None, *who.nobodies] if role == "nobody" else [who.people[role]]
                for person in speakers:
                    assert await spoken(house, person, room, row, filled(frame, mine)) == TABLE[row][role], row

    asyncio.run(go())


async def spoken(house: House, person: Person | None, room: str, row: str, frame: dict[str, Any]) -> str:
    """The code of the first error that the frame, said after a hello of this person, is answered by; or yes."""
    kind = row.split(" ")[1]
    async with house.dial() as line:
        if person is None:
            await line.send(**({"type": kind, **frame} | ({"token": "none"} if kind == "hello" else {})))
            return await refusal(line) or "yes"
        named = [] if kind == "hello" else [{"room": room, "after": 0}]
        await line.send(type="hello", token=person.token, rooms=named)
        if (code := await refusal(line)) == "unauthorized":
            return code
        await line.send(type=kind, **frame)
        return await refusal(line) or "yes"


async def refusal(line: Line) -> str | None:
    """The code of the first error among all that is under way; a connection that is closed was unauthorized."""
    code: str | None = None
    with contextlib.suppress(ConnectionClosed):
        await line.send(type="ping")
        while (frame := await line.next())["type"] != "pong":
            if frame["type"] == "error":
                code = code or frame["code"]
    return code
