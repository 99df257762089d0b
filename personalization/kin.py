"""What an answer is like: reads answers about a deployment's own dimensions, which no listener was trained on, by the example
sentences that it gives of each value. Pure."""

from collections.abc import Sequence

import numpy as np

from personalization.features import Floats
from personalization.listener import LEAST

SHARP = 0.12
"""What cosines are divided by before values are chosen between."""
NEAR, WIDTH = 0.35, 0.05
"""The cosine to the nearest example at which a sentence speaks of the dimension as likely as not, and how gradually. With these
and five examples a value, the dimensions of `preferences` read as if they were a deployment's own: 61 % of sentences get the
right value (44 % by chance), and 6 % of what tells nothing moves a belief by more than 0.1. So an answer tells something and
never much."""


def likeness(answer: Floats, examples: Sequence[Floats]) -> tuple[float, ...]:
    """The likelihood of each value, up to a common factor. `answer` [sentence, dim]; `examples[v]` [sentence, dim] of that value;
    rows of length 1. Sentences multiply; one that is like none of the examples tells nothing."""
    if not len(answer):
        return (1.0,) * len(examples)
    near: Floats = np.stack([(answer @ e.T).max(1) for e in examples], axis=1)  # [sentence, value]
    best = near.max(1, keepdims=True)
    spoken = 1 / (1 + np.exp((NEAR - best) / WIDTH))
    values = np.exp((near - best) / SHARP)
    values /= values.sum(1, keepdims=True)
    heard = (1 - spoken) + spoken * values * len(examples)
    logs = np.log((1 - LEAST) * heard + LEAST).sum(0)
    return tuple(np.exp(logs - logs.max()).tolist())
