import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from skimage import data

import imgen
import imgen_plugins.aae as plugin
from imgen import faces
from imgen_plugins.aae.tools import codes, handwriting
from imgen_plugins.aae.tools.faces import restyled
from imgen_plugins.aae.training.priors import draw, sliced_wasserstein

ATTRIBUTES = ("smile", "mouth_open", "age", "glasses", "gender", "beard", "makeup")


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255


@pytest.fixture(scope="module")
def face(astronaut) -> faces.Face:
    return faces.choose(astronaut, [], None)


def seven(side=120, width=9, ink=30, paper=230) -> np.ndarray:
    picture = Pillow.new("L", (side, side), paper)
    ImageDraw.Draw(picture).line([(35, 30), (80, 30), (50, 95)], fill=ink, width=width, joint="curve")
    return np.repeat(np.asarray(picture, np.float32)[..., None], 3, 2) / 255


@pytest.mark.parametrize("kind", ["digits", "faces"])
def test_the_map_is_walked_where_it_is_drawn(kind):
    plan = imgen.tools()["latent_map"](kind=kind, side=4)
    tile = plan.shape[0] // 4
    walked = imgen.tools()["walk_map"](kind=kind, x=0.625, y=0.125, show_map=False)
    small = walked[6::12, 6::12] if tile == 28 else None
    if small is not None:  # enlarged twelve times
        assert np.abs(small - plan[:tile, 2 * tile : 3 * tile]).mean() < 0.06
    both = imgen.tools()["walk_map"](kind=kind, x=0.625, y=0.125)
    assert np.array_equal(both[:, -336:], walked)


def test_neighbours_on_the_map_look_alike():
    places = np.linspace(0.2, 0.8, 31)
    made = codes.decoded("aae/map", codes.places(imgen.model("aae/map"), places, np.full(31, 0.5)))
    steps = np.abs(np.diff(made, axis=0)).mean((1, 2, 3))
    assert steps.max() < 0.5 * np.abs(made[-1] - made[0]).mean()


@pytest.mark.parametrize("look", [{}, {"width": 3}, {"ink": 240, "paper": 20}, {"width": 16}])
def test_a_written_digit_is_read_as_the_network_knows_digits(look):
    ink = handwriting.digit(seven(**look))
    assert ink.shape == (32, 32, 1)
    rows, columns = np.nonzero(ink[..., 0] > 0.4)
    assert 18 <= np.ptp(rows) <= 24
    assert columns.min() > 5
    assert columns.max() < 27
    label = codes.encoded("aae/digits", ink[None])[0, -10:]
    assert label.argmax() == 7


def test_specks_do_not_count():
    picture = seven()
    picture[5:7, 5:7] = 0
    assert np.abs(handwriting.digit(picture) - handwriting.digit(seven())).max() < 0.05


def test_an_empty_page_is_an_error_that_says_what_to_do():
    with pytest.raises(imgen.ImgenError, match="give a photo of one digit"):
        imgen.tools()["restyle_digit"](np.full((50, 50, 3), 0.9, np.float32))


def test_ten_digits_in_one_hand():
    made = imgen.tools()["restyle_digit"](seven(), scale=1)
    assert made.shape == (2 * 28, 6 * 28, 3)
    tiles = made.reshape(2, 28, 6, 28, 3).transpose(0, 2, 1, 3, 4)
    ten = tiles[:, 1:].reshape(10, 28, 28, 3)
    apart = np.abs(ten[:, None] - ten[None]).mean((2, 3, 4))
    assert np.sort(apart[~np.eye(10, dtype=bool)])[0] > 0.01  # no two are the same
    assert apart[7].argmin() == 7
    assert np.abs(ten[7] - tiles[1, 0]).mean() < 0.05  # the seven is the reconstruction


def test_a_digit_drawn_with_the_brush():
    mask = (seven()[..., 0] < 0.5).astype(np.float32)
    notes: list[str] = []
    photo = imgen.Photo(np.zeros((120, 120, 3), np.float32), selection=mask)
    imgen.Pipeline().add("restyle_digit")(photo, cache=None, notes=notes)
    assert any(note.startswith("read as 7") for note in notes)


def test_a_restyle_changes_the_face_and_nothing_else(astronaut, face):
    edited = imgen.tools()["restyle_face"](astronaut, smile=-1.0)
    rows, _ = np.nonzero(np.abs(edited - astronaut).max(2) > 0)
    across = face.right[0] - face.left[0]
    assert rows.max() < (face.left[1] + face.right[1]) / 2 + 2.5 * across
    mouths = [faces.align(image, face, 128, faces.CLOSE)[82:112, 40:88] for image in (edited, astronaut)]
    assert np.abs(mouths[0] - mouths[1]).mean() > 0.01


