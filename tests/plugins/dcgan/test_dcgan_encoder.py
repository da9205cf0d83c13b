import csv

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.faces.attributes import COLUMNS
from imgen.faces.training.portraits import portraits
from imgen.inference.registry import user_folder
from imgen_plugins.dcgan.tools import attribute_words as words
from imgen_plugins.dcgan.tools import codes
from imgen_plugins.dcgan.training.encoder import searchable, with_holes

NAMES = sorted({column.removeprefix("-") for column in COLUMNS.values()} | {f"other{i}" for i in range(30)})


@pytest.fixture
def faces(cat, tmp_path):
    """Twelve pictures of the right size, with a table of attributes."""
    folder = tmp_path / "faces"
    (folder / "images").mkdir(parents=True)
    with (folder / "attributes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", *NAMES])
        for i in range(12):
            Pillow.fromarray(cat[i : i + 64, 5 * i : 5 * i + 64]).save(folder / "images" / f"{i:02}.png")
            table.writerow([f"{i:02}.png", *[i % 2] * len(NAMES)])
    return folder


@pytest.fixture
def generator(faces, tmp_path):
    """A generator of the user's own, in place of the shipped one."""
    small = ["widths=[16,16,8,8]", "critic_widths=[16,16,8,8]", "batch=4", "code=16", "held_out=1"]
    train("dcgan/faces", faces, tmp_path / "generator", 2, *small)
    return imgen.model("dcgan/faces")


def train(model, folder, out, steps, *settings) -> None:
    assert runs.train(model, folder, out, steps, *settings) == 0
    assert main(["export", str(out), "--terms", "my own", "--overwrite"]) == 0  # an earlier encoder


def test_an_exported_generator_comes_back(generator):
    assert generator.path.is_relative_to(user_folder())
    network, code = searchable(generator), codes.random_codes(0, 3)
    made = network.pictures(torch.from_numpy(code)).numpy().transpose(0, 2, 3, 1)
    assert made == pytest.approx(codes.drawn(codes.plain(code)), abs=1e-5)


def test_an_encoder_belongs_to_its_generator(faces, generator, tmp_path, capsys):
    picture = np.full((1, 64, 64, 3), 0.5, np.float32)
    with pytest.raises(imgen.ImgenError, match="imgen train dcgan/encoder"):
        codes.encoded(picture)
    small = ["widths=[8,8,8,8]", "batch=4", "held_out=1"]
    assert runs.train("dcgan/encoder", faces, tmp_path / "no", 1) == 1
    assert "--set code=16" in capsys.readouterr().err
    train("dcgan/encoder", faces, tmp_path / "encoder", 2, "code=16", *small)
    assert codes.encoded(picture).code.shape == (1, 16)


def test_an_encoder_learns_codes_that_bring_faces_back(faces, tmp_path):
    """With the shipped generator: one that has hardly learned draws the same from all codes."""
    shown = portraits([faces], 64).images[:11] / np.float32(255)
    errors = []
    for steps in (2, 40):
        train("dcgan/encoder", faces, tmp_path / str(steps), steps, "widths=[16,16,16,16]", "held_out=1", "batch=8",
              "rate=5e-3", "holes=0")  # fmt: skip
        errors.append(np.square(codes.drawn(codes.plain(codes.encoded(shown).code)) - shown).mean())
    assert errors[1] < 0.8 * errors[0]


def test_directions_belong_to_their_generator(faces, generator, tmp_path):
    with pytest.raises(imgen.ImgenError, match="imgen train dcgan/directions"):
        words.directions()
    train("dcgan/directions", faces, tmp_path / "directions", 20, "code=16", "count=100")
    normals, means = words.directions()
    assert normals.shape == (len(COLUMNS) + len(words.LIGHTS), 16)
    assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(len(normals)), abs=1e-3)
    assert list(means) == [*COLUMNS, *words.LIGHTS]


def test_a_hole_hides_a_part_of_some_faces():
    rng = np.random.default_rng(0)
    pictures = torch.rand(40, 3, 64, 64)
    holed = with_holes(pictures, 0.5, rng)
    changed = (holed != pictures).any(1).flatten(1).float().mean(1)  # the share of each face
    assert 5 < (changed > 0).sum() < 35
    assert changed[changed > 0].min() > 0.015
    assert changed.max() <= 0.25
