import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from conversation.member import Member
from conversation.moment import Moment
from conversation.thought import Thought
from inference.scripted import ScriptedEmbedder
from memory.item import Memory
from memory.recall import Candidates
from tests.conversation.build import ANN, ASIDE, BOB, moment, talk, thought
from thoughts.retrieval import HEARD, MEMORIES, THOUGHTS, Recall, named, recall


@dataclass
class Listening:
    """Remembers what it was asked for."""

    dim: int = ScriptedEmbedder.dim
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def embed(self, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        self.asked.append(tuple(texts))
        return await ScriptedEmbedder().embed(texts)


def embedding(text: str) -> tuple[float, ...]:
    (vector,) = asyncio.run(ScriptedEmbedder().embed([text]))
    return vector


def recalled(now: Moment, memories: Sequence[Memory] = (), held: Sequence[Thought] = (), decay: float = 0.95) -> Recall:
    return asyncio.run(recall(now, memories, held, ScriptedEmbedder(), decay))


LAKE = moment(talk((ANN, "shall we swim in the lake"), (BOB, "the lake is cold")))


def test_a_memory_about_it_comes_to_mind_and_another_does_not() -> None:
    found = recalled(LAKE, [Memory("k1", "lake water is cold in May"), Memory("k2", "Paula owes Henry money")])
    assert [r.trace.id for r in found.memories] == ["k1"]
    assert found.thoughts == ()
    assert found.all == found.memories


def test_no_more_come_than_there_is_room_for() -> None:
    memories = [Memory(f"k{i}", "the lake is cold") for i in range(9)]
    held = [thought(f"t{i}", embedding=embedding("the lake is cold")) for i in range(9)]
    found = recalled(LAKE, memories, held)
    assert (len(found.memories), len(found.thoughts)) == (MEMORIES, THOUGHTS)
    assert [r.trace.kind for r in found.all] == ["memory"] * MEMORIES + ["thought"] * THOUGHTS


def test_everything_is_embedded_in_one_call_and_held_thoughts_not_again() -> None:
    listening = Listening()
    held = [thought(embedding=embedding("the lake is cold"))]
    asyncio.run(recall(LAKE, [Memory("k1", "lake")], held, listening, 0.95))
    context = "Ann: shall we swim in the lake Bob: the lake is cold"
    assert listening.asked == [("shall we swim in the lake", "the lake is cold", context, "lake")]


def test_what_it_means_is_the_utterance_where_it_was_said() -> None:
    # "it is cold" does not name the lake; the message before it does.
    now = moment(talk((ANN, "shall we swim in the lake"), (BOB, "it is cold")))
    found = recalled(now, [Memory("k1", "swim in the lake")])
    assert [r.trace.id for r in found.memories] == ["k1"]


def test_a_name_that_is_called_is_no_part_of_what_is_asked() -> None:
    asks = "Aside, where is the lake?"
    listening = Listening()
    found = asyncio.run(recall(moment(talk((ANN, asks))), [Memory("k1", "lake")], (), listening, 0.95))
    assert listening.asked == [(asks, f"Ann: {asks}", "where is the lake?", "lake")]
    assert found.bare == embedding("where is the lake?")
    assert found.heard == {asks: embedding(asks)}
    alone = recalled(moment(talk((ANN, "where is the lake?"))), [Memory("k1", "lake")])
    assert found.memories[0].saliency == alone.memories[0].saliency


def test_only_the_last_messages_are_heard_each_by_its_text() -> None:
    now = moment(talk(*[(ANN, f"line {i}") for i in range(HEARD + 5)]))
    found = recalled(now)
    assert list(found.heard) == [f"line {i}" for i in range(5, HEARD + 5)]
    assert found.heard["line 9"] == embedding("line 9")


def test_a_held_thought_fades_from_its_last_use() -> None:
    now = moment(talk(*[(ANN, "the lake is cold")] * 10))
    place = embedding("the lake is cold")
    held = [
        thought("old", embedding=place, formed_seq=1),
        thought("used", embedding=place, formed_seq=1, accessed_seq=9),
    ]
    (used,) = recalled(now, held=held, decay=0.9).thoughts
    (old,) = recalled(now, held=held[:1], decay=0.9).thoughts
    assert (used.trace.id, used.trace.accessed_seq, old.trace.accessed_seq) == ("used", 9, 1)
    assert used.saliency > old.saliency


def test_the_weight_of_a_memory_counts() -> None:
    heavy, light = Memory("h", "the lake is cold", weight=1.0), Memory("l", "the lake is cold", weight=0.5)
    found = recalled(LAKE, [light, heavy])
    assert [r.trace.id for r in found.memories] == ["h", "l"]
    assert found.memories[1].saliency * 2 == found.memories[0].saliency


def test_thoughts_without_a_place_or_of_another_embedder_stay_where_they_are() -> None:
    held = [thought("none"), thought("foreign", embedding=(1.0, 0.0))]
    assert recalled(LAKE, held=held).thoughts == ()


def test_the_saliency_that_is_stored_is_the_one_that_ranked() -> None:
    (only,) = recalled(LAKE, [Memory("k1", "the lake is cold")]).memories
    assert 0.2 <= only.saliency <= 1.0


def test_the_utterance_itself_calls_up_what_its_context_would_drown() -> None:
    before = (ANN, "nobody remembered whose umbrella dripped over those old wooden stairs")
    (found,) = recalled(moment(talk(before, (BOB, "the lake is cold"))), [Memory("k1", "the lake is cold", 2)]).memories
    assert abs(found.saliency - 1.0) < 1e-9


def test_two_of_one_name_are_told_apart_in_what_is_remembered() -> None:
    impostor = Member("x", "Ann", "member")
    items = Candidates(names={"ann": "Ann", "x": "Ann", "bob": "Bob", "y": "bob", "z": "Cem:"})
    here = replace(moment(talk((ANN, "hi"))), members=(ASIDE, ANN, BOB, impostor))
    found = named(items, here).names
    assert {who: found[who] for who in items.names} == {
        "ann": "Ann",
        "x": "Ann #2",
        "bob": "Bob",
        "y": "another bob",
        "z": "Cem:",
    }
