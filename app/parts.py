"""What one running service is made of, as its routes and its websocket see it."""

from dataclasses import dataclass

from app.admission import Admission
from app.clock import Clock
from app.live_replay import LiveReplays
from app.rates import Meter
from app.remembering import Remembering
from app.rooms import Rooms
from app.sessions import Sessions
from app.settings import Settings
from app.store import Store
from app.tasks import Tasks
from inference.engine import Engine


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    engine: Engine
    clock: Clock
    store: Store
    rooms: Rooms
    replays: LiveReplays
    tasks: Tasks
    remembering: Remembering
    sessions: Sessions
    meter: Meter
    admission: Admission
