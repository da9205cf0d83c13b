import json
from typing import Annotated, Literal

import numpy as np
import pytest
from PIL import Image as Pillow
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
    assert tool.uses.always == ("mine/all",)
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
        (np.zeros((4, 5, 3), np.uint8), "floats in 0..1, got uint8; divide by 255$"),
        (np.zeros((4, 5, 3), np.uint16), "divide by 65535$"),
        (np.zeros((4, 5, 3), np.int64), "divide by its maximum"),
        (Pillow.new("RGB", (4, 5)), "not a PIL image; make it numpy.asarray.picture. / 255"),
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


def backwards(image: imgen.Image, *, far: int = 1, amount: Annotated[int, Field(ge=1, le=0)] = 5) -> imgen.Image:
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
        (backwards, "the default of amount is not allowed by its own type"),
    ],
)
def test_bad_declarations_are_refused(function, message):
    with pytest.raises(ToolError, match=message):
        tool_from(function)


Maybe = Annotated[int | None, Field(ge=1, description="How far", json_schema_extra={"unit": "px"})]
Optional = imgen.ModelName | None


def smear(
    image: imgen.Image,
    *,
    far: Maybe = None,
    near: Annotated[int, Field(ge=1, json_schema_extra={"unit": "px"})] | None = 6,
    model: Optional = None,
    ink: imgen.Colour = "#102030",
    curve: imgen.Curve = [(0, 0), (1, 1)],  # noqa: B006
    channels: list[Literal["red", "blue"]] = ["red"],  # noqa: B006
) -> imgen.Image:
    """Smear."""
    assert model is None or isinstance(model, str)
    return image * np.float32(0.5)


def test_a_model_that_may_be_left_out_is_named_where_it_is_given():
    tool = tool_from(smear)
    assert tool.models_of({}) == ()
    assert tool.models_of({"model": "unet/subject"}) == ("unet/subject",)


def test_optional_pixels_shrink_for_previews(offer):
    offer(smear)
    scaled_step = pytest.importorskip("imgen.editor.state.small").scaled_step
    step = imgen.Pipeline().add("smear", far=9, near=7).steps[0]
    small = scaled_step(step, 0.3)
    assert (small.parameters["far"], small.parameters["near"]) == (3, 2)
    assert type(small.parameters["far"]) is int
    assert scaled_step(imgen.Step("smear"), 0.3).parameters == {"near": 2}  # what is left to the tool stays so
    imgen.Pipeline().add("smear", **small.parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"ink": "red"}, r"ink must be a colour \"#rrggbb\" \(got 'red'\)"),
        ({"curve": [[0, 0]]}, r"curve must be a curve \[\[x, y\], ...\] of two or more points"),
        ({"curve": [[0, 0], [0.5, 1], [0.5, 0]]}, "each x above the one before"),
        ({"curve": [[0, 0], [1, 2]]}, "curve must be a curve"),
        ({"channels": ["green"]}, "channels must be a list of some of red, blue"),
        ({"far": 1.5}, r"far must be a whole number of at least 1 \(got 1.5\)"),
    ],
)
def test_colours_curves_and_several_choices(parameters, message):
    tool = tool_from(smear)
    assert tool(IMAGE, ink="#AABBCC", curve=[[0, 0.1], [1, 1]], channels=["red", "blue"]).shape == IMAGE.shape
    with pytest.raises(ParameterError, match=message):
        tool(IMAGE, **parameters)


def test_an_optional_model_is_recorded_with_its_checksum(offer):
    offer(smear)
    recipe = json.loads(imgen.Pipeline().add("smear", model="unet/subject").to_json())
    assert recipe["steps"][0]["models"] == {"unet/subject": imgen.model("unet/subject").checksum}
    assert "models" not in json.loads(imgen.Pipeline().add("smear").to_json())["steps"][0]


def test_a_decorator_says_more():
    @imgen.tool(group="Cut out", synonyms=["remove background"], icon="scissors", expensive=True)
    def cut(image: imgen.Image) -> imgen.Image:
        """Cut."""
        return image

    tool = tool_from(cut)
    assert (tool.group, tool.synonyms, tool.about.icon, tool.expensive) == (
        "Cut out", ("remove background",), "scissors", True,
    )  # fmt: skip
    assert (tool_from(tint).group, tool_from(tint).expensive, tool_from(blank).group) == ("Edit", False, "Create")


def test_candidates_need_the_name():
    def own(image: imgen.Image, *, candidate: int = 0) -> imgen.Pictures:
        """Offer."""
        return imgen.Pictures(image[None])

    def from_nothing() -> imgen.Measurements:
        """Measure nothing."""
        return {}

    with pytest.raises(ToolError, match="rename yours"):
        tool_from(own)
    with pytest.raises(ToolError, match="must be what it measures"):
        tool_from(from_nothing)
