"""Answers of networks in previews."""

import numpy as np

import imgen
from imgen.contract.context import Context, using
from imgen.inference import session as sessions
from imgen.inference.answers import Answers, key_of


def test_answers_are_known_by_all_that_they_depend_on_and_bounded():
    made: list[int] = []

    def make():
        made.append(1)
        return [np.full((4, 4), len(made), np.float32)]

    answers = Answers(2 * 64)
    first = answers.get("a", make)
    first[0][:] = 9  # the asker's own
    assert answers.get("a", make)[0].max() == 1
    answers.get("b", make)
    answers.get("a", make)
    answers.get("c", make)  # there is room for two: b goes
    answers.get("a", make)
    assert len(made) == 3
    answers.get("b", make)
    assert len(made) == 4
    assert answers.used == 128
    big = Answers(10)
    big.get("a", make)
    assert big.used == 0
    x = np.zeros((2, 3), np.float32)
    inputs = [{"x": x}, {"x": x.reshape(3, 2)}, {"y": x}, {"x": x + 1}]
    keys = {key_of("m", "CPU", one) for one in inputs} | {key_of("m", "CUDA", {"x": x}), key_of("n", "CPU", {"x": x})}
    assert len(keys) == 6


def test_a_slider_that_the_network_does_not_see_runs_none(monkeypatch):
    runs: list[str] = []
    run = sessions.run

    def counted(session, inputs, name):
        runs.append(name)
        return run(session, inputs, name)

    monkeypatch.setattr(sessions, "run", counted)
    photo = imgen.Photo(np.random.default_rng(0).random((64, 80, 3), np.float32))
    for preview, count in ((True, 2), (False, 6)):  # the photo and its mirror image
        results = []
        for strength in (0.25, 1.0):
            edit = imgen.Pipeline().add("colorize", strength=strength)
            results.append(edit.run(photo, cache=None, preview=preview, device="cpu").pixels)
        assert len(runs) == count
        assert not np.array_equal(*results)
    with using(Context(preview=False)):
        whole = imgen.Pipeline().add("colorize").run(photo, cache=None, device="cpu").pixels
    assert np.array_equal(results[1], whole)
