"""The nouns and REST bodies on the wire; app/review.py has those of looking back on decisions, app/frames.py the websocket.
`/openapi.json` and docs/protocol.md are generated from these types."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from conversation.decision import Bound
from thoughts.basis import Basis

TEXT_LIMIT = 8_000
"""Characters in one message."""
FRAME_LIMIT = 64 * 1024
"""Bytes in one websocket frame."""
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no NUL in a text, so none gets in."""
SOMETHING = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""More than blanks, and no NUL."""

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=SOMETHING)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT, pattern=SOMETHING)]
Seq = Annotated[int, Field(ge=0, le=2**53)]
Emoji = Annotated[str, Field(min_length=1, max_length=16, pattern=SOMETHING)]
Rating = Annotated[float, Field(ge=1, le=5)]
Share = Annotated[float, Field(ge=0, le=1)]
Role = Literal["owner", "member", "observer", "agent"]
Mode = Literal["shadow", "suggest", "speak"]
PresetName = Literal["selective", "active", "chatty"]


class Wire(BaseModel):
    """Unknown fields and wrong types are errors: a typo must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


# -- shared nouns ------------------------------------------------------------------------------------------------------


class AuthorView(Wire):
    id: Id
    name: str
    kind: Literal["human", "agent"]


class ReactionView(Wire):
    """`users`: ids of everybody who left this emoji, in the order they did."""

    emoji: Emoji
    users: list[Id]


class MessageView(Wire):
    """`text` is what its author last made of it; empty once it was deleted. The words before an edit are not kept."""

    id: Id
    seq: Seq
    room: Id
    author: AuthorView
    text: str
    at: datetime
    reply_to: Id | None = None
    reactions: list[ReactionView] = []
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


class MemberView(Wire):
    id: Id
    name: str
    role: Role
    online: bool = False


class QuietHours(Wire):
    """The agent says nothing unasked between `start` and `end`, HH:MM in `zone` (an IANA name); may run over midnight."""

    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    zone: Annotated[str, Field(min_length=1, max_length=64)] = "UTC"


class PolicyView(Wire):
    """When the agent may speak. A bar left null comes from the preset in the model's calibration."""

    preset: PresetName = "active"
    im_threshold: Rating | None = None
    """Motivation needed on an open turn."""
    interrupt_threshold: Rating | None = None
    """Motivation needed when somebody else is expected to speak."""
    allocated_threshold: Rating | None = None
    """Motivation needed when the agent itself is asked."""
    system1_prob: Share | None = None
    """On an open turn, chance of saying the System 1 thought although it is below the bar."""
    silence_growth: Annotated[float, Field(ge=1, le=1.2)] = 1.02
    """Factor on motivation per message by others since the agent spoke."""
    silence_cap: Annotated[int, Field(ge=0, le=200)] = 10
    """Messages after which it grows no further."""
    talk_share: Share = 0.4
    """Largest part of the last `talk_window` messages that may be the agent's."""
    talk_window: Annotated[int, Field(ge=2, le=200)] = 20
    messages_per_hour: Annotated[int, Field(ge=0, le=3600)] = 30
    """After so many messages within an hour it says nothing more unasked."""
    min_gap: Annotated[float, Field(ge=0, le=86_400)] = 4.0
    """Seconds that must pass between two messages of the agent that nobody asked for."""
    quiet_hours: QuietHours | None = None
    agent_budget: Annotated[int, Field(ge=0, le=20)] = 2
    """Messages by agents at most since a human last wrote."""
    tokens_per_day: Annotated[int, Field(ge=0, le=2**53)] | None = None
    """Tokens that the model reads anew and writes for the agent at most since midnight (of the zone of `quiet_hours`, else
    UTC); null: no limit. Holds even when it is asked."""
    pause: Annotated[float, Field(ge=1, le=3600)] = 10.0
    """Seconds without a message or typing that count as a pause."""
    debounce: Annotated[float, Field(ge=0, le=60)] = 1.5
    """Seconds to wait for more from the same author."""
    decay: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Factor on a memory's saliency per message since it was last used."""
    weights: dict[str, Annotated[float, Field(ge=0, le=100)]] = {}
    """Of heuristics in motivation, by name; those left out are the calibration's."""


class QuietView(Wire):
    """A member asked the agent in the room to be quiet until `until`. `by` and `name`: who; `message`: in which words."""

    until: Annotated[datetime, Field(strict=False)]
    by: Id
    name: str
    message: Id


class LearnedView(Wire):
    """What people's verdicts moved. `offset`: points of motivation added to the bars of what nobody asked for; `labels`: how many
    there were; `by`: the owner who let it in force; `before`: the version that undoing goes back to, null: nothing learned."""

    version: int
    offset: float
    labels: int
    at: Annotated[datetime, Field(strict=False)]
    by: Id
    before: int | None


class AgentView(Wire):
    id: Id
    room: Id
    name: str
    persona: str
    memories: list[str]
    model: str
    mode: Mode
    mute_until: datetime | None = None
    """Set by an owner."""
    quiet: QuietView | None = None
    """In force while `until` is to come."""
    learned: LearnedView | None = None
    policy: PolicyView
    policy_version: int


