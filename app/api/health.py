"""Whether the process lives, and whether everything it needs is there."""

from fastapi import APIRouter, Response

from app.api.access import Here
from app.errors import Unavailable
from app.parts import Parts
from app.protocol import HealthView, ReadyView

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> HealthView:
    return HealthView(status="ok")


@router.get("/readyz", responses={503: {"model": ReadyView}})
async def readyz(parts: Here, response: Response) -> ReadyView:
    """503 where a check fails. People chat on without the model; they cannot without the database."""
    checks = {"database": await _database(parts), "model": parts.engine.status()}
    ready = all(check == "ok" for check in checks.values())
    response.status_code = 200 if ready else 503
    return ReadyView(ready=ready, checks=checks)


async def _database(parts: Parts) -> str:
    try:
        await parts.store.database.probe()
    except Unavailable as error:
        return error.detail
    return "ok"
