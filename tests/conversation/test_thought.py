from typing import get_args

from app.protocol import ThoughtView
from conversation.thought import ThoughtKind, ThoughtState
from tests.conversation.build import thought


def test_a_thought_is_born_held_and_unrated() -> None:
    new = thought()
    assert (new.state, new.motivation, new.scores, new.why) == ("held", None, (), "")


def test_the_wire_knows_the_same_kinds_and_states() -> None:
    fields = ThoughtView.model_fields
    assert get_args(fields["kind"].annotation) == get_args(ThoughtKind)
    assert get_args(fields["state"].annotation) == get_args(ThoughtState)
