"""Plugins' hooks, called through pluggy one plugin at a time, so that what fails is known by its name."""

from __future__ import annotations

import logging
from typing import Any

import pluggy

from ..contract import hookspecs
from ..contract.hookspecs import API
from ..errors import PluginError
from .checks import check_hooks


class Hooks:
    """The plugins that are registered with pluggy."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("imgen")
        self._manager.add_hookspecs(hookspecs)

    def add(self, module: Any, name: str) -> None:
        """Register a plugin. A failure changes nothing.

        Raises:
            PluginError: a name that is taken, an unknown hook, or a plugin for another API.
            PluginValidationError: a hook with other arguments than the contract's.
        """
        if self._manager.has_plugin(name):
            raise PluginError(f"a plugin named {name!r} is already there; rename one of the entry points")
        check_api(module)
        check_hooks(module)
        try:
            self._manager.register(module, name)
        except pluggy.PluginValidationError:
            if self._manager.has_plugin(name):  # pluggy before 1.7 keeps a plugin that it refuses
                self.remove(name)
            raise

    def remove(self, name: str) -> None:
        """Forget a plugin."""
        self._manager.unregister(name=name)

    def implementers(self, hook: str) -> list[str]:
        """The plugins that implement a hook and do not merely wrap others', in the order in which pluggy calls them."""
        return [one.plugin_name for one in reversed(self._implementations(hook)) if not wraps(one)]

    def ask(self, hook: str, name: str) -> list[Any]:
        """What a plugin's hook tells, as the hook wrappers of all plugins leave it; empty if it has no such hook.

        A wrapper that fails is left out, with a warning: it must not take other plugins down.
        """
        if name not in self.implementers(hook):
            return []
        implementations = self._implementations(hook)
        others = [one.plugin for one in implementations if one.plugin_name != name and not wraps(one)]
        wrappers = [one for one in implementations if one.plugin_name != name and wraps(one)]
        if wrappers:
            try:
                return list(self._manager.subset_hook_caller(hook, others)())
            except Exception:
                names = ", ".join(one.plugin_name for one in wrappers)
                text = "%s of %s: the plugin itself or a wrapper of %s failed; asking without wrappers"
                logging.getLogger("imgen").warning(text, hook, name, names, exc_info=True)
        return self._manager.subset_hook_caller(hook, [*others, *(one.plugin for one in wrappers)])()

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        return getattr(self._manager.hook, hook).get_hookimpls()


def wraps(implementation: pluggy.HookImpl) -> bool:
    """Whether it surrounds other plugins' hooks instead of telling something itself."""
    return bool(implementation.wrapper or implementation.hookwrapper)


def check_api(module: Any) -> None:
    """Refuse a plugin that says it is for another contract."""
    needed = getattr(module, "IMGEN_API", API)
    if not isinstance(needed, int):
        raise PluginError(f"IMGEN_API must be a whole number, such as {API} (got {needed!r})")
    if needed > API:
        raise PluginError(f"it needs API {needed} of imgen, this imgen has API {API}; pip install -U imgen")
    if needed < API:
        raise PluginError(f"it is for API {needed} of imgen, this imgen has API {API}; update the plugin")
