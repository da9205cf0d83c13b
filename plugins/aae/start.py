"""Starting an autoencoder with the weights of an exported VAE, which has the same encoder and decoder."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import imgen
from imgen.training import checkpoint
from imgen.training.data import DataError

from .network import Autoencoder

FOLDED = "_bias"  # how the exporter names the offset of a batch norm that it folded into a convolution
BATCH = 256  # pictures that are looked at at once
RIDGE = 1e-3  # on the diagonal of the covariance
CONVOLUTION = {"norm1": "first", "norm2": "second"}  # before each batch norm of a block


@torch.no_grad()
def start_from(name: str, network: Autoencoder, images: Tensor, labels: Tensor) -> None:
    """Take over an exported VAE: the means of its codes become the style.

    Codes are whitened, so that mean and covariance are those of the Gaussian prior from the first step on; and labels
    move the decoder's code as the mean code of faces moves with them. No picture changes by that.

    Args:
        name: of a model with the same widths, for instance "vae/faces".
        network: whose style is as long as the model's codes.
        images: (B, C, S, S) in 0..1; more than a code has numbers, to set batch norms and codes by.
        labels: (B, labels) of them, 0 or 1.

    Raises:
        DataError: the model has other widths, or codes of another length.
    """
    weights = {k.removeprefix("network."): v for k, v in checkpoint.from_onnx(imgen.model(name).path).items()}
    for key in ("heads.weight", "heads.bias"):
        weights[key] = weights[key].chunk(2)[0]  # means come first, then log variances
    own = network.state_dict()
    for key, value in weights.items():
        if key.endswith(FOLDED):
            continue
        part = own[key][:, : network.style] if key == "spread.weight" else own[key]
        part = part[: network.style] if key.startswith("heads") else part
        if part.shape != value.shape:
            raise DataError(f"{name} has {key} of {tuple(value.shape)}, not {tuple(part.shape)}; take its settings")
        part.copy_(value)
    network.spread.weight[:, network.style :] = 0
    some = images[:BATCH]
    unfold(network, {key.removesuffix(FOLDED): v for key, v in weights.items() if key.endswith(FOLDED)}, some)
    network.eval()
    style = torch.cat([network.encode(part)[0] for part in images.split(BATCH)])
    network.train()
    whiten(network, style)
    explain(network, (style - style.mean(0)) @ torch.linalg.inv(root_of(style)).T, labels)


def root_of(style: Tensor) -> Tensor:
    """The Cholesky root (N, N) of the covariance of codes (B, N)."""
    return torch.linalg.cholesky(torch.cov(style.T) + RIDGE * torch.eye(style.shape[1]))


def whiten(network: Autoencoder, style: Tensor) -> None:
    """Let the encoder give codes of mean 0 and covariance I where it gave `style` (B, N), and the decoder undo that."""
    n, root, mean = network.style, root_of(style), style.mean(0)
    inverse = torch.linalg.inv(root)
    network.heads.weight[:n] = inverse @ network.heads.weight[:n]
    network.heads.bias[:n] = inverse @ (network.heads.bias[:n] - mean)
    network.spread.bias.add_(network.spread.weight[:, :n] @ mean)
    network.spread.weight[:, :n] = network.spread.weight[:, :n] @ root


def explain(network: Autoencoder, style: Tensor, labels: Tensor) -> None:
    """Let labels move the decoder's code by what they explain of the style (B, N): least squares over all at once."""
    known = 2 * labels - 1
    moves = torch.linalg.lstsq(known - known.mean(0), style).solution  # (labels, N)
    network.spread.weight[:, network.style :] = network.spread.weight[:, : network.style] @ moves.T
    network.heads.weight[network.style :] = 0  # labels are not known yet: all in the middle
    network.heads.bias[network.style :] = 0


def unfold(network: Autoencoder, offsets: dict[str, Tensor], images: Tensor) -> None:
    """Let every batch norm pass on what its convolution gives, plus the offset that was folded into that.

    It gets the mean and spread that its inputs have on `images`, and the gain and offset that undo them.
    """

    def pass_on(norm: nn.BatchNorm2d, offset: Tensor) -> Any:
        """Set one norm as soon as it sees its inputs; returns the hook."""

        def look(_: nn.Module, inputs: tuple[Tensor]) -> None:
            """Take mean and spread of what comes, and undo them."""
            mean, variance = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))
            for own, value in (
                (norm.running_mean, mean),
                (norm.running_var, variance),
                (norm.weight, (variance + norm.eps).sqrt()),
                (norm.bias, offset + mean),
            ):
                assert own is not None
                own.copy_(value)

        return norm.register_forward_pre_hook(look)

    hooks = [pass_on(norm, offsets[convolution(name)]) for name, norm in norms(network)]
    training = network.training
    network.eval()
    style, _ = network.encode(images)
    network.decode(F.pad(style, (0, network.labels)))
    for hook in hooks:
        hook.remove()
    network.train(training)


def norms(network: nn.Module) -> list[tuple[str, nn.BatchNorm2d]]:
    """All batch norms by name."""
    return [(name, module) for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)]


def convolution(norm: str) -> str:
    """The name of the weights before a batch norm of that name."""
    block, _, last = norm.rpartition(".")
    return f"{block}.{CONVOLUTION[last]}.weight"
