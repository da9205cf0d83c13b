"""Work that waits on disk, second pictures, and the private folder."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.editor.state.budget import Budget
from imgen.editor.state.chain import MARK, pipeline_of
from imgen.editor.state.folder import temporary_folder
from imgen.editor.state.seconds import LONG, Carried
from imgen.editor.state.workspaces import REST, Workspaces
from imgen.engine.toolbox import tools
from imgen.errors import ImgenError
from imgen.image.disk import is_on_disk


def test_large_work_is_on_disk_at_once_and_counted_once(
    spaces: Workspaces, photo: imgen.Photo, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("imgen.editor.state.disk.LARGE", photo.pixels.nbytes)
    first = spaces.of("a")
    first.begin(photo, "a.png")
    first.finish(photo.replace(pixels=photo.pixels[::-1].copy(), selection=photo.pixels[..., 0].copy()))
    assert first.photo is not None
    assert first.result is not None
    assert first.small is first.photo
    assert is_on_disk(first.photo.pixels)
    assert is_on_disk(first.result.pixels)
    assert first.in_memory() == photo.pixels.nbytes // 3  # the selection, which is not large
    np.testing.assert_array_equal(first.result.pixels, photo.pixels[::-1])
    assert spaces.budget.used == photo.pixels.nbytes * 2 + photo.pixels.nbytes // 3


def test_a_page_comes_back_from_disk_byte_for_byte(spaces: Workspaces, photo: imgen.Photo):
    first = spaces.of("a")
    alpha = photo.pixels[..., 1].copy()
    first.begin(photo.replace(alpha=alpha), "a.png")
    token = first.keep(photo.pixels[..., 0].copy())
    spaces.close("a")
    assert (first.in_memory(), first.result) == (0, None)
    second = spaces.restore(first.token, "b")
    assert second is not None
    assert second.photo is not None
    assert second.photo.pixels.tobytes() == photo.pixels.tobytes()
    assert second.photo.alpha is not None
    assert second.photo.alpha.tobytes() == alpha.tobytes()
    assert np.asarray(second.pictures[token]).tobytes() == photo.pixels[..., 0].tobytes()


def test_a_second_picture_goes_with_its_page(spaces: Workspaces, photo: imgen.Photo):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    array = photo.pixels.copy()
    array.flags.writeable = False
    first.keep(array)
    gone = weakref.ref(array)
    del array
    assert gone() is not None
    spaces.close("a")  # what rests is on disk
    gc.collect()
    assert gone() is None
    with_picture = spaces.budget.used
    spaces.forget(time.monotonic() + 1)
    assert (first.pictures, with_picture > spaces.budget.used, spaces.budget.used) == ({}, True, 0)


def test_a_second_picture_that_no_step_names_any_more_goes_after_a_while(spaces: Workspaces, photo: imgen.Photo):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    old, new, untried = (first.keep(photo.pixels.copy()) for _ in range(3))
    used = spaces.budget.used
    first.name_pictures([old])
    first.name_pictures([new])
    spaces.arrived("a")
    spaces.forget(time.monotonic() - REST)
    assert set(first.pictures) == {old, new, untried}  # an undo may bring it back
    first.name_pictures([old, new])
    spaces.forget(time.monotonic())
    assert set(first.pictures) == {old, new, untried}  # as it did
    first.name_pictures([new])
    spaces.forget(time.monotonic())
    assert set(first.pictures) == {new, untried}
    assert used - spaces.budget.used == photo.pixels.nbytes
    spaces.left("a")


def test_pictures_of_no_step_make_room_for_new_ones(photo: imgen.Photo):
    spaces = Workspaces(Budget(6 * photo.pixels.nbytes))
    first = spaces.of("a")
    first.begin(photo, "a.png")
    old, kept = first.keep(photo.pixels.copy()), first.keep(photo.pixels.copy())
    first.name_pictures([old, kept])
    with pytest.raises(ImgenError, match="one page may have"):
        first.keep(photo.pixels.copy())
    first.name_pictures([kept])
    new = first.keep(photo.pixels.copy())
    assert set(first.pictures) == {kept, new}
    spaces.close_all()


def test_the_steps_of_the_page_say_which_pictures_they_name(spaces: Workspaces, photo: imgen.Photo):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    token = first.keep(photo.pixels[..., 0].copy())
    card = {"tool": "load_selection", "parameters": {"file": MARK + token}, "enabled": False}
    pipeline_of({"steps": [card]}, first)
    assert first.seconds.named == {token}
    pipeline_of({"steps": []}, first)
    assert token in first.seconds.left


def test_a_long_picture_of_a_recipe_waits_on_disk(spaces: Workspaces, photo: imgen.Photo):
    tool = tools()["load_selection"]
    text = "data:image/png;base64," + "A" * LONG
    first = spaces.of("a")
    first.begin(photo, "a.png")
    long = first.pictures[first.keep(Carried(tool, "file", text))]
    short = first.pictures[first.keep(Carried(tool, "file", "data:image/png;base64,AAAA"))]
    assert isinstance(long, Carried)
    assert isinstance(short, Carried)
    assert (long.short, long.text, len(long)) == ("", text, len(text))
    assert long.text == text  # again
    assert (short.stored, short.text) == (None, short.short)
    assert first.seconds.size == len(text) + len(short)


def test_a_room_is_given_back_when_the_work_is_over():
    budget = Budget(1000)
    with budget.room("a", 400, "opening"):
        assert budget.used == 400
    with suppress(ZeroDivisionError), budget.room("a", 400, "opening"):
        raise ZeroDivisionError
    assert budget.used == 0
    budget.reserve("a", 300, "photo")
    budget.reserve("a", 400, "photo")  # in place of the first
    assert budget.used == 400
    with pytest.raises(ImgenError):
        budget.reserve("a", 501, "photo")
    assert budget.used == 400


SERVE = """
import os, sys
from imgen.editor.state.folder import private_folder
folder = private_folder()
(folder / "uploads" / "photo.jpg").write_bytes(b"a photo")
print(folder, flush=True)
sys.stdin.readline()
if len(sys.argv) > 1:
    os.kill(os.getpid(), 9)
