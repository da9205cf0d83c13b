"""What the cache keeps: within its bytes in memory and on disk, the latest first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.engine.cache import Cache, size
from imgen.image.disk import on_disk


@pytest.fixture
def photos() -> list[imgen.Photo]:
    return [imgen.Photo.from_array(np.full((10, 10, 3), n / 10, np.float32)) for n in range(5)]


def test_what_rests_on_disk_is_counted_there(photos: list[imgen.Photo], tmp_path: Path):
    one = size(photos[0])
    rested = [photo.replace(pixels=on_disk(photo.pixels, tmp_path)) for photo in photos]
    cache = Cache(one, lambda photo: rested[photos.index(photo)] if photos.index(photo) != 4 else photo, 2 * one)
    for number, photo in enumerate(photos):
        given = cache.put(str(number), photo, (str(number),))
        assert given is (photo if number == 4 else rested[number])
    kept = [cache.get(str(number)) for number in range(5)]
    assert [entry and entry.photo for entry in kept] == [None, None, rested[2], rested[3], photos[4]]
    assert cache.used == one
    cache.clear()
    assert (cache.used, cache.get("4"), cache.get("3")) == (0, None, None)


def test_a_part_of_a_photo_on_disk_is_on_disk(photos: list[imgen.Photo], tmp_path: Path):
    whole = photos[0].replace(pixels=on_disk(photos[0].pixels, tmp_path))
    cache = Cache(0, lambda photo: photo, size(whole))
    assert cache.put("a", whole.replace(pixels=whole.pixels[:5])) is not whole
    assert cache.get("a") is not None
    assert cache.used == 0


def test_a_full_disk_keeps_nothing_and_stops_nobody(photos: list[imgen.Photo]):
    def full(photo: imgen.Photo) -> imgen.Photo:
        raise OSError("full")

    cache = Cache(size(photos[0]) - 1, full, 1000 * size(photos[0]))
    assert cache.put("a", photos[0]) is photos[0]
    assert cache.get("a") is None


def test_a_run_goes_on_with_what_rests(photos: list[imgen.Photo]):
    rested: list[imgen.Photo] = []

    def rest(photo: imgen.Photo) -> imgen.Photo:
        rested.append(photo.replace())
        return rested[-1]

    steps = imgen.Pipeline().add("invert_selection").add("saturation", amount=0.5)
    photo = photos[3].replace(selection=np.ones((10, 10), np.float32))
    made = steps.run(photo, cache=Cache(0, rest, 0))
    assert len(rested) == 2
    assert made.pixels is rested[-1].pixels
