import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.image.lab import rgb_to_lab
from imgen_plugins.unet.networks.unet import UNet
from imgen_plugins.unet.tools.colour import BINS, colours
from imgen_plugins.unet.training.clicks import COARSE, RADIUS, one_more
from imgen_plugins.unet.training.colour_losses import balanced, colour_loss, mean_colour, painted, rarity
from imgen_plugins.unet.training.degrade import wear
from imgen_plugins.unet.training.losses import label_loss, mask_loss

SMALL = ["widths=[16,16,16,16]", "batch=4", "size=64"]


@pytest.fixture
def shapes(tmp_path):
    """Red and blue discs on grey, with class numbers, and inverted partners."""
    rng, folder = np.random.default_rng(0), tmp_path / "shapes"
    y, x = np.mgrid[:48, :64]
    for i in range(12):
        image, mask = np.full((48, 64, 3), 128, np.uint8), np.zeros((48, 64), np.uint8)
        for label, colour in ((1, (220, 30, 30)), (2, (30, 30, 220))):
            inside = np.hypot(y - rng.integers(8, 40), x - rng.integers(8, 56)) < 9
            image[inside], mask[inside] = colour, label
        pictures = {"image": image, "mask": mask, "input": image, "target": 255 - image}
        for name, array in pictures.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            Pillow.fromarray(array).save(folder / name / f"{i}.png")
    return folder


def train(model, folder, out, steps, *settings) -> int:
    return runs.train(model, folder, out, steps, *SMALL, *settings)


def test_a_segmentation_of_ones_own_becomes_a_selection(shapes, tmp_path, capsys):
    assert train("unet/segment", shapes, tmp_path / "run", 60, "classes=3", "rate=4e-3") == 0
    assert main(["export", str(tmp_path / "run"), "--name", "unet/discs", "--terms", "made up"]) == 0
    assert imgen.model("unet/discs").card["name"] == "unet/discs"
    photo = shapes / "image" / "0.png"
    steps = ["-s", "segment:model=unet/discs,label=2", "-s", "selection_to_alpha"]
    assert main(["run", str(photo), *steps, "-o", str(tmp_path / "blue.png")]) == 0
    assert "unet/discs ran on CPU (user)" in capsys.readouterr().err
    found, truth = imgen.open(tmp_path / "blue.png").alpha, np.asarray(Pillow.open(shapes / "mask" / "0.png")) == 2
    assert (np.minimum(found, truth).sum() / np.maximum(found, truth).sum()) > 0.5
    with pytest.raises(imgen.ImgenError, match="knows the classes 0 to 2"):
        imgen.tools()["segment"](imgen.open(photo).pixels, model="unet/discs", label=7)


def test_too_few_classes_are_explained(shapes, tmp_path, capsys):
    assert train("unet/segment", shapes, tmp_path / "run", 1, "classes=2") == 1
    assert "--set classes=3" in capsys.readouterr().err


def test_pix2pix_learns_pairs(shapes, tmp_path):
    assert train("unet/pix2pix", shapes, tmp_path / "run", 70, "depths=[1,1,1,1]", "rate=5e-3") == 0
    assert main(["export", str(tmp_path / "run"), "--name", "unet/negative", "--terms", "made up"]) == 0
    image = imgen.open(shapes / "input" / "0.png").pixels
    made = imgen.tools()["image_to_image"](image, model="unet/negative")
    assert np.abs(made - (1 - image)).mean() < 0.5 * np.abs(image - (1 - image)).mean()


