"""The last messages of a room, edited and deleted."""

from app.recent import RECENT, Recent
from tests.conversation.build import ANN, BOB, message


def test_it_keeps_the_last_and_gives_the_same_transcript_until_something_changes() -> None:
    recent = Recent(message(n, ANN) for n in range(1, RECENT + 1))
    before = recent.transcript()
    assert recent.transcript() is before
    recent.add(message(RECENT + 1, BOB))
    assert [m.seq for m in recent.transcript().messages] == list(range(2, RECENT + 2))
    assert recent.transcript().revision == before.revision == 0


def test_other_words_and_none_are_revisions() -> None:
    first, second = message(1, ANN, "Tea?"), message(2, BOB, "Yes")
    recent = Recent([first, second])
    assert recent.reword("m1", "Coffee?") == first
    assert recent.reword("m1", "Coffee?") is None
    assert recent.reword("m9", "Milk?") is None
    assert recent.reword("m2", None) == second
    assert recent.reword("m2", None) is None
    assert [m.text for m in recent.transcript().messages] == ["Coffee?"]
    assert recent.transcript().revision == 2
