import threading

from inference.inbox import Inbox
from inference.wire import Request


def request(number: int, urgent: bool = False) -> Request:
    return Request(number, "embed", urgent)


def test_urgent_ones_first_then_in_order() -> None:
    inbox = Inbox()
    for number, urgent in ((1, False), (2, True), (3, False), (4, True)):
        inbox.put(request(number, urgent))
    assert [inbox.take().id for _ in range(4)] == [2, 4, 1, 3]


def test_a_waiting_request_is_taken_out() -> None:
    inbox = Inbox()
    for number in (1, 2, 3):
        inbox.put(request(number))
    assert inbox.cancel(2)
    assert not inbox.cancel(2)
    assert [inbox.take().id for _ in range(2)] == [1, 3]


def test_the_running_request_is_told() -> None:
    inbox = Inbox()
    inbox.put(request(1))
    inbox.put(request(2))
    inbox.take()
    assert not inbox.cancelled
    assert not inbox.cancel(1)
    assert inbox.cancelled
    inbox.take()
    assert not inbox.cancelled


def test_cancelling_one_that_is_over_does_nothing() -> None:
    inbox = Inbox()
    inbox.put(request(1))
    inbox.take()
    inbox.put(request(2))
    inbox.take()
    assert not inbox.cancel(1)
    assert not inbox.cancelled


def test_taking_waits_for_a_request() -> None:
    inbox = Inbox()
    taken: list[int] = []
    thread = threading.Thread(target=lambda: taken.append(inbox.take().id))
    thread.start()
    inbox.put(request(5))
    thread.join(timeout=10)
    assert taken == [5]
