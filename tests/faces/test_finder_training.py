import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.faces import Face
from imgen.faces.crop import EYES, SIZE
from imgen.faces.training.data import LEAST, Scenes, mirrored, paste, place, soft_mask
from imgen.faces.training.evaluation import PAGE, eye_error
from imgen.faces.training.finder import (
    FaceFinder,
    FinderSettings,
    eye_loss,
    face_loss,
    targets,
)
from imgen.faces.training.network import STRIDE, Bounded, Finder
from imgen.training import card, checkpoint
from imgen.training.hardware import Hardware, known
from imgen.training.trainer import dice

SMALL = ["narrow=8", "wide=16", "batch=2", "size=64", "held_out=2"]


def drawn(eyes=EYES, shade=200) -> np.ndarray:
    """A round head with two dark eyes and a mouth."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    face = np.full((SIZE, SIZE, 3), 40, np.uint8)
    face[np.hypot(x - 32, (y - 34) * 0.85) < 24] = shade
    for ex, ey in eyes:
        face[np.hypot(x - ex, y - ey) < 3.2] = 20
    face[(np.abs(x - 32) < 9) & (np.abs(y - 49) < 2)] = (150, 30, 30)
    return face


@pytest.fixture
def folders(tmp_path, cat) -> list[Path]:
    """Drawn faces, and a few photos."""
    made = [tmp_path / "faces", tmp_path / "photos", tmp_path / "hard"]
    for folder in made:
        folder.mkdir()
    for i in range(8):
        Pillow.fromarray(drawn(shade=150 + 10 * i)).save(made[0] / f"{i}.png")
    for name, photo in (("cat", cat), ("coffee", data.coffee()[::2, ::2]), ("rocket", data.rocket()[::2, ::2])):
        Pillow.fromarray(photo).save(made[1] / f"{name}.png")
    Pillow.fromarray(cat[:100, :100]).save(made[2] / "part.png")
    return made


def train(folders, out, steps, *settings) -> int:
    return runs.train("core/faces", folders, out, steps, *SMALL, *settings)


def test_a_scene_knows_where_the_eyes_are(folders):
    scenes = Scenes(folders, held_out=0)
    dark = []
    for i in range(40):
        picture, eyes = scenes.draw(np.random.default_rng(i), 160)
        assert picture.shape == (160, 160, 3)
        assert 0 <= picture.min() <= picture.max() <= 1
        for x, y in eyes.reshape(-1, 2):
            around = picture[max(0, int(y) - 12) : int(y) + 12, max(0, int(x) - 12) : int(x) + 12].mean()
            dark.append(picture[int(y), int(x)].mean() - around)
    assert len(dark) > 60
    assert np.mean(np.array(dark) < 0) > 0.8  # the rest is covered, or in a dark place


def test_scenes_repeat_and_leave_out_what_they_should(folders):
    scenes = Scenes(folders, held_out=3, without=frozenset({"cat.png", "coffee.png"}))
    assert scenes.count == 5
    names = [photos.paths[i].name for photos, kept in zip(scenes.photos, scenes.kept, strict=True) for i in kept]
    assert sorted(names) == ["part.png", "rocket.png"]
    first, second = (scenes.draw(np.random.default_rng(5), 64) for _ in range(2))
    assert np.array_equal(first.picture, second.picture)
    assert np.array_equal(first.eyes, second.eyes)


def test_mirrored_faces_keep_their_eyes():
    face = drawn()
    assert np.abs(mirrored(face)[24:36, 18:46].astype(int) - face[24:36, 18:46]).mean() < 12
    shifted = drawn(eyes=((21.5, 30.0), (37.0, 30.0)))
    assert np.abs(mirrored(shifted)[24:36, 18:46].astype(int) - shifted[24:36, 18:46]).mean() > 20


def test_pastes_are_soft_and_of_many_shapes():
    rng = np.random.default_rng(0)
    masks = np.stack([soft_mask(rng) for _ in range(50)])
    assert masks[:, 32, 32] == pytest.approx(1, abs=0.01)
    assert masks[:, [0, 0, -1, -1], [0, -1, 0, -1]].max() < 0.3
    assert np.ptp(masks.mean((1, 2))) > 0.2
    picture = np.full((120, 120, 3), 0.5, np.float32)
    matrix = place(rng, 120)
    paste(picture, np.ones((SIZE, SIZE, 3), np.float32), matrix, rng)
    changed = np.argwhere(picture[..., 0] != 0.5)[:, ::-1] + 0.5
    inverse = np.linalg.inv(matrix[:, :2])
    places = (changed - matrix[:, 2]) @ inverse.T
    assert len(changed) > 50
    assert ((places > -2) & (places < SIZE + 2)).all()


def test_targets_say_where_a_face_is():
    eyes = np.float32([[40, 40, 52, 40], [100, 40, 104, 40], [60, 120, 74, 126]])  # the second one is too small
    truth = targets(eyes, 20)
    assert eyes[1, 2] - eyes[1, 0] < LEAST
    assert truth[5, 12, 0] == -1
    rows, columns = np.nonzero(truth[..., 0] == 1)
    assert {(5, 5), (16, 8)} <= set(zip(rows.tolist(), columns.tolist(), strict=True))
    for row, column in zip(rows, columns, strict=True):
        middle = (np.array([column, row]) + 0.5) * STRIDE
        found = (truth[row, column, 1:].reshape(2, 2) + middle).ravel()
        assert min(np.abs(found - face).max() for face in eyes) < 1e-4
    assert targets(np.zeros((0, 4), np.float32), 20).max() == 0


def test_losses_reward_the_truth():
    truth = torch.from_numpy(targets(np.float32([[40, 40, 52, 40]]), 12)).permute(2, 0, 1)[None]
    labels, eyes = truth[:, :1], truth[:, 1:]
    right = 16 * labels - 8
    assert face_loss(right, labels) < 1e-3 < 1 < face_loss(-right, labels)
    doubtful = right + 100 * (labels < 0)
    assert face_loss(doubtful, labels) == face_loss(right, labels)  # cells that do not count
    assert eye_loss(eyes, eyes, labels) == 0
    assert eye_loss(eyes + 1.2, eyes, labels) == pytest.approx(0.1)
    easy, hard = -4 + 0 * labels, -4 + 5 * (torch.arange(144).reshape(1, 1, 12, 12) == 143).float()
    none = torch.zeros_like(labels)
    assert face_loss(hard, none) > 10 * face_loss(easy, none)


def test_the_network_moves_with_the_picture():
    network = Bounded(Finder(8, 16)).eval()
    picture = torch.rand(1, 3, 320, 320)
    with torch.no_grad():
        face, eyes, turned = network(picture)
        part, part_eyes, part_turned = network(picture[..., 16:, 24:])
    assert face.shape == (1, 1, 40, 40)
    assert eyes.shape == (1, 4, 40, 40)
    assert turned.shape == (1, 3, 40, 40)
    assert torch.allclose(turned[..., 18:22, 19:22], part_turned[..., 16:20, 16:19], atol=1e-5)
    assert torch.allclose(face[..., 18:22, 19:22], part[..., 16:20, 16:19], atol=1e-5)
    assert torch.allclose(eyes[..., 18:22, 19:22], part_eyes[..., 16:20, 16:19], atol=1e-4)


def test_it_trains_resumes_exactly_and_exports(folders, tmp_path, capsys):
    (tmp_path / "people.txt").write_text("rocket.png\n")
    without = f"without={tmp_path / 'people.txt'}"
    assert train(folders, tmp_path / "whole", 4, without) == 0
    assert train(folders, tmp_path / "halves", 2, without) == 0
    assert train(folders, tmp_path / "halves", 4, without) == 0
    runs = [checkpoint.about(tmp_path / name / "last.safetensors") for name in ("whole", "halves")]
    assert [run["step"] for run in runs] == [4, 4]
    assert main(["export", str(tmp_path / "whole"), "--terms", "made up"]) == 0
    model = imgen.model("core/faces")
    assert model.origin == "user"
    face, eyes, turned = model(image=np.random.default_rng(0).random((2, 3, 48, 72), dtype=np.float32))
    assert face.shape == (2, 1, 6, 9)
    assert eyes.shape == (2, 4, 6, 9)
    assert turned.shape == (2, 3, 6, 9)
    assert 0 <= min(face.min(), turned.min()) <= max(face.max(), turned.max()) <= 1


def test_it_learns_a_scene_by_heart(folders):
    trainer = FaceFinder(FinderSettings(narrow=8, wide=16, batch=4, size=64, held_out=0, rate=1e-2))
    trainer.load(folders)
    trainer.build()
    hardware = Hardware(known("cpu"))
    losses = [trainer.step(hardware, dice(3, 0))["face"].item() for _ in range(30)]
    assert losses[-1] < 0.3 * losses[0]


@pytest.mark.parametrize(
    ("data_of", "setting", "message"),
    [
        (slice(0, 1), "batch=2", "folders of photos"),
        (slice(1, 3), "batch=2", "must be aligned crops of 64x64"),
        (slice(0, 2), "held_out=8", "kept back"),
        (slice(0, 2), "without=nothing.txt", "one name a line"),
        (slice(0, 2), "without=all.txt", "drop the folder"),
    ],
)
def test_what_is_wrong_with_the_data_is_said(folders, tmp_path, monkeypatch, capsys, data_of, setting, message):
    monkeypatch.chdir(tmp_path)
    Path("all.txt").write_text("cat.png coffee.png rocket.png")
    assert train(folders[data_of], tmp_path / "run", 1, setting) == 1
    assert message in capsys.readouterr().err


def test_an_eye_error_is_a_part_of_the_eye_distance():
    truth = np.array([10.0, 10, 30, 10])
    assert eye_error(Face((10, 12), (30, 12), 1), truth) == pytest.approx(0.1)
    assert eye_error(Face((10, 30), (30, 30), 1), truth) == np.inf  # another place
    assert eye_error(Face((19, 10), (21, 10), 1), truth) == np.inf  # another size


def test_marks_are_places_in_photos():
    marks = json.loads((Path(__file__).parents[2] / "exports" / "core" / "faces-marks.json").read_text())
    assert not set(marks["free"]) & set(marks["faces"])
    eyes = np.array([face for faces in marks["faces"].values() for face in faces])
    assert ((eyes > 0) & (eyes < 1)).all()
    assert (eyes[:, 0] < eyes[:, 2]).all()


def test_the_page_shows_the_card():
    page = PAGE.read_text(encoding="utf-8")
    assert card.section(imgen.model("core/faces").card) in page, "run imgen evaluate core/faces"
