"""Who a message is for, where its author said so: a reply or a name. A rule, asked before any model."""

import re
from collections.abc import Sequence
from functools import lru_cache

from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment
from conversation.transcript import Transcript
from inference.prompt import one_line


def addressee(message: Message, members: Sequence[Member], transcript: Transcript) -> str | None:
    """Id of the member whom `message` answers or names; None when it names nobody or several. A name counts anywhere
    after an @, and otherwise at the start or the end of the text, set off as a call is: "Bob, …", "…, Bob?"."""
    if message.reply_to is not None and (answered := transcript.with_id(message.reply_to)) is not None:
        return None if answered.author.id == message.author.id else answered.author.id
    plain = message.text.lower() if message.text.isascii() else None
    called = [
        m for m in members if m.id != message.author.id and _may_hold(plain, m.name) and calls(message.text, m.name)
    ]
    named = [m.id for m in called if not any(_begins(m.name, other.name) for other in called)]
    return named[0] if len(named) == 1 else None


def _begins(short: str, long: str) -> bool:
    """Whether "Ann" was only found as the start of "Ann Lee"."""
    a, b = short.strip().casefold(), long.strip().casefold()
    return b.startswith(a) and not b[len(a) : len(a) + 1].isalnum() and a != b


def uncalled(text: str, names: Sequence[str]) -> str:
    """`text` on one line, without those of `names` that it begins by calling."""
    plain = one_line(text)
    if not any(map(str.strip, names)):
        return plain
    found = _opening(tuple(names)).match(plain)
    return plain if found is None else plain[found.end() :]


@lru_cache(maxsize=64)
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    known = {part for name in names if name.strip() for part in (" ".join(name.split()), name.split()[0])}
    name = "|".join(re.escape(one) for one in sorted(known, key=len, reverse=True))
    called = rf"(?:@(?:{name})(?!\w)[,:!]?|(?:{name})\s*(?:[,:!]|[-–—](?=\s)))\s*"
    return re.compile(rf"\W*?(?:(?:hey|hi|hello|dear|ok|okay)\b[,!]?\s+)?(?:{called})+(?=\S)", re.IGNORECASE)


def partner(message: Message, members: Sequence[Member]) -> str | None:
    """Id of the one member besides the author who may answer; None where there are more, or none. Between two, every
    message is for the other."""
    others = [m.id for m in members if m.speaks and m.id != message.author.id]
    return others[0] if len(others) == 1 else None


def called(moment: Moment) -> str | None:
    """Id of the member whom the message that set the agent thinking is for; None where it is for nobody or several."""
    about = moment.about
    if about is None:
        return None
    return addressee(about, moment.members, moment.transcript) or partner(about, moment.members)


def _may_hold(plain: str | None, name: str) -> bool:
    """False only where a text, `plain` in lower case, cannot have `name` in it. Most messages name nobody, and a room may have
    a hundred people; beyond ASCII upper and lower case are not always one to one, so there the patterns decide."""
    return plain is None or not name.isascii() or name.strip().lower() in plain


def calls(text: str, name: str) -> bool:
    """Whether `text` calls for who has `name`: after an @, or set off at the start or the end."""
    return bool(name.strip()) and any(pattern.search(text) for pattern in _patterns(name.strip()))


@lru_cache(maxsize=1024)
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Kept here: those of two rooms full of people are more than `re` keeps, and to compile one takes longer than to post a
    message."""
    called = re.escape(name)
    greeting = r"(?:(?:hey|hi|hello|ok|okay|so|and|but|thanks|thank you)[\s,]+)?"
    patterns = (
        rf"(?<!\w)@{called}(?!\w)",
        rf"^\s*{greeting}{called}\s*(?:[,:;?!–—-]|$)",
        rf"^\s*(?:hey|hi|hello)\s+{called}(?!\w)",
        rf"[,;–—-]\s*{called}[\s?!.…]*$",
        rf"^\s*{called}\s+(?:can|could|would|will|do|did|are|is|what|when|where|why|how|who|please|tell)\b",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
