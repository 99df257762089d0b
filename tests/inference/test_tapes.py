import gc
import weakref

from inference.tape import Tape
from inference.tapes import HEADS, Tapes
from tests.inference.test_tape import kept, written

PERSONA = list(range(1000, 1040))
STEP_BYTES = 256 * 2 * 2 * 4
"""One step of slots of the tapes that `written` fills: two layers, keys and values of one float32."""


def talk(room: int, length: int = 100) -> list[int]:
    return [*PERSONA, *(10_000 * room + n for n in range(length))]


def used(tapes: Tapes, tokens: list[int], head: int = 0) -> Tape:
    """What a job does: take, read the rest, give back."""
    tape = tapes.take(tokens[:-1])
    written(tape, tokens[tape.length :])
    tapes.give_back(tape, head)
    return tape


def test_a_growing_prompt_goes_on_with_its_tape() -> None:
    tapes = Tapes()
    first = used(tapes, [1, 2, 3])
    assert tapes.take([1, 2, 3, 4]) is first
    assert first.tokens == [1, 2, 3]


def test_a_prompt_that_ends_otherwise_sets_the_tape_back() -> None:
    tapes = Tapes()
    first = used(tapes, talk(1))
    tape = tapes.take([*talk(1)[:100], 7, 8])
    assert tape is first
    assert tape.tokens == talk(1)[:100]


def test_after_an_edit_the_talk_is_read_anew_from_there_on() -> None:
    tapes = Tapes()
    used(tapes, talk(1))
    edited = talk(1)
    edited[50] = 7
    tape = tapes.take(edited)
    assert tape.tokens == edited[:50]
    written(tape, edited[50:])
    assert kept(tape)[0] == edited


def test_another_room_gets_a_tape_of_its_own_with_the_shared_start() -> None:
    tapes = Tapes()
    first = used(tapes, talk(1))
    other = tapes.take(talk(2))
    assert other is not first
    assert (first.tokens, other.tokens) == (talk(1), PERSONA)
    assert kept(other)[0] == PERSONA


def test_a_tape_in_use_is_copied() -> None:
    tapes = Tapes()
    first = tapes.take([1, 2, 3])
    written(first, [1, 2, 3])
    second = tapes.take([1, 2, 3, 4])
    assert second is not first
    assert second.tokens == [1, 2, 3]


def test_the_least_recently_used_goes_first() -> None:
    tapes = Tapes(budget=3 * STEP_BYTES)
    first, second, _ = (used(tapes, talk(room)) for room in (1, 2, 3))
    assert used(tapes, talk(1)) is first
    used(tapes, talk(4))
    assert tapes.take(talk(1)) is first
    assert tapes.take(talk(2)) is not second


def test_spare_slots_go_before_rooms() -> None:
    tapes = Tapes(budget=4 * STEP_BYTES)
    for room in (1, 2, 3):
        tape = tapes.take(talk(room))
        written(tape, talk(room)[tape.length :])
        tape.reserve(300)
        tapes.give_back(tape)
    assert [tapes.take(talk(room)).length for room in (1, 2, 3)] == [140, 140, 140]


def test_a_tape_in_use_stays_whatever_the_budget() -> None:
    tapes = Tapes(budget=STEP_BYTES)
    one, other = tapes.take(talk(1)), tapes.take(talk(2))
    written(one, talk(1))
    written(other, talk(2))
    tapes.trim()
    assert len(tapes) == 2


def test_the_beginning_of_an_agent_outlives_its_rooms() -> None:
    tapes = Tapes(budget=3 * STEP_BYTES)
    used(tapes, talk(1), len(PERSONA))
    for room in range(2, 6):
        used(tapes, [n + 500 for n in talk(room)])
    assert tapes.take(talk(1)).tokens == PERSONA


def test_the_beginning_used_last_is_the_last_to_go() -> None:
    tapes = Tapes()
    agents = [[*range(100 * n, 100 * n + 40)] for n in range(1, HEADS + 2)]
    for persona in agents[:HEADS]:
        used(tapes, [*persona, 7], len(persona))
    used(tapes, [*agents[0], *range(5000, 5100)], len(agents[0]))
    used(tapes, [*agents[HEADS], 7], len(agents[HEADS]))
    heads = [head.tokens for head in tapes._heads]
    assert agents[0] in heads
    assert agents[1] not in heads


def test_a_quiet_room_waits_in_other_memory_and_comes_back() -> None:
    tapes = Tapes(budget=STEP_BYTES, host_budget=2 * STEP_BYTES)
    first = used(tapes, talk(1))
    for room in (2, 3):
        used(tapes, talk(room))
    assert len(tapes) == 3
    tape = tapes.take(talk(1))
    assert tape is first
    assert kept(tape)[0] == talk(1)
    tapes.give_back(tape)
    used(tapes, talk(4))
    # Room 2 is the oldest of three in a memory for two.
    assert tapes.take(talk(2)).tokens == PERSONA


def test_a_dropped_tape_frees_its_buffers_at_once() -> None:
    tapes = Tapes()
    gone = weakref.ref(used(tapes, [1]))
    gc.disable()
    try:
        tapes.clear()
        assert gone() is None
    finally:
        gc.enable()


def test_rooms_know_what_they_have_in_common_with_a_beginning() -> None:
    tapes = Tapes()
    head = list(range(100, 140))
    first = tapes.take([*head, 1, 2])
    first.advance(42, [*head, 1, 2])
    assert first.origin is None
    tapes.give_back(first, len(head))
    second = tapes.take([*head, 7, 8])
    assert first.origin is not None
    assert (first.common, second.common) == (40, 40)
    assert second.origin is first.origin
    # From a room that is at work, as much as both have; after less of it is kept, less.
    third = tapes.take([*head[:35], 9])
    assert (third.origin, third.common) == (first.origin, 35)
    third.set_back(20)
    assert third.common == 20
