"""What is kept. The only package that knows SQLAlchemy: tables, and one module of queries per subject."""

from collections.abc import Callable

from app.store.agents import Agents
from app.store.consents import Consents
from app.store.credentials import Credentials
from app.store.database import Database
from app.store.edits import Edits
from app.store.erasing import Erasing
from app.store.events import Events
from app.store.evidence import Beliefs
from app.store.invites import Invites
from app.store.items import Items
from app.store.keeping import Keeping
from app.store.labels import Labels
from app.store.members import Members
from app.store.messages import Messages
from app.store.outbox import Outbox
from app.store.owners import Owners
from app.store.questions import Questions
from app.store.refits import Refits
from app.store.reminders import Reminders
from app.store.replays import Replays
from app.store.rooms import Rooms
from app.store.runs import Runs
from app.store.suggestions import Suggestions
from app.store.summaries import Summaries
from app.store.thoughts import Thoughts
from app.store.transfers import Transfers
from app.store.users import Users
from personalization.space import Space, served


class Store:
    """One attribute per subject. `model` names the one that agents without one of their own think with; `space`: what beliefs can
    be about."""

    def __init__(self, database: Database, model: Callable[[], str], space: Space | None = None) -> None:
        self.database = database
        self.space = space or served()
        self.users = Users(database)
        self.credentials = Credentials(database)
        self.rooms = Rooms(database)
        self.members = Members(database)
        self.invites = Invites(database)
        self.events = Events(database)
        self.messages = Messages(database)
        self.edits = Edits(database)
        self.outbox = Outbox(database)
        self.owners = Owners(database)
        self.agents = Agents(database, model)
        self.items = Items(database)
        self.keeping = Keeping(database)
        self.consents = Consents(database)
        self.erasing = Erasing(database)
        self.runs = Runs(database)
        self.suggestions = Suggestions(database)
        self.labels = Labels(database)
        self.summaries = Summaries(database)
        self.refits = Refits(database)
        self.thoughts = Thoughts(database)
        self.replays = Replays(database)
        self.beliefs = Beliefs(database)
        self.questions = Questions(database)
        self.transfers = Transfers(database)
        self.reminders = Reminders(database)
