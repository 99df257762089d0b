import asyncio

from bench.engines import ready, thinker


def test_an_engine_is_ready_inside_and_its_rooms_are_in_shadow() -> None:
    async def use() -> None:
        async with ready("scripted") as engine:
            assert engine.status() == "ok"
            who = thinker(engine.model, engine.embedder, "A cook.")
            assert who.policy.mode == "shadow"
            assert who.persona == "A cook."
            assert len(await who.embedder.embed(["soup"])) == 1

    asyncio.run(use())
