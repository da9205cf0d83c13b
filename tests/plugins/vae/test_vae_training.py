import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from runs import train

from imgen.training import checkpoint
from imgen.training import export as exporting
from imgen.training.checkpoint import as_checksum
from imgen.training.trainer import dice
from imgen_plugins.vae.networks import VAE, VQVAE, Gaussians
from imgen_plugins.vae.training.closeup import CloseupSettings
from imgen_plugins.vae.training.closeup_directions import CloseupDirections, CloseupDirectionsSettings
from imgen_plugins.vae.training.directions import Regression
from imgen_plugins.vae.training.faces import Faces, FacesSettings
from imgen_plugins.vae.training.gaussian import Editable, chart, divergence
from imgen_plugins.vae.training.labels import lighting

SMALL = ["widths=[16,16,16]", "batch=8", "held_out=4"]


def test_a_vae_of_ones_own_with_a_direction_of_ones_own(people, tmp_path, capsys):
    """From two folders to a slider, by the README's commands."""
    run = tmp_path / "run"
    assert train("vae/faces", [people], run, 40, *SMALL, "latent=8", "features=0", "warmup=10") == 0
    assert main(["export", str(run), "--terms", "made up"]) == 0
    assert imgen.model("vae/faces").origin == "user"
    with pytest.raises(imgen.ImgenError, match="imgen train vae/directions"):
        imgen.tools()["edit_face"](np.full((64, 64, 3), 0.5, np.float32), blond=1.0, box=[0, 0, 1, 1])
    for i, path in enumerate(sorted((people / "images").iterdir())):
        folder = tmp_path / ("open" if i % 2 else "shut")
        folder.mkdir(exist_ok=True)
        path.rename(folder / path.name)
    assert train("vae/direction", [tmp_path / "open", tmp_path / "shut"], tmp_path / "way", 60, "latent=8") == 0
    assert main(["export", str(tmp_path / "way"), "--name", "vae/shout", "--terms", "made up"]) == 0
    photo, out = tmp_path / "open" / "001.png", tmp_path / "out.png"
    step = "edit_face:shout=3,box=[0,0,1,1]"
    command = [sys.executable, "-m", "imgen", "run", str(photo), "-s", step, "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 0, done.stderr
    assert "vae/shout ran on CPU (user)" in done.stderr
    pixels = imgen.open(photo).pixels
    assert imgen.open(out).pixels.shape == pixels.shape
    edited = imgen.tools()["edit_face"](pixels, shout=3.0, box=[0, 0, 1, 1])
    assert (
        np.abs(edited - pixels).max() > 0
    )  # after so few steps, on some processors by less than a file of 8 bits shows


def test_the_close_faces_vae_trains_and_is_stored_in_eight_bits(people, tmp_path):
    run, settings = tmp_path / "run", ["widths=[16,16,16,16]", "latent=8", "batch=8", "held_out=4", "features=0"]
    assert train("vae/closeup", [people], run, 6, *settings, "critic_after=2") == 0
    assert main(["export", str(run), "--terms", "made up"]) == 0
    model = imgen.model("vae/closeup")
    assert model.card["training"]["figures"]["beta"] != CloseupSettings().beta  # it follows the divergence
    assert model.card["bits"] == 8
    trained = VAE(3, 128, 8, (16, 16, 16, 16))
    checkpoint.load_average(run / checkpoint.CHECKPOINT, trained)
    stored, kept = checkpoint.from_onnx(model.path)["network.heads.weight"], trained.heads.weight.detach()
    rounding = kept.abs().max(1, keepdim=True).values / 254
    assert (stored - kept).abs().div(rounding).max() == pytest.approx(1, abs=0.05)
    with pytest.raises(imgen.ImgenError, match="imgen train vae/closeup-directions"):
        imgen.tools()["edit_face"](np.full((64, 64, 3), 0.5, np.float32), smile=1.0, box=[0, 0, 1, 1])


def test_weights_that_eight_bits_are_too_coarse_for_are_stored_in_sixteen(people, tmp_path, capsys, monkeypatch):
    run, settings = tmp_path / "run", ["widths=[16,16,16,16]", "latent=8", "batch=8", "held_out=4", "features=0"]
    assert train("vae/closeup", [people], run, 2, *settings) == 0
    monkeypatch.setattr(exporting, "ROUNDING", {16: 2e-2, 8: 0.0})
    assert main(["export", str(run), "--terms", "made up", "--overwrite"]) == 0
    assert "its weights are stored in 16" in "".join(capsys.readouterr())
    assert "bits" not in imgen.model("vae/closeup").card


def test_a_change_is_what_differs_between_faces_alike_in_the_rest():
    """Codes that are a sum: smiles move the first number, men the second; and men smile less."""
    rng = np.random.default_rng(0)
    male = rng.integers(0, 2, 400).astype(np.float32)
    smile = (rng.random(400) < 0.7 - 0.4 * male).astype(np.float32)
    trainer = CloseupDirections(CloseupDirectionsSettings(latent=4))
    trainer.codes = np.column_stack([2 * smile, 3 * male, *rng.standard_normal((2, 400))]).astype(np.float32)
    trainer.shown = {"smile": smile, "male": male}
    trainer.origins, trainer.view = np.zeros((400, 0), np.float32), np.zeros((400, 0), np.float32)
    trainer.light = rng.standard_normal((400, 4)).astype(np.float32)
    alone, among = trainer.change("smile", ["male", "light"]), trainer.change("smile", [])
    assert alone == pytest.approx([2, 0, 0, 0], abs=0.3)
    assert among[1] < -0.8  # without it, a smile makes a woman


def test_directions_from_a_table(people, tmp_path, capsys):
    settings = ['sliders={"open": "Open"}', "last=30"]
    assert train("vae/directions", [people], tmp_path / "run", 100, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    card = imgen.model("vae/directions").card
    assert card["measured"]["sliders"] == {"open": "From the column Open"}
    assert card["measured"]["codes_of"] == imgen.model("vae/faces").checksum
    assert train("vae/directions", [people], tmp_path / "other", 1, 'sliders={"hat": "Hat"}') == 1
    assert "the table has Open, Young" in capsys.readouterr().err


def test_too_few_faces_are_explained(people, tmp_path, capsys):
    (tmp_path / "none").mkdir()
    Pillow.fromarray(np.zeros((80, 80, 3), np.uint8)).save(tmp_path / "none" / "black.png")
    assert train("vae/direction", [people / "images", tmp_path / "none"], tmp_path / "run", 1) == 1
    assert "shows 0 faces; put at least" in capsys.readouterr().err


def test_the_quantised_relative_trains_and_exports(people, tmp_path):
    settings = [*SMALL, "features=0", "entries=16", "depth=4"]
    assert train("vae/quantised", [people], tmp_path / "run", 3, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert imgen.model("vae/quantised")(image=np.zeros((2, 3, 64, 64), np.float32)).shape == (2, 3, 64, 64)


def test_a_mixture_trains_and_exports(people, tmp_path):
    settings = ["components=3", "held_out=4", "ridge=0.1"]
    assert train("vae/mixture", [people], tmp_path / "run", 5, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    assert imgen.tools()["sample_faces"](count=2).shape == (256, 128, 3)


def test_the_divergence_is_that_of_normal_distributions():
    mean, logvar = torch.tensor([[0.3, -2.0]]), torch.tensor([[0.5, -1.0]])
    q = torch.distributions.Normal(mean, (logvar / 2).exp())
    truth = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))
    assert torch.allclose(divergence(mean, logvar), truth)


def test_four_widths_make_pictures_of_128():
    torch.manual_seed(0)
    network = VAE(3, 128, 5, (8, 8, 8, 8)).train(False)
    made, mean, _ = network(torch.rand(2, 3, 128, 128), torch.zeros(2, 5))
    assert made.shape == (2, 3, 128, 128)
    assert mean.shape == (2, 5)
    assert network.spread.out_features == 8 * 4 * 4


def test_the_gradient_passes_through_the_reparameterised_code():
    torch.manual_seed(0)
    network = VAE(3, 32, 4, (16, 16, 16)).train(False)
    made, mean, logvar = network(torch.rand(2, 3, 32, 32), torch.ones(2, 4))
    assert torch.allclose(made, network.decode(mean + (logvar / 2).exp()).sigmoid(), atol=1e-6)
    made.sum().backward()
    assert network.heads.weight.grad is not None
    assert network.heads.weight.grad.abs().sum() > 0


def test_exported_dimensions_are_ordered_by_their_rate():
    torch.manual_seed(0)
    network = VAE(1, 32, 3, (16, 16, 16)).train(False)
    network.rate.copy_(torch.tensor([0.1, 5.0, 1.0]))
    image, zero = torch.rand(1, 1, 32, 32), torch.zeros(1, 3)
    picture, mean, _ = Editable(network)(image, torch.ones(1, 1), zero)
    assert torch.equal(mean, network.encode(image)[0][:, [1, 2, 0]])
    assert torch.allclose(picture, network.decode(network.encode(image)[0]).sigmoid(), atol=1e-6)


def test_free_bits_and_collapse_are_watched():
    trainer = Faces(FacesSettings(latent=20, widths=(16, 16, 16), features=0))
    trainer.build()
    trainer.networks["model"].rate.fill_(0.5)
    assert trainer.warnings() == {}
    trainer.networks["model"].rate.fill_(0.001)
    assert "posterior collapse: 0 of 20" in trainer.warnings()["collapse"]


def test_the_sheet_shows_the_rate_of_every_dimension():
    bars = chart(torch.tensor([0.0, 2.0, 1.0, 0.5]), 8, 16)
    assert bars.sum(0).tolist() == [8] * 4 + [4] * 4 + [2] * 4 + [0] * 4
    assert bars[-1, 0] == 1
    trainer = Faces(FacesSettings(latent=4, widths=(16, 16, 16), features=0))
    trainer.images = np.zeros((1001, 64, 64, 3), np.uint8)
    trainer.build()
    sheet = trainer.sheet(trainer.networks["model"].eval(), dice(0, 0))
    assert sheet.shape == (3, 7 * 64, 8 * 64)


def test_the_book_follows_its_vectors_and_unused_entries_restart():
    network = VQVAE(3, 4, 2, (16, 16, 16))
    centres = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]])
    network.book.copy_(torch.tensor([[0.5, 0.5], [3.0, 0.5], [0.5, 3.0], [90.0, 90.0]]))  # never nearest: the last
    network.sums.copy_(network.book)
    for step in range(600):
        draw_ = dice(0, step).torch
        x = centres[torch.randint(4, (2, 16), generator=draw_)] + 0.05 * torch.randn(2, 16, 2, generator=draw_)
        x = x.movedim(2, 1).unflatten(2, (4, 4))  # (2, depth, 4, 4)
        network.learn(x, network.quantise(x)[1], draw_)
    x = centres.T.reshape(1, 2, 2, 2)
    codes, numbers = network.quantise(x)
    assert torch.allclose(codes.flatten(2).mean(2), x.flatten(2).mean(2), atol=0.1)
    assert torch.cdist(network.book, centres).min(1).values.max() < 2.1  # none is left outside
    assert len(numbers.unique()) >= 3


