"""What texts on a command line or in a table cannot say by themselves."""

import json
from typing import Literal

import pytest

import imgen
from imgen.contract.texts import converted
from imgen.contract.tool import tool_from


def test_nothing_may_be_said_in_words():
    assert converted(imgen.tools()["denoise"], {"noise": "auto", "detail": "0.5"}) == {"noise": None, "detail": "0.5"}


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
