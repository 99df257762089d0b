"""How what an agent says is received, and what follows: a bar that moves a little, moves that are not repeated, goodbyes that are
let be. Pure. Novelty wears off after one chat; what keeps people is being listened to, so the reception is watched."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from conversation.message import Message
from conversation.transcript import Transcript

Reception = Literal["answered", "liked", "ignored", "told_off"]
Move = Literal["asks", "offers", "tells"]

WORTH: Mapping[Reception, float] = {"answered": 1.0, "liked": 1.0, "ignored": -0.5, "told_off": -2.0}
FADE = 0.85
"""Factor for each message of the agent's that came since."""
PRIOR = 2.0
"""Weight of knowing nothing, in messages."""
UNANSWERED = 4
"""Messages by others after which one that nobody took up counts as ignored."""
EASIER, HARDER = 0.15, 0.3
"""Points of motivation by which a good reception lowers the bar at most, and a bad one raises it."""
REPEATED = 0.15
"""Points by which the bar rises for each of the last three messages that made the same move."""
MOVES = 3

_OFFERS = re.compile(
    r"\b(?:let['’]?s|shall we|we (?:could|should)|you (?:could|should)|how about|why (?:don['’]t|not))\b", re.IGNORECASE
)
_FAREWELL = (
    r"(?:good\s*)?bye(?:[\s-]*bye)?|good\s*night|night(?:\s+night|\s+all)?|g'?night|gn|cya|ttyl|farewell|take\s+care|"
    r"see\s+(?:you|ya|u)(?:\s+(?:all|later|soon|tomorrow|around|then))*|(?:talk|speak)\s+to\s+you\s+(?:later|soon|tomorrow)|"
    r"(?:i(?:['’]m|\s+am)\s+)?(?:off|heading)(?:\s+(?:to\s+bed|to\s+sleep|home|out|now))+|(?:i\s+)?(?:gotta|got\s+to|have\s+to|must)\s+(?:go|run|leave)(?:\s+now)?|"
    r"au\s+revoir|bonne\s+nuit|à\s+(?:demain|bientôt|plus)|a\s+bientot|tsch(?:ü|ue)ss|gute\s+nacht|bis\s+(?:morgen|später|dann|bald)|"
    r"auf\s+wiedersehen|ciao|arrivederci|buona\s*notte|a\s+domani|adi[oó]s|hasta\s+(?:luego|mañana|manana|pronto)|buenas\s+noches|"
    r"tchau|boa\s+noite|até\s+(?:logo|amanhã|já)|doei|tot\s+(?:ziens|morgen)|welterusten|hej\s+då|god\s+natt|vi\s+ses|"
    r"пока|до\s+(?:свидания|завтра)|спокойной\s+ночи|さようなら|おやすみ(?:なさい)?|またね|再见|晚安|拜拜|안녕히\s*\w+|잘\s*자"
)
_BEFORE = r"(?:\W*(?:ok(?:ay)?|well|so|alright|thanks|thank\s+you|anyway)\b\W*)*"
_TO_ALL = r"(?:\W+(?:a\s+tutti|à\s+tous|a\s+todos|\w+))?"
_GOODBYE = re.compile(rf"^{_BEFORE}(?:{_FAREWELL}){_TO_ALL}\W*$|[,.!…-]\s*(?:{_FAREWELL}){_TO_ALL}\W*$", re.IGNORECASE)
_FAREWELL_WORD = re.compile(rf"\b(?:{_FAREWELL})\b", re.IGNORECASE)
_HOOK = re.compile(
    r"[?？]|^I\s+(?:wonder|am\s+curious|want\s+to\s+(?:know|ask)|would\s+(?:like|love)\s+to\s+(?:know|ask|hear)|'?d\s+(?:like|love)\s+to\s+(?:know|ask|hear))|\bcurious\b",
    re.IGNORECASE,
)  # fmt: skip
_SHORT = 10
"""Words of a message that can be a goodbye: in a longer one the word is about something else."""


def receptions(
    talk: Transcript, agent: str, name: str, reactions: Mapping[str, Sequence[str]], told_off: frozenset[int]
) -> tuple[Reception, ...]:
    """Of the agent's messages in `talk`, the newest first; those about which it is too early to tell are left out. `reactions`:
    emojis of people by id of message; `told_off`: seqs of messages that told the agent to be quiet."""
    found = []
    for place, message in enumerate(talk.messages):
        if message.author.id == agent:
            after = [m for m in talk.messages[place + 1 :] if m.author.id != agent]
            found.append(_reception(message, after, name, reactions.get(message.id, ()), told_off))
    return tuple(one for one in reversed(found) if one is not None)


def _reception(
    message: Message, after: Sequence[Message], name: str, left: Sequence[str], told_off: frozenset[int]
) -> Reception | None:
    near = after[:UNANSWERED]
    if any(emoji.startswith("👎") for emoji in left) or any(m.seq in told_off for m in near):
        return "told_off"
    called = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) if name.strip() else None
    if any(m.reply_to == message.id for m in after) or (called and any(called.search(m.text) for m in near)):
        return "answered"
    if left:
        return "liked"
    return "ignored" if len(after) >= UNANSWERED else None


def receptivity(found: Sequence[Reception]) -> float:
    """−1 (they want it quiet) to 1 (they take it up): what it said was worth to others, discounted from the newest on."""
    weights = [FADE**n for n in range(len(found))]
    worth = sum(w * WORTH[one] for w, one in zip(weights, found, strict=True))
    return max(-1.0, min(1.0, worth / (sum(weights) + PRIOR)))


def shift(received: float) -> float:
    """Points to add to the bar of what nobody asked for."""
    return -EASIER * received if received > 0 else -HARDER * received


def move(text: str) -> Move:
    if "?" in text or "？" in text:
        return "asks"
    return "offers" if _OFFERS.search(text) else "tells"


def moves(talk: Transcript, agent: str) -> tuple[Move, ...]:
    """Of the agent's last three messages, the newest first."""
    own = [m.text for m in reversed(talk.messages) if m.author.id == agent]
    return tuple(move(text) for text in own[:MOVES])


def repetition(text: str, lately: Sequence[Move]) -> float:
    """Points to add to the bar for a thought that makes a move again. Telling something is what talk is made of: it is free."""
    made = move(text)
    return 0.0 if made == "tells" else REPEATED * sum(one == made for one in lately)


def goodbye(text: str) -> bool:
    """Whether somebody takes their leave, in one of a few languages."""
    plain = text.strip()
    return len(plain.split()) <= _SHORT and "?" not in plain and _GOODBYE.search(plain) is not None


def hook(text: str, quick: bool) -> bool:
    """Whether a thought would hold back who is leaving: a question, or from more than a first reaction (`quick`) anything but a
    farewell."""
    return _HOOK.search(text) is not None or (not quick and _FAREWELL_WORD.search(text) is None)
