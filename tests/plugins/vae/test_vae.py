import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
import imgen_plugins.vae as plugin
from imgen import faces
from imgen.cli.entry import main
from imgen_plugins.vae.tools import codes
from imgen_plugins.vae.tools.sliders import Slider, offsets, replacing, sliders

SHIPPED = ("smile", "age", "glasses", "gender", "beard", "moustache", "eyes_closed", "blond", "bangs")


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255


@pytest.fixture(scope="module")
def face(astronaut) -> faces.Face:
    return faces.choose(astronaut, [], None)


@pytest.fixture(scope="module")
def two_people(astronaut) -> np.ndarray:
    """The astronaut, and her mirror image at a smaller size beside her."""
    small = astronaut[::-1][::-1, ::-1][::2, ::2][:200]
    picture = np.full((512, 800, 3), 0.5, np.float32)
    picture[:, :512], picture[100:300, 530:786] = astronaut, small
    return picture


def mouth(image: np.ndarray, face: faces.Face) -> np.ndarray:
    return faces.align(image, face)[44:54, 24:41]


def test_an_edit_changes_the_face_and_nothing_else(astronaut, face):
    edited = imgen.tools()["edit_face"](astronaut, smile=-3.0)
    changed = np.abs(edited - astronaut).max(2) > 0
    rows, columns = np.nonzero(changed)
    across = face.right[0] - face.left[0]
    middle = (np.array(face.left) + face.right) / 2
    reach = 2.2 * across * 64 / 15.5 / 2
    assert rows.min() > middle[1] - reach
    assert rows.max() < middle[1] + 1.3 * reach
    assert columns.min() > middle[0] - reach
    assert columns.max() < middle[0] + reach
    assert np.abs(mouth(edited, face) - mouth(astronaut, face)).mean() > 0.01


def test_a_face_upside_down_is_edited_as_an_upright_one(astronaut):
    edit = imgen.tools()["edit_face"]
    upright, turned = edit(astronaut, smile=2), edit(np.ascontiguousarray(astronaut[::-1, ::-1]), smile=2)
    change = np.abs(upright - astronaut).mean()
    assert np.abs(turned[::-1, ::-1] - upright).mean() < 0.2 * change


def test_no_amount_changes_nothing(astronaut):
    assert np.array_equal(imgen.tools()["edit_face"](astronaut), astronaut)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_slider_goes_both_ways(astronaut, face, name):
    edit = imgen.tools()["edit_face"]
    more, less = (faces.align(edit(astronaut, **{name: value}), face) for value in (2.0, -2.0))
    plain = faces.align(astronaut, face)
    assert np.abs(more - plain).mean() > 0.003
    assert ((more - plain) * (less - plain)).sum() < 0


def test_sliders_add_up(astronaut):
    total = offsets({"smile": 1.0, "age": -2.0})["vae/closeup"]
    smile, age = (offsets({name: amount})["vae/closeup"] for name, amount in (("smile", 1.0), ("age", -2.0)))
    assert total == pytest.approx(smile + age, abs=1e-5)


def test_hair_is_seen_with_the_head_and_the_face_close():
    assert offsets({"blond": 1.0}).keys() == {"vae/faces"}
    assert offsets({"blond": 1.0, "smile": 1.0}).keys() == {"vae/closeup", "vae/faces"}


def test_a_smile_taken_away_leaves_no_teeth(astronaut, face):
    """Teeth are grey, lips are not; beside the face, hair and background are left alone."""
    edited = imgen.tools()["edit_face"](astronaut, smile=-3.0)
    place = np.s_[78:98, 50:80]  # of the close crop
    mouths = [faces.align(image, face, 128, faces.CLOSE)[place] for image in (astronaut, edited)]
    before, after = (np.quantile(part[..., 0] - part[..., 2], 0.05) for part in mouths)
    assert before < 0.1
    assert after > 0.12
    gaps, left = (np.abs(np.diff(part.mean(2), axis=1)).mean() for part in mouths)
    assert left < 0.75 * gaps  # from tooth to tooth
    corner = np.s_[:12, :12]
    outside = [faces.align(image, face, 128, faces.CLOSE)[corner] for image in (astronaut, edited)]
    assert outside[0] == pytest.approx(outside[1], abs=1e-3)


def test_more_of_some_sliders_only_adds_and_less_replaces():
    assert replacing({"age": 1.0, "glasses": 2.0, "gender": 0.5}) == {}
    assert replacing({"age": -1.0, "smile": 1.0}) == {"age": -1.0, "smile": 1.0}


def test_a_taken_away_smile_is_replaced_also_beside_what_is_added(astronaut):
    alone, both, years = (
        imgen.tools()["edit_face"](astronaut, **amounts)
        for amounts in ({"smile": -2.5}, {"smile": -2.5, "age": 1e-3}, {"age": 1e-3})
    )
    assert both == pytest.approx(alone, abs=0.02)
    assert years == pytest.approx(astronaut, abs=0.02)


def test_the_user_picks_one_of_two(two_people):
    notes: list[str] = []
    photo = imgen.Photo(two_people)
    big = imgen.Pipeline().add("edit_face", smile=-3.0)(photo, cache=None, notes=notes).pixels
    assert any("2 faces found" in note for note in notes)
    small = imgen.tools()["edit_face"](two_people, smile=-3.0, points=[[0.82, 0.38]])
    assert np.array_equal(small[:, :512], two_people[:, :512])
    assert np.array_equal(big[:, 520:], two_people[:, 520:])
    assert not np.array_equal(small, two_people)
    both = imgen.tools()["edit_face"](two_people, smile=-3.0, points=[[0.82, 0.38], [0.27, 0.24]])
    assert both[:, :512] == pytest.approx(big[:, :512], abs=1e-5)
    assert both[:, 520:] == pytest.approx(small[:, 520:], abs=1e-5)


