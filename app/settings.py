"""The one reader of the environment. docs/settings.md is generated from these fields."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.log import Shape
from inference.weights import Precision
from personalization.space import SpaceError, served

BACKLOG = 65_535
"""Connections that the kernel holds for this process until it takes them; of so many it keeps what net.core.somaxconn allows.
Who comes when it is full tries again after 1, 3, 7, 15 s: after a restart everybody comes at once."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _own_dimensions(file: Path | None) -> Path | None:
    """That it can be read and fits is found out before anything starts. A file that is not one is named by what it lacks."""
    try:
        served(file)
    except SpaceError as error:
        raise ValueError(str(error)) from error
    return file


class Settings(BaseSettings):
    """Each field is read from ASIDE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="ASIDE_", frozen=True, extra="ignore")

    host: Annotated[
        str,
        Field(
            description="Address to listen on. Anything but loopback closes open registration unless `open_registration` is set."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Field(description="Port to listen on.", ge=0, le=65535)] = 8000
    model: Annotated[
        str,
        Field(
            min_length=1,
            description="`tiny`, `small`, a hub id or folder of a transformers model, `openai:<name>`, or `scripted` "
            "(no model; for tests).",
        ),
    ] = "tiny"
    openai_base_url: Annotated[
        str,
        Field(pattern="^https?://", description="Base URL of the OpenAI-compatible server for `openai:<name>`."),
    ] = "https://api.openai.com/v1"
    openai_api_key: Annotated[str, Field(description="Its key. Never logged.", repr=False)] = ""
    database: Annotated[
        str,
        Field(
            pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://",
            description="SQLAlchemy URL: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.",
        ),
    ] = "sqlite+aiosqlite:///data/aside.db"
    redis: Annotated[
        str,
        Field(
            pattern="^((rediss?|unix)://.*)?$",
            description="`redis://…` for fan-out between processes; empty for a single process.",
        ),
    ] = ""
    cache: Annotated[Path, Field(description="Where converted model weights are kept.")] = Path("~/.cache/aside")
    open_registration: Annotated[
        bool | None,
        Field(description="Whether anybody may create a user. Unset: only when listening on loopback."),
    ] = None
    origins: Annotated[
        list[str], Field(description="Origins (JSON list) that may open a websocket beside the server's own.")
    ] = []
    hosts: Annotated[
        list[str],
        Field(
            description="Names (JSON list; with or without a port) that the service goes by. Empty: any address and any name "
            "without a dot, which no foreign page can take for its own."
        ),
    ] = []
    token_days: Annotated[
        int,
        Field(
            description="Days after which a person's token is no longer valid when it was not used meanwhile.",
            ge=1,
            le=3650,
        ),
    ] = 90
    model_timeout: Annotated[
        float,
        Field(description="Seconds after which a call to the model fails and the run ends in silence.", gt=0),
    ] = 60.0
    threads: Annotated[
        int, Field(description="CPU threads of the model process; 0 takes every core it may use.", ge=0)
    ] = 0
    precision: Annotated[
        Precision,
        Field(
            description="Of a model in process. `auto`: bf16 on a GPU and on processors that are quicker with it (AMX, AMD), "
            "int8 on others with VNNI, bf16 on those that have AVX-512 or AVX2 alone and a C compiler, else float32. `float32` "
            "is exact and slow; `int8` takes a quarter of its memory."
        ),
    ] = "auto"
    retention: Annotated[
        int,
        Field(
            description="Days after which what agents remember of people is erased; 0 keeps it until it is forgotten.",
            ge=0,
        ),
    ] = 0
    own_dimensions: Annotated[
        Path | None,
        AfterValidator(_own_dimensions),
        Field(
            description="JSON file of dimensions that people are known by here, beside those that come with Aside: a coach's "
            "goals, a tutor's ways of learning (docs/personalization.md). Unset: none."
        ),
    ] = None
    room_idle: Annotated[
        float,
        Field(
            description="Seconds after which a room that nobody listens to, asks for or thinks in leaves memory. `bench soak` "
            "has it short, to see them go.",
            gt=0,
        ),
    ] = 600.0
    metrics_token: Annotated[
        str,
        Field(description="Bearer token for `/metrics`. Empty: only this machine may ask. Never logged.", repr=False),
    ] = ""
    otlp_endpoint: Annotated[
        str,
        Field(
            pattern="^(https?://.*)?$",
            validation_alias=AliasChoices("ASIDE_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
            description="OpenTelemetry collector (`http://host:4318`) that is sent the spans of each message; "
            "`OTEL_EXPORTER_OTLP_ENDPOINT` says the same. Empty: none are made. Needs the extra `tracing`.",
        ),
    ] = ""
    log_level: Annotated[str, Field(description="Level of the log on standard error.")] = "INFO"
    log_format: Annotated[
        Shape, Field(description="`text`, or `json`: one object a line, with the ids of the request and the room.")
    ] = "text"

    @property
    def registration_open(self) -> bool:
        if self.open_registration is not None:
            return self.open_registration
        return self.host in LOOPBACK


BLAS_THREADS = "OPENBLAS_NUM_THREADS"
"""Of NumPy's products in this process. Those are small, and by default split among all cores: while the model has these, each
half waits for the other, with the loop (`python -m bench acks`: p99 of 44 ms, 30 at most with one)."""


def spare_cores() -> None:
    """Before NumPy is imported, which reads it then. What the environment says already stays."""
    os.environ.setdefault(BLAS_THREADS, "1")
