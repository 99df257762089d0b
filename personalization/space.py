"""What there is to know of a person: a schema file of dimensions, each with its values and how common they are."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

SERVED = "preferences"
"""The space of the service."""
SURE = 1e-6
"""How far a prior may be from summing to 1."""
FORM = 120
"""Characters of how a reply is put."""
FIELDS = {"values", "floor", "ask", "again", "yes", "no", "private", "examples", "forms", "stake"}
"""Of a dimension in a schema file."""


class SpaceError(ValueError):
    """A schema lacks a field, or holds one that cannot be; the message names it and shows the value."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """`values` in the order in which beliefs list their chances; `prior`: how common each is among people, summing to 1;
    `floor`: a belief never puts less than this on a value; `ask`: the question that finds out, empty where nobody should
    ask; `again`: the same in other words; `means`: the values that a bare yes and a bare no to it tell, where they tell any;
    `private`: it is asked only where nobody else reads the answer; `examples`: of each value, what people say who have it,
    where a deployment gives some: an answer is told by what it is like (`kin`); `forms`: how a reply to who has a value is put,
    "" where it is put like any other; `stake`: how much a reply gains by the right value, 0 to 1; without one nobody is asked."""

    name: str
    values: tuple[str, ...]
    prior: tuple[float, ...]
    floor: float = 0.02
    ask: str = ""
    again: tuple[str, ...] = ()
    means: tuple[str, str] | None = None
    private: bool = False
    examples: tuple[tuple[str, ...], ...] = ()
    forms: tuple[str, ...] = ()
    stake: float = 0.0

    def __post_init__(self) -> None:
        if len(self.values) < 2 or len(set(self.values)) < len(self.values):
            raise SpaceError(f"{self.name}: values must be two or more, all different: {self.values!r}")
        if len(self.prior) != len(self.values):
            raise SpaceError(f"{self.name}: prior must have {len(self.values)} numbers: {self.prior!r}")
        if not all(p > 0 for p in self.prior) or abs(sum(self.prior) - 1) > SURE:
            raise SpaceError(f"{self.name}: prior must be above 0 and sum to 1: {self.prior!r}")
        if not 0 < self.floor <= min(self.prior):
            raise SpaceError(f"{self.name}: floor must be above 0 and no more than any prior: {self.floor!r}")
        if self.again and not self.ask:
            raise SpaceError(f"{self.name}: again is other words for ask, which is missing: {self.again!r}")
        if self.means is not None and not set(self.means) <= set(self.values):
            raise SpaceError(f"{self.name}: yes and no must be two of {self.values!r}: {self.means!r}")
        if self.examples and len(self.examples) != len(self.values):
            raise SpaceError(f"{self.name}: examples must be there for each of {self.values!r}: {self.examples!r}")
        if self.forms and len(self.forms) != len(self.values):
            raise SpaceError(f"{self.name}: forms must be there for each of {self.values!r}: {self.forms!r}")
        if wrong := [f for f in self.forms if len(f) > FORM or not f.isprintable()]:
            raise SpaceError(f"{self.name}: a form is one line of {FORM} characters at most: {wrong[0]!r}")
        if not 0 <= self.stake <= 1:
            raise SpaceError(f"{self.name}: stake must be 0 to 1: {self.stake!r}")

    def index(self, value: str) -> int:
        """Raises SpaceError for what is no value of this dimension."""
        if value not in self.values:
            raise SpaceError(f"{self.name}: {value!r} is none of {', '.join(self.values)}")
        return self.values.index(value)


@dataclass(frozen=True, slots=True)
class Space:
    name: str
    dimensions: tuple[Dimension, ...]

    def __post_init__(self) -> None:
        names = [d.name for d in self.dimensions]
        if len(set(names)) < len(names):
            raise SpaceError(f"{self.name}: a dimension is named twice: {names!r}")

    def dimension(self, name: str) -> Dimension:
        """Raises SpaceError for a name that is not there."""
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise SpaceError(f"{self.name}: no dimension {name!r}")

    def with_own(self, own: "Space") -> "Space":
        """This space and a deployment's own dimensions. Raises SpaceError where one is already there, or where people would be
        asked and not heard: no listener was trained on it, and nothing says what an answer to it is like."""
        for d in own.dimensions:
            if d.ask and d.stake and not d.examples and d.means is None:
                raise SpaceError(
                    f"{d.name}: an answer to ask is told by examples, or by yes and no, and there are none: {d.ask!r}"
                )
        return Space(own.name, (*self.dimensions, *own.dimensions))


def parse(text: str) -> Space:
    """Raises SpaceError, naming what is wrong."""
    try:
        document = json.loads(text)
        dimensions = tuple(_dimension(name, fields) for name, fields in document["dimensions"].items())
        return Space(_text(document["name"]), dimensions)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise SpaceError(f"not a space: {error!r}") from error


def _dimension(name: str, fields: Mapping[str, object]) -> Dimension:
    if unknown := set(fields) - FIELDS:
        raise SpaceError(f"{name}: unknown fields {sorted(unknown)!r}")
    values = fields["values"]
    if not isinstance(values, dict):
        raise TypeError(f"{name}: values must give each value its prior: {values!r}")
    private = fields.get("private", False)
    if not isinstance(private, bool):
        raise TypeError(f"{name}: private must be true or false: {private!r}")
    return Dimension(
        name=name,
        values=tuple(values),
        prior=tuple(_number(name, p) for p in values.values()),
        floor=_number(name, fields.get("floor", 0.02)),
        ask=_text(fields["ask"]) if "ask" in fields else "",
        again=_texts(name, fields.get("again", [])),
        means=_means(fields, tuple(values)),
        private=private,
        examples=_examples(name, values, fields["examples"]) if "examples" in fields else (),
        forms=_forms(name, tuple(values), fields["forms"]) if "forms" in fields else (),
        stake=_number(name, fields.get("stake", 1.0 if "forms" in fields else 0.0)),
    )


def _forms(name: str, values: tuple[str, ...], given: object) -> tuple[str, ...]:
    if not isinstance(given, dict) or not set(given) <= set(values):
        raise TypeError(f"{name}: forms must say by value how a reply is put, of {', '.join(values)}: {given!r}")
    return tuple(_text(given[v]) if v in given else "" for v in values)


def _examples(name: str, values: Mapping[str, object], given: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(given, dict) or set(given) != set(values):
        raise TypeError(f"{name}: examples must be lists of sentences by value, of {', '.join(values)}: {given!r}")
    if wrong := [v for v, some in given.items() if not isinstance(some, list) or not some]:
        raise TypeError(f"{name}: no list of sentences for {', '.join(wrong)}: {given[wrong[0]]!r}")
    return tuple(tuple(_text(s) for s in given[v]) for v in values)


def _texts(name: str, given: object) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise TypeError(f"{name}: again must be a list of questions: {given!r}")
    return tuple(_text(s) for s in given)


def _means(fields: Mapping[str, object], values: tuple[str, ...]) -> tuple[str, str] | None:
    """Dimensions with the values yes and no need not say it."""
    if "yes" in fields or "no" in fields:
        return (_text(fields["yes"]), _text(fields["no"]))
    return ("yes", "no") if set(values) == {"yes", "no"} else None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"not a text: {value!r}")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{name}: not a number: {value!r}")
    return float(value)


def space_for(name: str) -> Space:
    """One of the spaces that come with Aside. Raises SpaceError for another name."""
    file = resources.files("personalization") / "spaces" / f"{name}.json"
    if not file.is_file():
        raise SpaceError(f"no space {name!r}")
    return parse(file.read_text(encoding="utf-8"))


def served(own: Path | None = None) -> Space:
    """That of the service, and the dimensions of the deployment's own file. Raises SpaceError, naming what is wrong with it."""
    space = space_for(SERVED)
    if own is None:
        return space
    try:
        text = own.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpaceError(f"cannot be read: {error}") from error
    return space.with_own(parse(text))
