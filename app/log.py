"""The log: lines of text, or of JSON with the request and the room they belong to. No secret gets through, whoever logs it."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

Shape = Literal["text", "json"]

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Of a REST call or a websocket: in its answer too, as `X-Request-ID`."""
ROOM: ContextVar[str] = ContextVar("room", default="")

QUIET = ("alembic", "httpx", "httpx2", "openai")
"""At INFO these tell of every connection and request, which nobody at a terminal asked for."""
MUTE = ("uvicorn", "websockets", "httpcore", "httpcore2", "aiosqlite")
"""At DEBUG these would write down every frame and statement: what people say is not for the log."""

_SECRET = re.compile(
    r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"  # the shape of every token, ticket and invite
    r"|(?<=[Bb]earer )[^\s\"',]+"
    r"|(?<=\w://)[^/@\s]+(?=@)"  # who and with what password, in a URL
    r"|(?<=sk-)[A-Za-z0-9_-]{8,}"
)


def without_secrets(text: str) -> str:
    return _SECRET.sub("…", text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class _Json(logging.Formatter):
    """One object a line: at, level, logger, message, and where known request, room and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in (("request", REQUEST.get()), ("room", ROOM.get())) if value}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(line, ensure_ascii=False))


def _no_mistake_of_a_client(record: logging.LogRecord) -> bool:
    """Uvicorn closes a connection that sends what is no UTF-8 with 1007, and logs a traceback: anybody could fill the log."""
    return not record.getMessage().startswith("Invalid UTF-8")


def set_up(level: int, shape: Shape) -> None:
    """The root log of this process, on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if shape == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for library in QUIET:
        logging.getLogger(library).setLevel(level if level <= logging.DEBUG else max(level, logging.WARNING))
    for library in MUTE:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(_no_mistake_of_a_client)
