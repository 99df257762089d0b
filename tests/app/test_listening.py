from dataclasses import dataclass, field
from typing import Any, cast

from app.listening import Attentive
from app.remembering import Remembering
from app.resident import Listener, RoomPort
from tests.conversation.build import ANN, message


@dataclass
class Ear:
    """Notes what it is told, under any name."""

    id: str = "room"
    fence: int = 7
    told: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return lambda *said: self.told.append((name, *said))


def test_the_mind_hears_everything_and_the_memory_what_is_said() -> None:
    room, mind, memory = Ear(), Ear(), Ear()
    both = Attentive(cast(RoomPort, room), cast(Listener, mind), cast(Remembering, memory))
    said = message(1, ANN)
    both.heard(said)
    both.reworded(said, True)
    both.typing("ann", True)
    both.changed()
    assert mind.told == [("heard", said), ("reworded", said, True), ("typing", "ann", True), ("changed",)]
    assert memory.told == [("notice", "room", 7)]
