"""Find plugins by their entry points, one by one, so that a broken one harms nobody."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache, partial, update_wrapper
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from .. import __version__
from ..contract.names import by_name, nearest_tool
from ..contract.starter import Starter
from ..contract.tool import Tool, tool_from
from ..errors import ImgenError, PluginError, UnknownToolError, nearest
from ..inference.registry import Model, Registry
from .checks import folder_warning, listed, model_warnings, summary
from .hooks import Hooks
from .loaded import Plugin as Plugin
from .loaded import Tools

GROUP = "imgen.plugins"
BUILT_IN = ("core", "unet", "autoencoder", "vae", "dcgan", "cyclegan", "aae")


class Plugins:
    """All plugins of one environment. `installed()` gives the real one; tests make their own."""

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        self._hooks = Hooks()
        self._tools = Tools()
        self.models = Registry()
        # what comes with imgen is loaded first, so that no other plugin can take its names
        ours = ("imgen", "imgen_plugins")
        order = sorted(points, key=lambda p: (p.value.split(".")[0] not in ours, p.name))
        loaded = [self._load(point) for point in order]
        self.plugins = [plugin if plugin.error else self._opened(plugin) for plugin in loaded]

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All tools by name."""
        return self._tools

    def _load(self, point: EntryPoint) -> Plugin:
        """Import a plugin and register its hooks; none is called before all are there, as some may wrap others'."""
        package = point.dist.name if point.dist else "?"
        version = point.dist.version if point.dist else "?"
        return self._tried(Plugin(point.name, package, version), lambda: self._hooks.add(point.load(), point.name))

    def _opened(self, plugin: Plugin) -> Plugin:
        """The plugin with what it offers, or with what is wrong."""

        def offer() -> dict[str, Any]:
            tools, warnings = self._offer(plugin.name, plugin.version)
            return {"tools": tools, "warnings": warnings}

        return self._tried(plugin, offer)

    def _tried(self, plugin: Plugin, work: Callable[[], dict[str, Any] | None]) -> Plugin:
        """The plugin with what `work` found out, or with the error that it ended in, and the time that it took."""
        start = time.perf_counter()
        try:
            found = work() or {}
        except (ImgenError, pluggy.PluginValidationError) as error:
            found = {"error": str(error)}
        except (Exception, SystemExit) as error:  # whatever a stranger's module or hook does, the others go on
            found = {"error": summary(error), "details": traceback.format_exc()}
        return replace(plugin, seconds=plugin.seconds + time.perf_counter() - start, **found)

    def register(self, module: Any, name: str, version: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Add one plugin; returns the names of its tools, and what is wrong with it. A failure changes nothing.

        A tool whose name is taken is called "plugin.tool".

        Raises:
            PluginError: an unknown hook or none, something else than tools, or a plugin of that name.
            ToolError: a tool whose signature breaks a rule.
        """
        self._hooks.add(module, name)
        return self._offer(name, version)

    def _offer(self, name: str, version: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take what a registered plugin offers; one that fails here is no longer registered."""
        try:
            told = self._hooks.ask("imgen_tools", name)
            if not told and name in self._hooks.implementers("imgen_tools"):
                told = [None]  # which pluggy leaves out
            functions = [function for one in told for function in listed(one)]
            folders = self._hooks.ask("imgen_models", name)
            new = [tool_from(function, name, version) for function in functions]
            names = [tool.name for tool in new]
            for tool in names:
                if names.count(tool) > 1:
                    raise PluginError(f"it offers two tools named {tool!r}; rename one")
            folder = Path(folders[0]) if folders and folders[0] is not None else None
        except BaseException:
            self._hooks.remove(name)
            raise
        if folder is not None:
            self.models.folders[name] = folder
        warnings = [folder_warning(folder), *(self._tools.add(tool) for tool in new)]
        return tuple(tool.name for tool in self._tools.values() if tool.plugin == name), tuple(filter(None, warnings))

    def warnings(self, plugin: Plugin) -> list[str]:
        """All that is wrong in silence with a plugin; known only when all plugins are loaded."""
        return [*plugin.warnings, *model_warnings((self._tools[t] for t in plugin.tools), self.models.available())]

    def starters(self) -> tuple[list[Starter], dict[str, str]]:
        """The recipes to begin with whose tools are all there, and what is wrong with plugins whose are broken."""
        found: list[Starter] = []
        broken: dict[str, str] = {}
        for name in self._in_order("imgen_starters"):
            try:
                for starter in (one for told in self._hooks.ask("imgen_starters", name) for one in told):
                    if all(tool in self._tools for tool in starter.tools):
                        for tool, parameters in starter.steps:
                            known = self._tools[tool]
                            known.check(dict(parameters), ignore=frozenset(known.pictures))
                        found.append(starter)
            except Exception as error:  # whatever it is, it must not hide the others'
                broken[name] = summary(error)
        return found, broken

    def trainers(self) -> tuple[list[Any], dict[str, str]]:
        """All trainer classes by name, and what is wrong with plugins that fail to tell theirs; this imports torch."""
        found: list[Any] = []
        broken: dict[str, str] = {}
        for name in self._in_order("imgen_trainers"):
            try:
                found += [kind for told in self._hooks.ask("imgen_trainers", name) for kind in told]
            except Exception as error:  # whatever it is, it must not hide the others'
                broken[name] = summary(error)
        return sorted(found, key=lambda kind: kind.name), broken

    def _in_order(self, hook: str) -> list[str]:
        """The plugins that implement a hook, in the order in which they were loaded."""
        asked = self._hooks.implementers(hook)
        return [plugin.name for plugin in self.plugins if plugin.name in asked and not plugin.error]

    def trainer(self, name: str) -> Any:
        """The trainer class of a model; this imports torch.

        Raises:
            PluginError: there is none, or what it needs is not installed.
        """
        found = {t.name: t for trainers in self._ask("imgen_trainers", name) for t in trainers}
        kind = find(name, "trainer", found)
        return kind if kind.name == name else type(kind.__name__, (kind,), {"name": name})

    def evaluation(self, name: str) -> Callable[..., Any]:
        """The function that measures a model.

        Raises:
            PluginError: there is none, or what it needs is not installed.
        """
        found = {k: f for functions in self._ask("imgen_evaluations", name) for k, f in functions.items()}
        function = find(name, "evaluation", found)
        return function if name in found else update_wrapper(partial(function, name), function)

    def _ask(self, hook: str, model: str) -> list[Any]:
        """The hook of the plugin that the model belongs to, else of all: a stranger's fault must not count here."""
        owner = model.partition("/")[0]
        names = self._hooks.implementers(hook)
        try:
            return [told for name in ([owner] if owner in names else names) for told in self._hooks.ask(hook, name)]
        except ModuleNotFoundError as error:
            raise PluginError(f"this needs {error.name}; pip install 'imgen[train]'") from error


def find(name: str, what: str, found: dict[str, Any]) -> Any:
    """An entry, or an error that names the nearest. An entry "plugin/*" stands for all such names."""
    fitting = [key for key in found if fnmatchcase(name, key)]
    if not fitting:
        raise PluginError(f"there is no {what} of {name!r}; {nearest(name, found)}")
    return found[max(fitting, key=lambda key: (key == name, len(key)))]


@lru_cache(maxsize=1)
def installed() -> Plugins:
    """The plugins of this environment, loaded once."""
    points = list(entry_points(group=GROUP))
    if not points:
        raise PluginError(f"imgen {__version__} is not installed in {sys.prefix}; run pip install . in its folder")
    return Plugins(points)


def find_tool(name: str) -> Tool:
    """The tool of that name.

    Raises:
        UnknownToolError: no plugin offers it; the message names the nearest that one does.
    """
    known = installed().tools
    found = by_name(name, known)
    if found is None:
        failed = ", ".join(plugin.name for plugin in installed().plugins if plugin.error)
        more = f"; {failed} could not be loaded (`imgen plugins` says why)" if failed else ""
        raise UnknownToolError(
            f"there is no tool {name!r}; {nearest_tool(name, known)} (`imgen tools` lists all){more}"
        )
    return found


def model(name: str) -> Model:
    """The model of that name, "plugin/model"; call it with NumPy arrays.

    Raises:
        ModelError: there is none; the message names the nearest.
    """
    return installed().models.model(name)


def available() -> dict[str, Model]:
    """All models of this environment by name; see `imgen.inference.registry.Registry`."""
    return installed().models.available()
