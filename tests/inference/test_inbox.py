import threading

import pytest

from inference.inbox import Inbox
from inference.wire import Method, Request


def request(number: int, urgent: bool = False, method: Method = "rate") -> Request:
    return Request(number, method, urgent)


def ids(inbox: Inbox, most: int) -> list[int]:
    return [one.id for one in inbox.take(most, wait=False).requests]


def test_urgent_ones_first_then_in_order() -> None:
    inbox = Inbox()
    for number, urgent in ((1, False), (2, True), (3, False), (4, True)):
        inbox.put(request(number, urgent))
    assert ids(inbox, 3) == [2, 4, 1]
    assert ids(inbox, 3) == [3]


def test_no_more_than_asked_for_but_every_embedding() -> None:
    inbox = Inbox()
    for number in (1, 2):
        inbox.put(request(number))
    for number in (3, 4):
        inbox.put(request(number, True, "embed"))
    assert ids(inbox, 0) == [3, 4]
    assert ids(inbox, 1) == [1]
    assert ids(inbox, 1) == [2]


def test_a_waiting_request_is_taken_out() -> None:
    inbox = Inbox()
    for number in (1, 2, 3):
        inbox.put(request(number))
    assert inbox.cancel(2)
    assert not inbox.cancel(2)
    assert ids(inbox, 9) == [1, 3]
    assert inbox.take(9, wait=False).cancelled == []


@pytest.mark.parametrize("method", ["rate", "embed"])
def test_of_a_running_request_the_next_taking_tells(method: Method) -> None:
    inbox = Inbox()
    inbox.put(request(1, method=method))
    inbox.take(1, wait=True)
    assert not inbox.cancel(1)
    assert inbox.take(1, wait=False) == ([], [1])
    assert inbox.take(1, wait=False) == ([], [])


def test_cancelling_one_that_is_over_does_nothing() -> None:
    inbox = Inbox()
    inbox.put(request(1))
    inbox.take(1, wait=True)
    inbox.over(1)
    assert not inbox.cancel(1)
    assert inbox.take(1, wait=False).cancelled == []


def test_taking_waits_for_a_request() -> None:
    inbox = Inbox()
    taken: list[int] = []
    thread = threading.Thread(target=lambda: taken.extend(one.id for one in inbox.take(1, wait=True).requests))
    thread.start()
    inbox.put(request(5))
    thread.join(timeout=10)
    assert taken == [5]


def test_who_waits_can_be_woken_without_a_request() -> None:
    inbox = Inbox()
    inbox.wake()
    assert inbox.take(1, wait=True) == ([], [])
    inbox.put(Request(1, "embed"))
    assert [request.id for request in inbox.take(1, wait=True).requests] == [1]
