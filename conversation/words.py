"""Which words of a text tell something. English; in other languages every word of three letters does."""

import re

_WORD = re.compile(r"[^\W\d_][\w'’-]+")
_PLAIN_WORDS = """
    a about after again all also am an and any anyone are as at back be been before but by can could day did do does
    doing done don't down else even ever every finally first for from get gets getting go goes going gone good got had
    has have he her here him his how i i'd i'll i'm i've if in into is isn't it it's its just know last let like ll lot
    made make maybe me more morning much my need new next night no not now of off ok okay on one only or other our out
    over really right said say see she should so some something still such sure take than thanks that that's the their
    them then there these they thing things think this those time to today tomorrow tonight too try up us very want was
    way we week well went were what what's when where which while who why will with won't would yes yesterday yet you
    your
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())


def content(text: str) -> list[str]:
    """Words that tell something, in order, in small letters."""
    return [w for w in (m.group().lower() for m in _WORD.finditer(text)) if w not in _PLAIN and len(w) > 2]
