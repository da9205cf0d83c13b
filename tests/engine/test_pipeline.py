import dataclasses
import json
import threading
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.contract.tool import tool_from
from imgen.engine.apply import apply
from imgen.engine.pipeline import differences
from imgen.errors import Cancelled, ParameterError, PipelineError, ToolError


def half(photo: imgen.Photo) -> imgen.Photo:
    """The photo with its left half selected."""
    return imgen.Pipeline().add("select_rectangle", width=0.5)(photo)


def test_pixels_outside_the_selection_stay(photo):
    result = imgen.Pipeline().add("denoise", noise=20)(half(photo))
    middle = round(photo.width / 2)
    assert np.array_equal(result.pixels[:, middle:], photo.pixels[:, middle:])
    assert not np.array_equal(result.pixels[:, :middle], photo.pixels[:, :middle])


def test_a_changed_step_runs_again_and_those_before_it_do_not(photo, monkeypatch):
    calls: list[str] = []

    def count(tool, photo, parameters, opacity):
        calls.append(tool.name)
        return apply(tool, photo, parameters, opacity)

    monkeypatch.setattr("imgen.engine.pipeline.apply", count)
    cache = imgen.Cache()
    start = imgen.Pipeline().add("select_rectangle", width=0.5).add("grow_selection", pixels=2)
    start.add("feather_selection", radius=2)(photo, cache=cache)
    start.add("feather_selection", radius=3)(photo, cache=cache)
    assert calls == ["select_rectangle", "grow_selection", "feather_selection", "feather_selection"]
    start.add("feather_selection", radius=3)(photo, cache=None)
    assert len(calls) == 7


def test_another_photo_of_equal_pixels_keeps_its_own_metadata(photo):
    cache, edit = imgen.Cache(), imgen.Pipeline().add("invert_selection")
    edit(half(photo), cache=cache)
    assert edit(half(photo).replace(dpi=(72.0, 72.0)), cache=cache).dpi == (72.0, 72.0)


def test_a_cached_step_still_says_what_it_did(photo):
    cache, first, second = imgen.Cache(), [], []
    edit = imgen.Pipeline().add("denoise")
    edit(photo, cache=cache, notes=first)
    edit(photo, cache=cache, notes=second)
    assert any("estimated noise" in text for text in first)
    assert first == second


def test_masks_that_differ_little_are_not_confused(photo):
    cache, shape = imgen.Cache(), photo.pixels.shape[:2]
    values = [0.0, 0.001]
    edits = [imgen.Pipeline().add("load_selection", file=np.full(shape, v, np.float32)) for v in values]
    assert [round(float(edit(photo, cache=cache).selection.max()), 3) for edit in edits] == values
    again = imgen.Pipeline.from_json(edits[1].to_json())(photo, cache=None)
    assert again.selection.max() == pytest.approx(0.001, rel=0.02)


def test_pipelines_are_joined_and_gone_through(photo):
    one = dataclasses.replace(imgen.Pipeline().add("crop", width=0.5), reads=(Path("a.json"),))
    two = imgen.Pipeline().add("saturation", amount=0).add("contrast")
    both = one + two
    assert [step.tool for step in both] == ["crop", "saturation", "contrast"]
    assert (len(both), len(one), both.reads) == (3, 1, one.reads)
    assert np.array_equal(both(photo, cache=None).pixels, two(one(photo, cache=None), cache=None).pixels)
    with pytest.raises(ParameterError, match="add takes a tool's name, not Pipeline"):
        one.add(two)
    with pytest.raises(TypeError):
        one + "crop"


def test_numpy_numbers_are_parameters_too(photo):
    recipe = imgen.Pipeline().add("denoise", noise=np.float32(12.5)).to_json()
    assert json.loads(recipe)["steps"][0]["parameters"] == {"noise": 12.5}


def test_a_tiff_carries_its_recipe_and_webp_says_that_it_does_not(photo, tmp_path):
    result = imgen.Pipeline().add("crop", width=0.5)(photo)
    assert imgen.Pipeline.load(result.save(tmp_path / "out.tif")).steps[0].tool == "crop"
    result.save(tmp_path / "out.webp")
    with pytest.raises(PipelineError, match="holds no recipe"):
        imgen.Pipeline.load(tmp_path / "out.webp")


def test_an_impossible_device_is_refused_even_where_no_model_runs(photo):
    with pytest.raises(imgen.ImgenError, match="banana"):
        imgen.Pipeline().add("crop").run(photo, device="banana")


def test_the_cache_keeps_its_limit(photo):
    size = photo.pixels.nbytes
    cache = imgen.Cache(limit=int(2.5 * size))
    for key in "abc":
        cache.put(key, photo)
    assert cache.used == 2 * size
    assert cache.get("a") is None
    assert cache.get("c").photo is photo


def test_a_recipe_comes_back_as_it_was(photo, tmp_path):
    mask = np.zeros(photo.pixels.shape[:2], np.float32)
    mask[5:7] = 1
    edit = imgen.Pipeline().add("denoise", noise=12.5, quality="fast").add("inpaint", mask=mask)
    loaded = imgen.Pipeline.load(edit.save(tmp_path / "edit.json"))
    assert loaded.to_json() == edit.to_json()
    assert np.array_equal(loaded(photo).pixels, edit(photo).pixels)
    entry = json.loads(edit.to_json())["steps"][0]
    assert entry["plugin"] == "autoencoder"
    assert entry["models"] == {"autoencoder/denoise": imgen.model("autoencoder/denoise").checksum}


