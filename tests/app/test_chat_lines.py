from datetime import UTC, datetime

import pytest

from app.chat_lines import Command, Plain, ReactTo, Say, Screen, Wrong, parse, tame
from app.frames import (
    DecisionEvent,
    Draft,
    DraftEnd,
    ErrorEvent,
    MessageEvent,
    PresenceEvent,
    ReactionEvent,
    ThoughtEvent,
    TypingEvent,
)
from app.protocol import (
    AuthorView,
    DecisionView,
    MemberView,
    MessageView,
    RunView,
    ThoughtView,
    TokensView,
    TriggerView,
)

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
CLOCK = f"{AT.astimezone():%H:%M}"
ANN, BOB = AuthorView(id="u1", name="Ann", kind="human"), AuthorView(id="u2", name="Bob", kind="human")
ASIDE = AuthorView(id="a1", name="Aside", kind="agent")


def message(seq: int, author: AuthorView, text: str, reply_to: str | None = None) -> MessageEvent:
    view = MessageView(id=f"m{seq}", seq=seq, room="r", author=author, text=text, at=AT, reply_to=reply_to)
    return MessageEvent(room="r", seq=seq, message=view)


def screen() -> Screen:
    return Screen("r", "u1", {"u1": "Ann", "u2": "Bob", "a1": "Aside"})


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("  \n", None),
        ("hello there\n", Say("hello there")),
        ("//quit is a word", Say("/quit is a word")),
        ("/reply 12 yes, of course", Say("yes, of course", 12)),
        ("/reply twelve yes", Wrong("/reply N TEXT")),
        ("/reply 12", Wrong("/reply N TEXT")),
        ("/react 3 👍", ReactTo(3, "👍")),
        ("/react 3 👍 off", ReactTo(3, "👍", on=False)),
        ("/react 👍", Wrong("/react N EMOJI [off]")),
        ("/who", Plain("who")),
        ("/quit now", Wrong("/quit takes nothing after it")),
        ("/nothing", Wrong("there is no /nothing; /help lists what there is")),
    ],
)
def test_what_was_typed(line: str, command: Command | None) -> None:
    assert parse(line) == command


def test_a_message_can_neither_move_the_cursor_nor_forge_a_line() -> None:
    shown = tame("hi\x1b[2J\u202e\r\n[9] 10:00 Bob: forged\tend")
    assert shown == "hi�[2J�\n      [9] 10:00 Bob: forged   end"
    assert tame("👩\u200d🚀") == "👩\u200d🚀"


def test_messages_have_numbers_and_replies_point_at_them() -> None:
    s = screen()
    assert s.lines(message(4, BOB, "A walk?")) == [f"[4] {CLOCK} Bob: A walk?"]
    assert s.lines(message(5, ASIDE, "Rain at ten.", "m4")) == [f"[5] {CLOCK} Aside* ↳[4]: Rain at ten."]
    assert s.lines(message(6, ANN, "Ah.", "m1")) == [f"[6] {CLOCK} Ann ↳[…]: Ah."]
    assert s.ids == {4: "m4", 5: "m5", 6: "m6"}


def test_reactions_name_the_message() -> None:
    s = screen()
    s.lines(message(4, BOB, "A walk?"))
    assert s.lines(ReactionEvent(room="r", seq=5, id="m4", user="u1", emoji="👍", on=True)) == ["  Ann 👍 on [4]"]
    assert s.lines(ReactionEvent(room="r", seq=6, id="m0", user="u9", emoji="👍", on=False)) == [
        "  somebody takes back 👍 on an earlier message"
    ]


def test_typing_and_drafts_pass_below_the_prompt() -> None:
    s = screen()
    assert s.lines(TypingEvent(room="r", user="u2", on=True)) == ["  Bob is typing…"]
    assert s.lines(TypingEvent(room="r", user="u2", on=True)) == []
    assert s.lines(Draft(room="r", draft="d", author=ASIDE, delta="Ra")) == ["  Aside is writing…"]
    assert s.lines(Draft(room="r", draft="d", author=ASIDE, delta="in")) == []
    assert s.status() == "Aside ✎ Rain  Bob typing…"
    s.lines(message(4, BOB, "A walk?"))
    assert s.lines(DraftEnd(room="r", draft="d", id=None)) == ["  Aside thought better of it"]
    assert s.status() == ""


def test_people_come_and_go_but_oneself_is_no_news() -> None:
    s = screen()
    eve = MemberView(id="u3", name="Eve", role="member")
    assert s.lines(PresenceEvent(room="r", seq=7, member=eve, state="joined")) == ["  Eve: joined"]
    assert s.name("u3") == "Eve"
    assert s.lines(PresenceEvent(room="r", member=MemberView(id="u1", name="Ann", role="owner"), state="online")) == []
    assert s.online["u3"]


def test_errors_are_shown() -> None:
    assert screen().lines(ErrorEvent(code="too_many", detail="slow down")) == ["! slow down"]


def test_thoughts_and_decisions_are_shown_to_watchers() -> None:
    thought = ThoughtView(
        id="t",
        kind="system1",
        text="rain is near",
        stimuli=[],
        scores=[],
        motivation=3.456,
        state="held",
        formed_seq=4,
        formed_at=AT,
    )
    event = ThoughtEvent(room="r", agent="a1", run=None, thought=thought)
    assert screen().lines(event) == ["  (Aside thinks) 3.46 held    rain is near"]
    run = RunView(
        id="n",
        room="r",
        agent="a1",
        trigger=TriggerView(kind="message", seq=4),
        gate=None,
        retrieved=[],
        thoughts=[thought],
        turn={},
        decision=DecisionView(act="hold", thought="t", branch="open", bar=3.6, reason="below the bar"),
        stages={},
        tokens=TokensView(prompt=1, cached=0, generated=1),
        model="scripted",
        calibration="none",
        policy_version=1,
        seed=1,
        error=None,
        at=AT,
    )
    assert screen().lines(DecisionEvent(room="r", run=run)) == ["  (Aside: hold) below the bar"]
