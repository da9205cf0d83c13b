"""Colour for grey photos and selections of what they show: prepare the picture, run the model, finish at full size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import ndimage

import imgen
from imgen.contract.places import box_pixels, point_pixels
from imgen.image import guided
from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen.inference.registry import Model

from .clicking import Click, discs, selected

Array = NDArray[np.float32]

STEP, LIMIT = 10, 80  # a, b of Lab are quantised in steps of 10 between -80 and 80
BINS = 2 * LIMIT // STEP + 1

SHARPNESS = 1.25  # one over the temperature
RAISE = 0.5  # vividness 1 raises chroma by this part
TILT = 0.1  # how far alternatives go,
KNOTS = 4  # and how many levels of lightness have a hue of their own in them
TINY = 16  # pixels on the shorter side below which nothing can be recognised
FLAT = 4.0  # spread of L below which a picture shows so little that colours fade out
DRAWN = 0.95  # part of the pixels that equal their neighbours from which on a picture is no photo
COLOURFUL = 8  # mean chroma above which a photo counts as coloured

WHOLE = 1.25  # networks learn from parts cut out of photos; the whole shows things as large at this scale
SOFT = 8.0  # pixels at that size on both sides of an outline in which a selection is soft; it gets hard over as many
DOUBT = 0.15  # mean probability from which on what is enclosed by a subject is a part of it
FINE = 512  # guided filters are fitted at about this many pixels squared

Strength = Annotated[float, Field(ge=0, le=1, description="0 keeps the photo's own colours, 1 replaces them")]
Vividness = Annotated[float, Field(ge=0, le=1, description="0 the careful average of what it may be, 1 lively")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="0 the likeliest colours; every other number an alternative")]
Hints = Annotated[imgen.Dots, Field(description="Dots of colours that you know")]
Clicks = Annotated[imgen.Points, Field(description="Places on what you mean; empty takes the subject")]
Away = Annotated[imgen.Points, Field(description="Places on what does not belong to it")]
Frame = Annotated[imgen.Box | None, Field(description="Look only inside this rectangle")]
Refine = Annotated[bool, Field(description="Follow hair and edges of the full-size photo")]
Name = Annotated[imgen.ModelName, Field(description="A segmentation that you trained, as PLUGIN/MODEL")]
Label = Annotated[int, Field(ge=0, le=254, description="Which class, where the model knows several")]
Pairs = Annotated[imgen.ModelName, Field(description="One that you trained as unet/pix2pix, as PLUGIN/MODEL")]


@imgen.uses("unet/colorize")
def colorize(
    image: imgen.Image,
    *,
    strength: Strength = 1.0,
    vividness: Vividness = 0.3,
    hints: Hints = [],  # read only  # noqa: B006
    seed: Seed = 0,
) -> imgen.Image:
    """Give a black-and-white or faded photo its colours.

    A network says how likely each colour is at each place (Zhang et al., arXiv 1603.08511), knowing the dots of
    `hints` (Zhang et al., arXiv 1705.02999); a guided filter carries the colours to the full size along edges. The
    photo's lightness (L of CIE Lab, and with it the luminance) is kept; colours that sRGB cannot show lose chroma.
    """
    if strength == 0:
        return image.copy()
    if min(image.shape[:2]) < TINY:
        imgen.note("colorize: the photo is too small to show what it is, so its colours mean little")
    fine = rgb_to_lab(guided.reduced(image, *guided.size_near(image.shape, FINE)))
    if np.hypot(fine[..., 1], fine[..., 2]).mean() > COLOURFUL:
        imgen.note("colorize: this photo has colours, which are replaced; a strength below 1 keeps part of them")
    ab = guided.reduced(predict_colours(image, hints, vividness, seed), *fine.shape[:2])
    coefficients = guided.fit(fine[..., :1] / np.float32(100), ab, radius=8, eps=1e-3)
    result = np.empty(image.shape, np.float32)
    height, width = image.shape[:2]
    for rows in guided.strips(height, width):
        imgen.progress(rows.start, height)
        lab = rgb_to_lab(image[rows])
        new = guided.predict(guided.enlarged(coefficients, rows, height, width), lab[..., :1] / np.float32(100))
        lab[..., 1:] += np.float32(strength) * (new - lab[..., 1:])
        result[rows] = lab_to_rgb(lab)
    return result


def predict_colours(image: Array, hints: imgen.Dots, vividness: float, seed: int) -> Array:
    """The network's a, b (h, w, 2) for the whole picture, at a fraction of its size."""
    model = imgen.model("unet/colorize")
    small = guided.reduced(image, *working_size(image, model, WHOLE))
    lab = without_colour(rgb_to_lab(small))
    if from_pairs(model):  # a colorizer of the user's own
        return rgb_to_lab(model(image=planes(lab_to_rgb(lab)))[0].transpose(1, 2, 0))[..., 1:]
    light = lab[..., :1] / np.float32(100)
    dots = draw(hints, light.shape)
    logits = model(light=planes(light), hints=planes(dots))[0]  # (BINS², h/4, w/4)
    likeliest = decode(logits)
    if seed:
        likeliest = alternative(logits, likeliest, guided.reduced(light, *logits.shape[1:])[..., 0], seed)
    shown = 1.0 if hints else min(1.0, float(lab[..., 0].std()) / FLAT, photographed(image))
    return likeliest * np.float32(shown * (1 + RAISE * vividness))


