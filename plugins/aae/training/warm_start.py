"""A warm start with the training weights of an exported VAE, which has the same encoder and decoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import imgen
from imgen.contract.arrays import Array
from imgen.inference.registry import Model
from imgen.training import checkpoint
from imgen.training.data import DataError

from ..networks import Autoencoder
from .whitening import root_of, whiten

BATCH = 256  # pictures that are looked at at once
FULL = 2.5  # of a slider, at which it shows


@torch.no_grad()
def start_from(
    names: tuple[str, str], network: Autoencoder, images: Tensor, labels: Tensor, attributes: Sequence[str]
) -> None:
    """Take over an exported VAE: the means of its codes become the style.

    Codes are whitened, so that mean and covariance are those of the Gaussian prior from the first step on; and labels
    move the decoder's code as the mean code of faces moves with them, or as directions say. No picture changes by that.

    Args:
        names: of a model with the same widths, for instance "vae/closeup", and of directions in its codes or "".
        network: whose style is as long as the model's codes.
        images: (B, C, S, S) in 0..1; more than a code has numbers, to whiten codes by.
        labels: (B, labels) of them, 0 to 1.
        attributes: names of the labels, as directions know them.

    Raises:
        DataError: the model has other widths, or codes of another length.
        TrainingError: it has no training weights.
    """
    vae, style = imgen.model(names[0]), network.style
    take(vae, network)
    training = network.training
    network.eval()
    seen = torch.cat([network.look(part)[0] for part in images.split(BATCH)])
    network.train(training)
    mean, covariance = seen.mean(0), torch.cov(seen.T)
    root = root_of(covariance)
    if names[1]:
        given = [torch.from_numpy(means_of(vae, part.numpy())) for part in images.split(BATCH)]
        order = torch.linalg.lstsq(torch.cat(given), seen).solution  # exported codes have their numbers sorted
        moves = torch.from_numpy(moves_of(imgen.model(names[1]), attributes)) @ order @ torch.linalg.inv(root).T
    else:
        moves = explained((seen - mean) @ torch.linalg.inv(root).T, labels)
    whiten(network, mean, covariance)
    network.spread.weight[:, style:] = network.spread.weight[:, :style] @ moves.T
    network.heads.weight[style:] = 0  # labels are not known yet: all in the middle
    network.heads.bias[style:] = 0


def take(vae: Model, network: Autoencoder) -> None:
    """Encoder, decoder and the means of the codes."""
    weights = checkpoint.below(checkpoint.weights(vae), "model/")
    own, style = network.state_dict(), network.style
    for key, value in weights.items():
        if key == "rate":  # of the VAE's divergence
            continue
        mean = value.chunk(2)[0] if key.startswith("heads.") else value  # then come log variances
        part = own[key][:, :style] if key == "spread.weight" else own[key]
        part = part[:style] if key.startswith("heads.") else part
        if part.shape != mean.shape:
            raise DataError(f"{vae.name} has {key} of {tuple(mean.shape)}, not {tuple(part.shape)}; take its settings")
        part.copy_(mean)


def means_of(vae: Model, image: NDArray[np.float32]) -> Array:
    """The means (B, style) of the codes of pictures (B, C, S, S), as the exported model gives them."""
    zeros = np.zeros((len(image), int(vae.settings["latent"])), np.float32)
    return vae(image=image, keep=zeros[:, :1], offset=zeros)[1]


def moves_of(directions: Model, attributes: Sequence[str]) -> Array:
    """What a label's change by 1, which is half of its way, changes of exported codes (labels, style).

    Raises:
        DataError: the directions know no such attribute.
    """
    known = list(directions.card["measured"]["sliders"])
    if unknown := set(attributes) - set(known):
        raise DataError(f"{directions.name} knows no {min(unknown)}; it has {', '.join(known)}")
    amounts = FULL * np.eye(len(known), dtype=np.float32)[[known.index(name) for name in attributes]]
    return (directions(amounts=amounts) - directions(amounts=-amounts)) / 4


def explained(style: Tensor, labels: Tensor) -> Tensor:
    """What labels explain of the style (B, N), by least squares over all at once: (labels, N) for each change by 1."""
    known = 2 * labels - 1
    return torch.linalg.lstsq(known - known.mean(0), style).solution
