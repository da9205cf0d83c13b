"""Files as parameters: what is in them goes with the recipe, and no path does."""

import json
from typing import Annotated

import numpy as np
import pytest
from pydantic import Field

import imgen
from imgen.contract import attached
from imgen.contract.tool import tool_from
from imgen.editor.state.chain import pipeline_of
from imgen.editor.state.workspace import Workspace
from imgen.errors import ParameterError, PipelineError

Table = Annotated[bytes, imgen.File(".cube", ".txt"), Field(description="A table")]


def look(image: imgen.Image, *, table: Table, other: Table | None = None) -> imgen.Image:
    """Take a factor from a file."""
    return image * np.float32(float(table) * (float(other) if other else 1))


@pytest.fixture
def table(tmp_path, offer):
    offer(look)
    path = tmp_path / "half.cube"
    path.write_text("0.5")
    return path


@pytest.fixture
def white() -> imgen.Photo:
    return imgen.Photo(np.ones((3, 4, 3), np.float32))


def test_the_tool_gets_the_bytes_and_the_recipe_carries_them(table, white):
    edit = imgen.Pipeline().add("look", table=table)
    assert edit.files == (table,)
    result = edit(white, cache=None)
    assert result.pixels == pytest.approx(0.5)
    recipe = result.recipe
    table.unlink()
    assert str(table) not in recipe
    assert json.loads(recipe)["steps"][0]["parameters"] == {"table": attached.encoded(b"0.5")}
    again = imgen.Pipeline.from_json(recipe, files=False)(white, cache=None)
    assert again.pixels == pytest.approx(0.5)
    assert again.recipe == recipe


def test_a_pipeline_that_never_ran_carries_them_too(table):
    assert attached.encoded(b"0.5") in imgen.Pipeline().add("look", table=str(table)).to_json()


def test_a_file_that_changed_is_read_again(table, white):
    cache, edit = imgen.Cache(), imgen.Pipeline().add("look", table=str(table))
    assert edit(white, cache=cache).pixels == pytest.approx(0.5)
    table.write_text("0.25")
    assert edit(white, cache=cache).pixels == pytest.approx(0.25)


def test_nobody_elses_recipe_or_page_opens_a_file(table, tmp_path):
    recipe = json.dumps({"imgen": 1, "steps": [{"tool": "look", "parameters": {"table": str(table)}}]})
    with pytest.raises(PipelineError, match="table names a file"):
        imgen.Pipeline.from_json(recipe, files=False)
    cards = {"steps": [{"tool": "look", "parameters": {"table": str(table)}, "enabled": True}]}
    with pytest.raises(ParameterError, match="choose the file for table again"):
        pipeline_of(cards, Workspace(tmp_path / "work"))
    cards["steps"][0]["parameters"] = {"table": attached.encoded(b"0.5")}
    assert pipeline_of(cards, Workspace(tmp_path / "work")).steps[0].parameters == {"table": b"0.5"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a.png", r"table must be a file \*.cube or \*.txt \(got 'a.png'\)"),
        ("not/there.cube", "table not/there.cube cannot be read: No such file"),
        (b"0" * (attached.LIMIT + 1), "table may have at most 16 MiB, it has 16.0"),
        (attached.PREFIX + "?", "table holds a file that is damaged"),
        (3, r"table must be a file: its path, or its bytes \(got 3\)"),
    ],
)
def test_wrong_files_are_explained(table, white, value, message):
    with pytest.raises(ParameterError, match=message):
        imgen.Pipeline().add("look", table=value)(white, cache=None)


def test_a_tool_that_is_called_directly_takes_bytes(white):
    tool = tool_from(look)
    assert tool(white.pixels, table=b"0.5", other=b"0.5") == pytest.approx(0.25)
    with pytest.raises(ParameterError, match="must be bytes here"):
        tool(white.pixels, table="half.cube")
