"""Under which circumstances a statement holds: "At work I only wear black" says nothing of a party.

Read from how the sentence is built, not from what it is about: a clause or a phrase that opens it before its subject, or one that
closes it. English. What is not seen here holds always.
"""

import re
from dataclasses import dataclass

from memory.item import LASTING, Item

LONGEST = 12
"""Words of a circumstance: what is longer is a story."""

_DEGREE = (
    r"(?:(?:late|early|right|just|shortly|straight|soon|long|deep|up|out|over|down|back|first thing|only|even|mostly|especially|"
    r"but|always) )*"
)
_SUBORDINATE = (
    rf"(?:{_DEGREE}(?:when|whenever|if|while|whilst|wherever|as long as|as soon as|once|every time|any time|each time|until|till|"
    r"before|after(?! all(?:$|[,.;:!]|\s+(?:I|we|it|he|she|they)\b))|in case)|unless|except)"
)
_PREPOSITION = (
    rf"{_DEGREE}(?:at|in|on|for|with|without|around|among|near|to|from|as|over|under|during|before|after|between|by|inside|outside|"
    r"throughout|towards?|past|next to|when it comes to|within)"
)
_EXCEPT = re.compile(r"^(?:but |just )?(?:unless|except)\b", re.IGNORECASE)
_ANY = (
    r"(?:everywhere|anywhere|wherever|always|every(?:body|one|thing)|any(?:body|one|thing)|all|"
    r"(?:every|any|each) (?:\w+ )?(?:day|time|evening|morning|night|hour|week|show|journey|trip|meal|room|weather))"
)
_BUT = r"(?:but(?! (?:when|if|while)\b)|except(?: for)?|apart from|other than)"
_PLACE = (
    r"(?:(?:when|if|while) [^,.;:!]+|(?:in|at|on|with|during|before|after|among|near|over|under)(?! (?:all|least|last|first)\b)"
    r"(?: (?!(?:though|I|we|he|she|they|it|you|is|are|was|were|has|have|had)\b|(?:I|we|he|she|it|that|there)')[^\s,.;:!]+){1,6})"
)
"""Where, when or with whom something does not hold: a clause that says so, or a few words without a verb of their own."""
_SUBJECT = r"(?:I|we|you|he|she|they|it|there|nobody|no one|everybody|everyone|please|call me)\b"
"""How the clause that is narrowed begins."""
_NOUN = r"(?:my|our|his|her|their|the|nothing|no|all)\b"
"""How it begins where none of them comes: "at the library my phone stays silent"."""
_HEAD = re.compile(
    rf"{_SUBORDINATE}\s+(?:(?:I|we|you|he|she|they|it|there)\b|(?:my|our|his|her|their|the|an?|some)\s+\w+|\w+)",
    re.IGNORECASE,
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_WHILE = (
    rf"(?:weekends?|weekdays?|{_DAY}(?: (?:mornings?|afternoons?|evenings?|nights?))?|mornings?|evenings?|nights?|afternoons?|"
    rf"summers?|winters?|springs?|autumns?|{_MONTH}|holidays?)"
)
_TIME = rf"(?:(?:every|each|most|any|on most|this) (?:\w+ )?{_WHILE}|{_WHILE})"

_OPENS_CLAUSE = re.compile(rf"^{_SUBORDINATE}\b", re.IGNORECASE)
_OPENS_PHRASE = re.compile(
    rf"^(?!just back from\b|after all(?:,|\s+(?:I|we|it|he|she|they)\b)){_PREPOSITION}\s", re.IGNORECASE
)
_OPENS_TIME = re.compile(
    rf"^(?P<scope>(?:come )?{_TIME})(?:, ?| (?={_SUBJECT}|{_NOUN})| (?=(?:is|are|belongs?|means?)\b))", re.IGNORECASE
)
_BOUNDARY = re.compile(rf",\s*(?:then )?|\s(?={_SUBJECT}(?!\s+(?:I|we|he|she|they|nobody)\b))", re.IGNORECASE)
_BOUNDARY_OF_NOUN = re.compile(
    rf"\S+(?:\s\S+)+?(?<! in)(?<! at)(?<! of)(?<! on)(?<! to)(?<! by)(?<! for)(?<! with)(?<! from)\s(?={_NOUN})",
    re.IGNORECASE,
)
_CLOSES_CLAUSE = re.compile(rf",?\s(?P<scope>{_SUBORDINATE}\b[^,;:]+)", re.IGNORECASE)
_BEFORE_TIME = (
    rf"{_DEGREE}(?:on|in|at|from|during|after|before|until|till|by|past|over) "
    r"(?:(?! (?:on|in|at|by|with|for) )[^,;:])*?\b"
)
_SPARES = (
    re.compile(rf"^(?P<rest>(?:\w+ )?{_ANY}),? {_BUT} (?P<scope>{_PLACE}?),? (?={_SUBJECT})", re.IGNORECASE),
    re.compile(rf"^(?P<rest>.+\b{_ANY}(?: \w+){{0,3}}),? {_BUT} (?P<scope>{_PLACE})(?=$|[,.;:!])", re.IGNORECASE),
)
"""An exception behind a word for all: "everywhere but at weddings I …", "… every day except when I'm ill"."""
_SPARES_AFTER = re.compile(
    rf"^(?P<rest>.*\b{_ANY}\b.*?)[,.;:!] +(?:(?:well,? |but |just |only )+(?:not|never)|(?:not|never)(?=[^,.;:!]+ though\b)) "
    rf"(?P<scope>{_PLACE}?)(?: though)?(?=$|[,.;:!])",
    re.IGNORECASE,
)
"""One behind the whole: "… with everybody, just not with children"."""
_CLOSES_TIME = re.compile(
    rf",?\s(?P<scope>during [^,;:]+|(?:{_BEFORE_TIME})?(?:{_TIME}|night|noon|midnight|lunch|breakfast|dinner|bedtime|"
    r"\d+ ?(?:[ap]m|o'clock)))(?=$|[,.;:!]| (?:to|until|till|and)\b[^,;:]*$)",
    re.IGNORECASE,
)
_CLOSES_PHRASE = re.compile(
    rf",?\s(?P<scope>{_DEGREE}(?:at(?! (?:all|least|most|first|last|once)\b)|in|in front of|on|for|with|around|among|near|as)\s"
    r"(?:(?:my|our|the|a|an|her|his|their|all|any|\w+ing)\s)?[^,;:]+?)(?=$|[,.;:!])",
    re.IGNORECASE,
)
_DONE = "prefer|let|use|wear|speak|go by|stay|keep|switch|drink|eat|take|write|answer|call|skip|sing|sit|carry|pay"
_LIMITED = re.compile(
    r"\b(?:only|always|never|strictly|strict|rather|usually|mostly|nothing|nobody|tend|insist|refuse|must|avoid|stick|keep to|"
    r"do without|go without|careful|can(?:'|no)t (?:concentrate|focus|sleep|work|think|relax|read|write)|"
    rf"(?:I|we|my \w+|our \w+) (?:\w+ )?(?:{_DONE})s?)\b",
    re.IGNORECASE,
)
"""Words of habits and rules: only there is a phrase at the end a circumstance and not a part of what is said."""
_GETS = re.compile(
    r"^(?P<who>(?:my|our|the) \w+(?: \w+)?) (?P<rest>gets? (?:(?:only|no) (?!(?:signal|sleep|rest|time|answer|break|chance|"
    r"peace|better|worse|older|younger)\b)|(?=[^,;:]+ (?:only|from (?:me|us))\b)).+)$",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"^(?P<what>(?!(?:every|any|some|no)thing)\w{3,}ing) (?P<rest>(?:I|we) (?:\w+ )?do .+)$", re.IGNORECASE
)
_BELONGS = re.compile(
    r"\b(?:lives?|living|lived|work(?:s|ed|ing)?|moved?|born|based|grew up|stud(?:y|ies|ied|ying)|belie(?:f|ve[sd]?)|interested|"
    r"allergic|waiting|wait|look(?:s|ing|ed)?|listen(?:s|ing|ed)?|married|planning|plan|want|going|went|go to|started|came|come|"
    r"is|are|was|were|'m|am|been|have|has|had|met|saw|got|bought|sold)$",
    re.IGNORECASE,
)
"""What a phrase after it belongs to."""
_TOLD = re.compile(r"\b(?:know|knows|wonder|ask|asked|see|is|question|sure|tell|check)$", re.IGNORECASE)
"""After it stands what is asked, and no circumstance."""
_PAST = re.compile(r"\b(?:was|were|had|did|(?<!have )(?<!has )(?<!'ve )\w{3,}ed)\b", re.IGNORECASE)
"""What happened once is no circumstance."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`words`: the circumstance as it was said, without what ties it ("when", "at" stay; "unless" goes). `holds`: the statement
    holds within it; else everywhere but there. `rest`: what is said. `firm`: the sentence leaves no doubt; what a phrase at the
    end belongs to is a guess."""

    words: str
    rest: str
    holds: bool = True
    firm: bool = True


def scope(text: str) -> Scope | None:
    """The first circumstance that `text` names; None where it names none."""
    plain = " ".join(text.replace("’", "'").split()).rstrip(" .!…")
    return (
        _spared(plain, *_SPARES)
        or _opening(plain)
        or _spared(plain, _SPARES_AFTER)
        or _closing(plain)
        or _for_whom(plain)
        or _doing(plain)
    )


def scope_of(item: Item) -> Scope | None:
    """By its words where they leave no doubt, or else as a model put it. What happened once, and what is claimed of the world, is
    narrowed by nothing."""
    if item.kind not in LASTING:
        return None
    found = scope(item.text)
    return found if not item.circumstance or (found is not None and found.firm) else Scope(item.circumstance, item.text)


def _spared(plain: str, *patterns: re.Pattern[str]) -> Scope | None:
    found = next((one for pattern in patterns if (one := pattern.match(plain)) is not None), None)
    return (
        None if found is None else _scope(f"except {found['scope']}", f"{found['rest']} {plain[found.end() :].strip()}")
    )


def _opening(plain: str) -> Scope | None:
    if (found := _OPENS_TIME.match(plain)) is not None:
        return _scope(found.group("scope"), plain[found.end() :])
    clause = _OPENS_CLAUSE.match(plain)
    if clause is None and _OPENS_PHRASE.match(plain) is None:
        return None
    # The subject of the circumstance itself is passed over: "when I cook I …".
    head = _HEAD.match(plain) if clause is not None else None
    after = head.end() if head is not None else 1
    end = _BOUNDARY.search(plain, after) or _BOUNDARY_OF_NOUN.match(plain)
    return (
        None
        if end is None
        else _scope(plain[: end.end() if end.re is _BOUNDARY_OF_NOUN else end.start()], plain[end.end() :])
    )


def _closing(plain: str) -> Scope | None:
    for found in _CLOSES_CLAUSE.finditer(plain):
        if found.start() > 4 and not _TOLD.search(plain[: found.start()]) and not _PAST.search(found.group("scope")):
            return _scope(found.group("scope"), plain[: found.start()])
    for found in _CLOSES_TIME.finditer(plain):
        if not _BELONGS.search(plain[: found.start()]):
            return _scope(found.group("scope"), plain[: found.start()])
    if _LIMITED.search(plain) is None:
        return None
    for found in _CLOSES_PHRASE.finditer(plain):
        before = plain[: found.start()]
        if len(before.split()) > 1 and not _BELONGS.search(before):
            return _scope(found.group("scope"), before, firm=False)
    return None


def _for_whom(plain: str) -> Scope | None:
    """ "My nephew gets wooden toys only": what somebody gives holds for whom they give it to."""
    found = _GETS.match(plain)
    return None if found is None else _scope(f"for {found['who'][:1].lower()}{found['who'][1:]}", found["rest"])


def _doing(plain: str) -> Scope | None:
    """ "Gardening I do with bare hands": what somebody does comes first."""
    found = _DOES.match(plain)
    return None if found is None else _scope(f"when {found['what'].lower()}", found["rest"])


def _scope(words: str, rest: str, *, firm: bool = True) -> Scope | None:
    words, rest = words.strip(" ,"), rest.strip(" ,")
    holds = _EXCEPT.match(words) is None
    if not holds:
        words = _EXCEPT.sub("", words).strip()
    if not words or len(words.split()) > LONGEST or len(rest.split()) < 2:
        return None
    return Scope(words, rest, holds, firm)
