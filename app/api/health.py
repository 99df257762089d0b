"""Whether the process lives, whether everything it needs is there, and what it counts."""

import asyncio
import secrets
from math import nan
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app import metrics
from app.api.access import Here, address
from app.errors import Forbidden, Unavailable
from app.parts import Parts
from app.protocol import HealthView, ReadyView
from app.settings import LOOPBACK
from inference.connection import ASKED

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> HealthView:
    return HealthView(status="ok")


@router.get("/readyz", responses={503: {"model": ReadyView}})
async def readyz(parts: Here, response: Response) -> ReadyView:
    """503 where a check fails. People chat on without the model; they cannot without the database."""
    checks = {"database": await _database(parts), "model": parts.engine.status()}
    if parts.sessions.draining:
        checks["service"] = "it is stopping"
    ready = all(check == "ok" for check in checks.values())
    response.status_code = 200 if ready else 503
    return ReadyView(ready=ready, checks=checks)


METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "Prometheus' text format"}
}


@router.get("/metrics", response_class=Response, responses=METRICS)
async def read(parts: Here, request: Request) -> Response:
    """For Prometheus: from this machine, or with the token of `ASIDE_METRICS_TOKEN`."""
    _check(request, parts.settings.metrics_token)
    gauges = {
        metrics.SOCKETS: len(parts.sessions),
        metrics.TASKS: len(asyncio.all_tasks()),
        metrics.ROOMS: len(parts.rooms),
        metrics.MODEL: parts.engine.status() == "ok",
    }
    owed = sum(session.owed for session in parts.sessions.everybody())
    queues: dict[str, float] = {
        "commit": len(parts.store.database.committer),
        "readers": owed,
        "thoughts": await _unthought(parts),
        "runs": parts.admission.waiting,
    }
    if parts.settings.redis:
        queues["redis"] = parts.rooms.unsent()
    text = metrics.page(gauges, queues, ASKED)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _check(request: Request, token: str) -> None:
    """Raises Forbidden."""
    if not token and address(request) in LOOPBACK:
        return
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise Forbidden("from this machine, or with the token of ASIDE_METRICS_TOKEN", "Authorization")


async def _unthought(parts: Parts) -> float:
    """Not a number while the database is away: the rest can still be read."""
    try:
        return await parts.store.outbox.depth()
    except Unavailable:
        return nan


async def _database(parts: Parts) -> str:
    try:
        await parts.store.database.probe()
    except Unavailable as error:
        return error.detail
    return "ok"
