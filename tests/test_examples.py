"""The second example, a plugin that uses all of the contract. `tests/engine/test_plugins.py` installs the first."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.contract.description import plain
from imgen.editor.server.controls import control_page, known
from imgen.editor.state.controls import controls
from imgen.engine.pipeline import differences
from imgen.engine.plugins import Plugins, installed
from imgen.errors import ModelError
from imgen.testing import declaration_problems, problems

EXAMPLE = Path(__file__).parents[1] / "examples" / "imgen-darkroom"


@pytest.fixture(autouse=True)
def darkroom(monkeypatch) -> Plugins:
    """The plugin beside the built-in ones."""
    monkeypatch.syspath_prepend(EXAMPLE)
    points = [EntryPoint("core", "imgen_plugins.core", "imgen.plugins")]
    found = Plugins([*points, EntryPoint("darkroom", "imgen_darkroom", "imgen.plugins")])
    assert [plugin.error for plugin in found.plugins] == ["", ""]
    known = getattr(installed()._tools, "_named", installed()._tools)
    for name, tool in found.tools.items():
        if tool.plugin == "darkroom":
            monkeypatch.setitem(known, name, tool)
    monkeypatch.setitem(installed().models.folders, "darkroom", found.models.folders["darkroom"])
    return found


@pytest.mark.parametrize("name", ["print_on", "proof_strip", "exposure"])
def test_the_tools_keep_every_promise(name):
    assert problems(imgen.tools()[name]) == []


def test_a_paper_of_ones_own_appears_without_a_restart(tmp_path, monkeypatch, photo):
    tool = imgen.tools()["print_on"]
    assert tool.schema["properties"]["paper"]["enum"] == ["cold", "warm"]
    monkeypatch.setenv("DARKROOM_PAPERS", str(tmp_path))
    (tmp_path / "pink.json").write_text('{"colour": "#ff8080"}')
    assert tool.schema["properties"]["paper"]["enum"] == ["cold", "warm", "pink"]
    (told,) = [one for one in known()["tools"] if one["name"] == "print_on"]  # as a page that is loaded now is told
    assert told["controls"][0]["choices"] == ["cold", "warm", "pink"]
    white = imgen.Photo(np.ones((4, 4, 3), np.float32))
    printed = imgen.Pipeline().add("print_on", paper="pink")(white, cache=None)
    np.testing.assert_allclose(printed.pixels[0, 0], [1, 128 / 255, 128 / 255], atol=1e-6)
    black = imgen.Photo(np.zeros((4, 4, 3), np.float32))
    printed = imgen.Pipeline().add("print_on", ink="#330000", gradation=[[0, 0], [1, 1]])(black, cache=None)
    np.testing.assert_allclose(printed.pixels[0, 0], [0.2, 0, 0], atol=1e-6)


def test_its_control_is_a_page_that_reaches_nothing():
    tool = imgen.tools()["print_on"]
    (ink,) = [control for control in controls(tool) if control["own"]]
    assert (ink["name"], ink["kind"]) == ("ink", "colour")
    page = control_page("print_on/ink")
    assert b"export default function swatches" in page.body
    assert page.body.count(b"</script>") == 1
    assert control_page("print_on/paper").status_code == control_page("nothing/ink").status_code == 404


def test_a_recipe_of_its_first_version_still_loads():
    old = {"imgen": 1, "steps": [{"tool": "print_photo", "parameters": {"warm": True, "ink": "#402010"}}]}
    pipeline = imgen.Pipeline.from_json(json.dumps(old))
    assert pipeline.steps[0].tool == "print_on"
    assert pipeline.steps[0].parameters == {"paper": "warm", "ink": "#402010"}
    assert len(differences(json.dumps(old))) == 2


def test_its_candidates_and_measurements(photo):
    offered = imgen.Pipeline().add("proof_strip").candidates(photo, cache=None)
    assert [one.label for one in offered] == ["lighter", "as it is", "darker"]
    means = [one.photo.pixels.mean() for one in offered]
    assert means == sorted(means, reverse=True)
    notes: list[str] = []
    measured = imgen.Pipeline().add("exposure")(photo, cache=None, notes=notes).measurements["exposure"]
    assert measured["mean"] == pytest.approx(float(photo.pixels.mean()), abs=1e-6)
    assert notes[0].startswith("exposure: mean 0.")
    assert measured["look"] == "even"


def test_its_expensive_tool_says_which_model_it_lacks(photo):
    tool = imgen.tools()["glow"]
    assert tool.expensive
    assert declaration_problems(tool) == []
    assert plain(tool.schema["properties"]["radius"])["unit"] == "px"
    with pytest.raises(ModelError, match="darkroom/glow"):
        imgen.Pipeline().add("glow")(photo, cache=None)


def test_its_starter_works(darkroom, photo):
    starters, broken = darkroom.starters()
    assert broken == {}
    assert [starter.title for starter in starters] == ["A print on warm paper"]
    edit = imgen.Pipeline()
    for tool, parameters in starters[0].steps:
        edit = edit.add(tool, **parameters)
    assert edit(photo, cache=None).pixels.shape == photo.pixels.shape
