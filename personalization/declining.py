"""Whether somebody would rather not be asked."""

import re

_DECLINES = re.compile(
    r"\b(?:none\s+of\s+your\s+(?:business|concern)|mind\s+your\s+own\s+business|(?:i(?:['’]d|\s+would)\s+)?rather\s+not(?:\s+(?:say|answer|talk|tell))?|"
    r"(?:stop|quit|no\s+need\s+for)\s+(?:asking|quizzing|questioning|interrogating)|(?:no|enough)\s+(?:more\s+)?questions|"
    r"(?:do\s*n[o'’]t|please\s+do\s*n[o'’]t|never)\s+(?:ask|quiz)\s+(?:me|us)|(?:that['’]?s|it['’]?s|this\s+is)\s+(?:private|personal)|"
    r"(?:wo|do)n['’]?t\s+(?:want\s+to\s+)?(?:answer|tell)(?:\s+(?:you|that|this))?|no\s+comment|why\s+do\s+you\s+(?:ask|want\s+to\s+know|need\s+to\s+know)|"
    r"(?:i(?:['’]m|\s+am)\s+)?not\s+(?:going\s+to\s+)?(?:answer|tell)(?:ing)?\s+(?:you|that|this))\b",
    re.IGNORECASE,
)


def declines(text: str) -> bool:
    """Of a reply to a question: whether it refuses, in English. Rather once too often: who is not asked again loses little."""
    return _DECLINES.search(text) is not None
