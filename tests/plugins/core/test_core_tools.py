from pathlib import Path

import numpy as np
import pytest

import imgen


def edit(photo: imgen.Photo, tool: str, **parameters: object) -> imgen.Photo:
    return imgen.Pipeline().add(tool, **parameters)(photo, cache=None)


@pytest.fixture
def selected(photo):
    return edit(photo, "select_rectangle", left=0.25, top=0.5, width=0.5, height=0.25)


def test_rectangle(selected):
    rows, columns = np.nonzero(selected.selection)
    h, w = selected.selection.shape
    assert (rows.min(), columns.min()) == (round(0.5 * h), round(0.25 * w))
    assert selected.selection.mean() == pytest.approx(0.125, abs=0.01)


def test_invert_twice_is_nothing(selected):
    assert np.array_equal(edit(edit(selected, "invert_selection"), "invert_selection").selection, selected.selection)


@pytest.mark.parametrize("pixels", [-6, 6])
def test_grow_moves_the_edge_by_so_many_pixels(selected, pixels):
    before = np.flatnonzero(selected.selection.max(0) >= 0.5)
    after = np.flatnonzero(edit(selected, "grow_selection", pixels=pixels).selection.max(0) >= 0.5)
    assert (before[0] - after[0], after[-1] - before[-1]) == (pixels, pixels)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([("select_rectangle", {"left": 1})], "nothing is selected"),
        ([("select_rectangle", {"top": 1})], "nothing is selected"),
        ([("select_rectangle", {"left": 0.9})], ""),
        ([("select_rectangle", {"left": 0.5}), ("grow_selection", {"pixels": -500})], "nothing is selected any more"),
        ([("select_rectangle", {"left": 0.5}), ("grow_selection", {"pixels": -5})], ""),
        ([("crop", {"top": 1})], "a single line of pixels"),
        ([("crop", {"top": 0.9})], ""),
        ([("text", {"words": "far" * 50})], "run off the photo"),
        ([("text", {"words": "here", "x": 0})], "run off the photo"),
        ([("text", {"words": "here"})], ""),
    ],
)
def test_what_leaves_nothing_is_told(photo, steps, told):
    edit, notes = imgen.Pipeline(), []
    for name, parameters in steps:
        edit = edit.add(name, **parameters)
    edit(photo, cache=None, notes=notes)
    assert len(notes) == bool(told)
    assert told in "".join(notes)


def test_feather_keeps_the_amount_and_softens(selected):
    soft = edit(selected, "feather_selection", radius=4).selection
    assert soft.mean() == pytest.approx(selected.selection.mean(), rel=0.02)
    assert 0 < soft[:, soft.shape[1] // 4].max() < 1


def test_load_selection_reads_a_picture(photo, mask_file):
    assert edit(photo, "load_selection", file=str(mask_file)).selection.sum() == 2 * 180


def test_cut_out_and_flatten(selected):
    cut = edit(selected, "selection_to_alpha")
    assert np.array_equal(cut.alpha, selected.selection)
    assert cut.selection is None
    white = edit(cut, "flatten")
    assert white.alpha is None
    assert white.pixels[0, 0].tolist() == [1, 1, 1]


def test_crop_takes_everything_along(selected):
    small = edit(selected, "crop", left=0.25, top=0.5, width=0.5, height=0.25)
    assert small.selection.min() == 1
    assert small.pixels.shape[:2] == small.selection.shape


def test_selection_tools_without_a_selection_are_explained(photo):
    with pytest.raises(imgen.ImgenError, match="needs a selection"):
        edit(photo, "invert_selection")
    with pytest.raises(imgen.ImgenError, match="needs a selection"):
        edit(photo, "selection_to_alpha")


@pytest.mark.parametrize("selection", [0.0, 0.001])
def test_an_empty_cut_out_is_refused(photo, selection):
    nothing = photo.replace(selection=np.full(photo.pixels.shape[:2], selection, np.float32))
    with pytest.raises(imgen.ImgenError, match="nothing is selected"):
        edit(nothing, "selection_to_alpha")


def test_a_photo_that_is_transparent_where_it_is_selected_is_refused(selected):
    with pytest.raises(imgen.ImgenError, match="nothing is selected"):
        edit(selected.replace(alpha=1 - selected.selection), "selection_to_alpha")


def test_a_picture_without_a_subject_is_not_cut_out():
    wall = imgen.open(Path(__file__).parents[2] / "cases" / "wall.png")
    notes: list[str] = []
    searched = imgen.Pipeline().add("select_subject").run(wall, cache=None, notes=notes)
    assert any("no clear subject" in note for note in notes)
    with pytest.raises(imgen.ImgenError, match=r"nothing is selected.*box or points"):
        edit(searched, "selection_to_alpha")
