"""From the chosen thought to a message in the agent's voice, and the checks on its way out."""

import re

from inference.prompt import one_line

LIMIT = 90
"""Tokens of one reply: chat messages are short."""
LONGEST = 600
"""Characters of one reply."""

_SENTENCES = re.compile(r"(?<=[.!?…])\s+")


class Articulation:
    """Turns pieces of a stream into a message. `feed` returns what may be shown now; `text` is the message so far, and ""
    means that nothing is to be said. It ends at a blank line, or where the model starts to write for somebody else."""

    def __init__(self, own_name: str, others: tuple[str, ...]) -> None:
        self._raw = ""
        self._shown = ""
        self._own = own_name
        speakers = "|".join(re.escape(n) for n in (own_name, *others) if n)
        self._forged = re.compile(rf"(?:^|\n)\s*(?:{speakers})\s*:") if speakers else None
        self.done = False

    def feed(self, piece: str) -> str:
        self._raw += piece
        text = self._clean()
        # A clean-up that takes back what was shown must not happen on screen: only growth is shown.
        delta = text[len(self._shown) :] if text.startswith(self._shown) else ""
        self._shown += delta
        return delta

    def _clean(self) -> str:
        raw = self._raw.lstrip(" \"“'\n")
        own = re.match(rf"{re.escape(self._own)}\s*:\s*", raw)
        raw = raw[own.end() :] if own else raw
        cut = raw.find("\n\n")
        if cut >= 0:
            raw, self.done = raw[:cut], True
        if self._forged is not None and (forged := self._forged.search(raw)) is not None:
            raw, self.done = raw[: forged.start()], True
        if len(raw) > LONGEST:
            raw, self.done = raw[:LONGEST], True
        return raw

    @property
    def text(self) -> str:
        """The message, whole sentences only where there is one."""
        text = one_line(self._clean()).rstrip(" \"”'")
        sentences = _SENTENCES.split(text)
        if len(sentences) > 1 and not re.search(r"[.!?…)]$", sentences[-1]):
            text = text[: -len(sentences[-1])].rstrip()
        return text if any(c.isalnum() for c in text) else ""
