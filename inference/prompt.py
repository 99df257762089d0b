"""A prompt is a list of parts; what people wrote is marked as data and can change no structure."""

import re
from dataclasses import dataclass
from typing import Literal

PromptRole = Literal["system", "user", "assistant"]

_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring parts of one role are one turn. An engine tokenises `data` with special tokens off; a server that
    renders the template itself is sent `neutral(text)` instead."""

    text: str
    role: PromptRole = "user"
    data: bool = False


Prompt = tuple[Part, ...]
"""A last part of role `assistant` is continued; otherwise the model opens a new assistant turn."""


def one_line(text: str) -> str:
    """`text` with every line break as a blank, so that no message can forge a line of another."""
    return _BREAKS.sub(" ", text).strip()
