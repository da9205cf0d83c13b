"""How work is handed to actors, without Ray."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from imgen.batch.ray import AHEAD, answers, pieces


class Cluster:
    """Does what Ray does, one call at a time, in turns; actors of a number above `room` never start."""

    def __init__(self, room: int) -> None:
        self.room, self.calls, self.most = room, list[tuple[int, list[str]]](), 0

    def actor(self, number: int) -> Any:
        def remote(lines: list[str]) -> tuple[int, int]:
            self.calls.append((number, lines))
            return len(self.calls) - 1, number

        return SimpleNamespace(do=SimpleNamespace(remote=remote))

    def wait(self, asked: list[tuple[int, int]], num_returns: int) -> tuple[list[tuple[int, int]], None]:
        held = [number for call, number in asked if self.calls[call][1]]
        self.most = max([self.most, *(held.count(number) for number in held)])
        return [next(one for one in asked if one[1] < self.room)], None

    def get(self, done: tuple[int, int]) -> list[str]:
        return [line.upper() for line in self.calls[done[0]][1]]


def done(actors: int, room: int, work: Iterator[list[str]]) -> tuple[list[str], Cluster]:
    cluster = Cluster(room)
    return list(answers(cluster, [cluster.actor(n) for n in range(actors)], work)), cluster


def test_each_line_is_done_once_and_few_wait_at_an_actor():
    lines = [f"line {n}" for n in range(50)]
    found, cluster = done(2, 2, pieces([f"{line}\n" for line in lines], 3))
    assert sorted(found) == sorted(line.upper() for line in lines)
    assert cluster.most == AHEAD


def test_actors_that_never_start_hold_no_work():
    found, _ = done(4, 1, pieces(["a\n", "b\n", "c\n"], 1))
    assert sorted(found) == ["A", "B", "C"]


def test_nothing_to_do_waits_for_nobody():
    assert done(2, 0, pieces([], 4))[0] == []
