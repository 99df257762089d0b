"""How many agents think at once in this process. The others wait, with nothing loaded yet.

A run holds what it works on: up to 30 held thoughts with their scores and embeddings, items of everybody present, prompts. Fifty
rooms that wait for one model held fifty of those; more of them than the model takes up together gains nothing.
"""

from inference.slots import Slots

PLACES = 16
"""`python -m bench rooms` has a model think of 16 rooms together, and a server gets 8 requests at once."""


class Admission(Slots):
    """Places for runs: urgent ones first, then in the order they came."""

    def __init__(self, places: int = PLACES) -> None:
        super().__init__(places)
