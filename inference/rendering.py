"""From a Prompt to token ids, so that no message can forge structure.

The chat template is rendered with a sentinel in place of each turn's text; only what stands between the sentinels is tokenised
with special tokens on. Everything inside a turn, ours and people's, is tokenised apart with special tokens off, and no text of
a prompt ever passes through the template.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from jinja2 import TemplateError

from inference.prompt import Part, Prompt
from inference.protocol import ModelError

Tokens = tuple[int, ...]

EMPTY_PROMPT: Prompt = (Part("", "system"), Part("", "user"))
"""What a text is read after when it is read alone."""

_SENTINEL = re.compile("\ue0f1(\\d+)\ue0f2")
_MARKER_EDGES = re.compile(r"<(?=[|｜])|(?<=[|｜])>")
_MARKER_WORDS = re.compile(
    r"<(?=/?(?:s|bos|eos|pad|unk|mask|cls|sep|start_of_turn|end_of_turn|start_of_image|think|tool_call|tool_response|tools|"
    r"repo_name|reponame|file_sep|filename|<?/?SYS>?)>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|IMG|THINK)\])",
    re.IGNORECASE,
)


def neutral(text: str) -> str:
    """`text` for a server that renders the template itself: what looks like a special token gets a blank inside, which stays
    readable and is no longer one."""
    return _MARKER_WORDS.sub(lambda m: f"{m[0]} ", _MARKER_EDGES.sub(lambda m: "< " if m[0] == "<" else " >", text))


@dataclass(frozen=True, slots=True)
class Rendered:
    """`pending`: a blank that ends the prompt. Tokenisers join a blank to the word after it, so it is not in `tokens`: put
    it before what continues the prompt. `head`: how many tokens the system turn takes, which other rooms have too."""

    tokens: Tokens
    pending: str = ""
    head: int = 0


def joined(pending: str, text: str) -> tuple[str, str]:
    """`text` with the blank that waits before it, and without one at its end: that one waits for what comes next."""
    whole = text if text[:1].isspace() else pending + text
    return (whole[:-1], " ") if whole.endswith(" ") else (whole, "")


@dataclass(frozen=True, slots=True)
class _Turn:
    role: str
    texts: tuple[str, ...]


class Renderer:
    """Wraps a transformers tokenizer. Equal parts are tokenised once, each by itself, so a transcript that grows at its end
    keeps its token prefix."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        added = (token.content for token in tokenizer.added_tokens_decoder.values())
        longest_first = sorted((re.escape(t) for t in added if len(t) > 1), key=len, reverse=True)
        self._added = re.compile("|".join(longest_first) or r"(?!)")
        self._added_ids = frozenset(tokenizer.added_tokens_decoder)
        self.plain = lru_cache(maxsize=8192)(self._plain)
        self._frame = lru_cache(maxsize=64)(self._render_frame)
        self._takes_system = self._renders("system", "user")

    def render(self, prompt: Prompt) -> Rendered:
        """Token ids of `prompt`, up to where the model goes on."""
        turns = self._turns(prompt)
        is_open = bool(turns) and turns[-1].role == "assistant"
        tokens = list[int]()
        pending, head = "", 0
        frame = self._frame(tuple(turn.role for turn in turns), is_open)
        for chunk, turn in zip(frame, turns, strict=False):
            tokens += chunk
            pending = ""
            for text in turn.texts:
                whole, pending = joined(pending, text)
                tokens += self.plain(whole)
            if turn.role == "system":
                head = len(tokens)
        if is_open:
            return Rendered(tuple(tokens), pending, head)
        return Rendered((*tokens, *frame[-1]), head=head)

    def decode(self, tokens: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _turns(self, prompt: Prompt) -> list[_Turn]:
        grouped = groupby(prompt, key=lambda part: part.role)
        turns = [_Turn(role, tuple(part.text for part in parts)) for role, parts in grouped]
        has_system = bool(turns) and turns[0].role == "system"
        if self._takes_system:
            # Without a system turn many templates put in one of their own, which would speak for us.
            return turns if has_system else [_Turn("system", ("",)), *turns]
        if not has_system:
            return turns
        system, *rest = turns
        if rest and rest[0].role == "user":
            return [_Turn("user", (*system.texts, "\n\n", *rest[0].texts)), *rest[1:]]
        return [_Turn("user", system.texts), *rest]

    def _renders(self, *roles: str) -> bool:
        try:
            self._frame(roles, False)
        except ModelError:
            return False
        return True

    def _render_frame(self, roles: tuple[str, ...], is_open: bool) -> tuple[Tokens, ...]:
        """The template's own text before, between and after `roles`, tokenised; one entry more than there are roles."""
        if not self.tokenizer.chat_template:
            between = self.plain("\n\n")
            # What the tokenizer itself puts before a text; never nothing, for every prompt needs a first token to start from.
            return (tuple(self.tokenizer.encode("")) or between, *(between for _ in roles))
        turns = [{"role": role, "content": f"\ue0f1{i}\ue0f2"} for i, role in enumerate(roles)]
        try:
            # Reasoning models are asked for the answer itself; templates that know no such switch ignore it.
            text = self.tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=not is_open, enable_thinking=False
            )
        except TemplateError as error:
            raise ModelError(f"the model's chat template refuses the turns {roles!r}: {error}") from error
        pieces = _SENTINEL.split(text)
        if pieces[1::2] != [str(i) for i in range(len(roles))]:
            raise ModelError(f"the model's chat template does not keep the turns {roles!r} in order")
        return tuple(tuple(self.tokenizer.encode(piece, add_special_tokens=False)) for piece in pieces[::2])

    def _plain(self, text: str) -> Tokens:
        """Token ids of `text` with no added token among them, whatever it spells. The text comes back from `decode`."""
        tokens = tuple(self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)) if text else ()
        if not self._added_ids.isdisjoint(tokens) and (found := self._added.search(text)) is not None:
            # The switch covers special tokens only; other added ones (<think>, <tool_call>) are cut after their first letter.
            cut = found.start() + 1
            return (*self._plain(text[:cut]), *self._plain(text[cut:]))
        return tokens