def test_no_face_is_an_error_that_says_what_to_do():
    with pytest.raises(imgen.ImgenError, match="drag a box"):
        imgen.tools()["edit_face"](np.full((64, 64, 3), 0.5, np.float32), smile=2.0)


def test_a_strange_face_is_warned_of():
    notes: list[str] = []
    noise = np.random.default_rng(0).random((80, 80, 3), dtype=np.float32)
    pipeline = imgen.Pipeline().add("edit_face", smile=2.0, box=[0, 0, 1, 1])
    pipeline(imgen.Photo(noise), cache=None, notes=notes)
    assert any("hardly draw" in note for note in notes)


def test_a_dimension_moves_the_face(astronaut, face):
    moved = imgen.tools()["perturb_latent"](astronaut, dimension=0, amount=3.0)
    later = imgen.tools()["perturb_latent"](astronaut, dimension=codes.latent() - 1, amount=3.0)
    change, less = (np.abs(faces.align(m, face) - faces.align(astronaut, face)).mean() for m in (moved, later))
    assert change > 0.01
    assert change > less  # dimensions are ordered by what they tell


def test_the_sheet_shows_a_row_for_each_dimension(astronaut):
    made = imgen.tools()["latent_sheet"](astronaut, first=2, count=3)
    assert made.shape == (3 * 64, 7 * 64, 3)
    crops = made.reshape(3, 64, 7, 64, 3)[:, :, 3]  # the middle column is the reconstruction
    assert np.abs(crops - crops[:1]).max() < 1e-5


def test_a_morph_is_between_two_faces(astronaut, face):
    other = np.ascontiguousarray(astronaut[:, ::-1]) * np.float32(0.6)
    morph = imgen.tools()["morph_faces"]
    nothing = morph(astronaut, other=other, amount=0.0)[0]
    assert nothing == pytest.approx(astronaut, abs=1e-5)
    whole = morph(astronaut, other=other, amount=1.0)[0]
    wanted = faces.align(other, faces.choose(other, [], None))[24:50, 22:42]
    assert np.abs(faces.align(whole, face)[24:50, 22:42] - wanted).mean() < 0.06


def test_a_morph_is_saved_as_an_animation(astronaut, tmp_path):
    for name, picture in (("a.png", astronaut), ("b.png", astronaut[:, ::-1])):
        Pillow.fromarray((picture * 255).round().astype(np.uint8)).save(tmp_path / name)
    step = f"morph_faces:other={tmp_path / 'b.png'},amount=1,frames=5"
    assert main(["run", str(tmp_path / "a.png"), "-s", step, "-o", str(tmp_path / "morph.gif"), "-q"]) == 0
    with Pillow.open(tmp_path / "morph.gif") as file:
        assert file.n_frames == 8  # there and back


def test_samples_differ_and_repeat():
    sample = imgen.tools()["sample_faces"]
    first = sample(seed=1, count=4)
    assert first.shape == (256, 256, 3)
    assert np.array_equal(first, sample(seed=1, count=4))
    assert not np.array_equal(first, sample(seed=2, count=4))
    calm = sample(seed=1, count=4, temperature=0.0, mixture=False)
    assert calm[:128, :128] == pytest.approx(calm[128:, 128:], abs=1e-4)


def test_the_manifold_is_a_map_of_digits():
    made = imgen.tools()["vae_manifold"](side=6)
    assert made.shape == (6 * 28, 6 * 28, 3)
    assert made.mean() > 0.5  # dark ink on white paper
    assert made.min() < 0.2
    tiles = made.reshape(6, 28, 6, 28, 3).transpose(0, 2, 1, 3, 4)
    neighbours = np.abs(tiles[:, 1:] - tiles[:, :-1]).mean()
    assert neighbours < np.abs(tiles - tiles[::-1, ::-1]).mean()


def test_directions_of_another_network_are_refused(monkeypatch):
    monkeypatch.setattr(imgen.model("vae/faces").__class__, "checksum", property(lambda model: "0" * 64))
    with pytest.raises(imgen.ImgenError, match="imgen train vae/directions"):
        offsets({"blond": 1.0})
    with pytest.raises(imgen.ImgenError, match="imgen train vae/closeup-directions"):
        offsets({"smile": 1.0})


def test_a_direction_of_ones_own_is_a_slider(tmp_path, astronaut):
    """A model in the user's folder whose card holds a slider; named as the file is."""
    folder = tmp_path / "models" / "vae"
    folder.mkdir(parents=True)
    (folder / "freckles.json").write_text(
        json.dumps({"task": "freckles", "sha256": "0" * 64, "measured": {"sliders": {"": "Learned"}}})
    )
    (folder / "freckles.onnx").touch()
    (folder / "broken.json").write_text("{")
    (folder / "broken.onnx").touch()
    assert sliders()["freckles"] == Slider("vae/freckles", 0, "Learned")
    command = [sys.executable, "-m", "imgen", "tools", "edit_face"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})
    assert "freckles" in done.stdout


def test_the_readme_shows_the_cards():
    pytest.importorskip("torch")
    card = import_module("imgen.training.card")
    readme = (Path(plugin.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name in ("faces", "closeup", "closeup-directions", "directions", "mixture", "digits"):
        found = json.loads((Path(plugin.imgen_models()) / f"{name}.json").read_text(encoding="utf-8"))
        assert card.section(found) in readme, f"run imgen evaluate vae/{name}"
