from typing import Annotated, Literal

import numpy as np
import pytest
from pydantic import Field

import imgen
from imgen.contract.tool import tool_from
from imgen.errors import ParameterError, ToolError

Strength = Annotated[float, Field(ge=0, le=1, description="How much")]


def tint(
    image: imgen.Image,
    mask: imgen.Mask | None = None,
    *,
    colour: Literal["red", "blue"] = "red",
    strength: Strength = 0.5,
    seed: int | None = None,
) -> imgen.Image:
    """Tint it."""
    assert mask is None or mask.ndim == 2
    return image * (1 - strength)


def place(
    image: imgen.Image,
    *,
    points: imgen.Points = [],  # noqa: B006
    dots: imgen.Dots = [],  # noqa: B006
    box: imgen.Box | None = None,
) -> imgen.Image:
    """Places on the photo."""
    return image


def blank(*, size: int = 8) -> imgen.Image:
    """Make something."""
    return np.zeros((size, size, 3), np.float32)


IMAGE = np.full((4, 5, 3), 0.5, np.float32)


def test_the_signature_is_read():
    tool = tool_from(tint, "mine", "1.0")
    assert (tool.takes, tool.gives, tool.pictures) == ("image", "image", {"mask": "mask"})
    assert tool.schema["properties"]["strength"] == {
        "default": 0.5,
        "description": "How much",
        "maximum": 1,
        "minimum": 0,
        "title": "Strength",
        "type": "number",
    }
    assert tool.summary == "Tint it."
    assert tool_from(blank).takes == "nothing"


def test_a_further_picture_keeps_its_own_help():
    def blend(image: imgen.Image, *, other: Annotated[imgen.Image, Field(description="The sky")]) -> imgen.Image:
        """Blend."""
        return image

    assert tool_from(blend).schema["properties"]["other"]["description"] == "The sky"


def test_models_may_depend_on_a_parameter():
    tool = tool_from(imgen.uses("mine/all", colour={"red": ["mine/red"], "blue": ["mine/blue"]})(tint))
    assert tool.always == ("mine/all",)
    assert tool.models == ("mine/all", "mine/red", "mine/blue")


def test_texts_are_converted():
    assert tool_from(tint)(IMAGE, strength="0.25") == pytest.approx(0.375)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"strenght": 1}, "no parameter 'strenght'; did you mean 'strength'"),
        ({"strength": 3}, r"strength must be a number from 0 to 1 \(got 3\)"),
        ({"strength": "much"}, "strength must be a number"),
        ({"strength": "much " * 99}, r"\(got 'much [much ]{60,80}\.\.\.\)$"),
        ({"colour": "green"}, "colour must be one of red, blue"),
        ({"seed": "x"}, "seed must be a whole number"),
        ({"mask": np.zeros((2, 2, 3), np.float32)}, r"mask must have the shape \(H, W\)"),
        ({"mask": "a/path.png"}, "mask must be a numpy array"),
    ],
)
def test_wrong_parameters_are_explained(parameters, message):
    with pytest.raises(ParameterError, match=message):
        tool_from(tint)(IMAGE, **parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"points": [[0.5, 2]]}, r"points must be points \[\[x, y\], ...\], all numbers from 0 to 1 \(got 2\)"),
        ({"points": [[0.5]]}, "points must be points"),
        ({"dots": [[0.3, 0.5, "red"]]}, r"dots must be dots of colour \[\[x, y, \"#rrggbb\"\], .* \(got 'red'\)"),
        ({"box": [0, 0, 1]}, r"box must be a box \[left, top, width, height\]"),
        ({"box": "all"}, r"box must be a box .* \(got 'all'\)"),
    ],
)
def test_wrong_places_are_explained(parameters, message):
    tool = tool_from(place)
    assert tool.check({"dots": [[0.3, 1, "#C02020"]]})["dots"] == [(0.3, 1, "#C02020")]
    with pytest.raises(ParameterError, match=message):
        tool.check(parameters)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 5), np.float32), "shape"),
        (np.zeros((4, 5, 3), np.uint8), "floats in 0..1"),
        (np.full((4, 5, 3), np.nan, np.float32), "not finite"),
        (np.zeros((0, 5, 3), np.float32), "shape"),
    ],
)
def test_wrong_pictures_are_explained(image, message):
    with pytest.raises(ParameterError, match=message):
        tool_from(tint)(image)


def no_docstring(image: imgen.Image) -> imgen.Image:
    return image


def no_return(image: imgen.Image):
    """Something."""


def bare(image: imgen.Image, amount=1) -> imgen.Image:
    """Something."""
    return image


def anything(image: imgen.Image, **more: float) -> imgen.Image:
    """Something."""
    return image


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_docstring, "docstring"),
        (no_return, "return"),
        (bare, "annotate the parameter 'amount'"),
        (anything, "kwargs"),
    ],
)
def test_bad_declarations_are_refused(function, message):
    with pytest.raises(ToolError, match=message):
        tool_from(function)
