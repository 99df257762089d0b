"""The structural baseline: boosted trees over twelve numbers of the talk, fitted on the train chats by
`python -m training structure`."""

from functools import cache
from pathlib import Path

from conversation.moment import Moment
from conversation.standing import talk_of
from conversation.structure import TWELVE, twelve
from heuristics.forest import Forest, parse

FILE = Path(__file__).with_name("structure.json")


@cache
def forest() -> Forest:
    found = parse(FILE.read_text(encoding="utf-8"))
    assert found.names == TWELVE, f"{FILE} was fitted for other features"
    return found


def structural(moment: Moment) -> float:
    """Log-odds, up to a constant, that the agent writes next. The agent must have spoken."""
    messages = moment.transcript.messages
    row = twelve(messages, talk_of(messages, {}, moment.now, (moment.agent.id,)), moment.agent.id)
    return forest().value(row)
