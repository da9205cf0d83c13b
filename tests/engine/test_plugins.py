import json
import re
import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Annotated

import pytest
from pydantic import Field

import imgen
from imgen.cli.entry import main
from imgen.engine.plugins import BUILT_IN, Plugins, installed

CORE = EntryPoint("core", "imgen_plugins.core", "imgen.plugins")


def plugin(name: str, monkeypatch: pytest.MonkeyPatch, **attributes: object) -> EntryPoint:
    """A module that can be imported, as an entry point of that name."""
    module = ModuleType(f"fake_{name}")
    vars(module).update(attributes)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, module.__name__, "imgen.plugins")


def offers(*names: str):
    """A hook that offers tools of these names."""

    def make(name: str):
        def tool(image: imgen.Image) -> imgen.Image:
            """Nothing."""
            return image

        tool.__name__ = name
        return tool

    @imgen.hookimpl
    def imgen_tools():
        return [make(name) for name in names]

    return imgen_tools


def test_a_plugin_that_fails_on_import_harms_nobody(monkeypatch, tmp_path):
    (tmp_path / "explodes.py").write_text("raise RuntimeError('boom')")
    monkeypatch.syspath_prepend(tmp_path)
    found = Plugins([EntryPoint("bad", "explodes", "imgen.plugins"), CORE])
    assert "crop" in found.tools
    bad = next(p for p in found.plugins if p.name == "bad")
    assert "boom" in bad.error
    assert "explodes.py:1" in bad.error


def test_a_missing_package_is_named(monkeypatch):
    found = Plugins([EntryPoint("bad", "not_installed_anywhere", "imgen.plugins"), CORE])
    assert "not_installed_anywhere" in next(p for p in found.plugins if p.name == "bad").error


def use(plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make those the environment's plugins."""
    for module in ("plugins", "recorded"):
        monkeypatch.setattr(f"imgen.engine.{module}.installed", lambda: plugins)


def test_of_two_tools_of_one_name_the_second_has_its_full_one(monkeypatch, photo):
    first = plugin("first", monkeypatch, imgen_tools=offers("glow"))
    second = plugin("second", monkeypatch, imgen_tools=offers("other", "glow"))
    found = Plugins([first, second])
    assert list(found.tools) == ["glow", "other", "second.glow"]
    assert [found.tools[n].plugin for n in ("glow", "first.glow", "second.glow", "second.other")] == [
        "first",
        "first",
        "second",
        "second",
    ]
    assert "first.other" not in found.tools
    clash = next(p for p in found.plugins if p.name == "second")
    assert (clash.tools, clash.error) == (("other", "second.glow"), "")
    assert found.warnings(clash) == [
        "the name 'glow' is taken by the plugin 'first'; the tool is called 'second.glow' here"
    ]
    use(found, monkeypatch)
    edit = imgen.Pipeline().add("second.glow").add("first.glow")
    assert [step.tool for step in edit.steps] == ["second.glow", "glow"]
    assert [entry["plugin"] for entry in json.loads(edit.to_json())["steps"]] == ["second", "first"]
    assert imgen.Pipeline.from_json(edit.to_json()) == edit
    assert edit(photo, cache=None).pixels.shape == photo.pixels.shape
    alone = Plugins([second])  # as on the machine where the recipe was made
    use(alone, monkeypatch)
    text = imgen.Pipeline().add("glow").to_json()
    assert json.loads(text)["steps"][0]["tool"] == "glow"
    use(found, monkeypatch)
    assert imgen.Pipeline.from_json(text).steps[0].tool == "second.glow"


def test_two_tools_of_one_name_in_one_plugin_are_refused(monkeypatch):
    found = Plugins([plugin("twice", monkeypatch, imgen_tools=offers("glow", "glow"))])
    assert found.plugins[0].error == "it offers two tools named 'glow'; rename one"
    assert list(found.tools) == []


def returning(value: object):
    """A hook that returns just that."""

    @imgen.hookimpl
    def imgen_tools():
        return value

    return imgen_tools


def glow(image: imgen.Image) -> imgen.Image:
    """Nothing."""
    return image


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({}, "has no hook, so it offers nothing"),
        ({"imgen_tools": lambda: [glow]}, "imgen_tools is never called, as it has no mark"),
        ({"imgen_tools": returning(glow)}, "returned glow itself; put it in a list: return [glow]"),
        ({"imgen_tools": returning([glow(None)])}, "lists a NoneType, which is no function"),
        ({"imgen_tools": returning(None)}, "returned NoneType; it must return a list"),
        ({"imgen_tools": returning("glow")}, "returned str; it must return a list"),
    ],
)
def test_a_plugin_that_offers_nothing_says_why(monkeypatch, attributes, error):
    found = Plugins([plugin("mute", monkeypatch, **attributes)])
    assert error in found.plugins[0].error
    assert list(found.tools) == []


