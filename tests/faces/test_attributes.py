"""The one table of attributes, and the sliders that tools get from it."""

from pathlib import Path
from typing import Annotated

import pytest

import imgen
import imgen_plugins
from imgen.contract.tool import tool_from
from imgen.errors import ImgenError
from imgen.faces.attributes import ATTRIBUTES, COLUMNS, TEXTS

HOMES = [Path(imgen.__file__).parent, *map(Path, imgen_plugins.__path__)]


def test_the_table_exists_once():
    files = [file for home in HOMES for file in home.rglob("*.py")]
    found = [file.name for file in files if "Mouth_Slightly_Open" in file.read_text(encoding="utf-8")]
    assert found == ["attributes.py"]
    assert all(ATTRIBUTES[name].column == column for name, column in COLUMNS.items())


def two():
    return {name: imgen.Slider(TEXTS[name], -2, 2) for name in COLUMNS}


def test_a_tool_has_a_parameter_for_each_slider():
    def brighten(
        image: imgen.Image, *, box: imgen.Box | None = None, **amounts: Annotated[float, imgen.Sliders(two)]
    ) -> imgen.Image:
        """Make it brighter."""
        return image + amounts["smile"]

    tool = tool_from(brighten, "mine", "1")
    assert list(tool.fields) == [*COLUMNS, "box"]
    assert tool.check({"smile": 2})["smile"] == 2
    with pytest.raises(ImgenError, match="smile"):
        tool.check({"smile": 2.5})


def test_shipped_tools_take_the_tables_words():
    for name in ("restyle_face", "generate_faces"):
        fields = imgen.tools()[name].fields
        known = [slider for slider in fields if slider in TEXTS]
        assert len(known) >= 9
        assert [fields[slider].description for slider in known] == [TEXTS[slider] for slider in known]
