"""Stage 2, retrieval: which memories and held thoughts come to mind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conversation.message import Message
from conversation.moment import Moment
from conversation.thought import Thought
from inference.prompt import one_line
from inference.protocol import Embedder
from memory.item import Memory
from memory.recall import Candidates, recollect
from memory.saliency import Cue, Retrieved, Trace, Vector, retrieve
from thoughts.addressing import uncalled
from thoughts.prompts import names

MEMORIES = 3
THOUGHTS = 1
"""Held thoughts that come back at once: each is listed in a prompt and rated again, which is a tenth of a message's tokens."""
CONTEXT = 3
"""Messages that give an utterance its meaning. The paper has a model put the meaning into words; here it is the embedding of
the utterance with the two before it, which costs no model call."""
NOTHING = Candidates()
HEARD = 20
"""Messages that a new thought is compared with."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What came to mind: `memories` that the owner gave and items of people, then held `thoughts`. `heard`: embeddings of the
    last HEARD messages, by text; `bare`: of the last one without the name that it begins by calling."""

    memories: tuple[Retrieved, ...]
    thoughts: tuple[Retrieved, ...]
    heard: Mapping[str, Vector]
    bare: Vector = ()

    @property
    def all(self) -> tuple[Retrieved, ...]:
        return self.memories + self.thoughts


async def recall(
    moment: Moment,
    memories: Sequence[Memory],
    held: Sequence[Thought],
    embedder: Embedder,
    decay: float,
    items: Candidates = NOTHING,
) -> Recall:
    """The most salient memories and held thoughts at the last message, by rank and above the threshold of memory.saliency,
    and the newest of the `items` that are near to it."""
    recent = moment.transcript.tail(HEARD)
    context, bare = _in_context(recent), uncalled(recent[-1].text, [m.name for m in moment.members])
    texts = list(dict.fromkeys([*(m.text for m in recent), context, bare, *(m.text for m in memories)]))
    places = dict(zip(texts, await embedder.embed(texts), strict=True))
    # A name that is called lies far from whatever is asked: "Mika, where do I live?" is less near to "I live in Oslo".
    cue = Cue(utterance=places[bare], meaning=places[context])
    remembered = [Trace(m.id, "memory", m.text, places[m.text], m.accessed_seq, m.weight) for m in memories]
    waiting = [
        Trace(t.id, "thought", t.text, t.embedding, max(t.formed_seq, t.accessed_seq), audience=t.audience)
        for t in held
        if len(t.embedding) == len(cue.utterance)
    ]
    seq = moment.trigger.seq
    given = retrieve(remembered, cue, seq, decay, MEMORIES)
    came = retrieve(waiting, cue, seq, decay, THOUGHTS)
    heard = {m.text: places[m.text] for m in recent}
    return Recall((*given, *recollect(named(items, moment), cue)), came, heard, places[bare])


def named(items: Candidates, moment: Moment) -> Candidates:
    """`items` with everybody called as the talk of the prompt calls them: two of one name are told apart there, and who is not
    here and has the name of somebody who is, is another."""
    shown = names(moment)
    taken = {name.casefold() for name in shown.values()}
    absent = {
        who: f"another {one_line(name)}" if one_line(name).casefold() in taken else one_line(name)
        for who, name in items.names.items()
        if who not in shown
    }
    return replace(items, names={**absent, **shown})


def _in_context(messages: Sequence[Message]) -> str:
    return " ".join(f"{m.author.name}: {one_line(m.text)}" for m in messages[-CONTEXT:])
