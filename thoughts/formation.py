"""Stage 3, formation: one quick and two slow thoughts, in one batch."""

import re
from array import array
from dataclasses import dataclass

from conversation.moment import Moment
from conversation.thought import Thought, ThoughtKind
from inference.prompt import Prompt, one_line
from inference.protocol import Embedder, LanguageModel, Usage
from memory.audience import common
from memory.saliency import Vector
from thoughts import prompts
from thoughts.reservoir import near
from thoughts.retrieval import Recall

LIMIT = 20
"""Tokens of one thought: 15 words are asked for, and a model that runs on is cut."""
QUICK_STIMULI = 5
"""Last utterances that set off a System 1 thought (arXiv 2501.00383)."""

_LABEL = re.compile(r"^(?:(?:private\s+)?thought|answer|system ?[12])[\s*_]*[:\-–]", re.IGNORECASE)
_WRAPPED = re.compile(r"""^[\s"'“”‘’*_`([]+|[\s"'“”‘’*_`)\]]+$""")
_SENTENCE_END = re.compile(r"^(.+[.!?…])(?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Formed:
    """`dropped`: how many candidates were empty or said again what was held or said."""

    thoughts: tuple[Thought, ...]
    dropped: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Candidate:
    """`audience`: of all that its prompt holds beside the talk."""

    kind: ThoughtKind
    prompt: Prompt
    stimuli: tuple[str, ...]
    audience: frozenset[str] | None = None


def candidates(moment: Moment, prefix: Prompt, recall: Recall, *, few: bool = False) -> tuple[Candidate, ...]:
    """One System 1 and two System 2: one from memories towards helping, one from them and held thoughts towards finding out.
    `few`: only the first."""
    last = [m.id for m in moment.transcript.tail(1)]
    memories = [r.trace for r in recall.memories]
    waiting = [r.trace for r in recall.thoughts]
    quick = tuple(m.id for m in moment.transcript.tail(QUICK_STIMULI))
    first = Candidate("system1", prompts.quick_thought(prefix, moment), quick)
    if few:
        return (first,)
    helping = prompts.slow_thought(prefix, moment, memories, [], ask=False)
    asking = prompts.slow_thought(prefix, moment, memories, waiting, ask=True)
    private = common(t.audience for t in memories)
    return (
        first,
        Candidate("system2", helping, tuple(last + [t.id for t in memories]), private),
        Candidate(
            "system2",
            asking,
            tuple(last + [t.id for t in (*memories, *waiting)]),
            common([private, *(t.audience for t in waiting)]),
        ),
    )


def tidy(text: str) -> str:
    """What was generated as one plain line: no label, no quotes around it, no half sentence after a whole one."""
    plain = _WRAPPED.sub("", one_line(text))
    plain = _WRAPPED.sub("", _LABEL.sub("", plain))
    whole = _SENTENCE_END.match(plain)
    return whole.group(1) if whole else plain


def _joint(text: str) -> str:
    """What stands between the opening word and its continuation: nothing in "I'm" and "I,"."""
    return "" if text[:1] in ("", " ", "'", "’", ",", ".", "…") else " "


async def form(
    moment: Moment,
    prefix: Prompt,
    recall: Recall,
    held: tuple[Thought, ...],
    model: LanguageModel,
    embedder: Embedder,
    run: str,
    seed: int,
    *,
    urgent: bool,
    few: bool = False,
) -> Formed:
    """New thoughts, each with what set it off. One that is near to a held thought, to what was said lately, to another of
    the batch or to the question itself is dropped. Raises ModelError."""
    asked = candidates(moment, prefix, recall, few=few)
    answer = await model.propose([c.prompt for c in asked], LIMIT, seed, urgent=urgent)
    said = [c.text for c in answer.continuations]
    written = [
        (candidate, tidy(f"{prompts.OPENING}{_joint(text)}{text}"))
        for candidate, text in zip(asked, said, strict=True)
        if any(ch.isalnum() for ch in text)
    ]
    vectors = await embedder.embed([*(t for _, t in written), *prompts.ECHOES])
    echoes = vectors[len(written) :]
    known: list[Vector] = [*recall.heard.values(), *(t.embedding for t in held), *echoes]
    thoughts: list[Thought] = []
    for (candidate, text), vector in zip(written, vectors, strict=False):
        if near(vector, known):
            continue
        known.append(vector)
        thoughts.append(
            Thought(
                id=f"{run}-{len(thoughts) + 1}",
                agent=moment.agent.id,
                kind=candidate.kind,
                text=text,
                stimuli=candidate.stimuli,
                formed_seq=moment.trigger.seq,
                formed_at=moment.now,
                accessed_seq=moment.trigger.seq,
                embedding=array("f", vector),
                audience=candidate.audience,
            )
        )
    return Formed(tuple(thoughts), len(asked) - len(thoughts), answer.usage)