def test_no_amount_changes_nothing(astronaut):
    assert np.array_equal(imgen.tools()["restyle_face"](astronaut), astronaut)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_goes_both_ways(astronaut, face, name):
    crop = faces.align(astronaut, face, 128, faces.CLOSE)[None]
    before, more = restyled(crop, {name: 1.0})
    _, less = restyled(crop, {name: -1.0})
    assert np.abs(more - less).mean() > 0.005
    assert ((more - before) * (less - before)).sum() < 0.5 * ((more - less) ** 2).sum()


def test_an_old_recipe_with_hair_runs_without_it(astronaut, caplog):
    step = {"tool": "restyle_face", "plugin": "aae", "version": "0.1", "parameters": {"smile": 1.0, "bangs": 1.0}}
    old = imgen.Pipeline.from_json(json.dumps({"imgen": 1, "steps": [step]}))
    assert "edit_face does" in caplog.text
    made = old(imgen.Photo(astronaut), cache=None).pixels
    assert np.array_equal(made, imgen.tools()["restyle_face"](astronaut, smile=1.0))


def test_no_face_is_an_error_that_says_what_to_do():
    for name in ("restyle_face", "clean_face"):
        parameters = {"smile": 1.0} if name == "restyle_face" else {}
        with pytest.raises(imgen.ImgenError, match="drag a box"):
            imgen.tools()[name](np.full((64, 64, 3), 0.5, np.float32), **parameters)


def test_a_pixelated_face_comes_nearer_to_the_whole_one(astronaut, face):
    crop = faces.align(astronaut, face, 128, faces.CLOSE)
    coarse = np.kron(crop.reshape(16, 8, 16, 8, 3).mean((1, 3)), np.ones((8, 8, 1))).astype(np.float32)
    notes: list[str] = []
    pipeline = imgen.Pipeline().add("clean_face", box=[0, 0, 1, 1])
    cleaned = pipeline(imgen.Photo(coarse), cache=None, notes=notes).pixels
    inner = np.s_[20:116, 20:108]
    assert np.square(cleaned - crop)[inner].mean() < 0.9 * np.square(coarse - crop)[inner].mean()
    assert any("invented" in note for note in notes)
    assert np.array_equal(imgen.tools()["clean_face"](coarse, amount=0.0, box=[0, 0, 1, 1]), coarse)


def test_morphs_begin_and_end_at_the_pictures(astronaut):
    other = np.ascontiguousarray(astronaut[:, ::-1]) * np.float32(0.7)
    morph = imgen.tools()["morph_codes"]
    assert np.abs(morph(astronaut, other=other, amount=0.0)[0] - astronaut).max() < 1e-3
    film = morph(astronaut, other=other, amount=1.0, frames=4)
    assert film.shape[0] == 6
    assert np.array_equal(film[1], film[5])
    digits = morph(seven(), other=seven(width=16), kind="digits", frames=3)
    assert digits.shape == (4, 336, 336, 3)


@pytest.mark.parametrize("kind", ["digits", "faces"])
def test_samples_follow_the_seed(kind):
    sample = imgen.tools()["sample_prior"]
    first, again, other = (sample(kind=kind, count=1, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == ((28, 280, 3) if kind == "digits" else (128, 1280, 3))


def test_between_two_labels_lies_no_digit():
    rows = imgen.tools()["sample_prior"](count=2, between=0.5), imgen.tools()["sample_prior"](count=2)
    assert np.abs(rows[0] - rows[1]).mean() > 0.01


@pytest.mark.parametrize("prior", ["gaussian", "mixture", "swiss-roll"])
def test_priors_fill_the_plane_alike(prior):
    rng = np.random.default_rng(0)
    first, second = draw(prior, 4000, 2, rng), draw(prior, 4000, 2, rng)
    assert first.dtype == np.float32
    assert np.abs(first).max() < 5
    assert first.std(0) == pytest.approx([1, 1], abs=0.3)
    assert sliced_wasserstein(first, second) < 0.06
    assert sliced_wasserstein(first, second + 1) > 0.4


def test_priors_of_the_plane_are_refused_elsewhere():
    with pytest.raises(ValueError, match="has two numbers, not 8"):
        draw("mixture", 3, 8, np.random.default_rng(0))


def test_cards_and_pages_agree():
    pytest.importorskip("torch")
    readme = (Path(plugin.__file__).parent / "README.md").read_text(encoding="utf-8")
    section = import_module("imgen.training.card").section
    for path in sorted(Path(str(plugin.imgen_models())).glob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        assert section(card) in readme, card["name"]


def test_the_models_stay_small():
    assert sum(path.stat().st_size for path in Path(str(plugin.imgen_models())).glob("*.onnx")) <= 12 * 2**20
