"""What a room's labels would change: the runs that they are about, the offset, and the log decided again with it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from app.logged import logged
from app.protocol import RunView
from app.review import FlipsView, LabelView
from app.store import Store
from heuristics.calibration import Calibration
from thoughts.policy import Policy
from thoughts.redecide import redecide
from thoughts.refit import Refit, labelled, refit

LABELS = 300
"""The newest that count: a room changes."""
RUNS = 400
"""The newest that are shown decided again."""
SPEAKING = ("speak", "react")


async def learned(store: Store, room: str, agent: str) -> tuple[Refit | None, int]:
    """What the labels about `agent` say, and how many say something of its bar."""
    labels = await store.labels.of_room(room, agent, LABELS)
    ids = sorted({one.run for one in labels if one.run is not None})
    bodies = await store.runs.bodies(room, LABELS, ids) if ids else ()
    return await asyncio.to_thread(_refit, labels, bodies, agent)


def _refit(labels: Sequence[LabelView], bodies: Sequence[str], agent: str) -> tuple[Refit | None, int]:
    runs = {run.id: logged(run) for run in map(RunView.model_validate_json, bodies) if run.agent == agent}
    said = [labelled(one.verdict, runs.get(one.run or "")) for one in labels if one.run is None or one.run in runs]
    telling = [one for one in said if one is not None]
    return refit(telling), len(telling)


async def flips(store: Store, room: str, agent: str, offset: float, calibration: Calibration) -> FlipsView:
    """The room's last runs decided again as if `offset` had been in force."""
    bodies = await store.runs.bodies(room, RUNS)
    return await asyncio.to_thread(_flips, bodies, agent, offset, calibration)


def _flips(bodies: Sequence[str], agent: str, offset: float, calibration: Calibration) -> FlipsView:
    def changed(who: str, policy: Policy) -> Policy:
        return replace(policy, bar_offset=offset) if who == agent else policy

    log = [logged(RunView.model_validate_json(body)) for body in reversed(bodies)]
    made = [one for one in redecide(log, calibration, changed) if one.run.agent == agent]
    return FlipsView(
        runs=len(made),
        speak_before=sum(one.run.decision.act in SPEAKING for one in made),
        speak_after=sum(one.decision.act in SPEAKING for one in made),
        flipped=[one.run.id for one in made if one.flipped],
    )
