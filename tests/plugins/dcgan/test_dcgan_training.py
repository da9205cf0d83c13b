import gzip
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
import imgen_plugins.dcgan as plugin
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from safetensors.torch import load_file

from imgen.training.checkpoint import begin_with
from imgen.training.loop import CHECKPOINT, Loop
from imgen.training.trainer import dice
from imgen_plugins.dcgan.networks import Critic, Generator
from imgen_plugins.dcgan.tools.codes import drawn, plain, random_codes
from imgen_plugins.dcgan.training.digits import Digits, DigitsSettings
from imgen_plugins.dcgan.training.faces import Faces, FacesSettings

SMALL = {
    "dcgan/faces": ["widths=[16,16,8,8]", "critic_widths=[16,16,8,8]"],
    "dcgan/digits": ["widths=[32,16]", "critic_widths=[32,16]"],
}
PUBLISHED = [
    "loss=non-saturating",
    "norm=batch",
    "upsampling=transposed",
    "spread=false",
    "observer=false",
    "augment=[]",
    "rate=2e-4",
    "critic_rate=2e-4",
    "code=100",
]


@pytest.fixture
def faces(cat, tmp_path):
    """Twelve pictures of the right size, and one that is not."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for i in range(12):
        Pillow.fromarray(cat[i : i + 64, 5 * i : 5 * i + 64]).save(folder / f"{i:02}.png")
    Pillow.fromarray(cat).save(folder / "99.png")
    return folder


@pytest.fixture
def digit_folder(tmp_path):
    """Squares whose place is their label, in MNIST's format."""
    folder = tmp_path / "digits"
    folder.mkdir()
    labels = np.arange(200, dtype=np.uint8) % 10
    images = np.zeros((200, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 + 14 * (label // 5) :, 1 + 5 * (label % 5) :][:12, :5] = 255
    parts = {"images-idx3": ([8, 3], [200, 28, 28], images), "labels-idx1": ([8, 1], [200], labels)}
    for name, (kind, sizes, values) in parts.items():
        data = bytes([0, 0, *kind]) + np.array(sizes, ">u4").tobytes() + values.tobytes()
        (folder / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(data))
    return folder


def train(model, folder, out, steps, *settings) -> int:
    return runs.train(model, folder, out, steps, *SMALL[model], "held_out=1", *settings)


def test_faces_train_export_and_run(faces, tmp_path):
    assert train("dcgan/faces", faces, tmp_path / "run", 2, "batch=4") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "my own"]) == 0
    made = drawn(plain(random_codes(0, 5)))
    assert made.shape == (5, 64, 64, 3)
    assert 0 <= made.min() < made.max() <= 1


def test_a_stopped_run_goes_on_as_if_it_had_not_been(faces, tmp_path, monkeypatch):
    settings = ("batch=4", "r1=1", "norm=spectral")  # spectral norm keeps vectors of its own, which must be saved too
    assert train("dcgan/faces", faces, tmp_path / "whole", 4, *settings) == 0
    step = Loop.step

    def stop_after_two(self):
        step(self)
        if self.progress.step == 2:
            self.stopped.set()

    monkeypatch.setattr(Loop, "step", stop_after_two)
    assert train("dcgan/faces", faces, tmp_path / "parts", 4, *settings) == 0
    monkeypatch.setattr(Loop, "step", step)
    assert train("dcgan/faces", faces, tmp_path / "parts", 4, *settings) == 0
    whole, parts = (load_file(tmp_path / name / CHECKPOINT) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


@pytest.mark.parametrize(
    "settings",
    [
        PUBLISHED,
        ["loss=wasserstein-penalty", "norm=none", "critic_steps=2"],
        ["loss=wasserstein-clip", "norm=none", "r1=1"],
    ],
    ids=["published", "penalty", "clip"],
)
def test_other_losses_train(faces, tmp_path, settings):
    assert train("dcgan/faces", faces, tmp_path / "run", 2, "batch=4", *settings) == 0
    critic = {k: v for k, v in load_file(tmp_path / "run" / CHECKPOINT).items() if k.startswith("net/critic/")}
    assert ("loss=wasserstein-clip" in settings) == (max(v.abs().max() for v in critic.values()) <= 0.01)


def test_residual_blocks_and_a_deep_critic_train_export_and_run(faces, tmp_path):
    settings = ("upsampling=residual", "deep=true", "widths=[16,16,8,8,8]", "critic_widths=[16,16,8,8,8]", "crop=close")
    settings = (*settings, "batch=4", "held_out=1", "observer=objects", "r1=0.25")
    assert runs.train("dcgan/faces", faces, tmp_path / "run", 2, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "my own"]) == 0
    made = drawn(plain(random_codes(0, 5)))
    assert made.shape == (5, 64, 64, 3)
    assert made.std(0).mean() > 1e-3  # not all the same


@pytest.mark.parametrize(("said", "meant"), [(True, "attributes"), (False, "none"), ("objects", "objects")])
def test_an_observer_as_older_runs_named_it(said, meant):
    assert FacesSettings(observer=said).observer == meant


def test_a_second_critic_sees_features_and_learns(faces, tmp_path):
    assert train("dcgan/faces", faces, tmp_path / "run", 2, "batch=4", "observer=true") == 0
    trainer = Faces(FacesSettings(held_out=1, batch=4, observer="attributes"))
    trainer.load([faces])
    torch.manual_seed(1)
    trainer.build()
    new, saved = trainer.networks["observer"].state_dict(), load_file(tmp_path / "run" / CHECKPOINT)
    learned = {k.removeprefix("net/observer/"): v for k, v in saved.items() if k.startswith("net/observer/")}
    assert set(learned) == set(new)
    assert any(not torch.equal(learned[k], v) for k, v in new.items())


def test_training_goes_on_from_an_exported_model(faces, tmp_path):
    """Generator and critic are those of the export, whose pictures they draw."""
    settings = ("batch=4", "observer=false")
    assert train("dcgan/faces", faces, tmp_path / "run", 3, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "my own"]) == 0
    model, code = imgen.model("dcgan/faces"), random_codes(0, 8)
    trainer = Faces(FacesSettings.model_validate(model.settings))
    trainer.build()
    assert begin_with(model, trainer.networks) == model.card["training"]
    with torch.no_grad():
        made = trainer.networks["generator"].eval()(torch.from_numpy(code), torch.zeros(8, 0)).permute(0, 2, 3, 1)
    assert np.abs(made.numpy() - drawn(plain(code))).max() < 1e-3
    settings = (*SMALL["dcgan/faces"], "held_out=1", *settings)
    start = ["--start", "dcgan/faces"]
    assert runs.train("dcgan/faces", faces, tmp_path / "next", 1, *settings, more=start) == 0


