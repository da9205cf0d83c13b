"""Hooks are called as pluggy calls them, and a plugin that fails is known by its name."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest

import imgen
from imgen.engine.hooks import Hooks
from imgen.engine.plugins import Plugins, installed
from imgen.errors import PluginError


def module(name: str, **attributes: Any) -> ModuleType:
    made = ModuleType(f"fake_{name}")
    vars(made).update(attributes)
    return made


def point(name: str, monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> EntryPoint:
    made = module(name, **attributes)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return EntryPoint(name, made.__name__, "imgen.plugins")


def named(name: str) -> Any:
    def tool(image: imgen.Image) -> imgen.Image:
        """Nothing."""
        return image

    tool.__name__ = name
    return tool


def offers(*names: str, **options: Any) -> Any:
    @imgen.hookimpl(**options)
    def imgen_tools() -> list[Any]:
        return [named(name) for name in names]

    return imgen_tools


def test_a_wrapper_sees_what_every_plugin_offers(monkeypatch):
    @imgen.hookimpl(wrapper=True)
    def imgen_tools():
        told = yield
        return [[tool for tool in tools if tool.__name__ != "noisy"] for tools in told]

    points = [
        point("a", monkeypatch, imgen_tools=offers("glow", "noisy")),
        point("b", monkeypatch, imgen_tools=offers("soft")),
        point("wrapper", monkeypatch, imgen_tools=imgen_tools),
    ]
    found = Plugins(points)
    assert {name: tool.plugin for name, tool in found.tools.items()} == {"glow": "a", "soft": "b"}
    assert [plugin.error for plugin in found.plugins] == ["", "", ""]


def test_a_wrapper_that_fails_harms_nobody(monkeypatch, caplog):
    @imgen.hookimpl(wrapper=True)
    def imgen_tools():
        yield
        raise RuntimeError("boom")

    points = [
        point("a", monkeypatch, imgen_tools=offers("glow")),
        point("wrapper", monkeypatch, imgen_tools=imgen_tools),
    ]
    assert list(Plugins(points).tools) == ["glow"]
    assert "boom" in caplog.text
    assert "wrapper" in caplog.text


def test_plugins_are_asked_in_pluggys_order():
    hooks = Hooks()
    hooks.add(module("last", imgen_tools=offers("x", trylast=True)), "last")
    hooks.add(module("plain", imgen_tools=offers("y")), "plain")
    hooks.add(module("first", imgen_tools=offers("z", tryfirst=True)), "first")
    assert hooks.implementers("imgen_tools") == ["first", "plain", "last"]


def test_a_hook_may_have_another_name_in_the_module():
    @imgen.hookimpl(specname="imgen_tools")
    def mine() -> list[Any]:
        return [named("glow")]

    hooks = Hooks()
    hooks.add(module("a", mine=mine), "a")
    assert [tool.__name__ for tool in hooks.ask("imgen_tools", "a")[0]] == ["glow"]


def test_a_failed_registration_changes_nothing(monkeypatch):
    @imgen.hookimpl
    def wrong() -> list[Any]:
        return []

    @imgen.hookimpl(specname="imgen_tools")
    def imgen_tools(core: Any) -> list[Any]:
        return [core]

    hooks = Hooks()
    for broken in (module("a", wrong=wrong), module("a", imgen_tools=imgen_tools), module("a", IMGEN_API=2)):
        with pytest.raises(Exception, match=r"wrong|core|API 2"):
            hooks.add(broken, "a")
    assert hooks.implementers("imgen_tools") == []
    hooks.add(module("a", imgen_tools=offers("glow")), "a")
    assert hooks.implementers("imgen_tools") == ["a"]

    plugins = Plugins([])
    with pytest.raises(imgen.ImgenError, match="must return"):
        plugins.register(module("b", imgen_tools=imgen.hookimpl(specname="imgen_tools")(bare)), "b", "1")
    assert plugins.register(module("b", imgen_tools=offers("glow")), "b", "1")[0] == ("glow",)


def bare() -> list[Any]:
    return [lambda image: image]


def test_one_module_under_two_names_is_listed_as_broken(monkeypatch):
    one = point("a", monkeypatch, imgen_tools=offers("glow"))
    found = Plugins([one, EntryPoint("b", one.value, "imgen.plugins")])
    assert list(found.tools) == ["glow"]
    assert [bool(plugin.error) for plugin in found.plugins] == [False, True]


@pytest.mark.parametrize(
    ("api", "error"),
    [
        (imgen.API, ""),
        (imgen.API + 1, "it needs API 2 of imgen, this imgen has API 1; pip install -U imgen"),
        (imgen.API - 1, "it is for API 0 of imgen, this imgen has API 1; update the plugin"),
        ("1", "IMGEN_API must be a whole number, such as 1 (got '1')"),
    ],
)
def test_a_plugin_may_say_which_api_it_needs(monkeypatch, api, error):
    found = Plugins([point("a", monkeypatch, IMGEN_API=api, imgen_tools=offers("glow"))])
    assert found.plugins[0].error == error
    assert list(found.tools) == ([] if error else ["glow"])


def starters(*made: imgen.Starter) -> Any:
    @imgen.hookimpl
    def imgen_starters() -> list[imgen.Starter]:
        return list(made)

    return imgen_starters


def test_starters_come_from_plugins_and_only_where_their_tools_are(monkeypatch):
    good = imgen.Starter("Glow", "Softly", [("glow", {})])
    foreign = imgen.Starter("More", "Of another plugin", [("glow", {}), ("not_installed", {})])
    wrong = imgen.Starter("Wrong", "A parameter that is not there", [("glow", {"amount": 3})])
    points = [
        point("a", monkeypatch, imgen_tools=offers("glow"), imgen_starters=starters(good, foreign)),
        point("b", monkeypatch, imgen_starters=starters(good, wrong)),
    ]
    found, broken = Plugins(points).starters()
    assert [one.title for one in found] == ["Glow", "Glow"]
    assert list(broken) == ["b"]
    assert "no parameter 'amount'" in broken["b"]


def test_every_shipped_starter_works():
    found, broken = installed().starters()
    assert broken == {}
    assert "Cut out the subject" in [one.title for one in found]


def test_a_trainer_that_fails_to_import_is_named(monkeypatch):
    @imgen.hookimpl
    def imgen_trainers():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    found = Plugins([point("a", monkeypatch, imgen_trainers=imgen_trainers)])
    assert "torch" in found.trainers()[1]["a"]
    with pytest.raises(PluginError, match="pip install"):
        found.trainer("a/model")
