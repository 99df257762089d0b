"""Exercise recommendation, one of CURIO's two tasks (arXiv 2504.03206): which of eight plans suits a person, of whose twenty
attributes five matter."""

from collections.abc import Mapping

from personalization.belief import Chances

MATTER = ("injured", "outdoor", "introvert", "motivated", "low_income")
TURNS = 6
"""The last of them is the recommendation."""
PLANS = 8
Traits = Mapping[str, str]


def plan(traits: Traits) -> int:
    """1–8, the rule of the paper's task. An injury is certain at 55 and over, else there with 0.1, and 10 of 50 years of age
    are at or above 55: the prior of `injured` is 0.28."""
    yes = {name: traits[name] == "yes" for name in MATTER}
    if yes["injured"]:
        return 1 if yes["outdoor"] else 2
    if yes["outdoor"]:
        return 3 if yes["introvert"] else 4
    if yes["low_income"]:
        return 5
    if not yes["introvert"]:
        return 8
    return 6 if yes["motivated"] else 7


def plan_chances(beliefs: Mapping[str, Chances]) -> Chances:
    """[PLANS]. `beliefs` of MATTER, "yes" first, independent of each other."""
    injured, outdoor, introvert, motivated, low = (beliefs[name][0] for name in MATTER)
    indoor_fit = (1 - injured) * (1 - outdoor)
    rich = indoor_fit * (1 - low)
    return (
        injured * outdoor,
        injured * (1 - outdoor),
        (1 - injured) * outdoor * introvert,
        (1 - injured) * outdoor * (1 - introvert),
        indoor_fit * low,
        rich * introvert * motivated,
        rich * introvert * (1 - motivated),
        rich * (1 - introvert),
    )