def test_digits_learn_their_labels(digit_folder, tmp_path):
    adversarial = ("loss=non-saturating", "norm=none", "r1=1", "augment=[]")
    settings = (*adversarial, "batch=16", "code=8", "rate=4e-3", "critic_rate=4e-3")
    assert train("dcgan/digits", digit_folder, tmp_path / "run", 150, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    codes = np.random.default_rng(0).standard_normal((10, 8), dtype=np.float32)
    made = imgen.model("dcgan/digits")(code=codes, label=np.eye(10, dtype=np.float32))
    assert made.shape == (10, 1, 28, 28)
    middles = [np.average(np.indices((28, 28)).reshape(2, -1), 1, weights=one.ravel()) for one in made]
    expected = [(8 + 14 * (label // 5), 3.5 + 5 * (label % 5)) for label in range(10)]
    found = [np.hypot(*(np.array(expected) - middle).T).argmin() for middle in middles]
    assert (np.array(found) == np.arange(10)).mean() >= 0.8


def test_stacks_of_digits_have_no_labels(digit_folder, tmp_path):
    assert train("dcgan/digits", digit_folder, tmp_path / "run", 1, "stacked=true", "batch=4") == 0
    trainer = Digits(DigitsSettings(stacked=True))
    trainer.build()
    spec = trainer.export(trainer.networks["generator"].eval())
    codes = spec.example(np.random.default_rng(0), 2, 0, 0)
    assert spec.network(**{k: torch.from_numpy(v) for k, v in codes.items()}).shape == (2, 3, 28, 28)


def test_the_failing_run_of_the_readme_is_one_that_can_be_started(digit_folder, tmp_path):
    """How it fails depends on the data and the arithmetic; what is warned of, and when, is in test_diagnostics.py."""
    readme = (Path(plugin.__file__).parent / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^imgen train (.* /tmp/collapse(?:.*\\\n)*.*)\n```", readme, re.MULTILINE)
    parts = shlex.split(
        command.replace("\\\n", " ").replace("MNIST", str(digit_folder)).replace("/tmp/collapse", str(tmp_path / "run"))
    )
    assert main(["train", *parts, "--no-export", "--set", "held_out=1", "--steps", "2"]) == 0


def test_too_few_pictures_are_explained(faces, tmp_path, capsys):
    assert train("dcgan/faces", faces, tmp_path / "run", 1, "held_out=13") == 1
    assert "--set held_out=0" in capsys.readouterr().err


def test_the_last_pictures_are_held_out(digit_folder):
    trainer = Digits(DigitsSettings(held_out=190))
    trainer.load([digit_folder])
    assert len(trainer.images) == 10
    pictures, labels = trainer.batch(dice(0, 0))
    assert pictures.shape == (32, 1, 28, 28)
    places = [np.flatnonzero((trainer.images == np.uint8(255 * one[0])).all((1, 2)))[0] for one in pictures.numpy()]
    assert labels.argmax(1).tolist() == trainer.labels[places].tolist()


def test_a_sheet_shows_samples_above_their_nearest_neighbours(digit_folder):
    trainer = Digits(DigitsSettings(held_out=0))
    trainer.load([digit_folder])
    trainer.build()
    sheet = trainer.sheet(trainer.networks["generator"].eval(), dice(0, 0))
    assert sheet.shape == (3, 20 * 28, 8 * 28)
    assert set(sheet[:, 28:56].unique().tolist()) == {0, 1}  # training pictures; samples are grey


def test_a_spectral_critic_is_smooth_and_sees_the_spread():
    torch.manual_seed(0)
    critic = Critic(0, 3, (16, 8), 7, "spectral", True).eval()
    pictures, none = torch.rand(6, 3, 28, 28), torch.zeros(6, 0)
    for layer in critic.modules():
        if isinstance(layer, torch.nn.Linear):
            assert torch.linalg.matrix_norm(layer.weight, 2) < 1.5
    alone = critic(pictures[:1].expand(6, -1, -1, -1), none)[0]
    assert not torch.allclose(alone, critic(pictures, none)[0], atol=1e-5)


def test_a_label_changes_the_picture_and_the_score():
    torch.manual_seed(0)
    generator, critic = Generator(8, 10, 1, (16, 8), 7, "transposed").eval(), Critic(10, 1, (16, 8), 7, "none", False)
    code, one, two = torch.randn(1, 8), torch.eye(10)[:1], torch.eye(10)[1:2]
    picture = generator(code, one)
    assert picture.shape == (1, 1, 28, 28)
    assert not torch.equal(picture, generator(code, two))
    assert not torch.equal(critic(picture, one), critic(picture, two))
