"""Settings and secrets of plugins: what belongs to a person or a machine, never to a recipe."""

from __future__ import annotations

import os
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import ToolError


def settings_file() -> Path:
    """The file with a table for each plugin: $IMGEN_SETTINGS, or settings.toml in the user's configuration folder."""
    given = os.environ.get("IMGEN_SETTINGS")
    if given:
        return Path(given)
    base = os.environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "imgen" / "settings.toml"


class Settings:
    """One plugin's settings and secrets, by name.

    A value comes from the environment, IMGEN_PLUGIN_NAME in capitals, or from the plugin's table in the settings file:

        [cloud]
        api_key = "..."
    """

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin

    def variable(self, name: str) -> str:
        """The environment variable of a setting."""
        return re.sub(r"\W", "_", f"imgen_{self.plugin}_{name}").upper()

    def get(self, name: str, default: Any = None) -> Any:
        """A setting, or `default` where there is none.

        Raises:
            ToolError: the settings file cannot be read.
        """
        given = os.environ.get(self.variable(name))
        return self.table().get(name, default) if given is None else given

    def __getitem__(self, name: str) -> Any:
        """A setting that must be there.

        Raises:
            ToolError: it is not; the message says where to put it.
        """
        value = self.get(name)
        if value is None:
            raise ToolError(
                f"{self.plugin} needs the setting {name}: set {self.variable(name)}, "
                f"or write {name} = ... under [{self.plugin}] in {settings_file()}"
            )
        return value

    def table(self) -> dict[str, Any]:
        """What the file says of the plugin."""
        file = settings_file()
        try:
            changed = file.stat().st_mtime_ns
        except OSError:
            return {}
        return tables(file, changed).get(self.plugin, {})

    def stamp(self) -> str:
        """All of them as a text that differs when one does; results of other settings are other results."""
        prefix = self.variable("")
        given = {name: value for name, value in os.environ.items() if name.startswith(prefix)}
        table = self.table()
        return repr((sorted(given.items()), sorted(table.items()))) if given or table else ""


@lru_cache(maxsize=4)
def tables(file: Path, changed: int) -> dict[str, dict[str, Any]]:
    """The settings file; `changed` is its modification time, so that an edited file is read again.

    Raises:
        ToolError: it cannot be read.
    """
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ToolError(f"the settings {file} cannot be read: {error}; mend the file") from error
    return {name: table for name, table in found.items() if isinstance(table, dict)}
