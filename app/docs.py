"""The pages that are made from the code, so that they cannot be out of date unseen."""

from pathlib import Path
from typing import Any

from app.api import health
from app.clock import WallClock
from app.docs_protocol import protocol_page
from app.main import RESOURCES, create_app
from app.settings import Settings
from inference.connect import connect

FOLDER = Path(__file__).parent.parent / "docs"

SETTINGS_INTRODUCTION = """# Settings

Made by `make docs` from `app/settings.py`; `make check` fails when this page is out of date.

Every setting is an environment variable. `make run` sets the port and the model from its `PORT` and `MODEL`. What belongs to a
room (persona, policy, bounds) is not here: it is set in the room, by its owner.

| variable | default | |
|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Each generated page and its text, now."""
    protocol = protocol_page(_openapi(), [resource.router for resource in (*RESOURCES, health)])
    return {FOLDER / "settings.md": settings_page(), FOLDER / "protocol.md": protocol}


def settings_page() -> str:
    rows = [
        f"| `ASIDE_{name.upper()}` | {_default(field.default)} | {(field.description or '').replace('|', '/')} |"
        for name, field in Settings.model_fields.items()
    ]
    return SETTINGS_INTRODUCTION + "\n".join(rows) + "\n"


def _default(value: object) -> str:
    return "" if value in (None, "") else f"`{value}`"


def _openapi() -> dict[str, Any]:
    settings = Settings.model_construct()
    engine = connect("scripted", cache=settings.cache, base_url="", api_key="", timeout=1.0, threads=0)
    return create_app(settings, engine, WallClock()).openapi()
