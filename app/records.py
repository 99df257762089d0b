"""What the minds of a room thought: every run is stored whole, then shown to whoever watches."""

import logging

from app import metrics
from app.discretion import run_for, without_words
from app.frames import DecisionEvent, ThoughtEvent
from app.protocol import RunView
from app.resident import Resident, RoomPort
from app.store import Store
from app.store.runs import AlreadyDecided
from app.thought_views import run_view, thought_view
from app.tracing import TRACING
from conversation.decision import Decision
from conversation.moment import Moment
from conversation.thought import Thought
from heuristics.calibration import Calibration
from memory.audience import people
from thoughts.run import Run
from thoughts.trigger import Stop

log = logging.getLogger(__name__)


class Records:
    """`model`: the name of the model that the room's agents think with."""

    def __init__(self, room: RoomPort, store: Store, model: str, calibration: Calibration) -> None:
        self._room = room
        self._fence = room.fence
        self._store = store
        self._model = model
        self._calibration = calibration

    def view(self, resident: Resident, run: Run) -> RunView:
        return run_view(run, self._model, self._calibration.name, resident.policy.version)

    async def keep(self, resident: Resident, run: Run) -> bool:
        """Stores the run whole, then shows it to watchers; False when this trigger was decided before. Raises Fenced."""
        if run.error is not None:
            log.warning("run %s in room %s failed: %s", run.id, self._room.id, run.error)
        view = self.view(resident, run)
        try:
            await self._store.runs.save_run(view, self._fence)
        except AlreadyDecided as late:
            log.info("%s", late)
            return False
        metrics.run(view)
        TRACING.stages(view)
        used = [r.trace.id for r in run.retrieved if r.trace.kind == "memory"]
        thoughts = (*run.thoughts, *run.changed)
        await self._store.thoughts.save_thoughts(self._room.id, thoughts, self._fence)
        if used:
            await self._store.agents.touch(used, run.trigger.seq)
        for thought in thoughts:
            self.show_thought(run, thought)
        self.show(view)
        return True

    def show_thought(self, run: Run, thought: Thought) -> None:
        shown = without_words(thought_view(thought), people(self._room.members()))
        self._room.broadcast_watchers(ThoughtEvent(room=self._room.id, agent=thought.agent, run=run.id, thought=shown))

    def show(self, view: RunView) -> None:
        shown = run_for(view, people(self._room.members()))
        self._room.broadcast_watchers(DecisionEvent(room=self._room.id, run=shown))


def unthought(run_id: str, moment: Moment, stop: Stop) -> Run:
    """The run of an agent that did not think, because of `stop`."""
    silent = Decision("silent", None, "none", None, f"It did not think: {stop.reason}.", stop.bound)
    return Run(run_id, moment, gate=stop.reason, decision=silent, stages={})