def photographed(image: Array) -> float:
    """How sure it is, 0..1, that a picture is a photo: screenshots and drawings are flat nearly everywhere.

    Of 250 photos the flattest has 75 % of pixels that equal their neighbours exactly, a fruit on white.
    """
    green = (image[..., 1] * 255).round().astype(np.uint8)
    here = green[1:, 1:]
    flat = ((here == green[:-1, 1:]) & (here == green[1:, :-1])).mean() if here.size else 0.0
    return float(np.clip((DRAWN - flat) / (DRAWN - 0.8), 0, 1))


def working_size(image: Array, model: Model, scale: float) -> tuple[int, int]:
    """Height and width at which the network sees the picture: `scale` squared as many pixels as in training."""
    side = round(scale * model.card["training"]["settings"]["size"])
    return guided.size_near(image.shape, side, model.card["multiple"])


def planes(image: Array) -> Array:
    """(H, W, C) as (1, C, H, W)."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None])


def draw(hints: imgen.Dots, shape: tuple[int, ...]) -> Array:
    """Hints as the network takes them (h, w, 3): a/100, b/100 and 1 in a small square about each dot."""
    out = np.zeros((*shape[:2], 3), np.float32)
    for x, y, colour in hints:
        rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
        row, column = (min(int(part * n), n - 1) for part, n in zip((y, x), shape, strict=False))
        _, a, b = rgb_to_lab(rgb)
        out[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = (a / 100, b / 100, 1)
    return out


def colours() -> Array:
    """The a, b of each colour class (BINS², 2)."""
    axis = np.arange(-LIMIT, LIMIT + 1, STEP, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)


def decode(logits: Array, tilt: Array | None = None) -> Array:
    """Class logits (BINS², h, w) as a, b (h, w, 2): the mean of the slightly sharpened distribution.

    The annealed mean of Zhang et al., at a higher temperature than theirs: nearer to the mode, colours of which the
    network is unsure turn grey or blotchy. `tilt` u (h, w, 2) turns the distribution p(c) to p(c) exp(u · c), which
    moves most where the network is least sure.
    """
    classes = colours()
    scores = logits.reshape(len(classes), -1).T * np.float32(SHARPNESS)  # (h * w, BINS²)
    if tilt is not None:
        scores += tilt.reshape(-1, 2) @ classes.T
    scores -= scores.max(1, keepdims=True)
    weights = np.exp(scores, out=scores)
    return ((weights @ classes) / weights.sum(1, keepdims=True)).reshape(*logits.shape[1:], 2)


def alternative(logits: Array, likeliest: Array, light: Array, seed: int) -> Array:
    """Other plausible a, b (h, w, 2), tilted toward a hue for each lightness (h, w), hardly more colourful."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, KNOTS)
    knots = np.linspace(0, 1, KNOTS)
    hues = np.stack([np.interp(light, knots, axis(angles)) for axis in (np.cos, np.sin)], -1)
    ab = decode(logits, (TILT * hues).astype(np.float32))
    most = 1.3 * np.hypot(*np.moveaxis(likeliest, 2, 0)) + 8
    part = np.minimum(1, most / np.maximum(1e-6, np.hypot(*np.moveaxis(ab, 2, 0))))
    return ab * part.astype(np.float32)[..., None]


@imgen.uses("unet/subject")
def select_subject(
    image: imgen.Image,
    *,
    points: Clicks = [],  # read only  # noqa: B006
    background_points: Away = [],  # read only  # noqa: B006
    box: Frame = None,
    refine: Refine = True,
) -> imgen.Mask:
    """Select the subject, with a soft edge along hair and fur.

    A U-Net, trained on photos and masks of what catches the eye, and on clicks (RITM, arXiv 2102.06583). A point on
    something that is found chooses it alone; one on something that is not found adds it, from a closer look where the
    whole photo does not show it; `background_points` take away. With `box` only what is inside is looked at.
    """

    def look(part: Array, clicks: Sequence[Click]) -> Array:
        return matting("unet/subject", 0, part, refine, clicks)

    mask = np.zeros(image.shape[:2], np.float32)
    rows, columns = box_pixels(box, image.shape)
    clicks = [
        Click(*place, adds)
        for adds, places in ((True, points), (False, background_points))
        for place in point_pixels(places, rows, columns, image.shape)
    ]
    if clicks or not points:  # points that all lie outside the box mean nothing in it
        mask[rows, columns] = selected(image[rows, columns], clicks, look)
    if mask.max() < 0.5:
        imgen.note("select_subject: no clear subject found, so nothing is selected; mark it with box or points")
        mask[:] = 0  # a faint doubt is no selection
    return mask


