"""All plugin folders have one shape: the same names for the same things (docs/plugins.md)."""

from pathlib import Path

import pytest

import imgen_plugins

HOME = Path(imgen_plugins.__path__[0]).resolve()
PLUGINS = sorted(path.parent.name for path in HOME.glob("*/__init__.py"))
MUST = {"__init__", "tools"}
MAY = {"networks", "training", "evaluation"}  # each a module, or a package where there is more than one
FILES = {"README.md", "starters.json"}
LINES, LONGEST = 250, 40


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_has_the_shape(name):
    inside = [path for path in (HOME / name).iterdir() if path.name != "__pycache__"]
    parts = [path.stem if path.suffix == ".py" else path.name for path in inside if path.name not in FILES]
    assert len(parts) == len(set(parts)), "a module and a package of the same name"
    assert set(parts) >= MUST
    assert set(parts) <= MUST | MAY
    assert all((path / "__init__.py").exists() for path in inside if path.is_dir())


@pytest.mark.parametrize("name", PLUGINS)
def test_every_folder_of_a_plugin_is_packed(name):
    listed = (HOME.parent / "pyproject.toml").read_text(encoding="utf-8")
    folders = [path.parent.relative_to(HOME) for path in (HOME / name).rglob("__init__.py")]
    assert [f for f in folders if f'"imgen_plugins.{".".join(f.parts)}"' not in listed] == []


@pytest.mark.parametrize("name", PLUGINS)
def test_files_are_short(name):
    counts = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (HOME / name).rglob("*.py")}
    assert {file: count for file, count in counts.items() if count > LINES} == {}
