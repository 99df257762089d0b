"""An agent with its policy."""

from tests.app.test_orders import resident


def test_it_is_known_by_the_id_of_its_agent() -> None:
    assert resident().id == "mika"
    assert resident(talk_share=0.25).policy.talk_share == 0.25
