"""What is believed of me, by REST."""

import asyncio
from pathlib import Path

from conversation.message import Author
from personalization.belief import Evidence
from tests.app.harness import served


def test_i_see_what_is_believed_where_it_comes_from_and_set_it_right(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            room = await ann.room(agent=None)
            store, now = house.parts.store, house.parts.clock.now()
            author = Author(ann.id, "Ann", "human")
            hello = await store.messages.post(room, author, "0", "Hello.", None, now)
            await store.beliefs.add(ann.id, room, {"length": Evidence(hello.message.id, (1.0, 0.9, 1.0), now)})
            posted = await store.messages.post(room, author, "1", "Keep it short.", None, now)
            told = {"length": Evidence(posted.message.id, (1.0, 0.1, 0.1), now)}
            await store.beliefs.add(ann.id, room, told)
            beliefs = {b["dimension"]: b for b in (await ann.got("GET", "/me/beliefs"))["beliefs"]}
            length = beliefs["length"]
            assert (length["likeliest"], length["by_hand"]) == ("short", False)
            assert [e["text"] for e in length["evidence"]] == ["Keep it short.", "Hello."]  # what tells most first
            assert length["uncertainty"] < 0.6 < beliefs["humour"]["uncertainty"] == 1
            assert beliefs["humour"]["evidence"] == []
            set_by_hand = await ann.got("PUT", "/me/beliefs/length", {"value": "long"})
            assert next(b for b in set_by_hand["beliefs"] if b["dimension"] == "length")["likeliest"] == "long"
            wrong = await ann.call("PUT", "/me/beliefs/length", {"value": "huge"})
            assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "value")
            assert (await ann.call("PUT", "/me/beliefs/shoes", {"value": "long"})).status_code == 404
            back = await ann.got("PUT", "/me/beliefs/length", {"value": None})
            assert next(b for b in back["beliefs"] if b["dimension"] == "length")["likeliest"] == "short"
            assert (await ann.call("DELETE", "/me/beliefs")).status_code == 204
            gone = (await ann.got("GET", "/me/beliefs"))["beliefs"]
            assert all(b["uncertainty"] == 1 and not b["evidence"] for b in gone)

    asyncio.run(go())


def test_a_deployments_own_dimensions_are_seen_and_set_like_the_others(tmp_path: Path) -> None:
    file = tmp_path / "coach.json"
    file.write_text(
        '{"name": "coach", "dimensions": {"goal": {"values": {"strength": 0.5, "calm": 0.5}, "ask": "What for?"}}}'
    )

    async def go() -> None:
        async with served(tmp_path, own_dimensions=file) as house:
            ann = await house.user("Ann")
            await ann.got("PUT", "/me/beliefs/goal", {"value": "calm"})
            profile = await ann.got("GET", "/me/profile")
            goal = next(b for b in profile["beliefs"] if b["dimension"] == "goal")
            assert (goal["likeliest"], goal["by_hand"], goal["ask"]) == ("calm", True, "What for?")

    asyncio.run(go())
