"""The time machine on a long log: `python -m bench redecide [--runs 10000] [--agents 3]`.

The log is made as the service makes one: thoughts really thought with the scripted double, each moment decided by the
pipeline's own `decide` and `arbitrate` under policies of every kind (presets, own bars, modes, shares, hours, gaps, quiet
hours, mutes), stored as JSON, read back. Deciding it again must give the same decisions to the last bit, and be quick, both
from the stored motivation and from the raw scores alone (`rerated_seconds`); `read_seconds` went into reading the rows before.
Ends with 1 where a decision differs.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from app.logged import logged
from app.protocol import RunView
from app.thought_views import run_view
from conversation.floor import Floor
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment, Trigger, TriggerKind
from conversation.thought import Thought
from conversation.transcript import Transcript
from heuristics.calibration import Calibration, calibration_for
from inference.scripted import ScriptedEmbedder, ScriptedModel
from thoughts.basis import Basis
from thoughts.evaluation import Turn
from thoughts.footing import footing
from thoughts.participation import arbitrate, decide
from thoughts.pipeline import Thinker, seed_of, think
from thoughts.policy import Mode, Policy, QuietHours
from thoughts.redecide import drive_of, redecide
from thoughts.run import Run

START = datetime(2026, 3, 14, 20, 30, tzinfo=UTC)
PEOPLE = (Member("ann", "Ann", "owner"), Member("bob", "Bob", "member"), Member("cat", "Cat", "member"))
POOL = 60
"""Moments that are really thought about; their thoughts serve all runs."""
KINDS: tuple[TriggerKind, ...] = ("message", "message", "pause", "addressed")


def log(runs: int, agents: int, seed: int) -> list[str]:
    """`runs` stored runs, or a few more: all agents of the last trigger."""
    rng = random.Random(seed)
    crowd = tuple(Member(f"agent{n}", f"Aside {n}", "agent") for n in range(agents))
    calibration = calibration_for("scripted")
    pool = asyncio.run(_pool(crowd, calibration, rng))
    rows: list[str] = []
    talk: list[Message] = []
    now = START
    while len(rows) < runs:
        now += timedelta(seconds=rng.expovariate(1 / 40))
        author = rng.choice((*PEOPLE, *PEOPLE, *crowd)).as_author()
        talk.append(Message(f"m{len(talk)}", len(talk) + 1, author, f"line {len(talk)}", now))
        here = Transcript(tuple(talk[-200:]))
        trigger = Trigger(rng.choice(KINDS), len(talk))
        made = [_run(here, trigger, me, crowd, pool, calibration, now, rng) for me in crowd]
        rows += _stored(made, calibration)
    return rows


async def _pool(crowd: Sequence[Member], calibration: Calibration, rng: random.Random) -> list[tuple[Thought, ...]]:
    model, embedder = ScriptedModel(), ScriptedEmbedder()
    found = []
    held: tuple[Thought, ...] = ()
    for n in range(POOL):
        who = [rng.choice(PEOPLE) for _ in range(rng.randint(1, 12))]
        talk = tuple(
            Message(f"p{i}", i + 1, m.as_author(), f"about {rng.randint(0, 99)}", START) for i, m in enumerate(who)
        )
        moment = Moment("pool", crowd[0], (*PEOPLE, *crowd), Transcript(talk), Floor(), Trigger("message", 1), START)
        thinker = Thinker("", (), Policy(), calibration, model, embedder, time.perf_counter)
        run = await think(f"pool{n}", moment, held, thinker)
        assert run.error is None, run.error
        found.append(run.thoughts)
        held = run.thoughts
    return found


def _run(
    talk: Transcript,
    trigger: Trigger,
    me: Member,
    crowd: tuple[Member, ...],
    pool: Sequence[tuple[Thought, ...]],
    calibration: Calibration,
    now: datetime,
    rng: random.Random,
) -> Run:
    considered = rng.choice((None, trigger.seq, trigger.seq - 3))
    moment = Moment("room", me, (*PEOPLE, *crowd), talk, Floor(), trigger, now, considered, rng.choice((None, 3, 40)))
    policy, seed = _policy(now, rng), seed_of("room", me.id, trigger)
    basis = Basis(footing(moment), _turn(me, rng), policy)
    thoughts = tuple(replace(t, agent=me.id) for t in rng.choice((*pool, ())))
    decision = decide(basis.footing, thoughts, basis.turn, policy, calibration, seed)
    name = f"{me.id}-{trigger.seq}"
    return Run(name, moment, thoughts=thoughts, turn=basis.turn, basis=basis, decision=decision, seed=seed)


def _turn(me: Member, rng: random.Random) -> Turn:
    named = rng.choice((None, None, None, me.id, "bob"))
    if named is not None:
        return Turn({named: 1.0}, named)
    weights = {who: rng.random() ** 3 for who in ("ann", "bob", me.id, "anyone")}
    return Turn({who: weight / sum(weights.values()) for who, weight in weights.items()}, None)


def _policy(now: datetime, rng: random.Random) -> Policy:
    quiet = QuietHours(datetime.min.time().replace(hour=22), datetime.min.time().replace(hour=7), "Europe/Rome")
    modes: tuple[Mode, ...] = get_args(Mode)
    return Policy(
        preset=rng.choice(("selective", "active", "chatty")),
        im_threshold=rng.choice((None, rng.uniform(1, 5))),
        system1_prob=rng.choice((None, rng.random())),
        talk_share=rng.choice((0.0, 0.2, 0.4, 1.0)),
        talk_window=rng.randint(2, 200),
        messages_per_hour=rng.randint(0, 60),
        min_gap=rng.choice((0.0, 4.0, 600.0)),
        quiet_hours=rng.choice((None, quiet)),
        agent_budget=rng.randint(1, 5),
        mode=rng.choice((*modes, "speak", "speak", "speak")),
        mute_until=rng.choice((None, None, now - timedelta(hours=1), now + timedelta(hours=1))),
        version=rng.randint(1, 9),
    )


def _stored(runs: Sequence[Run], calibration: Calibration) -> Iterator[str]:
    """As `app/agent.py` does it: all decide, one may speak, each is stored."""
    outcome = arbitrate({r.moment.agent.id: (r.decision, drive_of(r.thoughts, r.decision) or 0.0) for r in runs})
    for run in runs:
        final = replace(run, decision=outcome[run.moment.agent.id])
        yield run_view(final, "scripted", calibration.name, 1).model_dump_json()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench redecide", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--agents", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    rows = log(given.runs, given.agents, given.seed)
    calibration = calibration_for("scripted")
    began = time.perf_counter()
    runs = [logged(RunView.model_validate_json(row)) for row in rows]
    read = time.perf_counter()
    again = list(redecide(runs, calibration))
    ended = time.perf_counter()
    rated = list(redecide(runs, replace(calibration, name="the same by another name")))
    rerated = time.perf_counter()
    different = [one for one in (*again, *rated) if one.decision != one.run.decision or one.drive != one.drive_before]
    acts = {act: sum(one.decision.act == act for one in again) for act in ("speak", "react", "hold", "silent")}
    bounds = sorted({one.decision.bound for one in again if one.decision.bound is not None})
    print(f"decisions: {acts}; bounds that bit: {', '.join(bounds)}")
    for one in different[:3]:
        print(f"differs: {one.run.decision!r} → {one.decision!r}")
    result = {
        "identical": not different and len(again) == len(rated) == len(rows),
        "runs": len(again),
        "seconds": round(ended - read, 3),
        "rerated_seconds": round(rerated - ended, 3),
        "read_seconds": round(read - began, 3),
        "bytes": sum(map(len, rows)),
    }
    print(json.dumps(result))
    return 0 if result["identical"] else 1
