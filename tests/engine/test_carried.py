"""Pictures that a recipe carries."""

import base64
import os
import pickle
import tracemalloc

import imagecodecs
import numpy as np
import pytest
from PIL import Image as Pillow
from test_recipe import png, text_of, with_picture

import imgen
from imgen.contract.context import Context, using
from imgen.editor.state.chain import cards_of, pipeline_of
from imgen.editor.state.workspace import Workspace
from imgen.engine import recipe
from imgen.errors import ParameterError, PipelineError
from imgen.image.levels import as_float
from imgen.io import embedded
from imgen.io.embedded import DATA, claimed_pixels, decode, encode


def test_a_recipe_full_of_large_pictures_takes_no_memory_when_it_is_read(tmp_path):
    bomb = base64.b64encode(png(6000, 6000)).decode()  # 36 megapixels in some kilobytes
    step = {"tool": "load_selection", "parameters": {"file": DATA + bomb}}
    small = imgen.Photo.from_array(np.zeros((8, 8, 3), np.uint8)).replace(recipe=text_of(*[step] * 7))
    path = small.save(tmp_path / "bomb.png")
    workspace = Workspace(tmp_path)
    tracemalloc.start()
    cards, _ = cards_of(imgen.open(path).recipe, workspace)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(cards) == 7
    assert peak < 10_000_000
    with pytest.raises(PipelineError, match="256 megapixels together"):
        imgen.Pipeline.from_json(text_of(*[step] * 8))


def test_the_editor_keeps_a_recipes_pictures_undecoded_until_a_run(photo, tmp_path, monkeypatch):
    mask = np.zeros(photo.pixels.shape[:2], np.float32)
    mask[3:9] = 1
    text = imgen.Pipeline().add("load_selection", file=mask).to_json()
    workspace, decoded = Workspace(tmp_path), []
    monkeypatch.setattr("imgen.io.pictures.decode", lambda text: decoded.append(text) or decode(text))
    cards, _ = cards_of(text, workspace)
    pipeline = pipeline_of({"steps": cards}, workspace)
    assert decoded == []
    assert np.array_equal(pipeline(photo, cache=None).selection, mask)
    assert len(decoded) == 1
    assert pipeline.to_json() == text


@pytest.mark.parametrize("harm", [lambda d: d[:60], lambda d: d[:-2000], lambda d: d[:40] + bytes(20) + d[60:]])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_damaged_picture_is_answered_without_an_address(photo, harm, depth):
    values = np.random.default_rng(0).integers(0, 2**depth, photo.pixels.shape[:2]).astype(f"uint{depth}")
    data = harm(imagecodecs.png_encode(values))
    with pytest.raises(ParameterError, match="the picture inside file is damaged") as caught:
        imgen.Pipeline.from_json(with_picture(data))(photo, cache=None)
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_png_can_be_carried(mode):
    assert claimed_pixels(DATA + base64.b64encode(png(5, 4, mode)).decode()) == 20
    values = decode(DATA + base64.b64encode(png(5, 4, mode)).decode())
    assert imgen.Photo.from_array(values).pixels.shape == (4, 5, 3)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_pictures_are_carried_exactly(depth, shape):
    array = as_float(np.random.default_rng(0).integers(0, 2**depth, shape).astype(f"uint{depth}"))
    assert np.array_equal(as_float(decode(encode(array))), array)
    grey = np.repeat(array[..., None], 3, 2) if array.ndim == 2 else array
    assert np.array_equal(imgen.Photo.from_array(decode(encode(grey))).pixels, grey)


