"""Tools and pipelines take whatever holds a picture."""

import inspect
import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype(np.uint8)


def held(kind: str, folder: Path):
    """The same picture in many ways."""
    file = io.BytesIO()
    Pillow.fromarray(PIXELS).save(file, "PNG")
    path = folder / "a.png"
    path.write_bytes(file.getvalue())
    return {
        "path": path,
        "name": str(path),
        "bytes": file.getvalue(),
        "bytearray": bytearray(file.getvalue()),
        "PIL": Pillow.fromarray(PIXELS),
        "Photo": imgen.Photo.from_array(PIXELS),
        "uint8": PIXELS,
        "uint16": PIXELS.astype(np.uint16) * 257,
        "float32": PIXELS.astype(np.float32) / np.float32(255),
        "float64": PIXELS / 255,
    }[kind]


KINDS = ("path", "name", "bytes", "bytearray", "PIL", "Photo", "uint8", "uint16", "float32", "float64")


@pytest.mark.parametrize("kind", KINDS)
def test_a_tool_and_a_pipeline_take_any_picture(kind, tmp_path):
    wanted = imgen.Pipeline().add("blur", radius=2)(imgen.Photo.from_array(PIXELS), cache=None).pixels
    picture = held(kind, tmp_path)
    edited = imgen.Pipeline().add("blur", radius=2)(picture, cache=None)
    assert np.abs(edited.pixels - wanted).max() < 1e-5
    made = imgen.tools()["blur"](picture, radius=2)
    if kind in ("uint8", "uint16", "float32", "float64"):
        assert isinstance(made, np.ndarray)
        assert made.dtype == np.float32
    else:
        assert isinstance(made, imgen.Photo)
        made = made.pixels
    assert np.abs(made - wanted).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_second_pictures_too(kind, tmp_path):
    tool, hole = imgen.tools()["load_selection"], np.zeros((24, 32), np.float32)
    hole[4:9, 5:20] = 1
    mask = {
        "float32": hole,
        "uint8": (hole * 255).astype(np.uint8),
        "PIL": Pillow.fromarray((hole * 255).astype(np.uint8)),
    }
    for one in mask.values():
        assert np.array_equal(tool(PIXELS, file=one), hole)
    edit = imgen.Pipeline().add("load_selection", file=mask["PIL"])
    assert np.array_equal(edit(held(kind, tmp_path), cache=None).selection, hole)


def test_a_photo_keeps_what_belongs_to_it():
    photo = imgen.Photo.from_array(np.dstack([PIXELS, PIXELS[..., 0]]))
    made = imgen.tools()["blur"](photo, radius=1)
    assert np.array_equal(made.alpha, photo.alpha)
    assert made.pipeline is not None


def test_what_is_no_picture_is_said():
    with pytest.raises(imgen.PhotoError):
        imgen.tools()["blur"](object())
    with pytest.raises(imgen.PhotoError, match="from 0 to 255; divide them by 255"):
        imgen.tools()["blur"](np.array([[[0, 9, 255]]], np.float32))
    with pytest.raises(imgen.PhotoError, match="takes a path, not ndarray"):
        imgen.open(np.zeros((1, 1, 3), np.float32))
    with pytest.raises(imgen.PhotoError, match="does not exist"):
        imgen.Pipeline().add("blur")("nowhere.png")
    for take in (imgen.open, imgen.tools()["blur"], imgen.Pipeline().add("blur")):
        with pytest.raises(imgen.PhotoError, match=r"^https://example.org/a.jpg is an address; imgen run and"):
            take("https://example.org/a.jpg")
    with pytest.raises(imgen.ParameterError, match="the picture other is missing; give other=FILE"):
        imgen.tools()["morph_faces"](PIXELS)
    with pytest.raises(imgen.PhotoError, match="these bytes"):
        imgen.Pipeline().add("blur")(b"no picture")


def test_a_tool_shows_its_own_help_and_pickles():
    tool = imgen.tools()["denoise"]
    assert tool.__doc__.startswith(tool.summary)
    assert "noise" in inspect.signature(tool).parameters
    assert tool.__name__ == "denoise"
    again = pickle.loads(pickle.dumps(tool))
    assert again is tool


def test_an_unknown_tool_names_the_nearest():
    for error in (imgen.ToolError, KeyError):
        with pytest.raises(error, match="did you mean 'denoise'") as caught:
            imgen.tools()["denoize"]
        assert str(caught.value).startswith("there is no tool")
    assert "denoize" not in imgen.tools()
    assert imgen.tools().get("denoize") is None
