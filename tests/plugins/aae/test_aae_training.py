import gzip
import struct

import numpy as np
import pytest

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from runs import train
from safetensors.torch import load_file

from imgen.faces.training.portraits import portraits
from imgen.training.hardware import Hardware, known
from imgen.training.loop import CHECKPOINT, Loop
from imgen.training.trainer import dice
from imgen_plugins.aae.evaluation.realism import MIDPOINTS, UNMIXED, taken_for_unmixed
from imgen_plugins.aae.networks import Autoencoder, Codec, MixCritic
from imgen_plugins.aae.training.adversaries import AttributeAdversary, CodeDiscriminator
from imgen_plugins.aae.training.base import shuffled_digits
from imgen_plugins.aae.training.damage import KINDS, damage, damaged
from imgen_plugins.aae.training.digits import bent, chosen_labels
from imgen_plugins.aae.training.faces import exchanged
from imgen_plugins.aae.training.lines import LINES, STEPS, draw_lines, nearest_line, smoothness
from imgen_plugins.aae.training.matching import Map, MatchSettings
from imgen_plugins.aae.training.priors import draw, sliced_wasserstein
from imgen_plugins.aae.training.warm_start import start_from, whiten

SMALL = ["widths=[16,16,16]", "batch=8", "held_out=10"]


@pytest.fixture
def written(tmp_path):
    """Digits as MNIST has them: 60 pictures with a bar at a height that tells which digit it is."""
    folder, rng = tmp_path / "digits", np.random.default_rng(0)
    folder.mkdir()
    labels = np.arange(60, dtype=np.uint8) % 10
    images = np.zeros((60, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * label : 7 + 2 * label, 5 : 15 + rng.integers(8)] = 255
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    return folder


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("aae/digits", ["labels=20", "labelled_batch=4"]),
        ("aae/acaidigits", ["critic_widths=[8,8]"]),
    ],
)
def test_trainers_on_digits_train_and_export(written, tmp_path, model, settings):
    assert train(model, written, tmp_path / "run", 3, *SMALL, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    made = imgen.model(model)
    length = made.settings["style"] + made.card["measured"]["labels"]
    blank, nothing = np.zeros((2, 1, 32, 32), np.float32), np.zeros((2, length), np.float32)
    picture, code = made(image=blank, keep=nothing, offset=nothing)
    assert picture.shape == (2, 1, 32, 32)
    assert code.shape == (2, length)


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("aae/map", ["prior=swiss-roll"]),
        ("aae/map", ["prior=mixture", "loss=wasserstein-penalty"]),
        ("aae/lines", ["critic_widths=[8,8]"]),
        ("aae/digits", ["labels=20", "agree=0", "hide=0", "read=0"]),
        ("aae/acaidigits", ["critic=0"]),
    ],
)
def test_other_losses_train(written, tmp_path, model, settings):
    assert train(model, written, tmp_path / "run", 3, *SMALL, *settings) == 0


def test_a_map_of_ones_own_is_walked(written, tmp_path):
    assert train("aae/map", written, tmp_path / "run", 3, *SMALL, "prior=mixture") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert imgen.model("aae/map").origin == "user"
    assert imgen.tools()["latent_map"](side=3).shape == (84, 84, 3)


@pytest.mark.parametrize("model", ["aae/facemap", "aae/acai"])
def test_trainers_on_faces_train(people, tmp_path, model):
    assert train(model, people, tmp_path / "run", 2, *SMALL) == 0


def test_a_map_of_faces_is_exported(people, tmp_path):
    model = "aae/facemap"
    assert train(model, people, tmp_path / "run", 2, *SMALL) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    nothing = np.zeros((1, imgen.model(model).settings["style"]), np.float32)
    assert imgen.model(model)(image=np.zeros((1, 3, 64, 64), np.float32), keep=nothing, offset=nothing)[0].shape[1] == 3


def test_faces_with_attributes_of_ones_own(people, tmp_path):
    own = ['attributes={"open":"Open","old":"-Young"}', "style=8", "features=0"]
    assert train("aae/faces", people, tmp_path / "run", 2, *SMALL, *own) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert imgen.model("aae/faces").card["measured"]["attributes"] == {"open": 0.5, "old": 0.533}
    photo = imgen.open(people / "images" / "000.png").pixels
    with pytest.raises(imgen.ImgenError, match="knows no smile; it has open, old"):
        imgen.tools()["restyle_face"](photo, smile=1.0, box=[0, 0, 1, 1])


def test_faces_without_a_table_are_explained(people, tmp_path, capsys):
    assert train("aae/faces", people / "images", tmp_path / "run", 2, *SMALL) == 1
    assert "has no attributes.csv" in capsys.readouterr().err


