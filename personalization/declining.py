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
_END = (
    r"\s*(?:[,;.!?…]|[-–—]\s|$|"
    r"\b(?:please|thanks|thank\s+you|for\s+now|today|(?:right\s+)?now|any\s*more|again|at\s+all|with\s+you|here|if\s+(?:you|that|it|i)\b))"
)
"""What ends a clause: behind a topic ("about that") nothing follows that would make it another."""
_TOPIC = (
    r"(?:this|that|it|(?:this|that)\s+(?:subject|topic|one|question)|such\s+things|(?:my|me|myself)\b[\w\s]{0,20}?)"
)
_AVOIDS = re.compile(
    rf"\bprefer\s+not(?:\s+to(?:\s+(?:say|answer|tell|share|discuss|talk|get\s+into|go\s+into)\b.*)?)?{_END}|"
    rf"\b(?:do\s*n['’]?t|do\s+not|wo\s*n['’]?t|will\s+not|not\s+going\s+to|rather\s+not|would\s*n['’]?t)\s+"
    rf"(?:(?:really\s+)?(?:want|wish|care|like|feel\s+like)(?:\s+to)?\s+)?"
    rf"(?:(?:talk(?:ing)?|speak(?:ing)?)\s+about|discuss(?:ing)?|get(?:ting)?\s+into|go(?:ing)?\s+into)\s+{_TOPIC}{_END}|"
    rf"\b(?:let['’]?s|let\s+us|can\s+we|could\s+we|please)\s+not\s+(?:go\s+(?:there|into\s+{_TOPIC})|"
    rf"(?:talk\s+about|discuss|get\s+into)\s+{_TOPIC}){_END}|"
    rf"\b(?:let['’]?s|please|can\s+we|i(?:['’]d|['’]ll|\s+would|\s+will)?(?:\s+like\s+to|\s+rather)?)\s+"
    rf"skip\s+(?:this|that|it)(?:\s+(?:one|question))?{_END}|"
    rf"^\W*(?:(?:um+|uh+|hm+|no|nah|sorry|ok(?:ay)?)[\s,.!…-]+)*(?:(?:i['’]?ll|i\s+will|i)\s+)?(?:hard\s+)?"
    rf"(?:pass|skip)(?:\s+on)?(?:\s+(?:this|that|it)(?:\s+(?:one|question))?)?{_END}",
    re.IGNORECASE | re.MULTILINE,
)


def declines(text: str) -> bool:
    """Of a reply to a question: whether it refuses, in English. Rather once too often: who is not asked again loses little."""
    return _DECLINES.search(text) is not None or _AVOIDS.search(text) is not None