class RoomView(Wire):
    """`notice`: what agents of the room remember of those who are in it, and how to see and stop that; null where there is
    none. `retention`: days after which messages are deleted; 0: they stay."""

    id: Id
    name: str
    seq: Seq
    role: Role
    retention: int = 0
    members: list[MemberView]
    agents: list[AgentView]
    notice: str | None = None


class RawView(Wire):
    judged: float | None = None
    baseline: float | None = None
    mass: float | None = None
    measured: float | None = None
    facts: dict[str, float] = {}


class ScoreView(Wire):
    heuristic: str
    value: Rating
    how: Literal["judged", "measured", "both"]
    distribution: list[float] | None
    raw: RawView


class ThoughtView(Wire):
    """`audience`: the people who may read `text`, because all that it was made of was said before them; null for everybody who
    may read thoughts. To others its text is empty."""

    id: Id
    kind: Literal["system1", "system2", "curiosity"]
    text: str
    stimuli: list[Id]
    scores: list[ScoreView]
    motivation: float | None
    state: Literal["held", "spoken", "retired", "expired"]
    why: str = ""
    formed_seq: Seq
    formed_at: datetime
    audience: list[Id] | None = None


class TriggerView(Wire):
    """`seq`: the message it is about, or after which it is quiet; `nth`: which pause since that message, from 0."""

    kind: Literal["message", "addressed", "pause", "wake"]
    seq: Seq
    nth: Annotated[int, Field(ge=0)] = 0


class RetrievedView(Wire):
    """A memory that the owner gave, an item that people said, or a held thought that was near enough to the moment; `saliency`
    has no unit, larger is nearer. `audience`: as of a thought. `use`: what it was for in this run; null in older ones."""

    id: Id
    kind: Literal["memory", "item", "thought"]
    text: str
    saliency: float
    audience: list[Id] | None = None
    use: Literal["ignore", "support", "decide"] | None = None


class DecisionView(Wire):
    act: Literal["speak", "react", "hold", "silent"]
    thought: Id | None
    branch: Literal["mine", "open", "theirs", "none"]
    bar: float | None
    reason: str
    bound: Bound | None = None
    emoji: str | None = None
    """With what it reacts."""


class TokensView(Wire):
    """`prompt`: read now; `cached`: read before and used again, not among `prompt`; `generated`: written."""

    prompt: int
    cached: int
    generated: int


class AllowanceView(Wire):
    """How much the agent might think. `less`: one quick thought; `measured`: no call to the language model, held thoughts are
    weighed again by what can be measured; `mute`: none. `bound`: the limit that is nearest, `used` the part that is gone."""

    level: Literal["full", "less", "measured", "mute"] = "full"
    bound: str | None = None
    used: float = 0.0


class CandorView(Wire):
    """What the candor guard saw of a reply that was written with people's items in mind: the side that it took, the one that is
    taken without them (null where none was taken and nothing was asked), and which was said."""

    personal: Literal["agrees", "disagrees", "none"]
    impersonal: Literal["agrees", "disagrees", "none"] | None
    said: Literal["personal", "impersonal"]


class ChoiceView(Wire):
    """How one of several drafts of a reply was taken, in their order: what everybody's taste says of each (`pool`) and that of
    the person who was answered (`own`), log-odds against the mean of the drafts, and both `mixed`, which decides: `own` moves
    one draft against another by 0.25 at most. `taken`: the place of the draft that was."""

    taken: int
    pool: list[float]
    own: list[float]
    mixed: list[float]


class SaidView(Wire):
    """Of a statement that holds on some occasions only: how far it `agrees` with the first of two things, in log-odds, and the
    probability that it `holds` on this one."""

    agrees: float
    holds: float


class WeighingView(Wire):
    """How a choice that the agent was asked to make was weighed, without its words: which of the two was `taken`, in the order of
    the message (0 or 1), and the `chance` that it got. What speaks for the first, in log-odds: so many `reasons` of the model's
    own as `reasoned` (none where what was `said` for just such an occasion decided), how much better it `suits` the situation
    than the second, and what somebody `said`; null and empty in runs that were kept before these were."""

    taken: Literal[0, 1]
    chance: float
    reasons: int
    reasoned: float | None = None
    suits: float | None = None
    said: list[SaidView] = []


