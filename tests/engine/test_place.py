"""Steps that act inside a mask of their own, or in part."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skimage import data

import imgen
from imgen.engine.cache import Cache

LEFT = imgen.Pipeline().add("select_rectangle", width=0.5)
TOP = imgen.Pipeline().add("select_rectangle", height=0.5)


@pytest.fixture
def photo():
    return imgen.Photo.from_array(data.astronaut()[100:180, 60:180])


@pytest.fixture
def grey(photo):
    return imgen.Pipeline().add("saturation", amount=0).run(photo, cache=None).pixels


def test_a_step_acts_inside_its_own_mask_and_the_photos_selection_stays(photo, grey):
    selected = imgen.Pipeline().add("select_rectangle", top=0.5, height=0.5)
    made = selected.add("saturation", amount=0).blend(mask=LEFT)(photo, cache=None)
    assert np.array_equal(made.pixels[:, :60], grey[:, :60])
    assert np.array_equal(made.pixels[:, 60:], photo.pixels[:, 60:])
    assert np.array_equal(made.selection, selected(photo, cache=None).selection)


def test_opacity_mixes_and_does_so_inside_a_mask(photo, grey):
    made = imgen.Pipeline().add("saturation", amount=0).blend(opacity=0.25)(photo, cache=None)
    assert_allclose(made.pixels, photo.pixels + 0.25 * (grey - photo.pixels), atol=1e-6)
    made = imgen.Pipeline().add("saturation", amount=0).blend(opacity=0.25, mask=LEFT)(photo, cache=None)
    assert_allclose(made.pixels[:, :60], (0.75 * photo.pixels + 0.25 * grey)[:, :60], atol=1e-6)
    assert np.array_equal(made.pixels[:, 60:], photo.pixels[:, 60:])
    nothing = imgen.Pipeline().add("saturation", amount=0).blend(opacity=0)(photo, cache=None)
    assert np.array_equal(nothing.pixels, photo.pixels)


def test_a_mask_is_put_together_from_several_steps(photo):
    corner = TOP.add("select_rectangle", width=0.5).combine("subtract").add("invert_selection")
    made = imgen.Pipeline().add("light", exposure=1).blend(mask=corner)(photo, cache=None)
    changed = (made.pixels != photo.pixels).any(2)
    assert not changed[:40, 60:].any()
    assert changed[40:].mean() > 0.9
    assert changed[:40, :60].mean() > 0.9


@pytest.mark.parametrize("form", ["path", "array", "pil", "photo"])
def test_a_mask_may_be_any_picture(photo, grey, tmp_path, form):
    mask = np.zeros((80, 120), np.float32)
    mask[:, :60] = 1
    made = imgen.Photo.from_array(mask)
    made.save(tmp_path / "mask.png")
    given = {"path": tmp_path / "mask.png", "array": mask, "pil": made.to_pil(), "photo": made}[form]
    result = imgen.Pipeline().add("saturation", amount=0).blend(mask=given)(photo, cache=None)
    assert np.array_equal(result.pixels[:, :60], grey[:, :60])
    assert np.array_equal(result.pixels[:, 60:], photo.pixels[:, 60:])


def test_a_tool_with_a_hole_gets_the_mask_at_its_full_strength(photo):
    hole = imgen.Pipeline().add("select_rectangle", left=0.4, width=0.1, top=0.4, height=0.1)
    whole = imgen.Pipeline().add("inpaint").blend(mask=hole)(photo, cache=None)
    half = imgen.Pipeline().add("inpaint").blend(mask=hole, opacity=0.5)(photo, cache=None)
    assert_allclose(half.pixels, (photo.pixels + whole.pixels) / 2, atol=1e-5)


@pytest.mark.parametrize(
    ("tool", "parameters"), [("blur", {"radius": 3}), ("denoise", {"noise": 20, "quality": "fast"}), ("inpaint", {})]
)
@pytest.mark.parametrize("form", ["array", "whole numbers", "path"])
def test_a_mask_as_a_parameter_acts_like_a_mask_of_the_step(photo, tmp_path, tool, parameters, form):
    levels = np.zeros((80, 120), np.uint8)
    levels[20:40, 30:50] = 255
    levels[20:40, 40:50] = 100
    mask = levels / np.float32(255)
    imgen.Photo.from_array(levels).save(tmp_path / "mask.png")
    given = {"array": mask, "whole numbers": levels, "path": tmp_path / "mask.png"}[form]
    wanted = imgen.Pipeline().add(tool, **parameters).blend(mask=given)(photo, cache=None).pixels
    made = imgen.Pipeline().add(tool, mask=given, **parameters)(photo, cache=None)
    assert np.array_equal(made.pixels, wanted)
    assert np.array_equal(made.pixels[mask == 0], photo.pixels[mask == 0])
    assert made.selection is None
    assert np.array_equal(imgen.tools()[tool](photo.pixels, mask=given, **parameters), wanted)


def test_a_mask_as_a_parameter_inside_a_selection_leaves_what_either_leaves_out(photo):
    top = TOP(photo, cache=None).selection
    made = LEFT.add("blur", mask=top)(photo, cache=None)
    assert np.array_equal(made.pixels[:, 60:], photo.pixels[:, 60:])
    assert np.array_equal(made.pixels[40:], photo.pixels[40:])
    assert (made.pixels != photo.pixels)[:40, :60].any()


def test_the_recipe_holds_masks_and_older_versions_read_what_has_none(photo):
    plain = imgen.Pipeline().add("saturation", amount=0)
    assert json.loads(plain.to_json())["imgen"] == 1
    mask = TOP.add("load_selection", file=np.eye(80, 120, dtype=np.float32)).combine("add")
    edit = plain.blend(mask=mask, opacity=0.5).add("select_rectangle").combine("intersect")
    text = edit.to_json()
    assert json.loads(text)["imgen"] == 2
    again = imgen.Pipeline.from_json(text, files=False)
    assert again.to_json() == text
    assert [step.tool for step in again.steps[0].mask] == ["select_rectangle", "load_selection"]
    assert again(photo, cache=None).fingerprint == edit(photo, cache=None).replace(recipe=None).fingerprint


def test_a_strangers_mask_opens_no_file(tmp_path):
    edit = imgen.Pipeline().add("saturation", amount=0).to_json()
    recipe = json.loads(edit)
    secret = str(tmp_path / "secret.png")
    recipe["steps"][0]["mask"] = [{"tool": "load_selection", "parameters": {"file": secret}}]
    with pytest.raises(imgen.ImgenError, match="names a file"):
        imgen.Pipeline.from_json(json.dumps(recipe), files=False)


def test_the_files_of_masks_are_not_written_over(photo, tmp_path):
    photo.save(tmp_path / "mask.png")
    made = imgen.Pipeline().add("saturation", amount=0).blend(mask=tmp_path / "mask.png")(photo)
    with pytest.raises(imgen.ImgenError, match=r"mask\.png"):
        made.save(tmp_path / "mask.png")


def test_results_are_kept_by_mask_and_opacity(photo):
    cache = Cache()
    step = imgen.Pipeline().add("saturation", amount=0)
    edits = [
        step,
        step.blend(mask=LEFT),
        step.blend(mask=TOP),
        step.blend(opacity=0.5),
        step.blend(mask=LEFT, opacity=0.5),
    ]
    first = [edit.run(photo, cache=cache).fingerprint for edit in edits]
    assert len(set(first)) == len(edits)
    assert [edit.run(photo, cache=cache).fingerprint for edit in edits] == first


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: imgen.Pipeline().add("crop").blend(opacity=0.5), "crop: only steps that change colours"),
        (lambda: imgen.Pipeline().add("blur").blend(opacity=2), "opacity must be between 0 and 1"),
        (lambda: imgen.Pipeline().add("blur").blend(opacity="half"), "opacity must be between 0 and 1"),
        (lambda: imgen.Pipeline().add("blur").combine("add"), "only steps that select are combined"),
        (lambda: LEFT.combine("xor"), "replace, add, subtract, intersect"),
        (lambda: imgen.Pipeline().add("blur").blend(mask=imgen.Pipeline().add("blur")), "blur does not"),
        (lambda: imgen.Pipeline().blend(opacity=0.5), "no step yet"),
        (lambda: imgen.Pipeline().combine("add"), "no step yet"),
    ],
)
def test_a_place_that_cannot_be_is_refused(make, message):
    with pytest.raises(imgen.ImgenError, match=message):
        make()
