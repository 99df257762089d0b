"""Ten questions, by REST."""

import asyncio
from pathlib import Path

from tests.app.harness import served


def test_ten_answers_tell_a_taste(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann, bob = await house.user("Ann"), await house.user("Bob")
            before = await ann.got("GET", "/me/taste")
            assert before["answered"] == 0
            assert all(x["mean"] == 0 for x in before["likings"])
            seen = set()
            for n in range(10):
                pair = await ann.got("GET", "/me/questions/next")
                assert await ann.got("GET", "/me/questions/next") == pair
                assert pair["answered"] == n
                assert pair["first"] != pair["second"]
                seen.add((pair["message"], *sorted((pair["first"], pair["second"]))))
                choice = "first" if len(pair["first"]) > len(pair["second"]) else "second"
                after = await ann.got("POST", f"/me/questions/{pair['id']}", {"choice": choice})
                again = await ann.call("POST", f"/me/questions/{pair['id']}", {"choice": choice})
                assert again.status_code == 409
            assert len(seen) == 10
            likings = {x["attribute"]: x for x in after["likings"]}
            assert likings["length"]["mean"] > 0
            deviations = {x["attribute"]: x["deviation"] for x in before["likings"]}
            assert all(x["deviation"] < deviations[x["attribute"]] for x in after["likings"])
            stranger = await bob.call("POST", f"/me/questions/{pair['id']}", {"choice": "first"})
            assert (stranger.status_code, stranger.json()["error"]["field"]) == (404, "id")
            wrong = await ann.call("POST", f"/me/questions/{pair['id']}", {"choice": "both"})
            assert wrong.status_code == 422

    asyncio.run(go())


def test_neither_is_an_answer_too(tmp_path: Path) -> None:
    async def go() -> None:
        async with served(tmp_path) as house:
            ann = await house.user("Ann")
            pair = await ann.got("GET", "/me/questions/next")
            after = await ann.got("POST", f"/me/questions/{pair['id']}", {"choice": "neither"})
            assert after["answered"] == 0
            assert (await ann.got("GET", "/me/questions/next"))["id"] != pair["id"]

    asyncio.run(go())
