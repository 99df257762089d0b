"""From the chosen thought to a message in the agent's voice, and the checks on its way out."""

import re

from inference.prompt import one_line

LIMIT = 90
"""Tokens of one reply: chat messages are short."""
SLACK = 8
"""Pieces that a reply at the limit may fall short of it: one piece may hold several tokens."""
LONGEST = 600
"""Characters of one reply."""

_SENTENCES = re.compile(r"(?<=[.!?…])\s+")
_QUOTES = "\"“'"
_OPENING = _QUOTES + " \r\n"
_LINE_BREAK = re.compile(r"[\r\n]")


class Articulation:
    """Turns pieces of a stream into a message. `feed` returns what may be shown now; `text` is the message so far, and ""
    means that nothing is to be said. It ends at a line break, or where the model starts to write for somebody else."""

    def __init__(self, own_name: str, others: tuple[str, ...]) -> None:
        self._raw = ""
        self._shown = ""
        self._quoted = False
        self.pieces = 0
        self._own = own_name
        self._names = tuple(n for n in (own_name, *others) if n)
        speakers = "|".join(map(re.escape, self._names))
        self._forged = re.compile(rf"(?:{speakers})\s*:") if speakers else None
        self.done = False

    def feed(self, piece: str) -> str:
        self._raw += piece
        self.pieces += 1
        text = self._settled(self._clean())
        # A clean-up that takes back what was shown must not happen on screen: only growth is shown.
        delta = text[len(self._shown) :] if text.startswith(self._shown) else ""
        self._shown += delta
        return delta

    def _clean(self) -> str:
        raw = self._raw.lstrip(_OPENING)
        own = re.match(rf"{re.escape(self._own)}\s*:", raw) if self._own else None
        raw = raw[own.end() :].lstrip(_OPENING) if own else raw
        before = self._raw[: len(self._raw) - len(raw)]
        self._quoted = any(quote in before for quote in _QUOTES)
        if (end := _LINE_BREAK.search(raw)) is not None:
            raw, self.done = raw[: end.start()], True
        if self._forged is not None and self._forged.match(raw):
            raw, self.done = "", True
        if len(raw) > LONGEST:
            raw, self.done = raw[:LONGEST], True
        return raw

    def _settled(self, text: str) -> str:
        """What of `text` is sure to stay: not white space at its end, and nothing while all of it may still become a name
        with a colon."""
        shown = text.rstrip()
        return "" if not self.done and any(name.startswith(shown) for name in self._names) else shown

    @property
    def text(self) -> str:
        """The message. Where the limit cut it off, the half sentence at its end is left out."""
        text = one_line(self._clean())
        if self._quoted:
            text = text.rstrip(" \"”'").rstrip()
        sentences = _SENTENCES.split(text)
        cut = self.pieces >= LIMIT - SLACK or len(text) >= LONGEST
        if cut and len(sentences) > 1 and not re.search(r"[.!?…)]$", sentences[-1]):
            text = text[: -len(sentences[-1])].rstrip()
        return text if any(c.isalnum() for c in text) else ""