def test_the_recipe_inside_a_picture_makes_the_same_pixels(cat_file, mask_file, tmp_path):
    photo = imgen.open(cat_file)
    first = imgen.Pipeline().add("inpaint", mask=str(mask_file))(photo)
    first.save(tmp_path / "out.png")
    mask_file.unlink()  # the recipe carries the mask
    assert np.array_equal(imgen.Pipeline.load(tmp_path / "out.png")(photo).pixels, first.pixels)


def test_a_recipe_from_elsewhere_opens_no_files(mask_file):
    text = json.dumps({"imgen": 1, "steps": [{"tool": "inpaint", "parameters": {"mask": str(mask_file)}}]})
    assert imgen.Pipeline.from_json(text).files == (mask_file,)
    with pytest.raises(PipelineError, match="names a file"):
        imgen.Pipeline.from_json(text, files=False)


def test_what_changed_since_a_recipe_was_made_is_told():
    recipe = json.loads(imgen.Pipeline().add("denoise").to_json())
    recipe["steps"][0]["version"] = "0.0.1"
    recipe["steps"][0]["models"]["autoencoder/denoise"] = "0" * 64
    told = differences(json.dumps(recipe))
    assert len(told) == 2
    assert "0.0.1" in told[0]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ('{"imgen": 1, "steps": [{"tool": 5}]}', PipelineError, "step 1, tool: input should be a valid string"),
        ('{"imgen": 1, "steps": [{"tool": "crop", "parameters": {"tool": 1}}]}', ParameterError, "no parameter"),
        ("[" * 100_000, PipelineError, "not an imgen recipe"),
        ("[1", PipelineError, "not an imgen recipe"),
        ('{"steps": []}', PipelineError, "not an imgen recipe"),
        ('{"imgen": 99, "steps": []}', PipelineError, "format 99"),
        ('{"imgen": 1, "steps": [{"tool": "denoize"}]}', ToolError, "did you mean 'denoise'"),
        ('{"imgen": 1, "steps": [{"tool": "denoise", "parameters": {"noise": 999}}]}', ParameterError, "0 to 60"),
    ],
)
def test_bad_recipes_are_explained(text, error, message):
    with pytest.raises(error, match=message):
        imgen.Pipeline.from_json(text)


def test_a_created_picture_has_nothing_of_the_photo_before_it(photo):
    notes: list[str] = []
    made = imgen.Pipeline().add("draw_digit")(half(photo).replace(dpi=(72.0, 72.0)), cache=None, notes=notes)
    assert (made.dpi, made.selection) == (None, None)
    assert any("draw_digit makes a picture of its own" in text for text in notes)


def test_disabled_steps_are_kept_and_skipped(photo):
    step = imgen.Step("denoise", {"noise": 20}, enabled=False)
    pipeline = imgen.Pipeline.from_json(imgen.Pipeline((step,)).to_json())
    assert pipeline.steps == (step,)
    assert np.array_equal(pipeline(photo).pixels, photo.pixels)


def test_progress_goes_from_0_to_1_and_names_the_tools(photo):
    seen: list[tuple[float, str]] = []
    edit = imgen.Pipeline().add("denoise", noise=5).add("crop", width=0.5)
    edit(photo, progress=lambda part, tool: seen.append((part, tool)), cache=None)
    parts = [part for part, _ in seen]
    assert parts == sorted(parts)
    assert (parts[0], parts[-1]) == (0, 1)
    assert {"denoise", "crop"} <= {tool for _, tool in seen}


def test_cancel_stops_in_the_middle(photo):
    stop = threading.Event()

    def report(part: float, tool: str) -> None:
        if tool == "crop":
            stop.set()

    with pytest.raises(Cancelled):
        imgen.Pipeline().add("crop").add("denoise")(photo, progress=report, cancel=stop, cache=None)


def test_a_missing_or_wrong_mask_is_explained(photo):
    with pytest.raises(ParameterError, match="needs a selection"):
        imgen.Pipeline().add("inpaint")(photo)
    with pytest.raises(ParameterError, match="3x3, the photo 226x150"):
        imgen.Pipeline().add("inpaint", mask=np.ones((3, 3), np.float32))(photo)


def broken(image: imgen.Image) -> imgen.Image:
    """Break."""
    raise ValueError("inside")


def wrong(image: imgen.Image) -> imgen.Image:
    """Return something else."""
    return image[..., 0]


def forgets(image: imgen.Image) -> imgen.Image:
    """Return nothing."""
    image + 1


@pytest.mark.parametrize(
    ("function", "message"),
    [(broken, "failed: ValueError"), (wrong, "shape"), (forgets, "returned nothing; is a return")],
)
def test_a_plugin_that_breaks_is_named(photo, function, message):
    with pytest.raises(imgen.ImgenError, match=message) as caught:
        apply(tool_from(function, "somebody", "2.0"), photo, {})
    assert function.__name__ in str(caught.value)


def test_no_photo_is_explained():
    with pytest.raises(PipelineError, match="needs a photo"):
        imgen.Pipeline().add("denoise")()


def test_a_model_named_by_a_parameter_is_recorded_and_a_new_one_recomputes(photo, identity_model):
    edit = imgen.Pipeline().add("image_to_image", model=identity_model)
    recipe = edit.to_json()
    assert json.loads(recipe)["steps"][0]["models"] == {identity_model: imgen.model(identity_model).checksum}
    cache = imgen.Cache()
    edit(photo, cache=cache)
    path = imgen.model(identity_model).path
    path.write_bytes(path.read_bytes() + b"\x00")  # other weights ...
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | {"sha256": "0" * 64}))
    assert any("another" in line for line in differences(recipe))
    with pytest.raises(imgen.ImgenError, match="SHA-256"):
        edit(photo, cache=cache)  # ... are looked at, not skipped by the cache