def test_the_plane_is_asked_for_where_a_prior_needs_it(written, tmp_path, capsys):
    assert train("aae/map", written, tmp_path / "run", 2, "prior=mixture", "style=3") == 1
    assert "give style=2" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["aae/map", "aae/digits", "aae/acaidigits"])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(written, tmp_path, monkeypatch, model):
    settings = [*SMALL, *(["labels=20", "labelled_batch=4"] if model == "aae/digits" else [])]
    assert train(model, written, tmp_path / "whole", 4, *settings) == 0
    step = Loop.step

    def stop_after_two(self):
        step(self)
        if self.progress.step == 2:
            self.stopped.set()

    monkeypatch.setattr(Loop, "step", stop_after_two)
    assert train(model, written, tmp_path / "parts", 4, *settings) == 0
    monkeypatch.setattr(Loop, "step", step)
    assert train(model, written, tmp_path / "parts", 4, *settings) == 0
    whole, parts = (load_file(tmp_path / name / CHECKPOINT) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_a_warm_start_from_a_vae_changes_no_picture(people, tmp_path):
    settings = ["latent=8", "features=0", "warmup=10"]
    assert train("vae/faces", people, tmp_path / "vae", 20, *SMALL, *settings) == 0
    assert main(["export", str(tmp_path / "vae"), "--terms", "made up"]) == 0
    table = portraits([people])
    images = torch.from_numpy(table.images).permute(0, 3, 1, 2).float() / 255
    torch.manual_seed(0)
    network = Autoencoder(3, 64, 8, 2, (16, 16, 16))
    start_from("vae/faces", network, images, torch.from_numpy(table.attributes))
    nothing = np.zeros((4, 8), np.float32)
    truth, *_ = imgen.model("vae/faces")(image=images[:4].numpy(), keep=np.ones((4, 1), np.float32), offset=nothing)
    with torch.no_grad():
        style, logits = network.eval().encode(images)
        made = network.decode(torch.nn.functional.pad(style[:4], (0, 2))).sigmoid()
    assert np.abs(made.numpy() - truth).max() < 1e-3
    assert logits.abs().max() == 0
    assert torch.allclose(style.mean(0), torch.zeros(8), atol=1e-2)


def test_a_warm_start_from_a_shipped_model_says_what_is_missing(people, tmp_path, capsys):
    own = ['attributes={"open":"Open"}', "start=vae/faces", "style=8", "features=0"]
    assert train("aae/faces", people, tmp_path / "run", 1, *SMALL, *own) == 1
    assert "train and export it anew" in capsys.readouterr().err


def test_whitening_gives_codes_of_unit_covariance():
    torch.manual_seed(0)
    network = Autoencoder(1, 32, 3, 0, (16, 16, 16)).eval()
    images = torch.rand(64, 1, 32, 32)
    with torch.no_grad():
        before = network.decode(network.encode(images)[0])
        network.heads.weight.mul_(50)  # codes far from small beside the ridge
        network.spread.weight.div_(50)
        before = network.decode(network.encode(images)[0])
        whiten(network, network.encode(images)[0])
        style = network.encode(images)[0]
    assert torch.allclose(style.mean(0), torch.zeros(3), atol=1e-3)
    assert torch.allclose(network.decode(style), before, atol=1e-3)


def test_the_discriminator_moves_codes_to_the_prior():
    """Codes that are free to move come to have the prior's distribution: the encoder is a generator."""
    torch.manual_seed(0)
    settings, hardware = MatchSettings(prior="mixture"), Hardware(known("cpu"))
    discriminator = CodeDiscriminator(settings.loss, 2, 64, 5e-3, settings.r1)
    encoder = torch.nn.Sequential(torch.nn.Linear(2, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    optimizer = torch.optim.Adam(encoder.parameters(), 2e-3, betas=(0.5, 0.99))
    rng = np.random.default_rng(0)

    def gap() -> float:
        with torch.no_grad():
            code = encoder(torch.from_numpy(draw("gaussian", 1000, 2, rng))).numpy()
        return sliced_wasserstein(code, draw("mixture", 1000, 2, rng))

    before = gap()
    for step in range(300):
        code = encoder(torch.from_numpy(draw("gaussian", 128, 2, rng)))
        discriminator.update(hardware, dice(0, step), torch.from_numpy(draw("mixture", 128, 2, rng)), code)
        optimizer.zero_grad()
        discriminator.fool(code).backward()
        optimizer.step()
    assert gap() < 0.5 * before


def test_an_adversary_finds_what_is_there():
    torch.manual_seed(0)
    hardware, adversary = Hardware(known("cpu")), AttributeAdversary(4, 32, 1, 1e-2)
    style = torch.randn(256, 4)
    truth = (style[:, :1] > 0).float()
    wrong = [float(adversary.update(hardware, style, truth).detach()) for _ in range(100)]
    assert wrong[-1] < 0.3 < wrong[0]
    assert float(adversary.hidden(style, torch.tensor([0.5]))) > 1  # sure answers are far from the usual one
    assert all(p.requires_grad for p in adversary.critic.parameters())


def test_exchanged_attributes_differ_in_one_place():
    truth = torch.randint(2, (50, 5)).float()
    assert ((exchanged(truth, dice(0, 0)) != truth).sum(1) == 1).all()


def test_damage_of_every_kind_keeps_the_shape():
    faces = torch.rand(6, 3, 64, 64)
    for kind in KINDS:
        made = damage(faces[0], kind, np.random.default_rng(0))
        assert made.shape == (3, 64, 64)
        assert not torch.equal(made, faces[0])
    assert torch.equal(damaged(faces, 0.0, np.random.default_rng(0)), faces)


def test_the_exported_function_keeps_and_exchanges():
    torch.manual_seed(0)
    network = Autoencoder(1, 32, 2, 3, (16, 16, 16)).eval()
    image = torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        picture, code = Codec(network, exclusive=True)(image, torch.ones(1, 5), torch.zeros(1, 5))
        alone, _ = Codec(network, exclusive=True)(image, torch.zeros(1, 5), code)
    assert float(code[0, 2:].sum()) == pytest.approx(1, abs=1e-5)
    assert torch.allclose(picture, alone, atol=1e-5)


def test_lines_are_recognised():
    angles = np.array([0.0, 1.0, 3.0])
    lines = draw_lines(angles)
    assert lines[0, 15, 28] > 0.9  # to the right
    assert lines[1, 8, 20] > 0.3  # angles count upward
    distance, found = nearest_line(lines)
    assert distance.max() < 1e-3
    assert found == pytest.approx(angles, abs=2 * np.pi / LINES + 1e-6)
    half = (lines[:1] + lines[2:]) / 2
    assert nearest_line(half)[0][0] > 0.1


def test_even_turns_are_smooth():
    even = np.linspace(0.1, 2, STEPS)[None]
    jump = np.where(np.arange(STEPS) < 8, 0.1, 2.0)[None]
    assert smoothness(even)[0] == pytest.approx(0, abs=1e-6)
    assert smoothness(jump)[0] == pytest.approx(1 - 1 / 15, abs=1e-6)
    assert np.isnan(smoothness(np.zeros((1, STEPS)))[0])


def test_a_critic_can_guess_how_much_was_mixed():
    torch.manual_seed(0)
    critic = MixCritic(1, (8, 8))
    assert critic(torch.rand(3, 1, 32, 32)).shape == (3,)


def test_ghosts_are_told_from_pictures(monkeypatch):
    monkeypatch.setattr("imgen_plugins.aae.evaluation.realism.STEPS", 80)
    monkeypatch.setattr("imgen_plugins.aae.evaluation.realism.BATCH", 32)
    rng = np.random.default_rng(0)
    lines = draw_lines(rng.uniform(0, 2 * np.pi, 400))[..., None]
    ghosts = (lines + lines[::-1]) / 2
    sets = [(lines[:300], ghosts[:300]), (lines[300:], ghosts[300:])]
    shares = taken_for_unmixed({"plain": sets})["plain"]
    assert shares[UNMIXED].mean() > 0.7
    assert shares[MIDPOINTS].mean() < 0.3


def test_digits_are_shuffled_alike_and_labels_are_shared_out(written):
    images, truth = shuffled_digits([written])
    again, _ = shuffled_digits([written])
    assert np.array_equal(images, again)
    assert images.shape == (60, 32, 32)
    assert np.array_equal(images[:, 2:30, 2:30].argmax(1).max(1) // 2 - 2, truth)  # the bar is still the label's
    chosen = chosen_labels(truth, 20)
    assert np.array_equal(np.bincount(truth[chosen]), np.full(10, 2))
    assert bent(torch.rand(3, 1, 32, 32), np.random.default_rng(0)).shape == (3, 1, 32, 32)


def test_trouble_is_told_in_words_about_codes():
    trainer = Map(MatchSettings(widths=(16, 16, 16)))
    trainer.build()
    trainer.discriminator.watch.steps = 1000
    trainer.discriminator.watch.varieties.append(0.01)
    assert "a small part of the prior" in trainer.warnings()["collapse"]
