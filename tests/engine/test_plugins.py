import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest
from pydantic import Field

import imgen
from imgen.engine.plugins import Plugins

EXAMPLE = Path(__file__).parents[2] / "examples" / "imgen-posterize"
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


def test_two_tools_of_one_name_are_refused_and_nothing_of_the_second_stays(monkeypatch):
    first = plugin("first", monkeypatch, imgen_tools=offers("glow"))
    second = plugin("second", monkeypatch, imgen_tools=offers("other", "glow"))
    found = Plugins([first, second])
    assert list(found.tools) == ["glow"]
    assert found.tools["glow"].plugin == "first"
    error = next(p for p in found.plugins if p.name == "second").error
    assert "'glow'" in error
    assert "'second'" in error
    assert "'first'" in error


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
    assert found.tools["crop"].function.__module__ == "imgen_plugins.core.tools"


def run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


def test_the_example_installs_works_and_leaves(tmp_path, cat_file):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    source = tmp_path / "source"
    source.mkdir()
    for file in EXAMPLE.iterdir():
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    subprocess.run([*pip, str(tmp_path / "site"), str(source)], check=True, capture_output=True)
    listing = "import sys; from imgen.cli.entry import main; sys.exit(main(['tools']))"
    assert "posterize" in run(listing, tmp_path / "site").stdout
    assert "posterize" not in run(listing, tmp_path).stdout
    edit = (
        "import sys; from imgen.cli.entry import main; "
        f"sys.exit(main(['run', {str(cat_file)!r}, '-s', 'posterize:levels=3', '-o', {str(tmp_path / 'o.png')!r}]))"
    )
    assert run(edit, tmp_path / "site").returncode == 0
    assert set(imgen.open(tmp_path / "o.png").pixels.round(2).ravel().tolist()) <= {0.0, 0.5, 0.5019999742507935, 1.0}


def test_listing_tools_imports_no_torch_and_no_runtime():
    code = (
        "import imgen, sys; imgen.tools(); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'onnxruntime', 'gradio', 'imagecodecs', 'tifffile')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
