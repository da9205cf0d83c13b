"""Find plugins by their entry points, one by one, so that a broken one harms nobody."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache, partial, update_wrapper
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pluggy

from .. import __version__
from ..contract import hookspecs
from ..contract.tool import Tool, tool_from
from ..errors import ImgenError, PluginError, UnknownToolError, nearest
from ..inference.registry import Model, Registry

GROUP = "imgen.plugins"
BUILT_IN = ("core", "unet", "autoencoder", "vae", "dcgan", "cyclegan", "aae")


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: what it offers, or why it could not be loaded.

    Attributes:
        name: the entry point's name.
        package: the distribution that it came with.
        tools: names of its tools.
        error: one line on what is wrong, empty when all is well.
        details: the traceback of a plugin that failed to import.
    """

    name: str
    package: str
    version: str
    tools: tuple[str, ...] = ()
    error: str = ""
    details: str = ""


def built_in(point: EntryPoint) -> bool:
    """Whether a plugin comes with imgen; those are loaded first, so that no other can take their names."""
    return point.value.split(".")[0] in ("imgen", "imgen_plugins")


class Plugins:
    """All plugins of one environment. `installed()` gives the real one; tests make their own."""

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        self._manager = new_manager()
        self._tools: dict[str, Tool] = {}
        self.models = Registry()
        self.plugins: list[Plugin] = []
        for point in sorted(points, key=lambda p: (not built_in(p), p.name)):
            self.plugins.append(self._load(point))

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All tools by name."""
        return MappingProxyType(self._tools)

    def _load(self, point: EntryPoint) -> Plugin:
        package = point.dist.name if point.dist else "?"
        version = point.dist.version if point.dist else "?"
        try:
            module = point.load()
        except (Exception, SystemExit) as error:  # whatever a stranger's module does on import, the others go on
            return Plugin(point.name, package, version, (), summary(error), traceback.format_exc())
        try:
            return Plugin(point.name, package, version, self.register(module, point.name, version))
        except (ImgenError, pluggy.PluginValidationError) as error:
            return Plugin(point.name, package, version, (), str(error))
        except (Exception, SystemExit) as error:  # a hook of the plugin failed: its own business, shown with its name
            return Plugin(point.name, package, version, (), summary(error), traceback.format_exc())

    def register(self, module: Any, name: str, version: str) -> tuple[str, ...]:
        """Add one plugin; returns the names of its tools. A failure changes nothing.

        Raises:
            PluginError: an unknown hook, a tool's name that is taken, or a plugin of that name.
            ToolError: a tool whose signature breaks a rule.
        """
        if self._manager.has_plugin(name):
            raise PluginError(f"a plugin named {name!r} is already there; rename one of the entry points")
        check_hooks(module)
        trial = new_manager()  # everything is tried here first
        trial.register(module, name)
        functions = results(trial, "imgen_tools").get(name, ())
        folder = results(trial, "imgen_models").get(name)
        folder = None if folder is None else Path(folder)
        new: dict[str, Tool] = {}
        for function in functions:
            tool = tool_from(function, name, version)
            owner = self._tools.get(tool.name) or new.get(tool.name)
            if owner is not None:
                raise PluginError(
                    f"the tool {tool.name!r} of {name!r} is already offered by {owner.plugin!r}; rename one"
                )
            new[tool.name] = tool
        self._manager.register(module, name)
        self._tools.update(new)
        if folder is not None:
            self.models.folders[name] = folder
        return tuple(new)

    def trainers(self) -> tuple[list[Any], dict[str, str]]:
        """All trainer classes by name, and what is wrong with plugins that fail to tell theirs; this imports torch."""
        found: list[Any] = []
        broken: dict[str, str] = {}
        for impl in self._manager.hook.imgen_trainers.get_hookimpls():
            try:
                told: Any = impl.function()
                found += told
            except Exception as error:  # whatever it is, it must not hide the others'
                broken[impl.plugin_name] = summary(error)
        return sorted(found, key=lambda kind: kind.name), broken

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
        calls = {impl.plugin_name: impl.function for impl in getattr(self._manager.hook, hook).get_hookimpls()}
        try:
            return [calls[owner]()] if owner in calls else [call() for call in calls.values()]
        except ModuleNotFoundError as error:
            raise PluginError(f"this needs {error.name}; pip install 'imgen[train]'") from error


def find(name: str, what: str, found: dict[str, Any]) -> Any:
    """An entry, or an error that names the nearest. An entry "plugin/*" stands for all such names."""
    fitting = [key for key in found if fnmatchcase(name, key)]
    if not fitting:
        raise PluginError(f"there is no {what} of {name!r}; {nearest(name, found)}")
    return found[max(fitting, key=lambda key: (key == name, len(key)))]


def new_manager() -> pluggy.PluginManager:
    """A pluggy manager that knows the hooks."""
    manager = pluggy.PluginManager("imgen")
    manager.add_hookspecs(hookspecs)
    return manager


def results(manager: pluggy.PluginManager, hook: str) -> dict[str, Any]:
    """What each plugin's `hook` returns, by plugin."""
    caller = getattr(manager.hook, hook)
    return {impl.plugin_name: impl.function() for impl in caller.get_hookimpls()}


def check_hooks(module: Any) -> None:
    """Refuse a hook that imgen does not know, with the nearest that it does."""
    known = [n for n in vars(hookspecs) if n.startswith("imgen_")]
    for name, value in vars(module).items():
        if getattr(value, "imgen_impl", None) is not None and name not in known:
            raise PluginError(f"unknown hook {name!r}; {nearest(name, known)}")


def summary(error: BaseException) -> str:
    """An exception in one line, with the place it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


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
    if name not in known:
        failed = ", ".join(plugin.name for plugin in installed().plugins if plugin.error)
        more = f"; {failed} could not be loaded (`imgen plugins` says why)" if failed else ""
        raise UnknownToolError(f"there is no tool {name!r}; {nearest(name, known)} (`imgen tools` lists all){more}")
    return known[name]


def model(name: str) -> Model:
    """The model of that name, "plugin/model"; call it with NumPy arrays.

    Raises:
        ModelError: there is none; the message names the nearest.
    """
    return installed().models.model(name)


def available() -> dict[str, Model]:
    """All models of this environment by name; see `imgen.inference.registry.Registry`."""
    return installed().models.available()
