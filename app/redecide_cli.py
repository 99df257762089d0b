"""`python -m app redecide`: the time machine from a terminal, on the database or on a running service."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.chat_file import load
from app.client import Client
from app.protocol import DecisionView
from app.redecide import decide_again
from app.review import RatesView, RedecideAsk, RedecideView
from app.serve import read_settings
from app.store import Store
from app.store.database import Database

SHOWN = 20
"""Flips that are printed, unless JSON is asked for."""


class CannotRedecideError(Exception):
    """What was asked for makes no sense; the message names the field and the value."""


@dataclass(frozen=True, slots=True)
class Options:
    """`policy` and `weights`: `key=value` each, or a JSON file. `url`: the service to ask; None for the database."""

    room: str
    policy: Sequence[str]
    weights: Sequence[str]
    calibration: str | None
    agent: str | None
    after: str | None
    limit: int
    url: str | None
    name: str | None
    state: Path
    json: bool


async def run(options: Options, say: Callable[[str], None]) -> None:
    """Raises CannotRedecideError, CannotServeError, ClientError, WireError."""
    ask = asked(options)
    found = await (_stored(options.room, ask) if options.url is None else _served(options, options.url, ask))
    if options.json:
        say(found.model_dump_json())
        return
    for line in lines(found):
        say(line)


def asked(options: Options) -> RedecideAsk:
    policy = _fields(options.policy)
    mode = policy.pop("mode", None)
    body = {
        "policy": policy,
        "mode": mode,
        "weights": _fields(options.weights),
        "calibration": options.calibration,
        "agent": options.agent,
        "after": options.after,
        "limit": options.limit,
    }
    try:
        return RedecideAsk.model_validate_json(json.dumps(body))
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(map(str, wrong["loc"]))
        raise CannotRedecideError(f"{field}={wrong['input']!r}: {wrong['msg']}") from error


def _fields(given: Sequence[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if equals:
            found[name] = _value(value)
            continue
        try:
            content = json.loads(Path(item).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CannotRedecideError(f"{item!r} is neither key=value nor a JSON file: {error}") from error
        if not isinstance(content, dict):
            raise CannotRedecideError(f"{item!r} holds no JSON object")
        found |= content
    return found


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


async def _stored(room: str, ask: RedecideAsk) -> RedecideView:
    settings = read_settings()
    database = Database(settings.database)
    store = Store(database, lambda: settings.model)
    try:
        if await store.rooms.get(room) is None:
            raise CannotRedecideError(f"room={room!r}: there is none in this database")
        return await decide_again(store, room, ask, settings.model)
    finally:
        await database.close()


async def _served(options: Options, url: str, ask: RedecideAsk) -> RedecideView:
    person = load(options.state).person(url, options.name)
    if person is None:
        raise CannotRedecideError(f"url={url!r}: nobody chatted there yet, so there is no token in {options.state}")
    async with Client(url, person.token) as client:
        return await client.redecide(options.room, ask)


def lines(view: RedecideView) -> list[str]:
    """For people."""
    head = (
        f"{view.runs} runs decided again under calibration {view.calibration}; {view.fixed} of them stay as they were"
    )
    if view.identical:
        return [head, "every decision is the same, to the last bit", f"as it was: {_rates(view.before)}"]
    found = [head, f"{view.flipped} act otherwise, {view.same} decisions are the same to the last bit"]
    found += [f"before: {_rates(view.before)}", f"after:  {_rates(view.after)}"]
    found += [
        f"{flip.at:%Y-%m-%d %H:%M} seq {flip.seq}: {_act(flip.before)} → {_act(flip.after)}: {flip.why}"
        for flip in view.flips[:SHOWN]
    ]
    if view.flipped > SHOWN:
        found.append(f"… and {view.flipped - SHOWN} more (--json)")
    if view.without_effect:
        found.append(f"no effect on a log: {', '.join(view.without_effect)}")
    return found


def _act(decision: DecisionView) -> str:
    return decision.act if decision.bound is None else f"{decision.act} ({decision.bound.replace('_', ' ')})"


def _rates(rates: RatesView) -> str:
    return (
        f"speaks {rates.speak} times in {rates.decisions} decisions ({rates.rate:.1%}), {rates.per_hour:.1f} messages an hour, "
        f"{rates.share:.1%} of the talk; reacts {rates.react} times"
    )
