"""Photos that are open beside the one that is worked on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import imgen
from imgen.editor.state.budget import Budget
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


def test_the_shelf_gives_way_and_is_counted(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 32 * size, 40, 40, 40, 40)  # a sixteenth for shelves: two photos
    assert [one.name for one in workspace.shelf.photos.values()] == ["1.png", "2.png"]
    assert workspace.budget.of(workspace.token, "shelf") == 2 * size
    other = Workspace(tmp_path / "pages" / "two", workspace.budget)
    for _ in range(2):
        other.begin(photo(40), "other.png")
    assert not other.shelf.photos  # those of others are not thrown away for it
    workspace.close()
    assert workspace.budget.of(workspace.token, "shelf") == 0


def test_what_is_opened_takes_the_room_of_what_waits(tmp_path: Path):
    size = 40 * 40 * 3 * 4
    workspace = opened(tmp_path, 16 * size, 40, 40)
    workspace.budget.reserve("others", 7 * size)
    workspace.budget.reserve("more", 6 * size)
    workspace.begin(photo(60), "large.png")  # twice as large: there is room for it, and for nothing beside it
    assert workspace.name == "large.png"
    assert not workspace.shelf.photos


def test_a_shelf_moves_with_its_work_and_to_disk(tmp_path: Path):
    workspace: Any = opened(tmp_path, 2**30, 300, 30)
    new = Workspace(tmp_path / "pages" / "two", workspace.budget)
    new.adopt(workspace, 0)
    assert [one.name for one in new.shelf.photos.values()] == ["0.png"]
    before = new.in_memory()
    new.to_disk()
    assert new.in_memory() < before / 10
    (one,) = new.shelf.photos.values()
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
