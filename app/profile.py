"""What is on the wire when people look at what is kept of them: their profile, consent, forgetting, the export, what is believed
of them, and the pairs of replies they are asked about."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.protocol import Id, MessageView, Seq, Text, Wire

Choice = Literal["first", "second", "neither"]
Ids = Annotated[list[Id], Field(max_length=10_000)]


class ConsentView(Wire):
    """`observe`: agents read my messages when they think. `remember`: they keep items of them, and use those. `infer`: they
    conclude more about me than I said. Each is on until it is taken back; without `observe` nothing is kept either."""

    observe: bool = True
    remember: bool = True
    infer: bool = True


class SourceView(Wire):
    """A message that an item came from. `text` is null where it cannot be read any more."""

    id: Id
    room: Id | None = None
    seq: Seq | None = None
    text: str | None = None


class HearerView(Wire):
    """`name` is null for somebody who is gone."""

    id: Id
    name: str | None


class ItemView(Wire):
    """One thing that is remembered. `by`: who said it: me, or the agent of a correction, which `corrects` the claim with that id.
    `since` and `until`: when it held; null while it does. `scope`: when alone it is used, in its own words or, where they name no
    occasion, as a model put it, until the words are corrected; null for always.
    `confidence` from 0 to 1. `audience`: who was there; it is in prompts only where everybody in the room is among them, or
    everywhere where it is `public`. `edited`: the words are mine."""

    id: Id
    kind: Literal["claim", "fact", "preference", "correction", "event"]
    text: str
    by: Id
    room: Id
    at: datetime
    since: datetime
    until: datetime | None
    scope: str | None
    confidence: float
    audience: list[HearerView]
    public: bool
    edited: bool
    corrects: Id | None
    sources: list[SourceView]


class EvidenceView(Wire):
    """A message of the person's that a belief rests on. `text` is what it says now."""

    message: str
    room: str
    text: str
    at: datetime


class BeliefView(Wire):
    """`values`: the chance of each; `uncertainty`: 0 (sure) to 1 (as among people at large, or less), the entropy in parts
    of that of
    the population; `by_hand`: set by the person, and then nothing is inferred; `ask`: how the agent would ask; `evidence`: what
    it rests on, what tells most first."""

    dimension: str
    values: dict[str, float]
    likeliest: str
    uncertainty: float
    by_hand: bool
    ask: str
    evidence: list[EvidenceView]


class SentenceView(Wire):
    """`items`: ids of the items that it came from; none where I wrote it."""

    text: str
    items: list[Id]


class SummaryView(Wire):
    """What agents in `room` keep in mind of me there. `by`: `items` (put together from them), `me` (my own words), or `nobody`:
    I wrote one for other people, and nothing takes its place here. `text` is what stands in prompts, at most 256 tokens."""

    room: Id
    by: Literal["items", "me", "nobody"]
    text: str
    sentences: list[SentenceView]
    at: datetime


class JourneyView(Wire):
    """An interest that I came back to, found in what I said. `items`: ids of what it rests on, newest first."""

    id: Id
    name: str
    first_seen: datetime
    last_seen: datetime
    items: list[Id]


class ProfileView(Wire):
    """What is kept of me. `items`: newest first, those that hold no longer too; `beliefs`: what is concluded, by
    dimension. `summaries`: one for each of my rooms.
    `journeys`: from all items; in a room, only what everybody there may hear counts. Both are empty without my consent to
    infer."""

    id: Id
    name: str
    consent: ConsentView
    items: list[ItemView]
    beliefs: list[BeliefView]
    summaries: list[SummaryView]
    journeys: list[JourneyView]


class SummaryChange(Wire):
    """`text`: what agents are to keep in mind of me, at most 256 tokens, and "" for nothing; null for what is put together from
    items again. `room`: only before those who are in it now; null: before everybody."""

    text: Annotated[str, Field(max_length=4_000)] | None
    room: Id | None = None


class ProfileChange(Wire):
    """My own words win over everything that was concluded."""

    summary: SummaryChange


class ItemChange(Wire):
    """`text`: my own words for it. `audience`: ids of those who may hear it beside me, more or fewer than were there. `public`:
    it may be used before everybody; false goes with an `audience`. What is left out stays."""

    text: Text | None = None
    audience: Ids | None = None
    public: bool | None = None


class Forget(Wire):
    """Exactly one of `item` (an id), `topic` (in words), `room` (an id) and `everything`. What I wrote of it is deleted from the
    rooms too, unless `keep_messages`: then it stays there, and no agent reads it any more."""

    item: Id | None = None
    topic: Text | None = None
    room: Id | None = None
    everything: bool = False
    keep_messages: bool = False
    preview: Annotated[bool, Field(description="Nothing goes yet: tells what would.")] = False


class GoneView(Wire):
    """How much is gone. `messages`: those deleted; `thoughts`: those that lost their words."""

    items: int
    messages: int
    thoughts: Annotated[int, Field(description="0 in a preview, which does not look for them.")]
    words: Annotated[tuple[str, ...], Field(description="Of a preview: what would go, items first, at most 40.")] = ()


class ExportView(Wire):
    """All that this service keeps of me: my profile, what I wrote, and the rooms that I am in."""

    at: datetime
    profile: ProfileView
    messages: list[MessageView]
    rooms: list[Id]


class BeliefsView(Wire):
    beliefs: list[BeliefView]


class SetBelief(Wire):
    """None: what was set by hand is taken back."""

    value: str | None = Field(max_length=64)


class PairView(Wire):
    """Two replies to the same `message`; which one is liked better tells most now. `answered`: how many were before."""

    id: str
    message: str
    first: str
    second: str
    answered: int


class PairAnswer(Wire):
    choice: Choice


class LikingView(Wire):
    """How much a reply gains by an attribute, with its standard deviation: the person's log-odds of liking it better than
    its opposite."""

    attribute: str
    mean: float
    deviation: float


class TasteView(Wire):
    """`answered`: of the pairs, with one of the two; `thumbs`: 👍 and 👎 of mine on what agents said."""

    answered: int
    thumbs: int
    likings: list[LikingView]
