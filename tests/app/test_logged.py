"""Stored runs, back as deciding code sees them."""

from app.logged import logged
from tests.app.test_redecide import ROWS


def test_a_stored_run_comes_back_with_what_it_was_decided_from() -> None:
    row = next(row for row in ROWS if row.thoughts)
    found = logged(row)
    assert (found.id, found.agent, found.seed, found.basis) == (row.id, row.agent, row.seed, row.basis)
    assert [t.motivation for t in found.thoughts] == [t.motivation for t in row.thoughts]
    assert all(t.scores for t in found.thoughts)
    assert not any(t.scores for t in logged(row, whole=False).thoughts)


def test_a_reaction_whose_words_were_deleted_stays_one() -> None:
    row = next(row for row in ROWS if row.decision.act == "speak")
    reacted = row.model_copy(update={"decision": row.decision.model_copy(update={"act": "react"})})
    assert logged(reacted).basis is not None
    wordless = [thought.model_copy(update={"text": ""}) for thought in row.thoughts]
    assert logged(reacted.model_copy(update={"thoughts": wordless})).basis is None
