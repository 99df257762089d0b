import asyncio
from collections.abc import Sequence

import pytest

from conversation.moment import Moment
from conversation.thought import Thought
from inference.protocol import ModelError
from inference.scripted import ScriptedEmbedder, ScriptedModel
from memory.item import Memory
from tests.conversation.build import ANN, BOB, NOW, moment, talk, thought
from thoughts import prompts
from thoughts.formation import Formed, form, tidy
from thoughts.retrieval import recall

LAKE = moment(talk(*[(ANN, f"remark number {i}") for i in range(1, 6)], (BOB, "the lake is cold")))
MEMORIES = (Memory("k1", "the lake is cold until June"), Memory("k2", "the lake is deep"))


def embedding(text: str) -> tuple[float, ...]:
    (vector,) = asyncio.run(ScriptedEmbedder().embed([text]))
    return vector


def formed(
    *says: str | Exception,
    now: Moment = LAKE,
    memories: Sequence[Memory] = MEMORIES,
    held: tuple[Thought, ...] = (),
    model: ScriptedModel | None = None,
) -> Formed:
    double = model or ScriptedModel()
    double.says.extend(says)

    async def work() -> Formed:
        embedder = ScriptedEmbedder()
        came = await recall(now, memories, held, embedder, 0.95)
        prefix = prompts.shared(now, "")
        return await form(now, prefix, came, held, double, embedder, "r", 7, urgent=False)

    return asyncio.run(work())


THREE = ("could bring towels.", "know it warms up in June.", "wonder who can drive tonight.")


def test_one_batch_of_three_gives_one_quick_and_two_slow_thoughts() -> None:
    model = ScriptedModel()
    found = formed(*THREE, model=model)
    assert [call.method for call in model.history] == ["propose"]
    assert len(model.history[0].prompts) == 3
    assert [(t.id, t.kind) for t in found.thoughts] == [("r-1", "system1"), ("r-2", "system2"), ("r-3", "system2")]
    assert [t.text for t in found.thoughts] == [f"I {said}" for said in THREE]
    assert found.dropped == 0


def test_each_knows_what_set_it_off() -> None:
    held = (thought("t9", embedding=embedding("the lake is cold"), text="Is the lake cold?", formed_seq=5),)
    quick, helping, asking = formed(*THREE, held=held).thoughts
    assert quick.stimuli == ("m2", "m3", "m4", "m5", "m6")
    assert helping.stimuli == ("m6", "k1", "k2")
    assert asking.stimuli == ("m6", "k1", "k2", "t9")


def test_without_held_thoughts_both_slow_ones_come_from_memories() -> None:
    quick, helping, asking = formed(*THREE).thoughts
    assert (quick.kind, helping.stimuli, asking.stimuli) == ("system1", ("m6", "k1", "k2"), ("m6", "k1", "k2"))


def test_a_thought_is_born_where_and_when_it_was_thought() -> None:
    first = formed(*THREE).thoughts[0]
    assert (first.agent, first.formed_seq, first.accessed_seq, first.formed_at) == ("aside", 6, 6, NOW)
    assert (first.state, first.motivation, tuple(first.embedding)) == ("held", None, embedding(first.text))


def test_what_was_said_or_is_held_or_comes_twice_is_dropped() -> None:
    now = moment(talk((ANN, "I like the lake"), (BOB, "the lake is cold")))
    held = (thought(embedding=embedding("I hold this already"), text="I hold this already"),)
    found = formed("like the lake.", "hold this already!", "wonder who drives.", now=now, held=held)
    assert [t.text for t in found.thoughts] == ["I wonder who drives."]
    assert found.dropped == 2
    twice = formed("wonder who drives.", "wonder who drives?", "could bring towels.")
    assert [t.text for t in twice.thoughts] == ["I wonder who drives.", "I could bring towels."]


def test_the_instruction_itself_is_no_thought() -> None:
    found = formed(prompts.TASK, prompts.HELP_TASK, "wonder who drives.")
    assert [t.text for t in found.thoughts] == ["I wonder who drives."]
    assert found.dropped == 2


def test_a_failing_model_is_not_hidden() -> None:
    with pytest.raises(ModelError):
        formed(ModelError("down"))


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("  I would swim.  ", "I would swim."),
        ('"I would swim."', "I would swim."),
        ("Thought: I would swim.", "I would swim."),
        ('"Thought: I would swim."', "I would swim."),
        ("**Private thought:** I would swim.", "I would swim."),
        ("System 1: I would swim.", "I would swim."),
        ("Answer - I would swim", "I would swim"),
        ("I would swim. And then I wou", "I would swim."),
        ("I would swim. It is warm! And the", "I would swim. It is warm!"),
        ("I would swim because it", "I would swim because it"),
        ("I paid 3.50 for it", "I paid 3.50 for it"),
        ("I would\nswim", "I would swim"),
        ("Thoughtful people swim", "Thoughtful people swim"),
        ("", ""),
        ("...", "..."),
    ],
)
def test_a_thought_is_one_plain_line(raw: str, plain: str) -> None:
    assert tidy(raw) == plain


@pytest.mark.parametrize(
    ("said", "text"), [("'m cold.", "I'm cold."), (" swim.", "I swim."), ("swim.", "I swim."), (", too.", "I, too.")]
)
def test_what_the_model_says_goes_on_from_the_opening_word(said: str, text: str) -> None:
    assert formed(said, "wonder who drives.", "could bring towels.").thoughts[0].text == text
