"""Photos that are open beside the one that is worked on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import imgen
from imgen.editor.state.budget import Budget
from imgen.editor.state.opening import closed
from imgen.editor.state.shelf import Shelf, Shelved
from imgen.editor.state.workspace import Workspace


def photo(side: int, value: float = 0.5) -> imgen.Photo:
    return imgen.Photo(np.full((side, side, 3), value, np.float32))


def opened(tmp_path: Path, limit: int, *sides: int) -> Workspace:
    workspace = Workspace(tmp_path / "pages" / "one", Budget(limit))
    for i, side in enumerate(sides):
        workspace.begin(photo(side, i / 10), f"{i}.png")
    return workspace


def test_photos_go_to_the_shelf_and_come_back(tmp_path: Path):
    workspace = opened(tmp_path, 2**30, 20, 30, 40)
    assert workspace.name == "2.png"
    assert [one.name for one in workspace.shelf.photos.values()] == ["0.png", "1.png"]
    first = next(iter(workspace.shelf.photos))
    workspace.unshelve(first)
    assert (workspace.name, workspace.photo.width, workspace.key) == ("0.png", 20, first)
    assert [one.name for one in workspace.shelf.photos.values()] == ["1.png", "2.png"]
    assert [one["name"] for one in workspace.shelf.told()] == ["1.png", "2.png"]
    with pytest.raises(imgen.ImgenError, match="open it again"):
        workspace.unshelve(first)


def names(workspace: Workspace) -> list[str]:
    return [one.name for one in workspace.shelf.photos.values()]


def test_each_page_has_a_share_of_its_own(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 32 * size, 40, 40, 40, 40)  # a sixteenth for a page: two photos
    assert names(workspace) == ["1.png", "2.png"]
    assert workspace.shelf.missed() == ["0.png"]
    assert workspace.shelf.missed() == []
    assert workspace.budget.of(workspace.token, "shelf") == 2 * size
    other = Workspace(tmp_path / "pages" / "two", workspace.budget)
    for i in range(3):
        other.begin(photo(40), f"{i}.png")
    assert names(other) == ["0.png", "1.png"]
    assert names(workspace) == ["1.png", "2.png"]
    assert other.shelf.missed() == []
    workspace.close()
    assert workspace.budget.of(workspace.token, "shelf") == 0


def test_the_page_is_told_once_which_photo_had_to_go(tmp_path: Path):
    workspace = opened(tmp_path, 32 * 40 * 40 * 3 * 4, 40, 40, 40, 40)
    assert closed(workspace) == ["0.png was closed, as there was no room for so many photos"]
    assert closed(workspace) == []


def test_what_does_not_fit_takes_no_other_with_it(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 32 * size, 40, 40, 60, 20)  # the third is larger than the page's share
    assert names(workspace) == ["0.png", "1.png"]
    assert workspace.shelf.missed() == ["2.png"]
    workspace.begin(photo(40), "next.png")  # beside the little one there is room for one more
    assert names(workspace) == ["1.png", "3.png"]
    assert workspace.shelf.missed() == ["0.png"]


def test_pages_leave_half_of_all_room_to_what_is_worked_on(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 32 * size, 40, 40)
    workspace.budget.reserve("others", 15 * size, "shelf")
    workspace.begin(photo(40), "third.png")
    assert names(workspace) == ["1.png"]


def test_what_is_opened_takes_the_room_of_what_waits(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 16 * size, 40, 40)
    workspace.budget.reserve("others", 7 * size)
    workspace.budget.reserve("more", 6 * size)
    workspace.begin(photo(60), "large.png")  # twice as large: there is room for it, and for nothing beside it
    assert workspace.name == "large.png"
    assert not workspace.shelf.photos
    assert workspace.shelf.missed() == ["0.png", "1.png"]


def test_what_cannot_be_opened_takes_nothing(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 32 * size, 40, 40)
    with pytest.raises(imgen.ImgenError, match="one page may have"):
        workspace.begin(photo(200), "huge.png")
    assert (workspace.name, names(workspace)) == ("1.png", ["0.png"])
    workspace.shelf.photos["photo1"].photo = photo(200)
    with pytest.raises(imgen.ImgenError):
        workspace.unshelve("photo1")
    assert workspace.name == "1.png"


def test_a_photo_is_closed(tmp_path: Path):
    workspace = opened(tmp_path, 2**30, 20, 30, 40)
    workspace.close_photo("photo1")
    assert (workspace.name, names(workspace)) == ("2.png", ["1.png"])
    workspace.close_photo(workspace.key)
    assert (workspace.name, names(workspace)) == ("1.png", [])
    assert workspace.budget.of(workspace.token, "shelf") == 0
    with pytest.raises(imgen.ImgenError):
        workspace.close_photo(workspace.key)  # it is the only one
    assert workspace.shelf.missed() == []


def test_a_shelf_moves_with_its_work_and_to_disk(tmp_path: Path):
    workspace: Any = opened(tmp_path, 2**30, 300, 30)
    new = Workspace(tmp_path / "pages" / "two", workspace.budget)
    new.adopt(workspace, 0)
    assert names(new) == ["0.png"]
    assert new.key == workspace.key
    new.begin(photo(20), "next.png")
    assert len({new.key, *new.shelf.photos}) == 3  # no two have the same key
    before = new.in_memory()
    new.to_disk()
    assert new.in_memory() < before / 10
    one = next(iter(new.shelf.photos.values()))
    assert np.array_equal(one.photo.pixels, photo(300, 0).pixels)


def test_bytes_are_counted_while_photos_come_and_go():
    """Another page's handler counts what all hold; a dictionary that changes meanwhile would break off its loop."""
    shelf = Shelf(Budget(2**40), "me")
    one = Shelved(photo(2), photo(2), "cat.png")
    over, wrong = threading.Event(), list[Exception]()

    def count() -> None:
        while not over.is_set():
            try:
                shelf.in_memory()
            except (KeyError, RuntimeError) as error:
                wrong.append(error)

    other = threading.Thread(target=count)
    other.start()
    for i in range(3000):
        shelf.put(f"photo{i}", one)
    over.set()
    other.join()
    assert wrong == []
