"""Who may do what: every route against every role."""

import asyncio
from pathlib import Path

import pytest

from tests.app.harness import House, Person, served
from tests.app.store.opened import a_run
from tests.app.store.test_suggestions import suggestion

OWNER, MEMBER, OBSERVER, STRANGER, NOBODY = "owner", "member", "observer", "stranger", "nobody"

MATRIX: list[tuple[str, str, object, dict[str, int]]] = [
    ("GET", "/me", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 200, NOBODY: 401}),
    ("GET", "/info", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 200, NOBODY: 200}),
    ("GET", "/rooms", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 200, NOBODY: 401}),
    ("POST", "/rooms", {"name": "x"}, {OWNER: 201, MEMBER: 201, OBSERVER: 201, STRANGER: 201, NOBODY: 401}),
    ("GET", "/rooms/{room}", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("PATCH", "/rooms/{room}", {"name": "x"}, {OWNER: 200, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401}),
    ("GET", "/rooms/{room}/messages", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    (
        "POST",
        "/rooms/{room}/messages",
        {"client_id": "c", "text": "x"},
        {OWNER: 201, MEMBER: 201, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    ("GET", "/rooms/{room}/agents", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("POST", "/rooms/{room}/agents", {}, {OWNER: 201, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401}),
    ("GET", "/rooms/{room}/agents/{agent}", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("PUT", "/rooms/{room}/agents/{agent}", {}, {OWNER: 200, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401}),
    (
        "DELETE",
        "/rooms/{room}/agents/{agent}/quiet",
        None,
        {OWNER: 204, MEMBER: 204, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    ("GET", "/rooms/{room}/runs", None, {OWNER: 200, MEMBER: 403, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("GET", "/runs/{run}", None, {OWNER: 200, MEMBER: 403, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("GET", "/rooms/{room}/thoughts", None, {OWNER: 200, MEMBER: 403, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("GET", "/rooms/{room}/suggestions", None, {OWNER: 200, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401}),
    (
        "POST",
        "/suggestions/{run}",
        {"verdict": "reject"},
        {MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401, OWNER: 200},
    ),
    (
        "POST",
        "/runs/{run}/feedback",
        {"verdict": "good"},
        {OWNER: 201, MEMBER: 201, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    (
        "POST",
        "/rooms/{room}/feedback",
        {"seq": 1, "verdict": "should_have_spoken"},
        {OWNER: 404, MEMBER: 404, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    ("GET", "/rooms/{room}/labels", None, {OWNER: 200, MEMBER: 403, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    (
        "GET",
        "/rooms/{room}/agents/{agent}/refit",
        None,
        {OWNER: 200, MEMBER: 403, OBSERVER: 200, STRANGER: 404, NOBODY: 401},
    ),
    (
        "POST",
        "/rooms/{room}/agents/{agent}/refit",
        None,
        {OWNER: 409, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    (
        "DELETE",
        "/rooms/{room}/agents/{agent}/refit",
        None,
        {OWNER: 409, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    ("GET", "/runs/{run}/why", None, {OWNER: 200, MEMBER: 200, OBSERVER: 200, STRANGER: 404, NOBODY: 401}),
    ("GET", "/rooms/{room}/why?seq=999", None, {OWNER: 404, MEMBER: 404, OBSERVER: 404, STRANGER: 404, NOBODY: 401}),
    ("POST", "/rooms/{room}/invites", {}, {OWNER: 201, MEMBER: 201, OBSERVER: 403, STRANGER: 404, NOBODY: 401}),
    (
        "POST",
        "/rooms/{room}/invites",
        {"role": "observer"},
        {OWNER: 201, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    (
        "POST",
        "/rooms/{room}/members",
        {"user": "{other}"},
        {OWNER: 201, MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401},
    ),
    (
        "DELETE",
        "/rooms/{room}/members/{other}",
        None,
        {MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401, OWNER: 204},
    ),
    (
        "DELETE",
        "/rooms/{room}/agents/{agent}",
        None,
        {MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401, OWNER: 204},
    ),
    ("DELETE", "/rooms/{room}", None, {MEMBER: 403, OBSERVER: 403, STRANGER: 404, NOBODY: 401, OWNER: 204}),
]
"""Within a row the roles go from top to bottom: what deletes comes last."""


async def company(house: House) -> dict[str, Person]:
    people = {role: await house.user(role) for role in (OWNER, MEMBER, OBSERVER, STRANGER)}
    nobody = await house.user(NOBODY)
    nobody.token = "not-a-token"
    return {**people, NOBODY: nobody}


def filled(body: object, names: dict[str, str]) -> object:
    if isinstance(body, dict):
        return {key: value.format(**names) if isinstance(value, str) else value for key, value in body.items()}
    return body


def test_every_route_against_every_role(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            people = await company(house)
            other = await house.user("Other")
            room = await people[OWNER].room("Tea", agent={})
            await people[OWNER].let_in(room, people[MEMBER], other)
            await people[OWNER].let_in(room, people[OBSERVER], role="observer")
            (agent,) = (await people[OWNER].got("GET", f"/rooms/{room}/agents"))["agents"]
            run = a_run(room, agent["id"], 1)
            await house.parts.store.runs.save_run(run)
            await house.parts.store.suggestions.add(suggestion(room, run.id, "shadow", agent["id"]))
            names = {"room": room, "agent": agent["id"], "other": other.id, "run": run.id}
            for method, path, body, expected in MATRIX:
                for role, status in expected.items():
                    response = await people[role].call(method, path.format(**names), filled(body, names))
                    assert response.status_code == status, (method, path, role, response.text)
                    if status >= 400:
                        assert response.json()["error"]["code"] in (
                            "unauthorized",
                            "forbidden",
                            "not_found",
                            "conflict",
                        )

    asyncio.run(go())


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Basic {token}", "{token}", "Bearer {token}x", "Bearer\t{token}"]
)
def test_only_a_bearer_token_is_a_token(tmp_path: Path, header: str | None) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            headers = {} if header is None else {"Authorization": header.format(token=ann.token)}
            response = await house.http.get("/api/v1/me", headers=headers)
            assert response.status_code == 401
            error = response.json()["error"]
            assert (error["code"], error["field"]) == ("unauthorized", "Authorization")
            assert ann.token not in response.text
            assert response.headers["www-authenticate"] == "Bearer"
            url = await house.http.get(f"/api/v1/me?token={ann.token}")
            assert url.status_code == 401

    asyncio.run(go())


def test_strangers_cannot_tell_a_room_from_no_room(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, eve = await house.user("Ann"), await house.user("Eve")
            room = await ann.room("Tea")
            there, nowhere = await eve.call("GET", f"/rooms/{room}"), await eve.call("GET", "/rooms/nowhere")
            assert there.status_code == nowhere.status_code == 404
            assert there.text.replace(room, "nowhere") == nowhere.text

    asyncio.run(go())
