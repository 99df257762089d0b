"""Where an agent stands: the same numbers as the talk itself gives."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversation.transcript import Transcript
from tests.conversation.build import ANN, ASIDE, BOB, NOW, message, moment, talk
from thoughts.footing import HOUR, footing

talks = st.lists(st.tuples(st.sampled_from([ANN, BOB, ASIDE]), st.floats(0, 200_000)), max_size=30).map(
    lambda lines: Transcript(
        tuple(
            message(seq, who, ago=ago)
            for seq, (who, ago) in enumerate(sorted(lines, key=lambda line: -line[1]), start=1)
        )
    )
)


@given(talks, st.integers(1, 200), st.floats(0, 100_000))
def test_it_counts_what_the_talk_counts(log: Transcript, window: int, seconds: float) -> None:
    here = footing(moment(log))
    span = timedelta(seconds=seconds)
    assert here.share(window) == log.share(ASIDE.id, window)
    assert here.said_within(span) == bool(log.count_since(ASIDE.id, NOW - span))
    assert here.said_this_hour == log.count_since(ASIDE.id, NOW - HOUR)
    assert here.agents_in_a_row == log.agents_since_human()
    assert (here.heard, here.head) == (len(log.messages), log.last.seq if log.last else 0)


def test_own_messages_are_counted_from_the_end() -> None:
    assert footing(moment(talk(ASIDE, ANN, ASIDE, BOB))).mine == (1, 3)


def test_what_the_store_counted_goes_before_what_was_seen() -> None:
    assert footing(replace(moment(talk(ASIDE, ANN)), said_this_hour=12)).said_this_hour == 12


def test_it_knows_whether_it_spoke_last() -> None:
    assert footing(moment(talk(ANN, ASIDE))).spoke_last
    assert not footing(replace(moment(talk(ANN, ASIDE)), considered=0)).spoke_last
