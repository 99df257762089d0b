import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter

from app import errors
from app.docs import pages
from app.docs_protocol import in_words, protocol_page
from app.errors import WireError
from app.frames import CLIENT_FRAME, SERVER_FRAME
from app.protocol import Wire

EMPTY: dict[str, Any] = {"paths": {}}


def tags(adapter: TypeAdapter[Any]) -> Iterator[str]:
    schema = adapter.json_schema()
    yield from schema["discriminator"]["mapping"]


def test_every_frame_has_its_section() -> None:
    page = protocol_page(EMPTY)
    for tag in (*tags(CLIENT_FRAME), *tags(SERVER_FRAME)):
        assert f"#### `{tag}`" in page


def test_limits_and_words_of_the_types_are_on_the_page() -> None:
    page = protocol_page(EMPTY)
    assert "| `text` | string (1–8,000 characters, not blank) | required |" in page
    assert "a frame of more than 64 KiB" in page
    assert "`talk_share` | number (0 to 1) | `0.4` | Largest part of the last" in page


def test_every_error_code_is_on_the_page() -> None:
    page = protocol_page(EMPTY)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WireError)]
    assert len(kinds) > 5
    for kind in kinds:
        assert kind.__name__ in page
    assert "422" in page


def test_a_route_shows_its_parameters_body_and_answer() -> None:
    route = {
        "description": "Who may:\nmembers.",
        "parameters": [
            {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 9, "default": 0}},
            {"name": "room", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "authorization", "in": "header", "schema": {"type": "string"}},
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/PolicyView-Input"}}}},
        "responses": {
            "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/RoomView"}}}},
            "422": {"content": {}},
        },
    }
    page = protocol_page({"paths": {"/api/v1/rooms/{room}": {"put": route}}})
    section = page.split("### PUT /api/v1/rooms/{room}\n")[1].split("\n## ")[0]
    assert section.strip().splitlines() == [
        "Who may:",
        "members.",
        "",
        "- `after` in the query: integer (0 to 9), default `0`",
        "- `room` in the path: string",
        "- body: [PolicyView](#policyview)",
        "- answer 200: [RoomView](#roomview)",
    ]


def test_every_route_of_the_service_says_what_it_needs() -> None:
    (page,) = (text for path, text in pages().items() if path.name == "protocol.md")
    sections = page.split("## Websocket")[0].split("\n### ")[1:]
    needs = dict(re.findall(r"^(\w+ \S+)\n.*?^- needs: ([^\n]+)$", "\n".join(sections), re.MULTILINE | re.DOTALL))
    assert len(sections) > 10
    assert len(needs) == len(sections)
    assert needs["GET /healthz"] == needs["POST /api/v1/users"] == "nothing"
    assert needs["POST /api/v1/rooms"] == "a token"
    assert needs["GET /api/v1/rooms/{room}/messages"] == "to be in the room"


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (int, "integer"),
        (list[str], "list of string"),
        (Annotated[list[str], Field(max_length=3)], "list of string (at most 3)"),
        (dict[str, float], "object of number"),
        (Literal["a", "b"], "`a`, `b`"),
        (str | None, "string or null"),
        (Annotated[float, Field(gt=0, le=1)], "number (over 0 to 1)"),
        (bool, "boolean"),
    ],
)
def test_types_in_words(annotation: Any, shown: str) -> None:
    assert in_words(TypeAdapter(annotation).json_schema()) == shown


def test_private_types_of_the_module_are_not_forgotten() -> None:
    assert "#### RunView" in protocol_page(EMPTY)
    assert Wire.__name__ not in [line.removeprefix("#### ") for line in protocol_page(EMPTY).splitlines()]
