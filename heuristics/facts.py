"""What a talk shows of one member without a model, as named numbers: the raw material of the measured parts. What is not
there is left out, and counts for nothing."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from conversation.events import events_of
from conversation.moment import Moment
from conversation.scene import Scene
from conversation.standing import Standing, Talk, talk_of
from heuristics.hunch import Hunch, parse

FACTS: Mapping[str, tuple[str, ...]] = {
    "relevance": ("exchanged",),
    "information_gap": ("asked",),
    "filling_gap": (
        "owed",
        "owed_question",
        "calls",
        "called_ago",
        "awaited",
        "prompt",
        "reflex",
        "spoken_for",
        "summoned",
    ),
    "expected_impact": ("question",),
    "urgency": ("seconds", "elapsed"),
    "coherence": ("together", "partner_since", "partner_of_author", "moved_on", "warmth", "follows"),
    "originality": (),
    "balance": (),
    "dynamics": (
        "share5",
        "share20",
        "share60",
        "said",
        "usual",
        "runs_on",
        "calls_out",
        "names",
        "run",
        "goes_on",
        "speakers",
        "present",
        "due",
        "hunch",
    ),
    "silence": ("turns", "late"),
}
"""Which heuristic each fact speaks for."""
HUNCH = "hunch"
COUNTED = tuple(name for names in FACTS.values() for name in names if name != HUNCH)
"""Those that are counted; the hunch is made of them, of the scene and of the last messages."""


@cache
def hunch() -> Hunch:
    """What `python -m training hunch` found in real chats, beyond one map a fact."""
    return parse((resources.files("heuristics") / "hunch.json").read_text(encoding="utf-8"))


def near(turns: int | None) -> float:
    """1 for the last message, less for what is longer ago, 0 for what never was."""
    return 0.0 if turns is None else 1 / (1 + turns)


def facts(talk: Talk, who: str) -> dict[str, float]:
    """By name. As in `Standing` and `Talk`, but `owed`, `together` and `partner_since` as nearness (`near`), and
    `owed_question` the same where a question is owed. `late`: turns since it spoke, in its usual ones."""
    own = talk.standings.get(who)
    found = {
        "question": float(talk.question),
        "names": float(talk.names),
        "run": float(talk.run),
        "goes_on": talk.goes_on,
        "speakers": float(talk.speakers),
        "present": float(len(talk.standings)),
    }
    reflexes = [s.reflex for other, s in talk.standings.items() if other != who and s.reflex is not None]
    if reflexes:
        found["spoken_for"] = max(reflexes)
    if own is None:
        return found
    found |= {
        "owed": near(own.owed),
        "owed_question": near(own.owed) if own.owed_question else 0.0,
        "calls": float(own.calls),
    }
    if own.turns is None or own.seconds is None:
        return found | _of_newcomer(len(talk.standings) - 1)
    return found | _of_speaker(own, own.turns, own.seconds) | {"elapsed": own.seconds / (talk.pace + 1)}


def _of_newcomer(others: int) -> dict[str, float]:
    """As of somebody who takes part in turn with `others`: not having spoken yet says nothing of wanting to."""
    share = 1 / (others + 1)
    return {"share20": share, "share60": share, "turns": float(max(1, others)), "late": 1.0}


def _of_speaker(own: Standing, turns: int, seconds: float) -> dict[str, float]:
    spoken = {
        "turns": float(turns),
        "seconds": seconds,
        "exchanged": own.exchanged,
        "partner_of_author": float(own.partner_of_author),
        "asked": float(own.asked),
        "together": near(own.together),
        "partner_since": near(own.partner_since),
        "follows": own.follows,
        "share5": own.share5,
        "share20": own.share20,
        "share60": own.share60,
        "said": float(own.said),
        "runs_on": own.runs_on,
        "prompt": own.prompt,
        "due": own.due,
        "calls_out": own.calls_out,
        "warmth": own.warmth,
    }
    if own.reflex is not None:
        spoken["reflex"] = own.reflex
    elif not own.named:
        spoken["summoned"] = own.summoned
    if own.owed is not None and own.latency is not None:
        spoken["awaited"] = (own.owed + 1) / own.latency
    if own.called_ago is not None:
        spoken["called_ago"] = own.called_ago
    if own.moved_on is not None:
        spoken["moved_on"] = float(own.moved_on)
    return spoken if own.usual is None else spoken | {"usual": own.usual, "late": turns / (own.usual + 1)}


def facts_of(moment: Moment) -> dict[str, float]:
    """Of the agent; empty in an empty room. `hunch`: log-odds that a forest and networks add; of a member that has not spoken
    there is none."""
    messages, me = moment.transcript.messages, moment.agent.id
    if not messages:
        return {}
    names = {m.id: m.name for m in moment.members}
    talk = talk_of(messages, names, moment.now, (me,))
    found = facts(talk, me)
    if "said" not in found:
        return found
    numbers = {**found, **Scene(messages, moment.earlier, talk).of(me)}
    return found | {HUNCH: hunch().of(numbers, events_of(messages, names, me))}
