"""Controls that plugins bring along for the editor."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

LIMIT = 2**18  # bytes of a module


@dataclass(frozen=True)
class Control:
    """Gives a parameter a control of its own in the editor: `Annotated[float, imgen.Control(HERE / "dial.js")]`.

    It stands above the usual one, which stays for keys and for other programs. `docs/plugins.md` tells what the module
    exports. It runs in a page without an origin: it reaches no network, no storage and nothing of the editor.

    Args:
        module: the file of an ES module, at most 256 KiB, beside the plugin's own.

    Raises:
        ValueError: there is no such file, or it is too large.
    """

    module: Path = field(hash=False)

    def __post_init__(self) -> None:
        if not self.module.is_file():
            raise ValueError(f"the control {self.module} does not exist; is it among the package's data?")
        if self.module.stat().st_size > LIMIT:
            raise ValueError(f"the control {self.module} has more than {LIMIT >> 10} KiB")

    def text(self) -> str:
        """The module's text."""
        return self.module.read_text(encoding="utf-8")

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "control": True}