def test_a_picture_is_encoded_once_for_many_photos(photo, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(embedded, "_texts", embedded.Texts())
    real = imagecodecs.png_encode
    monkeypatch.setattr(imagecodecs, "png_encode", lambda *a, **k: calls.append(a[0].shape) or real(*a, **k))
    mask = np.zeros(photo.pixels.shape[:2], np.float32)
    mask[3:9] = 1
    edit = imgen.Pipeline().add("load_selection", file=mask)
    results = [edit(photo.replace(dpi=(d, d)), cache=None) for d in (72.0, 96.0, 300.0)]
    assert calls == []  # nothing is encoded by running
    for i, result in enumerate(results):
        result.save(tmp_path / f"{i}.jpg")
        assert result.recipe
    assert calls == [mask.shape]


def test_what_is_saved_tells_nothing_of_the_machine(cat_file, mask_file, tmp_path):
    home = str(tmp_path)
    edit = (
        imgen.Pipeline()
        .add("load_selection", file=str(mask_file))
        .add("morph_faces", other=str(cat_file))
        .add("inpaint", mask=mask_file)
    )
    edit = imgen.Pipeline(tuple(imgen.Step(s.tool, s.parameters, s.tool == "load_selection") for s in edit.steps))
    result = edit(imgen.open(cat_file), cache=None)
    saved = [result.save(tmp_path / f"out.{suffix}") for suffix in ("png", "jpg", "tif")]
    saved.append(edit.save(tmp_path / "edit.json"))
    for path in saved:
        data = path.read_bytes()
        assert home.encode() not in data
        assert mask_file.name.encode() not in data
        assert os.path.expanduser("~").encode() not in data
    mask_file.unlink()
    cat_file.unlink()
    for path in saved:
        again = imgen.Pipeline.from_json(recipe.recipe_text(path), files=False)
        assert np.array_equal(again(result, cache=None).selection, result.selection)


def test_a_recipe_carries_what_the_run_read(cat_file, mask_file, tmp_path):
    photo = imgen.open(cat_file)
    result = imgen.Pipeline().add("load_selection", file=str(mask_file))(photo, cache=None)
    Pillow.new("L", (photo.width, photo.height)).save(mask_file)  # another picture of that name
    again = imgen.Pipeline.load(result.save(tmp_path / "out.png"))(photo, cache=None)
    assert np.array_equal(again.selection, result.selection)


def test_a_cached_step_whose_file_has_changed_is_not_misreported(cat_file, mask_file, tmp_path):
    photo, cache = imgen.open(cat_file), imgen.Cache()
    edit = imgen.Pipeline().add("load_selection", file=str(mask_file))
    edit(photo, cache=cache)
    result = edit(photo, cache=cache)  # the file was not read for this one
    mask_file.unlink()
    notes: list[str] = []
    with using(Context(notes=notes)):
        path = result.save(tmp_path / "out.png")
    assert imgen.open(path).recipe is None
    assert any("recipe is left out" in text and "has changed" in text for text in notes)


def test_a_relative_path_means_the_same_after_a_change_of_folder(cat_file, mask_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cache, edit = imgen.Cache(), imgen.Pipeline().add("load_selection", file=mask_file.name)
    edit(imgen.open(cat_file), cache=cache)
    result = edit(imgen.open(cat_file), cache=cache)
    monkeypatch.chdir("/")
    assert DATA in (result.recipe or "")


def test_a_carried_pipeline_travels_between_processes(cat_file, mask_file):
    result = imgen.Pipeline().add("load_selection", file=str(mask_file))(imgen.open(cat_file), cache=None)
    mask_file.unlink()
    again = pickle.loads(pickle.dumps(result))  # as multiprocessing does
    assert again.recipe == result.recipe
    assert again.pipeline.files == result.pipeline.files


def test_a_pipelines_arrays_never_change(photo):
    mask = np.zeros(photo.pixels.shape[:2], np.float32)
    edit, cache = imgen.Pipeline().add("load_selection", file=mask), imgen.Cache()
    assert edit(photo, cache=cache).selection.max() == 0
    mask[:] = 1
    assert edit(photo, cache=cache).selection.max() == 0
    step = imgen.Pipeline((imgen.Step("load_selection", {"file": mask}),))  # made without `add`
    assert step(photo, cache=cache).selection.max() == 1
    mask[:] = 0
    assert step(photo, cache=cache).selection.max() == 0


def test_a_large_recipe_is_mentioned_and_one_too_large_left_out(photo, tmp_path, monkeypatch):
    for limit, message in (("RECIPE_LARGE", "the recipe inside holds"), ("RECIPE_LIMIT", "the recipe is left out")):
        monkeypatch.setattr(f"imgen.io.write.{limit}", 50)
        notes: list[str] = []
        with using(Context(notes=notes)):
            path = imgen.Pipeline().add("crop")(photo).save(tmp_path / "out.png")
        assert any(message in text for text in notes)
    assert imgen.open(path).recipe is None


def test_encoded_pictures_are_kept_within_a_limit():
    texts = embedded.Texts(limit=10)
    for key in "abc":
        texts.put(key, key * 4)
    assert [texts.get(key) for key in "abc"] == [None, "bbbb", "cccc"]
    texts.put("large", "x" * 11)
    assert (texts.get("large"), texts.get("c")) == (None, "cccc")
