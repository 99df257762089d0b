"""All questions about one branch, answered on one line: `Relevance: 3, Urgency: 1, …`. Each answer's distribution is read at the
place of the answer; models that add words, leave some out or change the order are read as far as they can be."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from inference.answers import Answer, Place, are_weighed, from_text, from_tokens

_HEAD = re.compile(r"[^,.:;?!()\n]+")
_BETWEEN = r"(?:[^\w\n]|_)*"
"""What may stand between a label and its answer: marks, blanks, Markdown; no line break, for then nothing was answered."""
_STEP = 3
"""How far an example goes on among the options from one answer to the next, so that it does not count up."""


@dataclass(frozen=True, slots=True)
class Line:
    """`labels[i]` names `questions[i]` on the line; no two are equal."""

    labels: tuple[str, ...]
    questions: tuple[str, ...]
    options: tuple[str, ...]

    @property
    def blank(self) -> str:
        """The line with nothing filled in."""
        return ", ".join(f"{label}: _" for label in self.labels)

    @property
    def example(self) -> str:
        """The line filled in, with every option somewhere: one option all along would be copied."""
        count = len(self.options)
        step = _STEP if count % _STEP else 1
        return ", ".join(
            f"{label}: {self.options[(count // 2 + step * i) % count]}" for i, label in enumerate(self.labels)
        )

    @property
    def room(self) -> int:
        """Tokens that the answer may take: one for two characters, and some for words around it."""
        return len(self.blank) // 2 + 8

    def only(self, question: int) -> "Line":
        return Line((self.labels[question],), (self.questions[question],), self.options)


def as_line(questions: Sequence[str], options: Sequence[str]) -> Line | None:
    """None where one line would not do: a single question, options that are not short numbers, questions that start alike."""
    plain = tuple(option.strip() for option in options)
    if len(questions) < 2 or not all(option.isdecimal() and len(option) <= 2 for option in plain):
        return None
    labels = tuple(head[0].strip() if (head := _HEAD.match(q.strip())) else "" for q in questions)
    if not all(labels) or len({label.casefold() for label in labels}) < len(labels):
        return None
    return Line(labels, tuple(question.strip().rstrip(":").rstrip() for question in questions), plain)


def read_line(line: Line, text: str, places: Sequence[Place]) -> list[Answer | None]:
    """One answer a question, None where the line has none. `places`: the tokens of `text`, empty where a server gives none."""
    written = "".join(place.token for place in places) or text
    found: list[Answer | None] = [None] * len(line.labels)
    for question, at in _answers(line, written):
        if found[question] is None:
            found[question] = _read(line, written, places, at)
    return found


def _answers(line: Line, text: str) -> Iterator[tuple[int, int]]:
    """Question and where its answer begins, left to right."""
    option = "|".join(sorted(map(re.escape, line.options), key=len, reverse=True))
    names = {name.casefold(): i for i, name in (*enumerate(line.questions), *enumerate(line.labels))}
    # The longest first: "gap" also stands in "Filling a gap".
    name = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    labelled = list(re.finditer(rf"(?<!\w)({name})(?!\w)(?:{_BETWEEN}({option})(?!\w))?", text, re.IGNORECASE))
    if labelled:
        for match in labelled:
            # Some letters are alike to `re` and not to `casefold`: such a label names nothing.
            question = names.get(match[1].casefold())
            if question is not None and match[2] is not None:
                yield question, match.start(2)
        return
    # No label at all: as many bare answers as there are questions stand in the order of the questions.
    bare = [m.start() for m in re.finditer(rf"(?<!\w)(?:{option})(?!\w)", text)]
    if len(bare) == len(line.labels):
        yield from enumerate(bare)


def _read(line: Line, text: str, places: Sequence[Place], at: int) -> Answer:
    if are_weighed(places) and (read := from_tokens(_from(places, at), line.options)) is not None:
        return Answer(*read, "logprobs-line")
    return Answer(*from_text(text[at : at + 2], line.options), "written")


def _from(places: Sequence[Place], at: int) -> list[Place]:
    """The places from the token on that has character `at`; of that one, only what stands from `at` on."""
    ends = list(accumulate(len(place.token) for place in places))
    first = next(i for i, end in enumerate(ends) if end > at)
    cut = at - (ends[first] - len(places[first].token))
    ahead = places[first].token[:cut]
    if not ahead.strip():
        return list(places[first:])
    rest = tuple((token[cut:], logprob) for token, logprob in places[first].likeliest if token.startswith(ahead))
    return [Place(places[first].token[cut:], rest), *places[first + 1 :]]
