"""Learning from labels, by REST."""

import asyncio
from pathlib import Path

from tests.app.harness import served
from tests.app.store.test_labels import label
from tests.app.test_learning import decided


def test_it_is_shown_then_applied_then_undone(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent={"name": "Mika"})
            (agent,) = (await ann.got("GET", f"/rooms/{room}/agents"))["agents"]
            path = f"/rooms/{room}/agents/{agent['id']}/refit"
            empty = await ann.got("GET", path)
            assert (empty["labels"], empty["needed"], empty["offset"], empty["versions"]) == (0, 20, None, [])
            early = await ann.call("POST", path)
            assert (early.status_code, early.json()["error"]["field"]) == (409, "agent")
            store = house.parts.store
            for seq in range(1, 21):
                run = decided(room, seq, 3.1).model_copy(update={"agent": agent["id"]})
                await store.runs.save_run(run)
                await store.labels.put(label(room, ann.id, "too_much", run=run.id, agent=agent["id"]))
            shown = await ann.got("GET", path)
            assert (shown["labels"], shown["learned"]) == (20, None)
            assert (shown["agreed_before"], shown["agreed_after"]) == (0, 20)
            assert (shown["flips"]["speak_before"], shown["flips"]["speak_after"]) == (20, 0)
            applied = await ann.got("POST", path)
            assert applied["learned"]["offset"] == shown["offset"] > 0
            now = await ann.got("GET", f"/rooms/{room}/agents/{agent['id']}")
            assert (now["learned"], now["policy_version"]) == (applied["learned"], 2)
            assert (await ann.got("PUT", f"/rooms/{room}/agents/{agent['id']}", now))["learned"] == now["learned"]
            undone = await ann.got("DELETE", path)
            assert (undone["learned"], len(undone["versions"])) == (None, 1)
            assert (await ann.call("DELETE", path)).status_code == 409
            gone = await ann.call("GET", f"/rooms/{room}/agents/nobody/refit")
            assert (gone.status_code, gone.json()["error"]["field"]) == (404, "agent")

    asyncio.run(go())
