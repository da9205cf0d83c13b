"""What texts on a command line or in a table cannot say by themselves."""

import json
from typing import Literal

import pytest

import imgen
from imgen.contract.texts import converted
from imgen.contract.tool import tool_from


@pytest.mark.parametrize("nothing", ["auto", "None", ""])
def test_nothing_may_be_said(nothing):
    denoise = imgen.tools()["denoise"]
    assert converted(denoise, {"noise": nothing, "detail": "0.5"}) == {"noise": None, "detail": "0.5"}
    assert converted(denoise, {"quality": nothing}) == {"quality": nothing}  # it is never empty
    assert converted(imgen.tools()["blur"], {"mask": ""}) == {}


def test_an_empty_text_stays_a_text(offer):
    def write(image: imgen.Image, *, words: str | None = "x", ink: imgen.Colour | None = None) -> imgen.Image:
        """Write."""
        return image

    assert converted(tool_from(write), {"words": "", "ink": ""}) == {"words": "", "ink": None}


def test_a_home_folder_is_filled_in(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    blur = imgen.tools()["blur"]
    assert converted(blur, {"mask": "~/hole.png"}) == {"mask": str(tmp_path / "hole.png")}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~hole.png").touch()
    assert converted(blur, {"mask": "~hole.png"}) == {"mask": "~hole.png"}


@pytest.mark.parametrize("name", sorted(imgen.tools()))
def test_every_choice_and_default_can_be_said(name):
    tool = imgen.tools()[name]
    words = {name: "x" for name, field in tool.fields.items() if field.is_required() and name not in tool.pictures}
    for parameter, schema in tool.schema["properties"].items():
        for value in [*schema.get("enum", []), schema.get("default")]:
            if isinstance(value, str | int | float):
                text = value if isinstance(value, str) else json.dumps(value)
                said = tool.check(converted(tool, words | {parameter: text}), ignore=frozenset(tool.pictures))
                assert (type(said[parameter]), said[parameter]) == (type(value), value)


def test_several_choices_are_said_with_commas(offer):
    def keep(image: imgen.Image, *, channels: list[Literal["red", "blue"]] = ["red"]) -> imgen.Image:  # noqa: B006
        """Keep."""
        return image

    tool = tool_from(keep)
    for text in ("red, blue", "[red,blue]", '["red", "blue"]'):
        assert converted(tool, {"channels": text}) == {"channels": ["red", "blue"]}
    assert tool.check(converted(tool, {"channels": "blue"})) == {"channels": ["blue"]}
