"""Eight threads run pipelines, save, and load models at a time: each gets what it would have got alone."""

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import imgen
from imgen.inference import session as sessions
from imgen.io import saving

THREADS, TURNS = 8, 4


def jobs(photo: imgen.Photo) -> list[imgen.Pipeline]:
    """Different models, masks and sizes."""
    mask = np.zeros(photo.pixels.shape[:2], np.float32)
    mask[20:24, 10:40] = 1
    return [
        imgen.Pipeline().add("denoise", noise=10).add("crop", width=0.5),
        imgen.Pipeline().add("inpaint", mask=mask),
        imgen.Pipeline().add("load_selection", file=mask).add("blur", radius=2),
        imgen.Pipeline().add("select_rectangle", width=0.5).add("saturation", amount=0.2),
    ]


def test_threads_do_not_disturb_each_other(cat, tmp_path, monkeypatch):
    photo = imgen.Photo.from_array(cat[:64, :96])
    edits = jobs(photo)
    alone = [edit(photo, cache=None, device="cpu") for edit in edits]
    wanted = [hashlib.sha256(one.save(tmp_path / "alone.png").read_bytes()).hexdigest() for one in alone]
    monkeypatch.setattr(sessions, "KEPT_SESSIONS", 1)  # models come and go all the time
    cache, start = imgen.Cache(limit=4 * photo.pixels.nbytes), threading.Barrier(THREADS, timeout=60)
    umask = os.umask(saving.UMASK)

    def work(number: int) -> None:
        start.wait()
        for turn in range(TURNS):
            which = (number + turn) % len(edits)
            notes: list[str] = []
            result = edits[which](photo, cache=cache, device="cpu", notes=notes)
            assert np.array_equal(result.pixels, alone[which].pixels)
            # half of the threads write to the same file, again and again
            path = result.save(tmp_path / ("shared.png" if number % 2 else f"own-{number}.png"))
            if number % 2 == 0:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == wanted[which]
            assert imgen.Pipeline.load(path).steps  # whoever's it is, it is whole
            assert not any("denoise" in text for text in notes) or which == 0

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work, number) for number in range(THREADS)]:
            future.result()
    assert os.umask(umask) == saving.UMASK
    assert hashlib.sha256((tmp_path / "shared.png").read_bytes()).hexdigest() in wanted
    names = {"alone.png", "shared.png", *(f"own-{n}.png" for n in range(0, THREADS, 2))}
    assert {p.name for p in tmp_path.iterdir()} - names == set()
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o666 & ~saving.UMASK}


def test_one_photo_saved_by_many_threads(photo, tmp_path):
    result = jobs(photo)[2](photo, cache=None)
    with ThreadPoolExecutor(THREADS) as pool:
        paths = list(pool.map(lambda i: result.save(tmp_path / f"{i}.png"), range(THREADS)))
    assert len({path.read_bytes() for path in paths}) == 1


@pytest.mark.parametrize("writable", [True, False])
def test_hashes_of_arrays_that_come_and_go(writable):
    """The number of an array that is gone may soon be another's."""
    from imgen.image import digests

    def work(number: int) -> None:
        for turn in range(300):
            array = np.full((5, 5), number * 1000 + turn, np.float32)
            array.flags.writeable = writable
            assert digests.digest(array) == digests.digest(array.copy())

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert len(digests._known) < 100