def test_the_colorizer_trains_on_plain_photos_and_leaves_grey_ones_out(cat, tmp_path, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    Pillow.fromarray(cat).convert("L").save(folder / "grey.png")
    assert train("unet/colorize", folder, tmp_path / "none", 1) == 1
    assert "no colour photo" in capsys.readouterr().err
    Pillow.fromarray(cat).save(folder / "cat.png")
    # the smaller encoder: eight bits are too coarse for the deeper one until its decoder has learned something
    assert train("unet/colorize", folder, tmp_path / "run", 3, "encoder=lite0") == 0
    assert train("unet/pix2pix", folder, tmp_path / "pix2pix", 2) == 0
    photo = imgen.open(folder / "grey.png")
    for run in ("run", "pix2pix"):
        name = ["--name", "unet/colorize", "--terms", "my own", "--overwrite"]
        assert main(["export", str(tmp_path / run), *name]) == 0
        notes: list[str] = []
        imgen.Pipeline().add("colorize")(photo, cache=None, notes=notes)
        assert "unet/colorize ran on CPU (user)" in notes


def test_a_subject_trained_anew_takes_clicks(shapes, tmp_path):
    assert train("unet/subject", shapes, tmp_path / "run", 4) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up", "--overwrite"]) == 0
    assert imgen.model("unet/subject").card["measured"] == {"clicks": RADIUS}
    photo = imgen.open(shapes / "image" / "0.png").pixels
    mask = imgen.tools()["select_subject"](photo, points=[[0.5, 0.5]], background_points=[[0.1, 0.1]])
    assert mask.shape == photo.shape[:2]


def test_the_encoder_is_held_at_first_and_keeps_its_statistics(cat, tmp_path):
    from imgen.training.hardware import Hardware, Setup
    from imgen.training.trainer import build, dice
    from imgen_plugins.unet.training.colorize import Colorize, ColorizeSettings

    Pillow.fromarray(cat).save(tmp_path / "cat.png")
    trainer, hardware = Colorize(ColorizeSettings(widths=(16, 16, 16, 16), batch=2, size=64)), None
    trainer.load([tmp_path])
    hardware = Hardware(Setup("cpu", "32", False, 1))
    build(trainer, hardware)
    network = trainer.networks["model"]
    changes = {}
    for spent in (0.05, 0.5, 0.9):  # the decoder alone, everything, the end of the decoder
        trainer.spent = spent
        before = {k: v.clone() for k, v in network.state_dict().items()}
        trainer.step(hardware, dice(0, 0))
        changes[spent] = {k for k, v in network.state_dict().items() if not torch.equal(v, before[k])}
    assert not any(k.startswith("encoder") for k in changes[0.05] | changes[0.9])
    assert "decoder.decode1.first.weight" in changes[0.05] & changes[0.5] & changes[0.9]
    assert "encoder.stem.0.weight" in changes[0.5]
    assert "encoder.stem.1.running_mean" not in changes[0.5]
    assert "decoder.decode1.norm1.running_mean" not in changes[0.9]


def test_a_simulated_click_lies_in_what_is_wrong():
    truth, found = torch.zeros(2, 1, 64, 64), torch.zeros(2, 1, 64, 64)
    truth[0, :, 8:40, 8:40] = 1  # missed
    found[1, :, 20:60, 20:60] = 1  # too much
    chance = torch.rand(2, (64 // COARSE) ** 2)
    clicks = one_more(found, truth, torch.zeros(2, 2, 64, 64), torch.ones(2, dtype=torch.bool), chance)
    assert clicks.sum((2, 3))[0, 1] == clicks.sum((2, 3))[1, 0] == 0
    assert (clicks[0, 0] * truth[0, 0]).sum() == clicks[0, 0].sum() > 3 * RADIUS**2
    assert (clicks[1, 1] * found[1, 0]).sum() == clicks[1, 1].sum() > 3 * RADIUS**2
    none = one_more(found, found, torch.zeros(2, 2, 64, 64), torch.ones(2, dtype=torch.bool), chance)
    assert none.sum() == 0  # nothing is wrong


def test_losses_are_balanced_by_their_slopes():
    of = torch.tensor([1.0, 2.0], requires_grad=True)
    slope = balanced(of, [of[0] * 3, of[1] * 1000], (1, 0.5))
    assert slope.tolist() == pytest.approx([3, 1.5])


def test_skips_are_a_switch():
    sizes = [sum(p.numel() for p in UNet(3, 1, (8, 8, 8, 8), skips=skips).parameters()) for skips in (True, False)]
    assert sizes[0] > sizes[1]
    assert UNet(3, 2, (8, 8, 8, 8), skips=False)(torch.rand(2, 3, 64, 32)).shape == (2, 2, 64, 32)


def test_the_colour_loss_is_least_at_the_true_colour():
    truth = torch.tensor([33.0, -47.0]).reshape(1, 2, 1, 1)
    logits = torch.zeros(1, BINS**2, 1, 1, requires_grad=True)
    optimizer = torch.optim.Adam([logits], 0.3)
    for _ in range(300):
        optimizer.zero_grad()
        colour_loss(logits, truth, torch.ones(BINS**2)).backward()
        optimizer.step()
    assert mean_colour(logits).flatten().tolist() == pytest.approx([33, -47], abs=0.5)
    assert len(colours()) == BINS**2


def test_rare_colours_weigh_more():
    ab = np.float32([[0, 0]] * 900 + [[60, 40]] * 100)
    frequent, rare = (int(np.flatnonzero((colours() == c).all(1))[0]) for c in ((0, 0), (60, 40)))
    assert rarity(ab, 0.5)[rare] > 2 * rarity(ab, 0.5)[frequent]
    assert rarity(ab, 0) == pytest.approx(1, abs=0.01)


def test_mask_losses_reward_the_truth():
    truth = (torch.arange(64).reshape(1, 1, 8, 8) > 31).float()
    assert mask_loss(20 * truth - 10, truth) < 0.01 < mask_loss(10 - 20 * truth, truth)
    labels = truth.clone()
    labels[..., 0] = 255  # does not count
    logits = torch.cat([10 - 20 * truth, 20 * truth - 10], 1)
    assert label_loss(logits, labels) < 0.01 < label_loss(-logits, labels)


def test_painted_colours_are_those_of_the_tools():
    rgb = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    lab = torch.from_numpy(rgb_to_lab(rgb.permute(0, 2, 3, 1).numpy())).permute(0, 3, 1, 2)
    assert torch.allclose(painted(lab[:, :1] / 100, lab[:, 1:]), rgb, atol=1e-3)


def test_wear_follows_from_the_generator_alone(cat):
    grey = cat[..., :1].astype(np.float32) / 255
    once, again, other = (wear(grey, np.random.default_rng(seed), 1.0) for seed in (1, 1, 2))
    assert np.array_equal(once, again)
    assert once.shape == grey.shape
    assert not np.array_equal(once, other)
    assert np.abs(once - grey).mean() < 0.1
    assert np.array_equal(wear(grey, np.random.default_rng(0), 0.0), grey)
