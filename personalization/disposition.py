"""How to speak to somebody, and how much: what is believed of a person, as the thinking takes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from personalization.belief import Belief
from personalization.palate import Palate
from personalization.space import Space, SpaceError
from personalization.wondering import Wonder

LEANS = 0.6
"""A form is kept to where its value is believed with this chance, and on somebody's word."""
WISH = 0.3
"""Points of motivation by which the wish for more or fewer interjections moves the bar at most."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """Towards `person`. `form`: how to put a message to them, "" where nothing is known. `bar`: points that their wish for
    more or fewer interjections adds to the bar of what nobody asked for. `wonder`: a question worth asking them now, if any.
    `palate`: what chooses among drafts of a reply, where their taste is known."""

    person: str = ""
    form: str = ""
    bar: float = 0.0
    wonder: Wonder | None = None
    palate: Palate | None = None


UNKNOWN = Disposition()
"""Towards somebody of whom nothing is known."""


def disposed(
    person: str, space: Space, beliefs: Mapping[str, Belief], wonder: Wonder | None = None, palate: Palate | None = None
) -> Disposition:
    """Only beliefs that rest on something count; the population's move nothing. Form only: what is true is the same for
    everybody."""
    forms = []
    for belief in beliefs.values():
        if not belief.sources:
            continue
        found = space.dimension(belief.dimension).forms
        top = max(range(len(belief.chances)), key=belief.chances.__getitem__)
        if found and found[top] and belief.chances[top] >= LEANS:
            forms.append(found[top])
    return Disposition(person, ", ".join(forms), wish(space, beliefs), wonder, palate)


def wish(space: Space, beliefs: Mapping[str, Belief]) -> float:
    """−WISH to WISH: how much likelier than among people at large they want to hear it rarely, and not often."""
    belief = beliefs.get("chiming_in")
    if belief is None or not belief.sources:
        return 0.0
    try:
        dimension = space.dimension("chiming_in")
    except SpaceError:
        return 0.0
    rarely, often = dimension.index("rarely"), dimension.index("often")

    def lean(chances: tuple[float, ...]) -> float:
        return chances[rarely] - chances[often]

    return max(-WISH, min(WISH, WISH * (lean(belief.chances) - lean(dimension.prior))))
