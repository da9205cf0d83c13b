"""Arrays on disk: the same values, in files without a name, which go with the array."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import imgen
from imgen.image import disk
from imgen.image.disk import is_on_disk, large_arrays_in, let_go, on_disk


@pytest.fixture
def array() -> disk.Array:
    return np.random.default_rng(0).random((700, 30, 3), np.float32)


def test_an_array_on_disk_has_the_same_bytes_and_cannot_be_changed(array: disk.Array, tmp_path: Path):
    moved = on_disk(array, tmp_path / "new")
    assert is_on_disk(moved)
    assert is_on_disk(moved[3:5, ::2])
    assert not is_on_disk(array)
    assert moved.tobytes() == array.tobytes()
    assert not moved.flags.writeable
    assert on_disk(moved, tmp_path) is moved
    let_go(moved)
    assert moved.tobytes() == array.tobytes()
    let_go(array)
    let_go(None)
    turned = on_disk(array[::-1, ::2], tmp_path)  # not in one piece
    np.testing.assert_array_equal(turned, array[::-1, ::2])


@pytest.mark.skipif(sys.platform != "linux", reason="looks at Linux's list of what a process has mapped")
def test_its_file_has_no_name_and_goes_with_it(array: disk.Array, tmp_path: Path):
    moved = on_disk(array, tmp_path)
    part = moved[:1]
    del moved
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) in Path("/proc/self/maps").read_text()
    del part
    gc.collect()
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()


def test_a_large_photo_that_is_opened_is_on_disk_with_the_same_pixels(
    array: disk.Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = imgen.Photo.from_array(array, alpha=array[..., 0].copy()).save(tmp_path / "a.png")
    plain = imgen.open(file)
    with large_arrays_in(tmp_path / "work"):
        assert not is_on_disk(imgen.open(file).pixels)  # it is small
        monkeypatch.setattr(disk, "LARGE", plain.pixels.nbytes)
        large = imgen.open(file)
    assert (is_on_disk(large.pixels), is_on_disk(large.alpha)) == (True, False)
    assert large.pixels.tobytes() == plain.pixels.tobytes()
    assert large.fingerprint == plain.fingerprint
    assert not is_on_disk(imgen.open(file).pixels)


def test_a_full_disk_is_told_before_it_is_full(array: disk.Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=disk.SPARE + array.nbytes - 1))
    with pytest.raises(OSError, match="is full"):
        on_disk(array, tmp_path)
    assert os.listdir(tmp_path) == []