def test_directions_move_one_score_and_leave_the_rest():
    torch.manual_seed(0)
    codes = torch.randn(500, 9) @ torch.randn(9, 9)
    model = Regression(9, 3)
    model.describe(codes, codes[:, :4] + torch.randn(500, 4), "ab" * 32)
    way = model.direction(0, [2], light=True)
    weight = model.linear.weight.detach()
    raised = weight @ way
    assert float(raised[0]) > 0.1
    unit = way / way.norm()
    assert float((codes @ unit).std()) == pytest.approx(float(way.norm()), rel=1e-3)
    assert abs(float(raised[2])) < 1e-3
    assert (model.light @ way).abs().max() < 1e-3
    assert abs(float(weight[2] @ model.direction(0, [], light=False))) > 1e-2
    assert as_checksum(model.of) == "ab" * 32


def test_the_light_is_what_it_says():
    crops = np.zeros((2, 64, 64, 3), np.float32)
    crops[1, :, :32] = (1, 0, 0)
    assert lighting(crops) == pytest.approx(np.array([[0, 0, 0, 0], [0.5, 0, 0, 1 / 3]]), abs=1e-6)


def test_the_mixture_finds_two_groups():
    draw_ = torch.Generator().manual_seed(0)
    codes = torch.randn(400, 2, generator=draw_) + torch.tensor([[6.0, 0.0]]) * (torch.arange(400)[:, None] < 100)
    model = Gaussians(2, 2)
    model.start(codes, draw_)
    for _ in range(30):
        model.maximise(codes, model.log_density(codes).softmax(1), 0.0)
    assert sorted(model.chances.tolist()) == pytest.approx([0.25, 0.75], abs=0.02)
    assert sorted(model.means[:, 0].tolist()) == pytest.approx([0, 6], abs=0.3)
    density = torch.distributions.MultivariateNormal(model.means, scale_tril=model.root)
    truth = density.log_prob(codes[:, None]) + model.chances.log()
    assert torch.allclose(model.log_density(codes), truth, atol=1e-3)
