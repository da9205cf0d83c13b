"""Parameters whose values are known only when they are asked for."""

from typing import Annotated

import numpy as np
import pytest
from pydantic import Field

import imgen
from imgen.contract.description import describe_range
from imgen.contract.tool import tool_from
from imgen.errors import ParameterError, ToolError

IMAGE = np.full((4, 5, 3), 0.5, np.float32)
INKS: dict[str, float] = {}
MOODS: dict[str, imgen.Slider] = {}
calls: list[str] = []


def inks() -> list[str]:
    calls.append("inks")
    return list(INKS)


def moods() -> dict[str, imgen.Slider]:
    calls.append("moods")
    return MOODS


def ink_models() -> dict[str, tuple[str, ...]]:
    return {name: (f"mine/{name}",) for name in INKS}


Ink = Annotated[str, imgen.Choice(inks, "make one with imgen train mine/INK"), Field(description="Which ink")]


@imgen.uses("mine/all", ink=ink_models)
def paint(image: imgen.Image, *, ink: Ink, strength: float = 1.0) -> imgen.Image:
    """Paint."""
    return np.full_like(image, INKS[ink] * strength)


def layered(image: imgen.Image, *, inks: list[Ink] = [], last: Ink | None = None) -> imgen.Image:  # noqa: B006
    """Paint in layers."""
    return image * 0 + np.float32(sum(INKS[ink] for ink in inks) + (INKS[last] if last else 0))


def face(image: imgen.Image, *, scale: int = 1, **amounts: Annotated[float, imgen.Sliders(moods)]) -> imgen.Image:
    """Change a mood."""
    return image * np.float32(sum(amounts.values()) * scale)


@pytest.fixture(autouse=True)
def fresh():
    INKS.clear()
    INKS.update(red=0.25, blue=0.5)
    MOODS.clear()
    MOODS.update(smile=imgen.Slider("How much", -2, 2, models=("mine/smile",)))
    calls.clear()


def test_nothing_is_asked_for_while_plugins_are_loaded():
    tool_from(paint)
    tool_from(layered)
    tool_from(face)
    assert calls == []


def test_a_choice_is_read_whenever_it_is_needed():
    tool = tool_from(paint)
    assert tool.schema["properties"]["ink"]["enum"] == ["red", "blue"]
    with pytest.raises(ParameterError, match=r"paint: ink must be one of red, blue \(got 'gold'\)"):
        tool(IMAGE, ink="gold")
    INKS["gold"] = 0.75
    assert tool.schema["properties"]["ink"]["enum"] == ["red", "blue", "gold"]
    assert tool(IMAGE, ink="gold") == pytest.approx(0.75)
    assert describe_range(tool.schema["properties"]["ink"]) == "must be one of red, blue, gold"


def test_the_first_value_is_the_default():
    tool = tool_from(paint)
    assert tool.schema["properties"]["ink"]["default"] == "red"
    assert tool(IMAGE) == pytest.approx(0.25)
    del INKS["red"]
    assert tool.schema["properties"]["ink"]["default"] == "blue"
    assert tool(IMAGE) == pytest.approx(0.5)


def test_a_default_that_is_gone_gives_way():
    def painted(image: imgen.Image, *, ink: Ink = "blue") -> imgen.Image:
        """Paint."""
        return np.full_like(image, INKS[ink])

    tool = tool_from(painted)
    assert tool.schema["properties"]["ink"]["default"] == "blue"
    del INKS["blue"]
    assert tool.schema["properties"]["ink"]["default"] == "red"
    assert tool(IMAGE) == pytest.approx(0.25)


def test_an_empty_choice_says_what_to_do():
    INKS.clear()
    with pytest.raises(ParameterError, match="ink has nothing to choose from; make one with imgen train mine/INK"):
        tool_from(paint)(IMAGE)


def test_choices_in_lists_and_optional_ones():
    tool = tool_from(layered)
    assert tool.schema["properties"]["inks"]["items"]["enum"] == ["red", "blue"]
    assert tool.schema["properties"]["last"]["anyOf"][0]["enum"] == ["red", "blue"]
    assert tool(IMAGE) == pytest.approx(0)
    assert tool(IMAGE, inks=["red", "red"], last="blue") == pytest.approx(1)
    with pytest.raises(ParameterError, match="inks must be a list of some of red, blue"):
        tool(IMAGE, inks=["green"])


def test_models_follow_the_choice():
    tool = tool_from(paint)
    assert tool.models == ("mine/all", "mine/red", "mine/blue")
    assert tool.models_of({}) == ("mine/all", "mine/red")
    INKS["gold"] = 0.75
    assert tool.models_of({"ink": "gold"}) == ("mine/all", "mine/gold")


def test_sliders_become_parameters():
    tool = tool_from(face)
    assert list(tool.fields) == ["smile", "scale"]
    assert tool(IMAGE, smile=1.5) == pytest.approx(0.75)
    with pytest.raises(ParameterError, match=r"smile must be a number from -2\.* to 2"):
        tool(IMAGE, smile=3)
    with pytest.raises(ParameterError, match="no parameter 'frown'"):
        tool(IMAGE, frown=1)
    MOODS["frown"] = imgen.Slider("How much")
    assert tool(IMAGE, frown=1, scale=2) == pytest.approx(1)
    assert tool.schema["properties"]["frown"]["description"] == "How much"
    del MOODS["smile"]
    assert list(tool.fields) == ["frown", "scale"]


def test_models_of_sliders_run_where_they_are_moved():
    tool = tool_from(face)
    assert tool.models == ("mine/smile",)
    assert tool.models_of({}) == ()
    assert tool.models_of({"smile": 0.5}) == ("mine/smile",)


def test_a_provider_that_fails_is_told_and_harms_nothing(caplog):
    def broken() -> list[str]:
        raise OSError("no folder")

    def odd(image: imgen.Image, *, ink: Annotated[str, imgen.Choice(broken)]) -> imgen.Image:
        """Paint."""
        return image

    tool = tool_from(odd)
    assert tool.schema["properties"]["ink"]["enum"] == []
    assert "no folder" in caplog.text
    with pytest.raises(ParameterError, match="nothing to choose"):
        tool(IMAGE)


def test_other_keyword_parameters_are_still_refused():
    def odd(image: imgen.Image, **more: float) -> imgen.Image:
        """Something."""
        return image

    with pytest.raises(ToolError, match=r"imgen\.Sliders"):
        tool_from(odd)
