import math

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen.training.adversarial import (
    LOSSES,
    clip_weights,
    frozen,
    gradient_norms,
    gradient_penalty,
    non_saturating_generator,
    r1_penalty,
)
from imgen.training.diffaugment import CHANGES, augment

P, Q = (8, 6, 4, 2, 0), (0, 2, 4, 6, 8)  # of 20 samples each: data p and made samples q over five symbols


def best_scores(name):
    """Scores of the best critic of a table of five symbols, and its loss."""
    real, fake = (torch.repeat_interleave(torch.arange(5), torch.tensor(n)) for n in (P, Q))
    table = torch.zeros(5, requires_grad=True)
    optimizer = torch.optim.SGD([table], 1.0)
    for _ in range(500):
        optimizer.zero_grad()
        loss = LOSSES[name].critic(table[real], table[fake])
        loss.backward()
        optimizer.step()
    return table.detach(), loss.item()


@pytest.mark.parametrize("name", ["minimax", "non-saturating", "least-squares"])
def test_the_best_critic_is_p_over_p_plus_q(name):
    scores, _ = best_scores(name)
    best = [p / (p + q) for p, q in zip(P, Q, strict=True)]
    assert LOSSES[name].chance(scores).tolist() == pytest.approx(best, abs=0.01)


def test_its_value_is_the_jensen_shannon_divergence():
    def divergence(a, b):
        return sum(x * math.log(x / y) for x, y in zip(a, b, strict=True) if x)

    p, q = ([n / 20 for n in counts] for counts in (P, Q))
    middle = [(x + y) / 2 for x, y in zip(p, q, strict=True)]
    jsd = (divergence(p, middle) + divergence(q, middle)) / 2
    assert -best_scores("minimax")[1] == pytest.approx(-math.log(4) + 2 * jsd, abs=0.01)


def test_the_best_hinge_critic_says_which_is_more_likely():
    scores, loss = best_scores("hinge")
    assert scores[[0, 1, 3, 4]].tolist() == pytest.approx([1, 1, -1, -1], abs=0.25)  # it swings around the corners
    overlap = sum(min(p, q) for p, q in zip(P, Q, strict=True)) / 20
    assert loss == pytest.approx(2 * overlap, abs=0.05)


def test_minimax_saturates_where_the_critic_is_sure():
    slopes = {}
    for name in ("minimax", "non-saturating"):
        score = torch.full((4, 1), -8.0, requires_grad=True)  # sure that they are made
        LOSSES[name].generator(score).backward()
        slopes[name] = score.grad.sum().item()
    certainty = torch.tensor(-8.0).sigmoid().item()
    assert slopes["minimax"] == pytest.approx(-certainty, rel=1e-4)
    assert slopes["non-saturating"] == pytest.approx(certainty - 1, rel=1e-4)


def test_wasserstein_and_squares_are_their_formulas():
    real, fake = torch.tensor([2.0, 4.0]), torch.tensor([-1.0, 0.0])
    assert LOSSES["wasserstein-clip"].critic(real, fake) == -3.5
    assert LOSSES["wasserstein-penalty"].generator(fake) == 0.5
    assert LOSSES["least-squares"].critic(real, fake) == 0.5 * 5 + 0.5 * 0.5
    assert LOSSES["least-squares"].generator(fake) == 0.5 * 2.5
    assert LOSSES["hinge"].critic(real, fake) == 0 + 0.5


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shape", [(3, 1), (3, 1, 4, 5)])
def test_the_players_pull_scores_apart_and_together(name, shape):
    real, fake = torch.zeros(shape, requires_grad=True), torch.zeros(shape, requires_grad=True)
    LOSSES[name].critic(real, fake).backward()
    assert (real.grad < 0).all()
    assert (fake.grad >= 0).all()  # least squares is content with a score of 0
    fake.grad = None
    LOSSES[name].generator(fake).backward()
    assert (fake.grad < 0).all()


def test_clipping_bounds_every_weight():
    critic = torch.nn.Linear(5, 3)
    clip_weights(critic, 0.01)
    assert max(p.abs().max() for p in critic.parameters()) <= 0.01


def test_the_penalty_is_zero_for_a_slope_of_one():
    real, fake, chance = torch.randn(6, 2), torch.randn(6, 2), torch.Generator().manual_seed(0)
    for slope, expected in (([0.6, 0.8], 0), ([3.0, 4.0], 16), ([0.0, 0.0], 1)):
        weight = torch.tensor(slope)
        penalty = gradient_penalty(lambda x, w=weight: x @ w[:, None] + 0 * x[:, :1], real, fake, chance)
        assert penalty.item() == pytest.approx(expected, abs=1e-4)


def test_the_penalty_looks_on_straight_lines_between_pairs():
    seen = []
    real, fake = torch.randn(50, 3, 4, 4), torch.randn(50, 3, 4, 4)

    def critic(x):
        seen.append(x.detach())
        return x.mean((1, 2, 3))[:, None]

    gradient_penalty(critic, real, fake, torch.Generator().manual_seed(0))
    u = ((seen[0] - fake) / (real - fake)).flatten(1)
    assert torch.allclose(u, u[:, :1].expand_as(u), atol=1e-2)
    assert u.median(1).values.min() >= 0
    assert u.median(1).values.max() <= 1
    assert u.median(1).values.std() > 0.2


def test_gradient_norms_of_codes_and_patches():
    codes = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    assert gradient_norms(lambda x: (x**2).sum(1) / 2, codes).tolist() == pytest.approx([5, 1])
    assert r1_penalty(lambda x: (x**2).sum(1) / 2, codes).item() == pytest.approx((25 + 1) / 4)
    patches = gradient_norms(lambda x: 3 * x, torch.zeros(2, 1, 4, 4))  # the mean of 16 scores
    assert patches.tolist() == pytest.approx([0.75, 0.75])


def test_penalties_teach_the_critic():
    critic = torch.nn.Linear(2, 1)
    r1_penalty(critic, torch.randn(4, 2)).backward()
    assert torch.allclose(critic.weight.grad, critic.weight)  # of ½ |w|²


def test_a_frozen_critic_passes_gradients_on():
    critic, sample = torch.nn.Linear(2, 1), torch.randn(4, 2, requires_grad=True)
    with frozen(critic):
        non_saturating_generator(critic(sample)).backward()
    assert critic.weight.grad is None
    assert sample.grad.abs().min() > 0
    assert critic.weight.requires_grad


@pytest.mark.parametrize("change", CHANGES)
def test_augmentation_repeats_and_passes_gradients(change):
    pictures = torch.rand(8, 3, 16, 24, requires_grad=True)
    once, again, other = (augment(pictures, [change], torch.Generator().manual_seed(n)) for n in (1, 1, 2))
    assert once.shape == pictures.shape
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    assert len({tuple(one.flatten().tolist()) for one in (once - pictures).detach()}) > 4  # each its own change
    once.sum().backward()
    assert (pictures.grad.flatten(1).abs().amax(1) > 0).all()


def test_no_change_is_no_change():
    pictures = torch.rand(2, 3, 16, 16)
    assert augment(pictures, [], torch.Generator()) is pictures
