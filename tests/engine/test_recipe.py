"""Recipes at the door: what they may hold, how they carry pictures, and that opening one starts nothing."""

import base64
import io
import json
import os
import pickle
import re
import subprocess
import sys
import tracemalloc
from datetime import date

import imagecodecs
import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.contract.context import Context, using
from imgen.contract.tool import tool_from
from imgen.editor.state.chain import cards_of, pipeline_of
from imgen.editor.state.workspace import Workspace
from imgen.engine import recipe
from imgen.engine.pipeline import differences
from imgen.engine.plugins import installed
from imgen.errors import ImgenError, ParameterError, PipelineError
from imgen.image.levels import as_float
from imgen.io import embedded
from imgen.io.embedded import DATA, claimed_pixels, decode, encode


def text_of(*steps: object) -> str:
    return json.dumps({"imgen": 1, "steps": list(steps)})


def with_picture(data: bytes, prefix: str = DATA) -> str:
    """A recipe with a picture inside."""
    value = prefix + base64.b64encode(data).decode()
    return text_of({"tool": "load_selection", "parameters": {"file": value}})


def png(width: int, height: int, mode: str = "1") -> bytes:
    file = io.BytesIO()
    Pillow.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


STEP = '{"imgen": 1, "steps": [{"tool": "denoise", "parameters": %s}]}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STEP % '{"noise": 1}, "models": [1]', "step 1, models: input should be a valid dictionary"),
        (STEP % '{"noise": 1}, "models": {"a": 1}', "step 1, models, a: input should be a valid string"),
        (STEP % '{"noise": 1}, "models": {"a\\nb": 1}', "step 1, models, ab: "),
        (STEP % '{"noise": 1}, "version": "a\\n"', "step 1, version: string should match"),
        (STEP % f'{{"noise": {"9" * 5000}}}', "a number in it has 5000 digits"),
        (STEP % f'{{"noise": 0.{"1" * 5000}}}', "too long or too large"),
        (STEP % '{"noise": 1e999}', "too long or too large"),
        (STEP % '{"noise": NaN}', "NaN in it is no number"),
        (STEP % '{"noise": -Infinity}', "-Infinity in it is no number"),
        (STEP % '{"noise\\u0000": 1}', "zero byte"),
        ('{"imgen": 1, "steps": [{"tool": "den\\u0000oise"}]}', "zero byte"),
        ('{"imgen": 1, "steps": [{"tool": "den\\ud800oise"}]}', "half a character"),
        (STEP % f'{{"noise": {"[" * 500}{"]" * 500}}}', "nested too deeply"),
        (STEP % f'{{"noise": {"[" * 10**6}', "nested too deeply|not an imgen recipe"),
        (STEP % f'{{"noise": [{"1," * 20_000}1]}}', "more than 10000 entries"),
        (f'{{"imgen": 1, "steps": [{",".join([STEP % "{}"] * 1000)}]}}', "1000 steps, imgen runs up to 100"),
        ('{"imgen": "1", "steps": []}', "imgen: input should be a valid integer"),
        ('{"imgen": true, "steps": []}', "imgen: input should be a valid integer"),
        ('{"imgen": 1, "steps": {}}', "steps: input should be a valid list"),
        ('{"imgen": 1, "steps": [1]}', "step 1: "),
        ('{"imgen": 1, "steps": [{"tool": "crop", "enabled": "no"}]}', "step 1, enabled"),
        ('{"imgen": 1, "steps": [{"tool": "%s"}]}' % ("x" * 10**5), "step 1, tool: string should have at most"),
        ('[{"imgen": 1}]', "not an imgen recipe"),
        ("null", "not an imgen recipe"),
        ("", "not an imgen recipe"),
        ('{"imgen": 1, "steps": [{"tool": "image_to_image", "parameters": {"model": "../../x"}}]}', "no model"),
    ],
)
def test_junk_is_answered_in_one_sentence(text, message):
    with pytest.raises(ImgenError, match=message) as caught:
        imgen.Pipeline.from_json(text, files=False).to_json()  # a model's name is looked up when it is needed
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)
    assert not re.search("0x[0-9a-f]{4}", str(caught.value))
    with pytest.raises(ImgenError):
        differences(text)


def test_a_text_larger_than_any_recipe_is_refused(monkeypatch):
    monkeypatch.setattr(recipe, "TEXT", 100)
    with pytest.raises(PipelineError, match="MB"):
        imgen.Pipeline.from_json(text_of() + " " * 100)


def test_a_version_without_a_plugin_is_told():
    assert "made with 0.0.1" in differences(text_of({"tool": "crop", "version": "0.0.1"}))[0]


