"""Stopping a run by a signal, and a process that answers signals as before when training is over."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from imgen.training.stopping import stopping

NUMBERS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def mine():
    """Handlers of the program that calls imgen."""

    def handler(number, frame):
        raise AssertionError("the program's own handler was called")

    before = {number: signal.signal(number, handler) for number in NUMBERS}
    yield handler
    for number, one in before.items():
        signal.signal(number, one)


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in NUMBERS]


def twice(number: int) -> None:
    os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)
    threading.Event().wait(5)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_asks_to_stop_and_the_handlers_come_back(mine, number):
    stopped = threading.Event()
    with stopping(stopped):
        os.kill(os.getpid(), number)
        assert stopped.wait(5)
    assert handlers() == [mine, mine]
    with pytest.raises(KeyboardInterrupt), stopping(stopped):
        twice(number)
    assert handlers() == [mine, mine]


def fail(mine: object) -> None:
    assert mine not in handlers()
    raise ZeroDivisionError


def test_an_error_brings_them_back_too(mine):
    with pytest.raises(ZeroDivisionError), stopping(threading.Event()):
        fail(mine)
    assert handlers() == [mine, mine]


def test_another_thread_changes_nothing(mine):
    def work() -> list[object]:
        with stopping(threading.Event()):
            return handlers()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() == [mine, mine]
