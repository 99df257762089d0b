"""What the model is told. Every prompt of one agent starts with the same words and the same talk, so that an engine that
keeps what it has read pays for each message once."""

from collections.abc import Sequence

from conversation.member import Member
from conversation.message import Message
from conversation.moment import Moment
from heuristics.motivation import JUDGED
from inference.prompt import Part, Prompt, one_line

STEP = 24
"""The window of talk rolls over by this many events at once: a prefix that moved with every message could not be reused."""
CLIP = 400
"""Characters of one message that a prompt shows."""


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
    """The last one to two steps of talk; where it starts changes only every STEP events."""
    if not messages:
        return ()
    start = (messages[-1].seq // STEP - 1) * STEP
    return tuple(m for m in messages if m.seq >= start)


def shared(moment: Moment, persona: str) -> Prompt:
    """Who the agent is, what the heuristics ask, and the talk."""
    shown = names(moment)
    me = shown[moment.agent.id]
    definitions = "\n".join(f"- {h.title}: {h.asks}." for h in JUDGED)
    parts = [
        Part("You are ", "system"),
        Part(me, "system", data=True),
        Part(", one of the people in a group chat. ", "system"),
        Part(one_line(persona) or "You are friendly, curious and brief.", "system", data=True),
        Part(
            "\nYou think before you speak, and most thoughts stay private. A thought can be rated on these points, "
            "from 1 (not at all) to 5 (very much):\n" + definitions,
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


QUICK_TASK = "What do you think right away on reading the last messages?"
ADD_TASK = "What could you add that helps the others, going by what you know?"
ASK_TASK = "What would you like to find out from the others?"
REPLY_TASK = "Write it as one short chat message to the others, in their tone, without a name before it."
_FORM = " Write one short private thought in the first person, at most 15 words."
ECHOES = (QUICK_TASK, ADD_TASK, ASK_TASK, REPLY_TASK, _FORM.strip())
"""A small model likes to say again what it was asked: that is no thought, and no message."""
OPENING = "I"
"""The first word of every thought. It keeps a small model in the first person and from answering as somebody else."""


def quick_thought(prefix: Prompt, moment: Moment) -> Prompt:
    """System 1: what comes to mind at once, from the last messages."""
    return (
        *prefix,
        *_addressed(moment),
        Part(QUICK_TASK + _FORM),
        Part(f"Thought: {OPENING}", "assistant"),
    )


def slow_thought(prefix: Prompt, moment: Moment, remembered: Sequence[str], ask: bool) -> Prompt:
    """System 2: what follows from what the agent remembers. `ask` turns it towards what the agent does not know."""
    recalled = [part for text in remembered for part in (Part("- "), Part(one_line(text), data=True), Part("\n"))]
    heading = (Part("This comes back to mind:\n"), *recalled) if recalled else ()
    task = ASK_TASK if ask else ADD_TASK
    opening = Part(f"Thought: {OPENING}", "assistant")
    return (*prefix, *_addressed(moment), *heading, Part(task + _FORM), opening)


def _addressed(moment: Moment) -> Prompt:
    return (Part("\nYou are "), Part(names(moment)[moment.agent.id], data=True), Part(". "))


def rating(prefix: Prompt, moment: Moment) -> Prompt:
    """Ends where a thought stands; `question` follows it."""
    return (
        *prefix,
        Part("\nHere is a private thought of "),
        Part(names(moment)[moment.agent.id], data=True),
        Part(" about this chat. Rate it on each point, from 1 to 5."),
        Part("Thought:", "assistant"),
    )


def question(title: str) -> str:
    return f"\n{title}, from 1 to 5: "


RATINGS = ("1", "2", "3", "4", "5")
CONTENT_FREE = (" N/A", " (some thought)")
"""Two thoughts that say nothing: what a question's wording alone makes the model answer."""
ANYONE = "anyone"


def turn(prefix: Prompt, moment: Moment) -> Prompt:
    """Ends where the name of the next speaker stands."""
    return (
        *prefix,
        Part("\nWho is expected to write the next message: one of them by name, or anyone?"),
        Part("Next:", "assistant"),
    )


def turn_options(members: Sequence[Member], moment: Moment) -> tuple[str, ...]:
    """One option for each of `members`, then one for anyone; the line break keeps "Bo" apart from "Bob"."""
    shown = names(moment)
    return (*(f" {shown[m.id]}\n" for m in members), f" {ANYONE}\n")


def fit(prefix: Prompt, moment: Moment) -> Prompt:
    """Ends where the next message of the agent stands: how likely is a thought there?"""
    return (
        *prefix,
        Part("\nWhat comes next in the chat?"),
        Part(f"{names(moment)[moment.agent.id]}:", "assistant", data=True),
    )


def reply(prefix: Prompt, moment: Moment, thought: str) -> Prompt:
    """Turns a thought into a message in the agent's voice."""
    me = names(moment)[moment.agent.id]
    return (
        *prefix,
        Part("\nWhat "),
        Part(me, data=True),
        Part(" wants to say: "),
        Part(one_line(thought), data=True),
        Part("\n" + REPLY_TASK),
        Part(f"{me}:", "assistant", data=True),
    )
