"""A warm start with the training weights of an exported VAE, which has the same encoder and decoder."""

from __future__ import annotations

import torch
from torch import Tensor

import imgen
from imgen.training import checkpoint
from imgen.training.data import DataError

from ..networks import Autoencoder

BATCH = 256  # pictures that are looked at at once
RIDGE = 1e-3  # on the diagonal of the covariance


@torch.no_grad()
def start_from(name: str, network: Autoencoder, images: Tensor, labels: Tensor) -> None:
    """Take over an exported VAE: the means of its codes become the style.

    Codes are whitened, so that mean and covariance are those of the Gaussian prior from the first step on; and labels
    move the decoder's code as the mean code of faces moves with them. No picture changes by that.

    Args:
        name: of a model with the same widths, for instance "vae/faces".
        network: whose style is as long as the model's codes.
        images: (B, C, S, S) in 0..1; more than a code has numbers, to whiten codes by.
        labels: (B, labels) of them, 0 or 1.

    Raises:
        DataError: the model has other widths, or codes of another length.
        TrainingError: it has no training weights.
    """
    weights = checkpoint.below(checkpoint.weights(imgen.model(name)), "model/")
    own, style = network.state_dict(), network.style
    for key, value in weights.items():
        if key == "rate":  # of the VAE's divergence
            continue
        mean = value.chunk(2)[0] if key.startswith("heads.") else value  # then come log variances
        part = own[key][:, :style] if key == "spread.weight" else own[key]
        part = part[:style] if key.startswith("heads.") else part
        if part.shape != mean.shape:
            raise DataError(f"{name} has {key} of {tuple(mean.shape)}, not {tuple(part.shape)}; take its settings")
        part.copy_(mean)
    network.spread.weight[:, style:] = 0
    training = network.training
    network.eval()
    seen = torch.cat([network.look(part)[0] for part in images.split(BATCH)])
    network.train(training)
    whiten(network, seen)
    explain(network, (seen - seen.mean(0)) @ torch.linalg.inv(root_of(seen)).T, labels)


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
