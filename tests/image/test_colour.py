import numpy as np
import profiles
import pytest
from profiles import assert_near

from imgen.contract.context import Context, using
from imgen.image import colour
from imgen.image.lab import companded, linear
from imgen.image.light import light_of, srgb_of
from imgen.io.read import srgb_profile

COLOURED = [profiles.PROPHOTO, profiles.P3, profiles.ADOBE, profiles.LINEAR]


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).random((40, 50, 3)).astype(np.float32)


@pytest.mark.parametrize("icc", [*COLOURED, profiles.table_profile()])
def test_values_become_what_littlecms_makes_of_them(values, icc):
    space = colour.space_of(icc)
    shown = space.to_srgb(values)
    assert_near(shown, profiles.converted(values, icc, profiles.SRGB).clip(0, 1), 1e-3)
    bright = 0.05 + 0.95 * values  # in the dark, a curve that begins steeply makes much of little
    assert_near(space.from_srgb(bright), profiles.converted(bright, profiles.SRGB, icc).clip(0, 1), 1e-3)


@pytest.mark.parametrize("icc", [*COLOURED, profiles.GREY])
def test_there_and_back_is_within_a_fiftieth_of_a_byte(values, icc):
    space = colour.space_of(icc)
    srgb = np.repeat(values[..., :1], 3, 2) if space.grey else values
    assert_near(space.to_srgb(space.from_srgb(srgb)), srgb, 1e-3)
    assert np.abs(space.to_srgb(space.from_srgb(srgb)) - srgb).mean() < 2e-5


@pytest.mark.parametrize("icc", [None, b"", profiles.SRGB, srgb_profile()])
def test_srgb_is_known_by_what_it_does(icc):
    assert colour.space_of(icc) is None


@pytest.mark.parametrize("icc", [profiles.PROPHOTO, profiles.P3, profiles.ADOBE, profiles.GREY, profiles.GREY_22])
def test_white_stays_white_and_grey_stays_exactly_grey(icc):
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, 2)
    space = colour.space_of(icc)
    for made in (space.to_srgb(ramp), space.from_srgb(ramp)):
        assert np.ptp(made, axis=2).max() == 0
        assert made[0, -1].tolist() == [1, 1, 1]


def test_a_grey_profile_has_its_own_tones():
    middle = np.full((1, 1, 3), 0.2, np.float32)
    assert_near(colour.space_of(profiles.GREY).to_srgb(middle), companded(middle), 1e-4)


def test_a_profile_that_cannot_be_used_is_told_of():
    with using(Context()) as context:
        assert colour.space_of(b"\0" * 16 + b"RGB " + b"no profile" * 50) is None
        assert colour.space_of(b"\0" * 16 + b"CMYK" + bytes(500)) is None
    assert [text.startswith("the photo's colour profile cannot be used") for text in context.notes] == [True, True]


def test_a_scanners_profile_goes_one_way():
    space = colour.space_of(profiles.table_profile(power=1.6, back=False))
    assert not space.both_ways
    assert colour.space_of(profiles.table_profile(power=1.6)).both_ways


def test_light_by_table_is_that_by_formula(values):
    assert_near(light_of(values), linear(values), 2e-5)
    assert_near(srgb_of(values), companded(values), 2e-5)
    steps = np.linspace(0, 1, 256, dtype=np.float32)
    assert np.array_equal(np.rint(255 * srgb_of(light_of(steps))), np.arange(256))
