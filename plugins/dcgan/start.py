"""Starting a generator and its critic with the weights of an exported one."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

import imgen
from imgen.training import checkpoint
from imgen.training.data import DataError

from .network import Critic, Generator

CODES = 512  # by whose pictures the batch norms are set
STEPS = 4  # of the exported graph for each doubling: ReLU, doubling, convolution, batch norm


@torch.no_grad()
def start_from(name: str, generator: Generator, critic: Critic) -> dict[str, Any]:
    """Take over what `gradient.Searchable` holds; the critic starts without a word on the spread over the batch.

    Args:
        name: of an exported model of faces, for instance "dcgan/faces".
        generator: of the same widths, with `upsampling="resize"`.
        critic: of the same widths, without a norm.

    Returns:
        how that model was trained, as its card says.

    Raises:
        DataError: the model has other networks.
    """
    model, score = imgen.model(name), critic.score
    weights = checkpoint.from_onnx(model.path)
    assert isinstance(score, nn.Linear)
    inside = score.in_features - critic.spread * critic.base**2
    score.weight.zero_()
    targets: dict[str, Tensor] = {
        "linear.weight": generator.first.weight,
        "scoring.weight": score.weight[:, :inside],
        "scoring.bias": score.bias,
    }
    for i, layer in enumerate(generator.layers):
        targets |= both(f"drawing.steps.{STEPS * i + 2}", layer[-1] if isinstance(layer, nn.Sequential) else layer)
    for i, layer in enumerate(critic.layers):
        targets |= both(f"judging.steps.{i}", layer) if isinstance(layer, nn.Conv2d) else {}
    for key, own in targets.items():
        if key not in weights or weights[key].shape != own.shape:
            raise DataError(f"{name} has no {key} of {tuple(own.shape)}; take its settings, or leave out start")
        own.copy_(weights[key])
    folded = ["first", *(f"drawing.steps.{STEPS * i - 1}" for i in range(1, len(generator.layers)))]
    unfold(generator, [(weights[f"{key}.factor"].flatten(), weights[f"{key}.offset"].flatten()) for key in folded])
    return model.card["training"]


def both(name: str, layer: nn.Module) -> dict[str, Tensor]:
    """A convolution's weight and bias, by the names that they have in the exported graph."""
    assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
    assert layer.bias is not None
    return {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}


def unfold(generator: Generator, folded: list[tuple[Tensor, Tensor]]) -> None:
    """Let every batch norm do what its exported factor and offset do.

    It gets the mean and variance of what it is given for random codes, and the gain and bias that make up for them.
    """

    def look(norm: nn.BatchNorm2d, factor: Tensor, offset: Tensor) -> torch.utils.hooks.RemovableHandle:
        """Set one norm as soon as it is given something; returns the hook."""

        def set_all(_: nn.Module, given: tuple[Tensor]) -> None:
            """Take mean and variance of what is given, and make up for them."""
            mean, variance = given[0].mean((0, 2, 3)), given[0].var((0, 2, 3))
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_(factor * (variance + norm.eps).sqrt())
            norm.bias.copy_(offset + factor * mean)

        return norm.register_forward_pre_hook(set_all)

    hooks: list[torch.utils.hooks.RemovableHandle] = []
    for norm, (factor, offset) in zip(generator.norms, folded, strict=True):
        assert isinstance(norm, nn.BatchNorm2d)
        hooks.append(look(norm, factor, offset))
    codes = torch.randn(CODES, generator.code, generator=torch.Generator().manual_seed(0))
    generator.eval()
    generator(codes, codes[:, :0])
    generator.train()
    for hook in hooks:
        hook.remove()