def segment(image: imgen.Image, *, model: Name = "unet/subject", label: Label = 1, refine: Refine = True) -> imgen.Mask:
    """Select what a segmentation of your own finds (`imgen train unet/segment`)."""
    network = imgen.model(model)
    classes = network.card["training"]["settings"].get("classes", 1 if click_radius(network) else None)
    if classes is None:
        raise imgen.ImgenError(f"segment: {model} is no segmentation; train one with `imgen train unet/segment`")
    if classes > 1 and label >= classes:
        raise imgen.ImgenError(f"segment: {model} knows the classes 0 to {classes - 1}, not {label}")
    return matting(model, label if classes > 1 else 0, image, refine)


def matting(model: str, label: int, image: Array, refine: bool, clicks: Sequence[Click] = ()) -> Array:
    """Probabilities of one class (H, W), carried to the full size along edges, ends exactly 0 and 1."""
    network = imgen.model(model)
    fine = guided.reduced(image, *guided.size_near(image.shape, FINE))
    found = guided.reduced(likely(network, label, image, clicks), *fine.shape[:2])
    height, width = image.shape[:2]
    if not refine:
        return levels(guided.enlarged(found, slice(0, height), height, width)[..., 0])
    matte = levels(guided.transferred(image, fine, found, radius=6, eps=1e-4)[..., 0])
    sure = decided(found[..., 0])
    for rows in guided.strips(height, width):
        weight, share = np.moveaxis(guided.enlarged(sure, rows, height, width), 2, 0)
        matte[rows] += share - weight * matte[rows]
    return matte


def likely(network: Model, label: int, image: Array, clicks: Sequence[Click]) -> Array:
    """The network's probabilities of one class (h, w, 1) at its working size; nothing where a click takes away."""
    small = guided.reduced(image, *working_size(image, network, WHOLE))
    radius = click_radius(network)
    if not radius:
        return network(image=planes(small))[0, label, :, :, None]
    drawn = discs(clicks, image.shape, small.shape, radius)
    return (network(image=planes(small), clicks=drawn)[0, label] * (1 - drawn[0, 1]))[..., None]


def click_radius(network: Model) -> int:
    """Of the discs that it takes clicks as; 0 for a network that takes none, such as a segmentation of the user's."""
    return int((network.card.get("facts") or {}).get("clicks", 0))


def decided(found: Array) -> Array:
    """Where (h, w) probabilities are no matter of taste: the weight of that, and it times 0 or 1, as (h, w, 2).

    A selection is soft along its outline only. Away from it, everything is in or out; what it encloses without being
    sure that it is outside is in.
    """
    solid = found > 0.5
    enclosed: Any = ndimage.binary_fill_holes(solid)
    labelled: Any = ndimage.label(enclosed & ~solid)
    number, count = labelled
    doubt = ndimage.mean(found, number, np.arange(1, count + 1)) if count else np.zeros(0)
    solid |= np.isin(number, np.flatnonzero(np.asarray(doubt) > DOUBT) + 1)
    away = np.full(found.shape, np.inf)  # where there is no outline at all
    if solid.any() and not solid.all():
        inner, outer = (np.asarray(ndimage.distance_transform_edt(part)) for part in (solid, ~solid))
        away = inner + outer
    weight = (away * FINE / found.size**0.5 / SOFT - 1).clip(0, 1)
    return np.stack([weight, weight * solid], 2).astype(np.float32)


def levels(matte: Array) -> Array:
    """Stretch the middle to 0..1, so that what is surely outside is exactly 0 and what is surely inside 1."""
    return np.clip((matte - np.float32(0.3)) / np.float32(0.4), 0, 1)


def image_to_image(image: imgen.Image, *, model: Pairs) -> imgen.Image:
    """Turn the photo into what a model of your own has learned from pairs (`imgen train unet/pix2pix`).

    The network sees the photo at a working size; what it changes is carried to the full size along the photo's edges.
    """
    network = imgen.model(model)
    if not from_pairs(network):
        raise imgen.ImgenError(f"image_to_image: {model} has not learned from pairs; train one as unet/pix2pix")
    small = guided.reduced(image, *working_size(image, network, WHOLE))
    made = network(image=planes(small))[0].transpose(1, 2, 0)  # (h, w, 3)
    return guided.transferred(image, small, made, radius=2, eps=1e-4)


def from_pairs(network: Model) -> bool:
    """Whether it makes pictures from pictures; before there was a trainer of its own, a setting said so."""
    training = network.card["training"]
    return training.get("model") == "unet/pix2pix" or training["settings"].get("objective") == "pix2pix"
