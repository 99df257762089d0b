"""What is counted."""

import asyncio
from math import isnan
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import metrics
from app.clock import WallClock
from app.errors import Unavailable
from conversation.message import Author
from inference.connection import ASKED
from tests.app.harness import House, served
from tests.app.store.opened import a_run


async def read(house: House) -> dict[str, float]:
    """Sample with its labels → value."""
    answer = await house.http.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_visit_is_counted_where_it_belongs(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            before = await read(house)
            async with ann.line({room: 0}) as line:
                for i in range(3):
                    await line.post(room, f"c{i}", "x")
                await line.send(type="typing", room="nowhere", on=True)
                await line.until("error")
                await ann.got("POST", f"/rooms/{room}/messages", {"client_id": "r", "text": "x"})
                during = await read(house)
            await ann.call("GET", "/rooms/nowhere")
            after = await read(house)
            grew = {name: after[name] - before.get(name, 0.0) for name in after}
            assert (during["aside_websockets"], during["aside_rooms_open"], during["aside_model_ready"]) == (1, 1, 1)
            assert during["aside_queue what=commit"] == 0
            assert grew["aside_messages_total door=socket"] == 3
            assert grew["aside_messages_total door=rest"] == 1
            assert grew["aside_ack_seconds_count"] == grew["aside_fan_out_seconds_count"] == 4
            assert grew["aside_refused_total code=not_found"] == 2
            assert grew["aside_request_seconds_count method=GET status=4xx"] == 1
            assert after["process_resident_memory_bytes"] > 0

    asyncio.run(go())


def test_what_waits_is_measured_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room()
            parts = house.parts
            await parts.store.messages.post(room, Author(ann.id, "Ann", "human"), "c", "Tea?", None, parts.clock.now())
            monkeypatch.setitem(ASKED, "rate", 3)
            during = await read(house)
            assert during["aside_queue what=thoughts"] == 1
            assert during["aside_model_requests kind=rate"] == 3
            await parts.store.outbox.done(room, 1, None)
            monkeypatch.setitem(ASKED, "rate", 0)
            after = await read(house)
            assert after["aside_queue what=thoughts"] == after["aside_model_requests kind=rate"] == 0

            async def away() -> int:
                raise Unavailable("the database is away")

            monkeypatch.setattr(parts.store.outbox, "depth", away)
            assert isnan((await read(house))["aside_queue what=thoughts"])

    asyncio.run(go())


def test_a_run_counts_its_decision_its_tokens_and_its_stages() -> None:
    def value(name: str, **labels: str) -> float:
        return metrics.REGISTRY.get_sample_value(name, labels) or 0.0

    def all_of_it() -> list[float]:
        return [
            value("aside_runs_total", act="silent", branch="open", trigger="message"),
            value("aside_tokens_total", kind="prompt"),
            value("aside_tokens_total", kind="generated"),
            value("aside_stage_seconds_sum", stage="formation"),
        ]

    before = all_of_it()
    metrics.run(a_run("r", "a", 1))
    grew = [now - then for now, then in zip(all_of_it(), before, strict=True)]
    assert grew == pytest.approx([1, 10, 3, 0.0125])


def test_who_is_elsewhere_needs_the_token(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path, clock=WallClock(), metrics_token="sesame") as house:
            for header, status in (
                ({}, 403),
                ({"Authorization": "Bearer wrong"}, 403),
                ({"Authorization": "Bearer sesame"}, 200),
            ):
                assert (await house.http.get("/metrics", headers=header)).status_code == status

    asyncio.run(go())
