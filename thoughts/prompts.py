"""What the model is told. Every prompt of one agent starts with the same words and the same talk, so that an engine that
keeps what it has read pays for each message once."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment
from heuristics.motivation import JUDGED
from inference.prompt import Part, Prompt, one_line
from memory.audience import ensure_heard, people
from thoughts.known import NOTHING_KNOWN, Known

STEP = 24
"""The window of talk rolls over by this many events at once: a prefix that moved with every message could not be reused."""
STEPS = (STEP, 12, 6)
"""Where messages are long, it shows fewer of them and rolls over by fewer."""
WINDOW = 4_000
"""Characters of talk that a prompt shows at most, about 1,000 tokens, unless the fewest messages of STEPS are longer: what the
thinking costs is bounded by it, however long the talk is."""
CLIP = 400
"""Characters of one message that a prompt shows."""


class Told(Protocol):
    """What comes into a prompt from outside the talk: a memory, an item, a thought. `audience`: None for everybody."""

    @property
    def text(self) -> str: ...
    @property
    def audience(self) -> frozenset[str] | None: ...


def ensure_admitted(told: Iterable[Told], moment: Moment) -> None:
    """The one door from memory to a model. Raises LeakError where somebody in the room may not hear it, which the query that
    found it has to prevent."""
    ensure_heard([one.audience for one in told], people(moment.members))


def names(moment: Moment) -> dict[str, str]:
    """How a prompt names each member: the display name on one line, and numbered where it is taken. Nobody is called
    `anyone`, which has a meaning of its own in the turn question."""
    shown: dict[str, str] = {}
    taken = {ANYONE}
    everybody = [m.as_author() for m in moment.members] + [m.author for m in moment.transcript.messages]
    for author in everybody:
        if author.id in shown:
            continue
        plain = one_line(author.name).replace(":", " ").strip() or "somebody"
        numbered = (plain, *(f"{plain} #{n}" for n in range(2, len(taken) + 2)))
        shown[author.id] = next(name for name in numbered if name not in taken)
        taken.add(shown[author.id])
    return shown


def window(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The last one to two steps of talk; where it starts changes only every step. The step is the largest at which messages as
    long as those before it fit. It becomes smaller when a smallest step ends, and larger only when a largest one does: at each
    change a talk is read again."""
    if not messages:
        return ()
    last = messages[-1].seq
    step = min(_fitting(messages, end) for end in range(last // STEP * STEP, last + 1, STEPS[-1]))
    start = (last // step - 1) * step
    return tuple(m for m in messages if m.seq >= start)


def _fitting(messages: Sequence[Message], end: int) -> int:
    """The largest step that the messages before `end` allow."""
    lengths = [min(len(m.text), CLIP) for m in messages[-4 * STEP :] if end - 2 * STEP <= m.seq < end]
    mean = sum(lengths) / max(1, len(lengths))
    return next((step for step in STEPS if 2 * step * mean <= WINDOW), STEPS[-1])


def shared(moment: Moment, persona: str) -> Prompt:
    """Who the agent is, how it thinks, what the heuristics ask, and the talk. Everything that is the same for each message
    stands here, where it is read once: what is asked afterwards is a few words."""
    shown = names(moment)
    me = shown[moment.agent.id]
    definitions = "\n".join(f"- {h.label}: {h.asks}." for h in JUDGED)
    parts = [
        Part("You are ", "system"),
        Part(me, "system", data=True),
        Part(", one of the people in a group chat. ", "system"),
        Part(one_line(persona) or "You are friendly, curious and brief.", "system", data=True),
        Part(
            "\nYou think before you speak, and most thoughts stay private. A thought is one short sentence in the first person, "
            "at most 15 words. After it stands how well it does on these points, from 1 (not at all) to 5 (very much):\n"
            f"{definitions}\n"
            'After "Next:" stands the name of who is expected to write the next message, or "anyone".',
            "system",
        ),
        Part("The chat:\n"),
    ]
    for message in window(moment.transcript.messages):
        parts.append(Part(_line(message, shown, moment), data=True))
        parts.append(Part("\n"))
    return tuple(parts)


def _line(message: Message, shown: dict[str, str], moment: Moment) -> str:
    answered = moment.transcript.with_id(message.reply_to) if message.reply_to else None
    to = f" (to {shown[answered.author.id]})" if answered is not None else ""
    text = one_line(message.text)
    return f"{shown[message.author.id]}{to}: {text if len(text) <= CLIP else text[: CLIP - 1] + '…'}"


TASK = "What do you think of the last messages?"
HELP_TASK = "What could you add that helps the others?"
ASK_TASK = "What would you like to find out from the others?"
REPLY_TASK = "Write it as one short chat message to the others, in their tone, without a name before it."
KEEP_TO = "Keep to what "
"""Behind it stands who said what, and when."""
ECHOES = (TASK, HELP_TASK, ASK_TASK, REPLY_TASK)
"""A small model likes to say again what it was asked: that is no thought, and no message."""
OPENING = "I"
"""The first word of every thought. It keeps a small model in the first person and from answering as somebody else."""
_THOUGHT = "Thought:"


def quick_thought(prefix: Prompt, moment: Moment) -> Prompt:
    """System 1: what comes to mind at once, from the last messages."""
    return (*prefix, *_asked(moment), Part(f"{_THOUGHT} {OPENING}", "assistant"))


def slow_thought(
    prefix: Prompt, moment: Moment, remembered: Sequence[Told], earlier: Sequence[Told], ask: bool
) -> Prompt:
    """System 2: what follows from what the agent remembers and thought earlier. `ask` turns it towards what the agent does not
    know. Raises LeakError."""
    ensure_admitted((*remembered, *earlier), moment)
    return (
        *prefix,
        *_asked(moment),
        *_listed("You remember:", remembered),
        *_listed("You thought earlier:", earlier),
        Part("\n" + (ASK_TASK if ask else HELP_TASK)),
        Part(f"{_THOUGHT} {OPENING}", "assistant"),
    )


def _asked(moment: Moment) -> Prompt:
    return (Part("\nYou are "), Part(names(moment)[moment.agent.id], data=True), Part(f". {TASK}"))


def _listed(heading: str, told: Sequence[Told]) -> Prompt:
    if not told:
        return ()
    lines = (part for one in told for part in (Part("\n- "), Part(one_line(one.text), data=True)))
    return (Part(f"\n{heading}"), *lines)


def rating(prefix: Prompt, moment: Moment) -> Prompt:
    """Ends where a thought stands; `question` follows it. Up to there it is the prompt of a quick thought."""
    return (*prefix, *_asked(moment), Part(_THOUGHT, "assistant"))


def question(label: str) -> str:
    return f"\n{label}:"


RATINGS = ("1", "2", "3", "4", "5")
CONTENT_FREE = (" N/A", " (some thought)")
"""Two thoughts that say nothing: what a question's wording alone makes the model answer."""
ANYONE = "anyone"


def turn(prefix: Prompt) -> Prompt:
    """Ends where the name of the next speaker stands."""
    return (*prefix, Part("Next:", "assistant"))


def turn_options(members: Sequence[Member], moment: Moment) -> tuple[str, ...]:
    """One option for each of `members`, then one for anyone; the line break keeps "Bo" apart from "Bob"."""
    shown = names(moment)
    return (*(f" {shown[m.id]}\n" for m in members), f" {ANYONE}\n")


def _kept_to(known: Known) -> Prompt:
    """What was said for just such an occasion stands where the reply begins, and there alone: a small model goes by what it has
    read last, and among other things that are remembered it passes it over (docs/log.md)."""
    kept = (one for one in known.items if one.id in known.decisive)
    return tuple(part for one in kept for part in (Part(f" {KEEP_TO}"), Part(one_line(one.text), data=True)))


def reply(prefix: Prompt, moment: Moment, thought: Told, known: Known = NOTHING_KNOWN, form: str = "") -> Prompt:
    """Turns a thought into a message in the agent's voice, knowing what is `known` of people; `form`: how it is put, in our own
    words. Raises LeakError."""
    summary = () if known.summary is None else (known.summary,)
    ensure_admitted([thought, *known.items, *summary], moment)
    me = names(moment)[moment.agent.id]
    return (
        *prefix,
        Part("\nWhat "),
        Part(me, data=True),
        Part(" wants to say: "),
        Part(one_line(thought.text), data=True),
        *_listed("You remember:", [one for one in known.items if one.id not in known.decisive]),
        *_listed("How they are, whom you answer:", summary),
        Part("\n" + (f"{REPLY_TASK} Put it {form}." if form else REPLY_TASK)),
        *_kept_to(known),
        Part(f"{me}:", "assistant", data=True),
    )
