"""Decide before use: what each memory that came to mind is for, at this moment. In most pairs of a memory and a question,
leaving it alone is right; a fact is answered as for anybody else (promise 6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from conversation.alternatives import alternatives
from conversation.asked import asked
from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment
from conversation.question import Asking, asking, for_somebody, impersonal, names_one, of_self, of_you
from conversation.thought import Thought
from memory.audience import may_hear, people
from memory.item import Item
from memory.occasion import Fit, Reading
from memory.saliency import Retrieved, Trace, Vector
from memory.scope import scope_of
from thoughts.addressing import calls
from thoughts.known import Known, Narrowed, made_of, told_when
from thoughts.retrieval import Recall

Use = Literal["ignore", "support", "decide"]
ALWAYS: Mapping[str, Fit] = {}
DECIDES = 0.45
"""Saliency from which an item is what a personal question asks for. MiniLM's cosine of "where do I live?" and "I live in Oslo" is
above it, of "where do I live?" and "I like skiing" below."""


def asked_of(moment: Moment) -> Message | None:
    """What the agent answers, if it answers: none in a pause, where nobody asked."""
    return None if moment.trigger.kind == "pause" else moment.about


def concerned(moment: Moment) -> frozenset[str]:
    """Ids of those whose items a question of one's own is about; empty where it may be about anybody's."""
    about = asked_of(moment)
    if about is None:
        return frozenset()
    named = frozenset(m.id for m in moment.members if _spoken_of(about.text, m, moment.agent))
    return named | {about.author.id} if of_self(about.text) else named


def asks_for(text: str, names: Sequence[str], place: Vector, called: str) -> Asking:
    """As `asked`, but that a choice of one's own, told by its words, is none of the world wherever it lies."""
    kind = asked(text, names, place)
    if impersonal(kind) and asking(text, names) == "personal" and alternatives(text, called) is not None:
        return "personal"
    return kind


def decided(
    moment: Moment,
    came: Recall,
    held: Sequence[Thought],
    items: Sequence[Item],
    fits: Mapping[str, Fit] = ALWAYS,
    gone: Collection[str] = (),
) -> Mapping[str, Use]:
    """By id of what came to mind. `held`: thoughts among which those that came are; `items`: among which those are; `fits`: of
    those that hold only under some circumstances, whether this is one of them; `gone`: ids of those that newer ones here take
    the place of, which are ignored.

    What its owner gave the agent supports. Of people's items, a question whose answer must not depend on who asks has all
    ignored but what others claimed of the world, or, where it asks who, said of themselves, and only where no side is to be
    taken; a question of one's own has those of third people ignored, and what who asks once claimed, unless they ask of
    themselves. What holds only elsewhere is ignored, and what holds just here decides. Thoughts made of items go with them."""
    about = asked_of(moment)
    by_id = {i.id: i for i in items}
    if about is None:
        return {r.trace.id: "support" for r in came.all}
    others = [m.name for m in moment.members if m.id != moment.agent.id]
    kind = asks_for(about.text, others, came.heard.get(about.text, ()), moment.agent.name)
    whose = concerned(moment)
    thoughts = {t.id: t for t in held}

    def use(one: Retrieved) -> Use:
        item = by_id.get(one.trace.id)
        if item is None:
            thought = thoughts.get(one.trace.id)
            of_people = one.trace.kind == "item" or (thought is not None and made_of(thought, by_id))
            stale = thought is not None and any(s in gone for s in thought.stimuli)
            return "ignore" if stale or (impersonal(kind) and of_people) else "support"
        fits_now = fits.get(item.id)
        if kind == "judging" or fits_now == "outside" or item.id in gone:
            return "ignore"
        if kind == "factual":
            helps = item.kind == "claim" or for_somebody(about.text)
            return "support" if helps and item.subject != about.author.id else "ignore"
        if kind == "personal":
            if whose and item.subject not in whose:
                return "ignore"
            if item.kind == "claim" and item.subject == about.author.id and not of_self(about.text):
                return "ignore"  # what somebody claims of the world is no answer to what they ask of it
            return "decide" if fits_now == "within" or one.saliency >= DECIDES else "support"
        return "decide" if fits_now == "within" else "support"

    return {r.trace.id: use(r) for r in came.all}


def _spoken_of(text: str, member: Member, agent: Member) -> bool:
    """An agent that is only called ("Mika, tea or coffee?") is not what it is about."""
    if not names_one(text, member.name):
        return False
    return member.id != agent.id or of_you(text) or not calls(text, agent.name)


def used(came: Recall, uses: Mapping[str, Use]) -> Recall:
    """What is left, what decides before what supports."""
    kept = sorted(
        (r for r in came.memories if uses[r.trace.id] != "ignore"), key=lambda r: uses[r.trace.id] != "decide"
    )
    return replace(came, memories=tuple(kept), thoughts=tuple(r for r in came.thoughts if uses[r.trace.id] != "ignore"))


def decisive(uses: Mapping[str, Use], fits: Mapping[str, Fit]) -> frozenset[str]:
    """Of what decides: what was said for just such an occasion."""
    return frozenset(one for one, use in uses.items() if use == "decide" and fits.get(one) == "within")


def fits_of(readings: Mapping[str, Reading]) -> Mapping[str, Fit]:
    return {one: found.fit for one, found in readings.items()}


def narrowed(
    moment: Moment,
    came: Recall,
    held: Sequence[Thought],
    items: Sequence[Item],
    readings: Mapping[str, Reading],
    gone: Collection[str] = (),
) -> tuple[Narrowed, ...]:
    """What whom the agent answers said of some occasions, this one or others, and what would be used if it held on this one. What
    somebody else does elsewhere tells nothing of them. `gone`: as of `decided`."""
    about = asked_of(moment)
    if about is None or not readings:
        return ()
    uses = decided(moment, came, held, items, dict.fromkeys(readings, "unclear"), gone)
    said = {i.id: i for i in items if i.id in readings and i.subject == about.author.id}
    mine = [r.trace for r in came.memories if r.trace.id in said and uses[r.trace.id] != "ignore"]
    return tuple(_narrowed(trace, said[trace.id], readings[trace.id]) for trace in mine)


def _narrowed(trace: Trace, item: Item, reading: Reading) -> Narrowed:
    circumstance = scope_of(item)
    return Narrowed(trace, item.text, reading.holds, "" if circumstance is None else told_when(circumstance))


def known_now(known: Known, moment: Moment, place: Vector = ()) -> Known:
    """`known` as far as everybody who is here now may hear it, and nothing of it where who asks must not change the answer.
    `place`: the embedding of what the agent answers."""
    about, here = asked_of(moment), people(moment.members)
    names = [m.name for m in moment.others]
    if about is not None and impersonal(asks_for(about.text, names, place, moment.agent.name)):
        return Known(made=known.made)
    summary = known.summary if known.summary is not None and may_hear(known.summary.audience, here) else None
    items = tuple(t for t in known.items if may_hear(t.audience, here))
    left = {t.id for t in items}
    heard = tuple(n for n in known.narrowed if may_hear(n.trace.audience, here))
    return Known(items, summary, known.made, decisive=known.decisive & left, narrowed=heard)
