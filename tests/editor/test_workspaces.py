"""The work of many sessions: apart, bounded, never thrown away for a stranger's, and gone when it should be."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.editor.state.budget import Budget
from imgen.editor.state.disk import in_memory, photo_on_disk
from imgen.editor.state.workspaces import EMPTY, REST, Workspaces
from imgen.errors import ImgenError
from imgen.image.disk import is_on_disk


def test_sessions_are_apart_and_leave_nothing_behind(photo: imgen.Photo):
    spaces = Workspaces()
    first, second = spaces.of("a"), spaces.of("b")
    assert spaces.of("a") is first
    assert first.folder != second.folder
    first.begin(photo, "a.png")
    first.place("before", "a.png").write_bytes(b"a")
    cancel = first.start("run", "1")
    assert second.photo is None
    spaces.close("a")
    assert cancel.is_set()
    assert not first.folder.exists()
    for nobody in (None, "", "x" * 1000):
        with pytest.raises(ImgenError, match="session"):
            spaces.of(nobody)
    spaces.close_all()
    assert not first.folder.exists()
    assert spaces.budget.used == 0


def test_sessions_without_a_photo_evict_nobody(spaces: Workspaces, photo: imgen.Photo):
    work = spaces.of("victim")
    work.begin(photo, "mine.png")
    for number in range(3 * EMPTY):
        spaces.of(f"stranger {number}")
    assert spaces.of("victim") is work
    assert work.photo is photo
    assert len(spaces._open) <= EMPTY + 2
    assert not any(path.name == spaces.of("stranger 700").folder.name for path in spaces.root.iterdir())  # nor a folder


def test_work_that_does_not_fit_into_memory_waits_on_disk(photo: imgen.Photo):
    spaces = Workspaces(memory=photo.pixels.nbytes)
    first = spaces.of("a")
    first.begin(photo, "a.png")
    first.keep(photo.pixels.copy())
    second = spaces.of("b")
    second.begin(photo.replace(pixels=photo.pixels.copy()), "b.png")
    spaces.settle()
    assert in_memory(first.photo) == 0
    assert second.in_memory() == photo.pixels.nbytes  # the longest unused goes first
    assert first.photo is not None
    assert first.small is first.photo
    np.testing.assert_array_equal(first.photo.pixels, photo.pixels)
    np.testing.assert_array_equal(next(iter(first.pictures.values())), photo.pixels)
    edit = imgen.Pipeline().add("saturation", amount=0.0)
    np.testing.assert_array_equal(edit(first.photo, cache=None).pixels, edit(photo, cache=None).pixels)
    assert list(first.store.iterdir()) == []  # the files have no names, so they go with their arrays


def test_an_animation_on_disk_is_the_same(photo: imgen.Photo, tmp_path: Path):
    frames = np.stack([photo.pixels, photo.pixels[::-1]])
    moving = photo.replace(pixels=frames[0], frames=frames, alpha=photo.pixels[..., 0].copy())
    moved = photo_on_disk(moving, tmp_path)
    assert moved.frames is not None
    assert is_on_disk(moved.pixels)
    np.testing.assert_array_equal(moved.frames, frames)
    assert moved.fingerprint == moving.fingerprint
    assert photo_on_disk(moved, tmp_path / "no").frames is not None
    assert not (tmp_path / "no").exists()  # nothing is written twice


def test_what_does_not_fit_is_refused_and_nothing_is_lost(photo: imgen.Photo):
    spaces = Workspaces(Budget(5 * photo.pixels.nbytes))
    first = spaces.of("a")
    first.begin(photo, "a.png")
    first.finish(photo)
    with pytest.raises(ImgenError, match=r"one page may have .* --work-limit"):
        first.keep(photo.pixels)
    second = spaces.of("b")
    second.begin(photo, "b.png")
    second.finish(photo)
    spaces.of("c").begin(photo, "c.png")
    with pytest.raises(ImgenError, match=r"no room for .* KiB more"):
        spaces.of("d").begin(photo, "d.png")
    assert (first.photo, first.result, second.photo) == (photo, photo, photo)
    spaces.close("b")  # it rests: its photo still counts, its result does not
    spaces.of("d").begin(photo, "d.png")
    spaces.close_all()
    assert spaces.budget.used == 0


def test_work_rests_for_a_while_and_only_its_token_wakes_it(spaces: Workspaces, photo: imgen.Photo):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    token = first.keep(photo.pixels)
    spaces.close("a")
    assert spaces.restore("another", "b") is None
    second = spaces.restore(first.token, "b")
    assert second is not None
    assert (second.name, second.photo) == ("a.png", first.photo)
    assert second.photo is not None
    assert is_on_disk(second.photo.pixels)
    np.testing.assert_array_equal(second.photo.pixels, photo.pixels)
    assert second.folder != first.folder
    assert token in second.pictures
    used = spaces.budget.used
    spaces.forget(time.monotonic() - REST)  # too early
    assert second.photo is not None
    spaces.arrived("b")
    spaces.forget(time.monotonic() + 1)
    assert spaces.of("b") is second  # its page is open
    spaces.left("b")
    spaces.close("b")
    spaces.forget(time.monotonic() + 1)
    assert spaces.restore(second.token, "d") is None
    assert (used > 0, spaces.budget.used) == (True, 0)


def test_a_page_that_is_loaded_again_before_it_knows_its_next_token_finds_its_work(
    spaces: Workspaces, photo: imgen.Photo
):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    before = "a"
    for session in "bcd":
        spaces.close(before)
        found = spaces.restore(first.token, session)
        assert found is not None
        assert found.name == "a.png"
        before = session
    assert spaces.restore(first.token, "e") is not None  # also while that page is still open
    spaces.close_all()


def test_closed_pages_keep_little_from_open_ones(photo: imgen.Photo):
    size = photo.pixels.nbytes
    spaces = Workspaces(Budget(20 * size))  # of which two and a half may rest
    tokens: list[str] = []
    for session in "abcd":
        spaces.of(session).begin(photo, f"{session}.png")
        tokens.append(spaces.of(session).token)
        spaces.close(session)
    assert spaces.budget.used == 2 * size
    assert [spaces.restore(token, "e") is not None for token in tokens] == [False, False, True, True]
    spaces.close_all()


def test_a_page_that_only_seemed_to_go_finds_its_work(spaces: Workspaces, photo: imgen.Photo):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    first.finish(photo)
    spaces.close("a")
    assert spaces.of("b").photo is None
    assert spaces.of("a") is first
    assert (first.result, first.photo is None) == (None, False)
    first.place("after", "a.png").write_bytes(b"a")  # it has a folder again
    spaces.close("a")
    assert spaces.restore(first.token, "c") is not None


def test_a_page_that_is_loaded_again_at_once_finds_its_work(
    spaces: Workspaces, photo: imgen.Photo, monkeypatch: pytest.MonkeyPatch
):
    first = spaces.of("a")
    first.begin(photo, "a.png")
    found: list[object] = []
    hide = type(first).hide

    def slow(workspace: object) -> None:
        found.append(spaces.restore(first.token, "b"))  # while the old files are being deleted
        hide(first)

    monkeypatch.setattr(type(first), "hide", slow)
    spaces.close("a")
    assert found[0] is not None
    assert spaces.of("b").photo is photo