class RunView(Wire):
    """One run of the five stages. `gate` says why a run stopped before any model was asked, else null. `outcome`: what
    became of a decision to speak: said, superseded, dropped, failed; null where nothing was to be said."""

    id: Id
    room: Id
    agent: Id
    trigger: TriggerView
    gate: str | None
    retrieved: list[RetrievedView]
    thoughts: list[ThoughtView]
    turn: dict[str, float]
    decision: DecisionView
    outcome: Literal["said", "superseded", "dropped", "failed"] | None = None
    dropped: str | None = None
    """Why the reply that was written is not worth a message: it says what was said, or nothing."""
    message: Id | None = None
    candor: CandorView | None = None
    """Null where nothing was said with people's items in mind."""
    choice: ChoiceView | None = None
    """Null where there was one draft: of whom the reply is to, no taste is known."""
    weighing: WeighingView | None = None
    """Null where nothing was weighed: the agent was not asked to choose, or the model is too small to give reasons."""
    basis: Annotated[Basis | None, WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "null"}]})] = None
    """What the decision was made from beside the thoughts, so that it can be made again: `footing` (where the agent stood in
    the talk), `turn`, `policy`, as thoughts/basis.py has them. Null where none was made: the run was gated or failed."""
    stages: dict[str, float]
    """Milliseconds by stage."""
    tokens: TokensView
    spent: dict[str, TokensView] = Field(default_factory=dict)
    """Tokens by stage, of those that asked the model; `articulation`: to write what is said, weigh it and guard it."""
    method: str = "none"
    """How ratings were read: `logits`, `logprobs`, `logprobs-line` (all answers on one line), `written`, `remembered` (from
    an earlier run: the model was not asked) or `none`."""
    allowance: AllowanceView = AllowanceView()
    model: str
    calibration: str
    policy_version: int
    seed: int
    error: str | None
    at: datetime


class ErrorView(Wire):
    code: str
    detail: str
    field: str | None = None
    value: str | None = None


class ErrorBody(Wire):
    """The body of every answer that is not 2xx."""

    error: ErrorView


# -- REST bodies -------------------------------------------------------------------------------------------------------


class NewUser(Wire):
    name: Name


class NewAgent(Wire):
    name: Name = "Aside"
    persona: Annotated[str, Field(max_length=4_000, pattern=NO_NUL)] = ""
    memories: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=500, pattern=SOMETHING)]], Field(max_length=200)
    ] = []
    model: str | None = None
    mode: Mode = "speak"
    policy: PolicyView = PolicyView()


class NewRoom(Wire):
    """An agent is added unless `agent` is null; left out, it is the default one."""

    name: Name
    agent: NewAgent | None = NewAgent()


class RoomChange(Wire):
    """Fields left out stay as they are. `retention`: days after which messages are deleted, with what came of them; 0: never."""

    name: Name | None = None
    retention: Annotated[int, Field(ge=0, le=36_500)] | None = None


class AgentChange(Wire):
    """Fields left out stay as they are. A given `policy` replaces the whole policy; `mute_until` null unmutes. An agent as
    it was read may be sent back: its fixed fields must be as they were."""

    id: Id | None = None
    room: Id | None = None
    model: str | None = None
    policy_version: int | None = None
    quiet: QuietView | None = None
    """Ignored: members lift it in the room, or with DELETE …/quiet."""
    learned: LearnedView | None = None
    """Ignored: see …/refit."""
    name: Name | None = None
    persona: Annotated[str, Field(max_length=4_000, pattern=NO_NUL)] | None = None
    memories: (
        Annotated[list[Annotated[str, Field(min_length=1, max_length=500, pattern=SOMETHING)]], Field(max_length=200)]
        | None
    ) = None
    mode: Mode | None = None
    mute_until: Annotated[datetime, Field(strict=False)] | None = None
    policy: PolicyView | None = None


class NewMember(Wire):
    """Exactly one of `user` (an owner adds somebody) and `invite` (somebody joins with a code)."""

    user: Id | None = None
    invite: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    role: Literal["owner", "member", "observer"] = "member"


class NewMessage(Wire):
    client_id: Id
    text: Text
    reply_to: Id | None = None


class MessageChange(Wire):
    text: Text


class AckView(Wire):
    client_id: Id
    room: Id
    seq: Seq
    id: Id


class MessagesView(Wire):
    messages: list[MessageView]
    next: Seq | None = None


class RoomsView(Wire):
    rooms: list[RoomView]


class RunsView(Wire):
    """Newest first. `next`: pass it as `before` for the page after this one; null on the last page."""

    runs: list[RunView]
    next: str | None = None


class ThoughtsView(Wire):
    thoughts: list[ThoughtView]


class MeView(Wire):
    id: Id
    name: str


class InfoView(Wire):
    """What the page says about this server. `model_status`: "ok", or what is wrong or awaited; `tiny`: the served model shows
    the mechanism and is too small for good conversation."""

    model: str
    model_status: str
    tiny: bool
    registration_open: bool


class BarsView(Wire):
    im_threshold: float
    interrupt_threshold: float
    allocated_threshold: float
    system1_prob: float


class CalibrationView(Wire):
    """What a policy starts from with the model that thinks here: the weights of the heuristics and the bars of the presets.
    `odds`: the weights are those of log-odds, else of a mean."""

    name: str
    weights: dict[str, float]
    odds: bool
    presets: dict[str, BarsView]


class AgentsView(Wire):
    agents: list[AgentView]


class HealthView(Wire):
    status: Literal["ok"]


class ReadyView(Wire):
    """Each check is "ok" or says what is wrong."""

    ready: bool
    checks: dict[str, str]
