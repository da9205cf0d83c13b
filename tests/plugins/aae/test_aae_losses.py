"""What the trainers of codes are made of: losses, priors, diagnostics."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train


from imgen.faces.training.asked import Sliders
from imgen.training.hardware import Hardware, known
from imgen.training.trainer import dice
from imgen_plugins.aae.evaluation.realism import MIDPOINTS, UNMIXED, taken_for_unmixed
from imgen_plugins.aae.networks import Autoencoder, Codec, MixCritic
from imgen_plugins.aae.training.adversaries import AttributeAdversary, CodeDiscriminator
from imgen_plugins.aae.training.damage import KINDS, damage, damaged
from imgen_plugins.aae.training.faces import exchanged
from imgen_plugins.aae.training.lines import LINES, STEPS, draw_lines, nearest_line, smoothness
from imgen_plugins.aae.training.matching import Map, MatchSettings
from imgen_plugins.aae.training.priors import draw, sliced_wasserstein
from imgen_plugins.aae.training.whitening import Moments, whiten


def test_whitening_gives_codes_of_unit_covariance():
    torch.manual_seed(0)
    network = Autoencoder(1, 32, 3, 0, (16, 16, 16)).eval()
    images = torch.rand(64, 1, 32, 32)
    with torch.no_grad():
        before = network.decode(network.encode(images)[0])
        network.heads.weight.mul_(50)  # codes far from small beside the ridge
        network.spread.weight.div_(50)
        before = network.decode(network.encode(images)[0])
        style = network.encode(images)[0]
        whiten(network, style.mean(0), torch.cov(style.T))
        style = network.encode(images)[0]
    assert torch.allclose(style.mean(0), torch.zeros(3), atol=1e-3)
    assert torch.allclose(network.decode(style), before, atol=1e-3)


def test_moments_follow_what_they_see():
    torch.manual_seed(0)
    root = torch.tensor([[2.0, 0.0], [1.0, 0.5]])
    moments = Moments(2)
    for _ in range(2000):
        moments.follow(torch.randn(16, 2) @ root.T + torch.tensor([1.0, -3.0]))
    assert torch.allclose(moments.mean, torch.tensor([1.0, -3.0]), atol=0.2)
    assert torch.allclose(moments.covariance, root @ root.T, atol=0.4)


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
    rng, names = np.random.default_rng(0), ["smile", "glasses"]
    shown = rng.integers(0, 2, (40, 3)).astype(np.float32)
    sliders = Sliders(names, names, ["hat", *names], shown)
    edits = sliders.draw(rng, 20)
    wanted = exchanged(edits, sliders, 10).numpy()
    there = ~np.isnan(wanted)
    assert (there.sum(1) == 1).all()
    assert np.array_equal(wanted[there], edits.more[:10])
    assert (shown[edits.faces[:10], 1:][there] != wanted[there]).all()


def test_damage_of_every_kind_keeps_the_shape():
    faces = torch.rand(6, 3, 64, 64)
    for kind in KINDS:
        made = damage(faces[0], kind, np.random.default_rng(0))
        assert made.shape == (3, 64, 64)
        assert not torch.equal(made, faces[0])
    large = damage(torch.rand(3, 128, 128), "pixels", np.random.default_rng(0))
    small = damage(torch.rand(3, 64, 64), "pixels", np.random.default_rng(0))
    edges = [int((one[0, 0].diff() != 0).sum()) for one in (large, small)]
    assert edges[0] == edges[1]  # blocks are as large a part of a face
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


def test_trouble_is_told_in_words_about_codes():
    trainer = Map(MatchSettings(widths=(16, 16, 16)))
    trainer.build()
    trainer.discriminator.watch.steps = 1000
    trainer.discriminator.watch.varieties.append(0.01)
    assert "a small part of the prior" in trainer.warnings()["collapse"]
