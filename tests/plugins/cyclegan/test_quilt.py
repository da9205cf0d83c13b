"""Pieces of a picture over what was painted after it."""

import numpy as np
import pytest
from skimage import data

import imgen
from imgen_plugins.cyclegan.tools import brush
from imgen_plugins.cyclegan.tools.quilt import (
    COARSE,
    STEP,
    Quilt,
    calm,
    distance,
    joined,
    laid,
    matched,
    pieces,
    quilt,
    source,
)


@pytest.fixture(scope="module")
def picture():
    return data.coffee()[::2, ::2].astype(np.float32) / 255


def test_a_part_of_the_picture_is_made_of_that_part(picture):
    part = picture[40:168, 60:220]
    sheet = quilt(part, np.zeros_like(part), picture)
    made = joined(sheet, part.shape[:2], 1.0)
    assert made.shape == part.shape
    assert np.abs(made - part)[8:-40, 8:-40].mean() < 0.02
    steps = np.diff(sheet.places[2:-6, 2:-6, 1], axis=1)
    assert (steps == STEP).mean() > 0.9


def test_even_parts_go_on_in_the_picture():
    wanted, there = np.zeros((6, 6, 3), np.float32), np.full((9, 9, 3), 0.5, np.float32)
    there[:2] = 0.51  # a little further away
    places = matched(wanted, there)
    across = np.diff(places[0, :, 1])
    assert (across[:3] == STEP // COARSE).all()  # until the picture ends
    assert len({tuple(place) for place in places.reshape(-1, 2)}) > 12


def test_the_best_piece_is_taken_where_going_on_would_be_much_worse():
    there = np.zeros((1, 4, 1), np.float32)
    there[0, :, 0] = 0, 1, 2, 3
    wanted = np.float32([3, 0, 2, 1]).reshape(1, 4, 1)
    assert matched(wanted, there)[0, :, 1].tolist() == [3, 0, 2, 1]


def test_edges_of_the_photo_stay_as_they_were_painted():
    photo = np.zeros((64, 96, 3), np.float32)
    photo[:, 48:] = 1
    weight = calm(photo)[..., 0]
    assert weight[:, 46:50].max() < 0.1
    assert weight[:, :20].min() > 0.9
    assert calm(np.full_like(photo, 0.5)).min() == 1


def test_larger_pieces_show_the_same_more_finely(picture):
    part = picture[40:168, 60:220]
    small = np.zeros_like(part)
    sheet = Quilt(*quilt(part, small, picture)[:4], np.ones((*part.shape[:2], 1), np.float32))
    same = laid(sheet, small)
    large = laid(sheet, np.zeros((256, 320, 3), np.float32))
    assert large.shape == (256, 320, 3)
    means = large.reshape(128, 2, 160, 2, 3).mean((1, 3))
    assert np.abs(means - same).mean() < 0.03


@pytest.mark.parametrize("shape", [(1, 1), (5, 400), (300, 20)])
def test_pictures_of_any_shape(shape):
    image = data.chelsea()[:96, :128].astype(np.float32) / 255
    strange = np.full((*shape, 3), np.float32([0.9, 0.2, 0.1]))
    made = imgen.tools()["stylize"](image, picture=strange)
    assert made.shape == image.shape
    assert np.isfinite(made).all()


def test_a_large_picture_is_kept_no_larger_than_its_pieces():
    assert max(source(np.zeros((900, 3000, 3), np.float32)).shape) < 2000
    assert source(np.zeros((40, 50, 3), np.float32)).shape == (40, 50, 3)


def test_what_is_painted_comes_nearer_to_the_picture(picture):
    photo = data.chelsea()[:192, :288].astype(np.float32) / 255
    hand = brush.read(imgen.model("cyclegan/any-style"), picture)
    bare = brush.brushed(photo, hand._replace(picture=None), 1.0)
    made = brush.brushed(photo, hand, 1.0)

    def away(painting):
        wanted, there = pieces(painting, STEP), pieces(picture, COARSE)
        return distance(wanted, there, matched(wanted, there)).mean()

    assert away(made) < 0.6 * away(bare)
