"""The time machine at work on a stored room: reads the log, decides it again, and says what would have been otherwise."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from importlib import resources
from typing import Any

from app.errors import BadInput
from app.logged import logged
from app.protocol import DecisionView, RunView
from app.review import FlipView, RatesView, RedecideAsk, RedecideView
from app.store import Store
from app.thought_views import quiet_hours_of
from conversation.decision import Decision
from heuristics.calibration import Calibration, calibration_for
from thoughts.redecide import WITHOUT_EFFECT, Changed, Logged, Redecided, rates, redecide, reweighted

FLIPS = 500
"""Flips in one answer at most."""
RATING = frozenset({"silence_growth", "silence_cap", "weights"})
"""Fields of a policy that change motivation itself."""


async def decide_again(store: Store, room: str, ask: RedecideAsk, served: str) -> RedecideView:
    """`served`: the model whose calibration is taken where neither `ask` nor the log names one. Raises BadInput."""
    fields = policy_fields(ask)
    calibration = chosen_calibration(ask.calibration or served, ask)
    rated_again = bool(RATING & fields.keys())
    runs: list[Logged] = []
    async for page in store.runs.log(room, ask.after, ask.limit):
        if page and not runs and ask.calibration is None:
            calibration = chosen_calibration(RunView.model_validate_json(page[0]).model, ask)
        runs += await asyncio.to_thread(_read, page, calibration.name, rated_again)
    runs.reverse()
    people = await store.messages.count_people(room, runs[0].trigger.seq, runs[-1].trigger.seq) if runs else 0
    return await asyncio.to_thread(_outcome, runs, ask, fields, calibration, people)


def _read(bodies: Sequence[str], calibration: str, rated_again: bool) -> list[Logged]:
    views = map(RunView.model_validate_json, bodies)
    return [logged(view, whole=rated_again or view.calibration != calibration) for view in views]


def policy_fields(ask: RedecideAsk) -> dict[str, Any]:
    """The fields of deciding policies that are to be otherwise."""
    fields = ask.policy.model_dump(include=ask.policy.model_fields_set)
    if "quiet_hours" in fields:
        fields["quiet_hours"] = quiet_hours_of(ask.policy.quiet_hours)
    return fields if ask.mode is None else {**fields, "mode": ask.mode}


def chosen_calibration(model: str, ask: RedecideAsk) -> Calibration:
    """Raises BadInput for a name that was asked for and is none, and for a weight for no heuristic."""
    names = {entry.name.removesuffix(".json") for entry in (resources.files("heuristics") / "calibrations").iterdir()}
    if ask.calibration is not None and ask.calibration not in names:
        raise BadInput(f"no such calibration; there are {', '.join(sorted(names))}", "calibration", ask.calibration)
    calibration = calibration_for(model)
    if not ask.weights:
        return calibration
    try:
        return reweighted(calibration, ask.weights)
    except KeyError as error:
        raise BadInput(f"no such heuristic: {error.args[0]!r}", "weights", str(error.args[0])) from error


def _outcome(
    runs: Sequence[Logged], ask: RedecideAsk, fields: Mapping[str, Any], calibration: Calibration, people: int
) -> RedecideView:
    again = [
        one for one in redecide(runs, calibration, _changed(ask.agent, fields)) if ask.agent in (None, one.run.agent)
    ]
    flips = [one for one in again if one.flipped]
    same = sum(one.decision == one.run.decision for one in again)
    span = runs[-1].at - runs[0].at if runs else timedelta()

    def shown(decisions: Sequence[Decision]) -> RatesView:
        return RatesView(**asdict(rates(decisions, span, people)))

    return RedecideView(
        runs=len(again),
        fixed=sum(one.run.basis is None for one in again),
        identical=same == len(again),
        same=same,
        flipped=len(flips),
        flips=[_flip(one) for one in reversed(flips[-FLIPS:])],
        before=shown([one.run.decision for one in again]),
        after=shown([one.decision for one in again]),
        calibrations=sorted({one.run.calibration for one in again}),
        calibration=calibration.name,
        without_effect=[field for field in WITHOUT_EFFECT if field in fields],
    )


def _changed(agent: str | None, fields: Mapping[str, Any]) -> Changed:
    return lambda who, policy: replace(policy, **fields) if agent in (None, who) else policy


def _flip(one: Redecided) -> FlipView:
    run = one.run
    before, after = (DecisionView(**asdict(decision)) for decision in (run.decision, one.decision))
    return FlipView(
        run=run.id, agent=run.agent, seq=run.trigger.seq, at=run.at, before=before, after=after, why=one.why
    )
