"""How deep a JSON text is nested: known before anything that parses by recursion sees it."""

import re

DEPTH = 32
"""Brackets within brackets. The deepest lawful body has eight."""

_STRING = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
"""One that does not end takes the rest of the text, so that each character is looked at once."""
_BRACKET = re.compile(r"[\[\]{}]")


def too_deep(text: str) -> bool:
    """Also of a text that is no JSON; then it may be wrong, and whoever parses it will say so."""
    if text.count("[") + text.count("{") <= DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEPTH:
            return True
    return False
