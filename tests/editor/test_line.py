"""Who is next: first come, first served, one at a time or as many as fit, and nobody is left behind."""

from __future__ import annotations

import threading

import pytest

from imgen.editor.state.line import Line


def test_the_first_goes_first_and_the_others_know_their_place():
    line = Line()
    with line.place() as second_to_last:
        assert second_to_last.wait(0)
        with line.place() as second, line.place() as third:
            assert [place.ahead for place in (second_to_last, second, third)] == [0, 1, 2]
            assert not second.wait(0)
    with line.place() as alone:
        assert alone.wait(0)


def test_who_gives_up_lets_the_next_one_move_up():
    line = Line()
    with line.place() as first, line.place() as third_now:
        with line.place() as later:
            assert (first.ahead, third_now.ahead, later.ahead) == (0, 1, 2)
        assert third_now.ahead == 1


def test_threads_are_served_in_the_order_in_which_they_came():
    line, served = Line(), []
    begun = [threading.Event() for _ in range(5)]

    def come(number: int) -> None:
        with line.place() as place:
            begun[number].set()
            assert place.wait(10)
            served.append(number)

    with line.turn():
        threads = [threading.Thread(target=come, args=(n,)) for n in range(5)]
        for thread, event in zip(threads, begun, strict=True):
            thread.start()
            assert event.wait(10)
        assert served == []
    for thread in threads:
        thread.join(10)
    assert served == [0, 1, 2, 3, 4]


def test_what_fits_goes_in_together_and_nobody_overtakes():
    line = Line(10)
    with line.place(6) as first, line.place(4) as second, line.place(9) as large, line.place(1) as small:
        assert first.wait(0)
        assert second.wait(0)
        assert not large.wait(0)
        assert not small.wait(0)  # there would be no room for it either way, and the large one came before
    with line.place(6) as first, line.place(9) as large, line.place(1) as small:
        assert first.wait(0)
        assert not small.wait(0)  # it would fit, but then the large one might wait for ever


def test_what_is_larger_than_all_room_goes_alone():
    line = Line(10)
    with line.place(25) as huge:
        assert huge.wait(0)
        with line.place(1) as small:
            assert not small.wait(0)


def test_an_error_gives_the_turn_back():
    line = Line()
    with pytest.raises(ZeroDivisionError), line.turn():
        raise ZeroDivisionError
    with line.place() as next_one:
        assert next_one.wait(0)
