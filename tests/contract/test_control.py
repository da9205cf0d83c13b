from pathlib import Path
from typing import Annotated

import pytest

import imgen
from imgen.contract.control import LIMIT
from imgen.contract.tool import tool_from


def test_a_parameter_keeps_its_type_beside_its_control(tmp_path: Path):
    module = tmp_path / "dial.js"
    module.write_text("export default () => {}")
    dial = imgen.Control(module)

    def turn(image: imgen.Image, *, amount: Annotated[float, dial] = 0.5) -> imgen.Image:
        """Turn."""
        return image * amount

    tool = tool_from(turn, "test", "1")
    assert tool.signature.controls == {"amount": dial}
    schema = tool.schema["properties"]["amount"]
    assert (schema["type"], schema["default"], schema["control"]) == ("number", 0.5, True)
    assert str(tmp_path) not in str(tool.schema)  # pages and recipes name no file of this machine
    assert dial.text() == module.read_text()


def test_a_control_that_is_missing_or_too_large_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="does not exist"):
        imgen.Control(tmp_path / "nothing.js")
    (tmp_path / "large.js").write_text(" " * (LIMIT + 1))
    with pytest.raises(ValueError, match="more than 256 KiB"):
        imgen.Control(tmp_path / "large.js")