def test_what_is_wrong_in_silence_is_told(monkeypatch, tmp_path, capsys):
    @imgen.uses("core/faces", "core/face")
    def shine(image: imgen.Image) -> imgen.Image:
        """Nothing."""
        return image

    @imgen.hookimpl
    def imgen_models():
        return tmp_path / "gone"

    mute = plugin("shiny", monkeypatch, imgen_tools=returning([shine]), imgen_models=imgen_models)
    found = Plugins([mute, CORE])
    core, shiny = found.plugins
    assert found.warnings(core) == []
    folder, model = found.warnings(shiny)
    assert f"{tmp_path / 'gone'} is not there" in folder
    assert model == "shine uses the model 'core/face', and there is none of that name; did you mean 'core/faces'?"
    monkeypatch.setattr("imgen.cli.lists.installed", lambda: found)
    assert main(["plugins"]) == 1
    told = capsys.readouterr().out
    assert f"shiny: {folder}" in told
    assert re.search(r"^core .* \d+ ms  .*crop", told, re.MULTILINE)


def test_the_built_in_plugins_have_nothing_wrong():
    found = installed()
    assert {p.name: [p.error, *found.warnings(p)] for p in found.plugins} == {n: [""] for n in BUILT_IN}
    assert all(p.seconds > 0 for p in found.plugins)


def test_an_unknown_hook_is_reported(monkeypatch):
    @imgen.hookimpl
    def imgen_tool():
        return []

    found = Plugins([plugin("odd", monkeypatch, imgen_tool=imgen_tool)])
    assert found.plugins[0].error == "unknown hook 'imgen_tool'; did you mean 'imgen_tools'?"


def test_a_hook_with_wrong_arguments_is_reported(monkeypatch):
    @imgen.hookimpl
    def imgen_tools(core):
        return []

    assert "core" in Plugins([plugin("odd", monkeypatch, imgen_tools=imgen_tools)]).plugins[0].error


def test_a_broken_declaration_names_the_rule(monkeypatch):
    @imgen.hookimpl
    def imgen_tools():
        return [lambda image: image]

    assert "must return" in Plugins([plugin("odd", monkeypatch, imgen_tools=imgen_tools)]).plugins[0].error


def test_a_hook_that_exits_harms_nobody(monkeypatch):
    @imgen.hookimpl
    def imgen_tools():
        raise SystemExit(0)

    found = Plugins([plugin("odd", monkeypatch, imgen_tools=imgen_tools), CORE])
    assert "crop" in found.tools
    assert "SystemExit" in next(p for p in found.plugins if p.name == "odd").error


def test_a_default_outside_its_own_range_is_refused(monkeypatch):
    def odd(image: imgen.Image, *, amount: Annotated[int, Field(ge=0, le=3)] = 99) -> imgen.Image:
        """Something."""
        return image

    @imgen.hookimpl
    def imgen_tools():
        return [odd]

    assert "default" in Plugins([plugin("odd", monkeypatch, imgen_tools=imgen_tools)]).plugins[0].error


def test_a_built_in_cannot_be_displaced(monkeypatch):
    found = Plugins([plugin("core", monkeypatch, imgen_tools=offers("crop")), CORE])
    assert found.tools["crop"].function.__module__ == "imgen_plugins.core.tools.document"
