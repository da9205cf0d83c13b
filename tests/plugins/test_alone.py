"""Plugins stand alone: where one cannot be imported, its own tools are gone and no other's."""

import json
import subprocess
import sys

import pytest

from imgen.engine.plugins import installed

NAMES = [plugin.name for plugin in installed().plugins if plugin.tools]
BREAK_EACH = """
import json, sys
from importlib.abc import MetaPathFinder
from importlib.metadata import entry_points

from imgen.engine.plugins import GROUP, Plugins

class Breaking(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[:2] == ["imgen_plugins", broken]:
            raise ImportError("broken on purpose")

sys.meta_path.insert(0, Breaking())
left = {}
for broken in json.loads(sys.argv[1]):
    for name in [name for name in sys.modules if name.startswith("imgen_plugins.")]:
        del sys.modules[name]
    left[broken] = sorted(Plugins(entry_points(group=GROUP)).tools)
print(json.dumps(left))
"""


@pytest.fixture(scope="module")
def left() -> dict[str, list[str]]:
    """By the plugin that is broken, the tools that are left."""
    command = [sys.executable, "-c", BREAK_EACH, json.dumps(NAMES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("broken", NAMES)
def test_only_its_own_tools_are_gone(left, broken):
    own = next(plugin for plugin in installed().plugins if plugin.name == broken).tools
    assert set(left[broken]) == set(installed().tools) - set(own)