"""


def start(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n")


def test_a_private_folder_goes_with_its_process_and_leftovers_are_swept(tmp_path: Path):
    living, kept = start(tmp_path)
    killed, left = start(tmp_path, "killed")
    end(killed)
    assert (left / "uploads" / "photo.jpg").exists()
    assert left.stat().st_mode & 0o777 == 0o700
    (tmp_path / "imgen-editor-link").symlink_to(tmp_path / "elsewhere")
    other, third = start(tmp_path)
    assert not left.exists()
    assert (kept / "uploads" / "photo.jpg").exists()  # its process lives
    assert third != kept
    end(other)
    end(living)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["imgen-editor-link"]


def test_photos_do_not_wait_in_a_temporary_folder_that_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mounts = tmp_path / "mounts"
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp")
    mounts.write_text("/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n")
    assert temporary_folder(mounts) == Path("/var/tmp")
    mounts.write_text("/dev/vda / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n")
    assert temporary_folder(mounts) == Path("/tmp")
    assert temporary_folder(tmp_path / "not Linux") == Path("/tmp")
    mounts.write_text("tmpfs /tmp tmpfs rw 0 0\n")
    monkeypatch.setenv("TMPDIR", "/tmp")  # somebody wants it so
    assert temporary_folder(mounts) == Path("/tmp")


def test_the_private_folder_lies_in_the_temporary_one(spaces: Workspaces):
    assert spaces.root.parent.parent == Path(tempfile.gettempdir()).resolve()
    assert spaces.root.parent.stat().st_mode & 0o077 == 0