def test_old_recipes_load(mask_file):
    """As the first version wrote them: paths of second pictures, masks inside, what is unknown left aside."""
    old = {
        "tool": "load_selection",
        "parameters": {"file": str(mask_file)},
        "plugin": "core",
        "version": "0.1.0",
        "later": [1],
    }
    assert imgen.Pipeline.from_json(text_of(old)).steps[0].parameters == {"file": str(mask_file)}
    inside = with_picture(mask_file.read_bytes())
    assert imgen.Pipeline.from_json(inside, files=False).files == ()


def other_formats() -> list[str]:
    Pillow.init()
    return sorted(set(Pillow.SAVE) - {"PNG"})


@pytest.mark.parametrize("form", other_formats())
def test_an_embedded_picture_of_another_format_is_refused(form):
    for mode in ("RGB", "L", "1", "P"):
        file = io.BytesIO()
        try:
            Pillow.new(mode, (16, 16)).save(file, form)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError):
            continue  # Pillow writes it with other modes or options only
        for prefix in (DATA, "data:image/x;base64,", "data:"):
            with pytest.raises(ParameterError, match="PNG only"):
                imgen.Pipeline.from_json(with_picture(file.getvalue(), prefix))


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
STARTS = (
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.forkpty",
    "os.system",
    "os.spawn",
    "pty.spawn",
)


def test_opening_a_photo_or_a_recipe_starts_no_program(photo, tmp_path):
    """In a process of its own, as an audit hook can't be taken off; it sees every way to start a program."""
    bad = with_picture(EPS)
    for suffix in ("png", "jpg", "tif"):
        photo.replace(recipe=bad).save(tmp_path / f"in.{suffix}")
    (tmp_path / "recipe.json").write_text(bad)
    for suffix in ("png", "jpg", "tif", "eps", "webp"):
        (tmp_path / f"eps.{suffix}").write_bytes(EPS)
    code = f"""
import sys, pathlib
from PIL import EpsImagePlugin
EpsImagePlugin.gs_binary = "true"  # as if Ghostscript were here
started = []
sys.addaudithook(lambda event, _: started.append(event) if event in {STARTS!r} else None)
import imgen
from imgen.editor.state.chain import cards_of
from imgen.editor.state.workspace import Workspace
refused = 0
folder = pathlib.Path(sys.argv[1])
attempts = [
    imgen.open,
    lambda path: imgen.Pipeline.load(path)(imgen.open(folder / "in.png")),
    lambda path: cards_of(imgen.open(path).recipe, Workspace(folder)),
]
for path in sorted(folder.iterdir()):
    for attempt in attempts:
        try:
            attempt(path)
        except imgen.ImgenError:
            refused += 1
print(refused, started)
import subprocess
subprocess.run([sys.executable, "-c", ""])
print(bool(started))
"""
    made = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    # 3 photos whose recipe is refused twice; 6 that are no picture, or no recipe, thrice
    assert made.stdout.split("\n")[:2] == ["24 []", "True"]


def test_a_header_decides_before_anything_is_decoded(monkeypatch):
    huge = bytearray(png(8, 8))
    huge[16:24] = (60_000).to_bytes(4, "big") * 2
    monkeypatch.setattr(embedded, "shallow", lambda data: pytest.fail("decoded"))
    with pytest.raises(ParameterError, match="60000x60000 pixels"):
        imgen.Pipeline.from_json(with_picture(bytes(huge)))
    for width, height in ((0, 5), (2**31 - 1, 2**31 - 1)):
        huge[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        with pytest.raises(ParameterError, match="megapixels"):
            imgen.Pipeline.from_json(with_picture(bytes(huge)))


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


def test_values_that_json_does_not_know_are_written_as_pydantic_does(photo, monkeypatch):
    def dated(
        image: imgen.Image, *, day: date = date(2020, 1, 2), sizes: frozenset[int] = frozenset({3})
    ) -> imgen.Image:
        """Take what JSON has no word for."""
        return image

    made = {"dated": tool_from(dated, "test", "1")}
    monkeypatch.setattr(installed(), "_tools", {**installed().tools, **made})
    edit = imgen.Pipeline().add("dated", day="2021-03-04", sizes=[5])
    assert json.loads(edit.to_json())["steps"][0]["parameters"] == {"day": "2021-03-04", "sizes": [5]}
    assert imgen.Pipeline.from_json(edit.to_json()) == edit


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


def test_python_limits_are_left_alone():
    assert sys.get_int_max_str_digits() == 4300  # the door bounds numbers itself
