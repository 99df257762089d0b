"""How somebody answers, as it shows in what is heard: plainly, or so that much is vague, off the point, contradicted or untrue.
Of who answers plainly nothing is worth asking twice; of who does not, much is. Pure."""

import math
from collections.abc import Sequence

from personalization.belief import Chances

UNKNOWN = 0.5
"""The chance that somebody answers messily, before anything was heard."""
UNHEARD, CLEAR = 2.0, 12.0
"""Ratios of likelihoods: below the first an answer told nothing of what was asked, from the second on it was clear."""
LIKELY = ((0.02, 0.16), (0.07, 0.11), (0.91, 0.73))
"""How often an answer is heard in each of `heard_as`'s ways: from who answers plainly, from who does not. Measured on phrases
left out of the listener's training."""
SURER = 2.0
"""What is believed of who answers plainly is so much further from the population's, in log-odds: a belief allows for slips and
untruths that such people hardly make."""
FAR = 5.3
"""Log-odds beyond which nothing is surer."""


def heard_as(likelihood: Sequence[float]) -> int:
    """Of what was asked about: 0 not at all, 1 faintly, 2 clearly."""
    ratio = max(likelihood) / min(likelihood)
    return 0 if ratio < UNHEARD else 1 if ratio < CLEAR else 2


def messier(chance: float, likelihood: Sequence[float]) -> float:
    """The chance that somebody answers messily, after one more answer."""
    plain, messy = LIKELY[heard_as(likelihood)]
    return chance * messy / (chance * messy + (1 - chance) * plain)


def surer(chances: Chances, prior: Chances) -> Chances:
    """A belief in a dimension of two values, were the person known to answer plainly."""
    before, now = _odds(prior[0]), _odds(chances[0])
    odds = before + SURER * (now - before)
    yes = 1 / (1 + math.exp(-max(-FAR, min(FAR, odds))))
    return (yes, 1 - yes)


def _odds(chance: float) -> float:
    return math.log(chance / (1 - chance))
