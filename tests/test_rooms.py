"""The rooms of imgen: imports run one way, none runs in a circle, plugins stand alone (docs/architecture.md)."""

import ast
import re
from pathlib import Path

import pytest

import imgen

HOME = Path(imgen.__file__).parent
PLUGINS = HOME.parent / "plugins"
# each room, and those that it may import; everyone may import errors and lazy, and the names that imgen itself gives
BELOW = {
    "errors": "",
    "lazy": "",
    "contract": "",
    "image": "contract",
    "io": "contract image",
    "inference": "contract",
    "engine": "contract image io inference",
    "testing": "contract image io engine",
    "faces": "contract image inference engine",
    "batch": "contract image io engine",
    "training": "contract image io inference engine",
    "faces.training": "contract image io inference engine training faces",
    "editor.web": "",
    "editor.state": "contract image io inference engine batch editor.web",
    "editor.server": "contract image io inference engine editor.web editor.state",
    "editor": "editor.state editor.server",
    "cli": "contract image io inference engine batch training editor",
    "__main__": "cli",
}


def modules(folder: Path, package: str) -> dict[str, Path]:
    """Every module below a folder by its dotted name."""
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        found[".".join((package, *parts[: -1 if parts[-1] == "__init__" else None]))] = file
    return found


MODULES = modules(HOME, "imgen") | modules(PLUGINS, "imgen_plugins")


def imports(name: str) -> set[str]:
    """The modules of imgen and its plugins that a module imports, at its top or inside functions."""
    package = name.split(".") if MODULES[name].name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: len(package) - node.level + 1], node.module or ""]).strip(".")
            module = base if node.level else str(node.module)
            found.update(f"{module}.{a.name}" if f"{module}.{a.name}" in MODULES else module for a in node.names)
    return {one for one in found if one in MODULES and one != name}


def room(name: str) -> str:
    """The room of a module of imgen: "" for imgen itself."""
    parts = name.split(".")[1:3]
    return ".".join(parts) if ".".join(parts) in BELOW else ".".join(parts[:1])


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("imgen.")])
def test_imports_run_downward(name: str):
    allowed = {room(name), "errors", "lazy", "", *BELOW[room(name)].split()}
    wrong = {one: room(one) for one in imports(name) if one.split(".")[0] != "imgen" or room(one) not in allowed}
    assert wrong == {}


def test_no_module_imports_itself_in_a_circle():
    graph = {name: imports(name) for name in MODULES if name != "imgen"}
    left = dict(graph)
    while left:
        free = [name for name, below in left.items() if not below & left.keys()]
        assert free, f"these import each other: {sorted(left)}"
        for name in free:
            del left[name]


def test_no_module_of_the_core_names_a_plugin():
    core = (HOME / "engine").rglob("*.py")
    assert [file.name for file in core if "imgen_plugins." in file.read_text(encoding="utf-8")] == []


def test_the_documentation_draws_the_rooms():
    page = (HOME.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("\n## Rooms")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z]+)/?` \| (.*) \|$", section, re.MULTILINE)
    assert {name for name, _ in rows} == {name.split(".")[0] for name in BELOW} - {"errors", "__main__"}
    for name, text in rows:  # whatever is named there is there
        inside = {
            module.removeprefix(f"imgen.{name}.").split(".")[0] for module in MODULES if f"imgen.{name}." in module
        }
        inside |= {folder.name for folder in (HOME / name).glob("*/")}
        named = set(re.findall(r"`([a-z]+)/?`", text))
        assert named <= inside, f"{name}: {named - inside}"


def test_no_plugin_imports_another():
    wrong = {
        name: sorted(others)
        for name in modules(PLUGINS, "imgen_plugins")
        if (
            others := {
                o
                for o in imports(name)
                if o.split(".")[:1] == ["imgen_plugins"] and o.split(".")[1:2] != name.split(".")[1:2]
            }
        )
    }
    assert wrong == {}
