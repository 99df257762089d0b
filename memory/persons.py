"""Which people a text names by what they are to somebody, and whether two texts can be of the same. English."""

import re

_SAME = (
    "mother mum mom mummy mommy mama",
    "father dad daddy papa",
    "sister", "brother", "son", "daughter",
    "wife", "husband", "girlfriend", "boyfriend", "fiancé fiancée fiance fiancee",
    "grandmother grandma granny nan nana", "grandfather grandpa granddad grandad",
    "aunt auntie", "uncle", "cousin", "nephew", "niece", "grandson", "granddaughter", "godchild godson goddaughter",
    "mother-in-law", "father-in-law", "sister-in-law", "brother-in-law", "stepmother", "stepfather",
    "baby toddler infant newborn", "teenager teen",
    "friend mate buddy pal bestie bff", "flatmate roommate housemate",
    "boss manager supervisor superior", "colleague coworker co-worker teammate workmate team",
    "employee apprentice intern trainee", "client customer", "teacher professor tutor lecturer", "student pupil",
    "doctor physician gp", "dentist", "patient", "nurse", "neighbour neighbor", "landlord landlady", "guest visitor", "stranger",
    "ex ex-husband ex-wife", "lawyer", "accountant", "coach trainer", "therapist", "priest pastor vicar", "investor", "audience",
    "kid child kiddo", "parent folks", "sibling", "partner spouse", "grandparent", "grandchild", "in-laws",
    "relative family relation",
)  # fmt: skip
_WIDER = {
    "parent": ("mother", "father"),
    "kid": ("son", "daughter", "baby", "teenager"),
    "sibling": ("sister", "brother"),
    "partner": ("wife", "husband", "girlfriend", "boyfriend", "fiancé"),
    "grandparent": ("grandmother", "grandfather"),
    "grandchild": ("grandson", "granddaughter"),
    "in-laws": ("mother-in-law", "father-in-law"),
    "relative": (
        "mother", "father", "sister", "brother", "aunt", "uncle", "cousin", "nephew", "niece", "grandmother", "grandfather",
        "parent", "sibling", "grandparent", "in-laws", "mother-in-law", "father-in-law",
    ),
}  # fmt: skip
_NAMED = {word: group.split()[0] for group in _SAME for word in group.split()}
_PLURALS = {"children": "kid", "babies": "baby", "families": "relative", "wives": "wife", "classes": "student"}
_WORDS = re.compile(r"[a-zà-ÿ]+(?:-[a-z]+)*", re.IGNORECASE)
_ROLE = re.compile(r"^(?:as|in my (?:role|job)|when i(?:'m| am) being)\b", re.IGNORECASE)
_ALONE = re.compile(r"\b(?:alone|by myself|on my own|all by myself)\b", re.IGNORECASE)


def persons(text: str) -> frozenset[str]:
    """By one name for each kind, such as `mother`."""
    found = set()
    for word in _WORDS.findall(re.sub(r"['’]s\b", "", text.casefold())):
        if (name := _PLURALS.get(word) or _NAMED.get(word) or _NAMED.get(word.removesuffix("s"))) is not None:
            found.add(name)
    return frozenset(found)


def together(scope: str, message: str) -> int:
    """1 where both name the same people, -1 where the message names others only or says that nobody is there, 0 where one of
    them names nobody, or the scope names what its author is."""
    mine, here = persons(scope), persons(message)
    if not mine or _ROLE.search(scope):
        return 0
    if _ALONE.search(message):
        return -1
    if _wide(mine) & here or mine & _wide(here):
        return 1
    return -1 if here else 0


def _wide(some: frozenset[str]) -> frozenset[str]:
    return some | {narrow for name in some for narrow in _WIDER.get(name, ())}
