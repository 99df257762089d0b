"""What the terminal client shows and understands: events to lines, lines to commands. Pure; app/chat.py does the rest."""

from dataclasses import dataclass, field

from app.client import Event
from app.frames import (
    DecisionEvent,
    DeletedEvent,
    Draft,
    DraftEnd,
    EditedEvent,
    ErrorEvent,
    MessageEvent,
    PresenceEvent,
    ReactionEvent,
    ThoughtEvent,
    TypingEvent,
)
from app.protocol import MessageView, RoomView, ThoughtView

HELP = """/reply N TEXT   answer message N          /react N EMOJI   react to it; /react N EMOJI off takes it back
/who            who is here               /invite          a code for somebody else
/thoughts       what the agent thinks, live, on or off (owners and observers)
/quit           leave; you come back where you left off      //TEXT says /TEXT"""


# -- what was typed ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """`reply_to`: the seq of the message answered."""

    text: str
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class ReactTo:
    seq: int
    emoji: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Plain:
    """A command without arguments: who, invite, thoughts, help or quit."""

    name: str


@dataclass(frozen=True, slots=True)
class Wrong:
    detail: str


Command = Say | ReactTo | Plain | Wrong


def parse(line: str) -> Command | None:
    """None for an empty line."""
    line = line.strip()
    if not line:
        return None
    if line.startswith("//") or not line.startswith("/"):
        return Say(line.removeprefix("/") if line.startswith("//") else line)
    name, _, rest = line[1:].partition(" ")
    words = rest.split()
    match name:
        case "who" | "invite" | "thoughts" | "help" | "quit":
            return Plain(name) if not words else Wrong(f"/{name} takes nothing after it")
        case "reply":
            number, _, text = rest.strip().partition(" ")
            return Say(text.strip(), int(number)) if number.isdecimal() and text.strip() else Wrong("/reply N TEXT")
        case "react":
            if len(words) in (2, 3) and words[0].isdecimal() and words[2:] in ([], ["off"]):
                return ReactTo(int(words[0]), words[1], on=len(words) == 2)
            return Wrong("/react N EMOJI [off]")
        case _:
            return Wrong(f"there is no /{name}; /help lists what there is")


# -- what is shown -----------------------------------------------------------------------------------------------------


def tame(text: str) -> str:
    """`text` as a terminal may be given it: no control character acts, and each line after the first is indented, so that
    a message can neither move the cursor nor look like a line of somebody else."""
    lines = [
        "".join(c if c.isprintable() or c == JOINER else "�" for c in line) for line in text.expandtabs(4).splitlines()
    ]
    return "\n      ".join(lines)


JOINER = "\u200d"
"""Holds emoji of several parts together; harmless, unlike the other invisible characters."""


@dataclass
class Screen:
    """What has to be remembered of one room to show its events: names, message numbers, who is typing, open drafts."""

    room: str
    me: str
    names: dict[str, str] = field(default_factory=dict)
    online: dict[str, bool] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    typing: set[str] = field(default_factory=set)
    drafts: dict[str, tuple[str, str]] = field(default_factory=dict)

    def learn(self, room: RoomView) -> None:
        for member in room.members:
            self.names[member.id] = member.name
            self.online[member.id] = member.online or member.role == "agent"

    def name(self, user: str) -> str:
        return tame(self.names.get(user, "somebody"))

    def number(self, message: str | None) -> int | None:
        return next((seq for seq, known in self.ids.items() if known == message), None)

    def status(self) -> str:
        """The passing state, for the line under the prompt: open drafts, then who is typing."""
        drafts = [f"{author} ✎ {text}" for author, text in self.drafts.values()]
        typing = sorted(self.name(user) for user in self.typing)
        return "  ".join([*drafts, *([f"{', '.join(typing)} typing…"] if typing else [])])

    def lines(self, event: Event) -> list[str]:
        """What stays on the screen of `event`; updates the passing state."""
        match event:
            case MessageEvent():
                return [self._message(event.message)]
            case ReactionEvent():
                number = self.number(event.id)
                at = "an earlier message" if number is None else f"[{number}]"
                did = f"{tame(event.emoji)} on {at}" if event.on else f"takes back {tame(event.emoji)} on {at}"
                return [f"  {self.name(event.user)} {did}"]
            case EditedEvent(text=str(text)):
                return [f"  [{self.number(event.id) or '…'}] now says: {tame(text)}"]
            case DeletedEvent():
                return [f"  {self.name(event.by)} deleted [{self.number(event.id) or '…'}]"]
            case PresenceEvent():
                member = event.member
                self.names[member.id] = member.name
                self.online[member.id] = event.state in ("joined", "online")
                if event.state in ("offline", "left"):
                    self.typing.discard(member.id)
                return [f"  {tame(member.name)}: {event.state}"] if member.id != self.me else []
            case TypingEvent():
                before = event.user in self.typing
                (self.typing.add if event.on else self.typing.discard)(event.user)
                return [f"  {self.name(event.user)} is typing…"] if event.on and not before else []
            case Draft():
                author, text = self.drafts.get(event.draft, (tame(event.author.name), ""))
                self.drafts[event.draft] = (author, tame(text + event.delta))
                return [] if text else [f"  {author} is writing…"]
            case DraftEnd():
                author, text = self.drafts.pop(event.draft, ("", ""))
                return [f"  {author} thought better of it"] if event.id is None and text else []
            case ThoughtEvent():
                return [f"  ({self.name(event.agent)} thinks) {thought_line(event.thought)}"]
            case DecisionEvent():
                run = event.run
                said = "" if run.outcome is None else f", {run.outcome}"
                why = run.error or run.gate or run.decision.reason
                return [f"  ({self.name(run.agent)}: {run.decision.act}{said}) {tame(why)}"]
            case ErrorEvent():
                return [f"! {tame(event.detail)}"]
            case _:
                return []

    def _message(self, message: MessageView) -> str:
        self.ids[message.seq] = message.id
        self.typing.discard(message.author.id)
        answered = self.number(message.reply_to)
        reply = "" if message.reply_to is None else f" ↳[{answered if answered is not None else '…'}]"
        mark = "*" if message.author.kind == "agent" else ""
        return f"[{message.seq}] {message.at.astimezone():%H:%M} {tame(message.author.name)}{mark}{reply}: {tame(message.text)}"


def thought_line(thought: ThoughtView) -> str:
    motivation = "  - " if thought.motivation is None else f"{thought.motivation:.2f}"
    why = f" ({tame(thought.why)})" if thought.why else ""
    return f"{motivation} {thought.state:7} {tame(thought.text)}{why}"
