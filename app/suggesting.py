"""What an agent would say: written as a message and laid before the owners instead of posted."""

from dataclasses import dataclass

from app.discretion import without_words
from app.frames import SuggestionEvent
from app.protocol import Wire
from app.resident import RoomPort
from app.review import SuggestionView
from app.store import Store
from conversation.message import Author, Message
from conversation.moment import Moment
from memory.audience import common, people
from thoughts.known import NOTHING_KNOWN, Known
from thoughts.run import Run


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes a message in the place of the room. Nobody sees a draft of it."""

    moment: Moment

    def broadcast(self, frame: Wire) -> None:
        return

    async def post_agent(self, agent_id: str, client_id: str, text: str, reply_to: str | None) -> Message:
        author = Author(agent_id, self.moment.agent.name, "agent")
        return Message(client_id, self.moment.trigger.seq, author, text, self.moment.now, reply_to)


async def lay_before(
    room: RoomPort, store: Store, run: Run, message: Message | None, known: Known = NOTHING_KNOWN
) -> SuggestionView:
    """Keeps what the agent would say: `message` (mode `suggest`), which owners are shown, or without one the thought (mode
    `shadow`), which they find in the review list: no thought goes to somebody who does not watch."""
    assert run.moment.last is not None
    assert run.chosen is not None
    private = common([run.chosen.audience, *(() if message is None else known.audiences)])
    new = SuggestionView(
        run=run.id,
        room=room.id,
        agent=run.moment.agent.id,
        mode="shadow" if message is None else "suggest",
        state="open",
        text=run.chosen.text if message is None else message.text,
        reply_to=None if message is None else message.reply_to,
        seq=run.moment.last.seq,
        at=run.moment.now,
        audience=None if private is None else sorted(private),
    )
    await store.suggestions.add(new)
    if message is not None:
        shown = without_words(new, people(room.members()))
        room.broadcast_owners(SuggestionEvent(room=room.id, suggestion=shown))
    return new
