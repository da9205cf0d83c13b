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
from imgen.training.data import DataError
from imgen.training.loop import CHECKPOINT, Loop
from imgen_plugins.aae.networks import Autoencoder
from imgen_plugins.aae.training.base import shuffled_digits
from imgen_plugins.aae.training.digits import bent, chosen_labels
from imgen_plugins.aae.training.warm_start import moves_of, start_from

SMALL = ["widths=[16,16,16]", "batch=8", "held_out=10"]
DEEP = ["widths=[16,16,16,16]", "batch=4", "held_out=10"]


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


def test_trainers_on_faces_train(people, tmp_path):
    assert train("aae/acai", people, tmp_path / "run", 2, *SMALL) == 0


def test_a_map_of_faces_is_exported_and_walked(people, tmp_path):
    model = "aae/facemap"
    assert train(model, people, tmp_path / "run", 3, "widths=[16,16]", "batch=8", "held_out=10") == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert imgen.model(model).origin == "user"
    assert imgen.tools()["walk_map"](kind="faces", show_map=False).shape == (336, 336, 3)


def test_faces_with_attributes_of_ones_own(people, tmp_path):
    own = ['attributes={"open":"Open","old":"-Young"}', "style=8", "features=0"]
    assert train("aae/faces", people, tmp_path / "run", 2, *DEEP, *own) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert imgen.model("aae/faces").card["measured"]["attributes"] == {"open": 0.5, "old": 0.533}
    photo = imgen.open(people / "images" / "000.png").pixels
    tool = imgen.tools()["restyle_face"]
    assert "smile" not in tool.fields
    assert np.abs(tool(photo, open=1.0, box=[0, 0, 1, 1]) - photo).max() > 0


def test_faces_without_a_table_are_explained(people, tmp_path, capsys):
    (people / "attributes.csv").unlink()
    assert train("aae/faces", people, tmp_path / "run", 2, *DEEP) == 1
    assert "labels.csv must hold" in capsys.readouterr().err


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


@pytest.fixture
def vae(people, tmp_path):
    """A close VAE of one's own, for a warm start."""
    settings = ["latent=8", "features=0", "critic_after=100"]
    assert train("vae/closeup", people, tmp_path / "vae", 12, *DEEP, *settings) == 0
    assert main(["export", str(tmp_path / "vae"), "--terms", "made up"]) == 0


def test_a_warm_start_from_a_vae_changes_no_picture(people, vae):
    table = portraits([people], 128)
    images = torch.from_numpy(table.images).permute(0, 3, 1, 2).float() / 255
    torch.manual_seed(0)
    network = Autoencoder(3, 128, 8, 2, (16, 16, 16, 16))
    start_from(("vae/closeup", ""), network, images, torch.from_numpy(table.attributes), ["open", "young"])
    nothing = np.zeros((4, 8), np.float32)
    truth, *_ = imgen.model("vae/closeup")(image=images[:4].numpy(), keep=np.ones((4, 1), np.float32), offset=nothing)
    with torch.no_grad():
        style, logits = network.eval().encode(images)
        made = network.decode(torch.nn.functional.pad(style[:4], (0, 2))).sigmoid()
    assert np.abs(made.numpy() - truth).max() < 0.1  # whose weights are stored in eight bits
    assert logits.abs().max() == 0
    assert torch.allclose(style.mean(0), torch.zeros(8), atol=1e-2)


def test_a_decoder_that_is_kept_stays_as_it_was(people, vae, tmp_path):
    own = ['attributes={"open":"Open"}', "style=8", "features=0", "start=vae/closeup", "decoder=0"]
    assert train("aae/faces", people, tmp_path / "run", 2, *DEEP, *own) == 0
    before, after = load_file(tmp_path / "vae" / CHECKPOINT), load_file(tmp_path / "run" / CHECKPOINT)
    kept = [key for key in after if key.startswith("net/model/decoder.") and "num_batches" not in key]
    assert len(kept) > 10
    assert all(torch.allclose(before[key.replace("model", "average", 1)], after[key], atol=1e-3) for key in kept)
    assert not torch.equal(before["net/average/narrow.weight"], after["net/model/narrow.weight"])


def test_a_warm_start_from_a_shipped_model_says_what_is_missing(people, tmp_path, capsys):
    own = ['attributes={"open":"Open"}', "start=vae/closeup", "style=8", "features=0"]
    assert train("aae/faces", people, tmp_path / "run", 1, *DEEP, *own) == 1
    assert "train and export it anew" in capsys.readouterr().err


def test_directions_that_know_no_such_attribute_are_told_of():
    with pytest.raises(DataError, match="knows no wings; it has smile"):
        moves_of(imgen.model("vae/closeup-directions"), ["wings"])
    assert moves_of(imgen.model("vae/closeup-directions"), ["smile", "age"]).shape == (2, 320)


def test_digits_are_shuffled_alike_and_labels_are_shared_out(written):
    images, truth = shuffled_digits([written])
    again, _ = shuffled_digits([written])
    assert np.array_equal(images, again)
    assert images.shape == (60, 32, 32)
    assert np.array_equal(images[:, 2:30, 2:30].argmax(1).max(1) // 2 - 2, truth)  # the bar is still the label's
    chosen = chosen_labels(truth, 20)
    assert np.array_equal(np.bincount(truth[chosen]), np.full(10, 2))
    assert bent(torch.rand(3, 1, 32, 32), np.random.default_rng(0)).shape == (3, 1, 32, 32)
