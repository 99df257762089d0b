"""Our prompts as the messages of a chat interface, whose server renders the template itself."""

import re
from collections.abc import Sequence
from itertools import groupby

from inference.openai_line import Line
from inference.prompt import Prompt
from inference.rendering import neutral


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """`prompt` as chat messages. Servers differ on a last message of the assistant, so its opening words go into the question."""
    sent, opening = _split(prompt)
    return _asked(sent, f"Go on from these words, without repeating them: {opening}") if opening.strip() else sent


def continued(prompt: Prompt) -> list[dict[str, str]] | None:
    """`prompt` with its opening words as a turn of the assistant that is not over yet; None where it has none."""
    sent, opening = _split(prompt)
    return [*sent, {"role": "assistant", "content": opening.rstrip()}] if opening.strip() else None


def unrepeated(prompt: Prompt, text: str) -> str:
    """`text` without the words at its start that `prompt` ends with: models repeat them, asked not to or not."""
    opening = _split(prompt)[1].rstrip()
    for word in re.finditer(r"\S+", opening):
        said = opening[word.start() :]
        if text.casefold().startswith(said.casefold()) and not text[len(said) :][:1].isalnum():
            return text[len(said) :].lstrip()
    return text


def question_messages(prompt: Prompt, branch: str, question: str, options: Sequence[str]) -> list[dict[str, str]]:
    sent, opening = _split(prompt)
    choices = ", ".join(neutral(option.strip()) for option in options)
    text = f"{opening}{neutral(branch)}{question}".strip()
    return _asked(sent, f"{text}\nAnswer with one of these and nothing else: {choices}")


def line_messages(prompt: Prompt, branch: str, line: Line) -> list[dict[str, str]]:
    """`branch` stands in the last turn only, so that a server which keeps what it has read reads the rest once. The turn with an
    example is what brings small models to answer in the form at all."""
    sent, opening = _split(prompt)
    questions = "\n".join(line.questions)
    task = f"Answer on one line, in this order, each with one of {', '.join(line.options)}:\n{questions}"
    return [
        *_asked(_asked(sent, task), f"{opening} (an example)".strip()),
        {"role": "assistant", "content": line.example},
        {"role": "user", "content": f"{opening}{neutral(branch)}".strip() + f"\n\n{line.blank}"},
    ]


def _split(prompt: Prompt) -> tuple[list[dict[str, str]], str]:
    """The turns, and the text of a last one of the assistant apart from them."""
    turns = [
        {"role": role, "content": "".join(neutral(p.text) if p.data else p.text for p in parts)}
        for role, parts in groupby(prompt, key=lambda part: part.role)
    ]
    opening = turns.pop()["content"] if turns and turns[-1]["role"] == "assistant" else ""
    return turns, opening


def _asked(turns: list[dict[str, str]], text: str) -> list[dict[str, str]]:
    if turns and turns[-1]["role"] == "user":
        return [*turns[:-1], {"role": "user", "content": f"{turns[-1]['content']}\n\n{text}"}]
    return [*turns, {"role": "user", "content": text}]
