"""Recipes made with older versions of tools."""

import json
from typing import Any

import numpy as np
import pytest

import imgen
from imgen.engine.pipeline import differences
from imgen.errors import ToolError


def percent(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"strength": parameters.pop("amount", 50) / 100, **parameters}


def renamed(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"level" if name == "strength" else name: value for name, value in parameters.items()}


@imgen.tool(version=4, former_names=["darken"], migrate={1: percent, 2: renamed})
def shade(image: imgen.Image, *, level: float = 0.5) -> imgen.Image:
    """Darken."""
    return image * np.float32(1 - level)


@imgen.tool(version=2, migrate={1: lambda parameters: {"level": parameters["gone"]}})
def fragile(image: imgen.Image, *, level: float = 0.5) -> imgen.Image:
    """Has a migration that fails."""
    return image


@pytest.fixture(autouse=True)
def here(offer):
    offer(shade, fragile)


def recipe(tool: str, parameters: dict[str, Any], **more: Any) -> str:
    return json.dumps({"imgen": 1, "steps": [{"tool": tool, "parameters": parameters, **more}]})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (recipe("darken", {"amount": 25}), 0.25),  # of format 1, without a version: that is version 1
        (recipe("darken", {}), 0.5),
        (recipe("shade", {"strength": 0.75}, tool_version=2), 0.75),
        (recipe("shade", {"level": 0.1}, tool_version=3), 0.1),
        (recipe("shade", {"level": 0.2}, tool_version=4), 0.2),
    ],
)
def test_old_parameters_are_carried_over(text, level):
    steps = imgen.Pipeline.from_json(text).steps
    assert steps[0].tool == "shade"
    assert steps[0].parameters == {"level": level}


def test_the_version_is_recorded_and_an_old_recipe_becomes_a_new_one():
    again = json.loads(imgen.Pipeline.from_json(recipe("darken", {"amount": 25})).to_json())
    assert again["steps"][0] | {"version": ""} == {
        "tool": "shade", "parameters": {"level": 0.25}, "plugin": "mine", "version": "", "tool_version": 4,
    }  # fmt: skip
    assert "tool_version" not in json.loads(imgen.Pipeline().add("blur").to_json())["steps"][0]


def test_what_was_carried_over_is_told():
    assert differences(recipe("darken", {"amount": 25})) == [
        "darken: it is called shade now",
        "shade: the parameters of its version 1 were carried over",
    ]
    assert differences(recipe("shade", {"level": 0.1}, tool_version=4)) == []


def test_a_recipe_from_the_future_and_a_failing_migration_are_explained():
    with pytest.raises(ToolError, match="shade: the recipe is for its version 5, here is 4; update its plugin"):
        imgen.Pipeline.from_json(recipe("shade", {}, tool_version=5))
    with pytest.raises(ToolError, match=r"fragile: .* version 1 cannot be carried over .*; add the step anew"):
        imgen.Pipeline.from_json(recipe("fragile", {}))


def test_a_migration_cannot_name_a_file_for_a_stranger(offer):
    @imgen.tool(version=2, migrate={1: lambda parameters: {"other": "/etc/passwd"}})
    def both(image: imgen.Image, *, other: imgen.Image) -> imgen.Image:
        """Two pictures."""
        return image

    offer(both)
    with pytest.raises(imgen.ImgenError, match="names a file"):
        imgen.Pipeline.from_json(recipe("both", {}), files=False)


def test_a_former_name_is_found_everywhere():
    assert imgen.Pipeline().add("darken", level=0.5).steps[0].tool == "shade"
    assert imgen.Step("darken").resolve().name == "shade"


@pytest.mark.parametrize(("version", "migrate"), [(1, {1: percent}), (0, {}), (3, {0: percent}), (2, {2: percent})])
def test_migrations_lead_to_the_present_version(version, migrate):
    with pytest.raises(ToolError, match="they lead from 1, 2"):
        imgen.tool(version=version, migrate=migrate)


def test_a_synonym_leads_to_the_tool(offer):
    @imgen.tool(synonyms=["make it dark"])
    def night(image: imgen.Image) -> imgen.Image:
        """Darken."""
        return image

    offer(night)
    with pytest.raises(ToolError, match="there is no tool 'make it dark'; did you mean 'night'"):
        imgen.Pipeline().add("make it dark")


def test_a_present_name_goes_before_a_former_one(offer):
    @imgen.tool(former_names=["blur"])
    def smudge(image: imgen.Image) -> imgen.Image:
        """Smudge."""
        return image

    offer(smudge)
    assert imgen.Step("blur").resolve().plugin == "core"
