"""Every error of a route, as `{"error": …}` with its status."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app import metrics
from app.errors import BadInput, WireError
from app.protocol import ErrorBody, ErrorView
from app.validation import bad_input

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def answer(status: int, view: ErrorView, headers: dict[str, str] | None = None) -> Response:
    body = ErrorBody(error=view).model_dump_json()
    return Response(body, status, media_type="application/json", headers=headers)


def install(app: FastAPI) -> None:
    app.add_exception_handler(WireError, _wire)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _internal)


async def _wire(request: Request, error: Exception) -> Response:
    assert isinstance(error, WireError)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    metrics.REFUSED.labels(error.code).inc()
    view = ErrorView(code=error.code, detail=error.detail, field=error.field, value=error.value)
    return answer(error.status, view, headers)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The first name in each place says where it was: body, query or path.
    return await _wire(request, bad_input(error.errors(), skip=1))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # a body that FastAPI could not even decode
        return await _wire(request, BadInput("not valid JSON"))
    if error.status_code == 422:
        return await _wire(request, BadInput(str(error.detail)))
    code = _CODES.get(error.status_code, "error")
    view = ErrorView(code=code, detail=str(error.detail), field="path", value=request.url.path[:100])
    return answer(error.status_code, view, dict(error.headers or {}))


async def _internal(request: Request, error: Exception) -> Response:
    """The answer only: the outermost handler logs."""
    return answer(500, ErrorView(code="internal", detail="this is our mistake; it has been logged"))
