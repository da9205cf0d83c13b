"""Model cards, look-up and checksums; a loaded model is a callable on numpy arrays."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.context import note
from ..errors import ModelError, nearest
from . import session as sessions


@dataclass(frozen=True)
class Model:
    """One exported network: an ONNX file and its card.

    Call it with its inputs by name, float32 arrays (batch, channels, height, width); it returns its only
    output, or a tuple of them in the graph's order.
    """

    name: str
    path: Path
    origin: str  # "imgen", the plugin that ships it, or "user"

    @property
    def card(self) -> dict[str, Any]:
        """What the model is: task, data, licence, figures, checksum, and how to tile it.

        Raises:
            ModelError: there is no card, or it is not JSON.
        """
        file = self.path.with_suffix(".json")
        try:
            return read_card(file, file.stat().st_mtime_ns)
        except (OSError, ValueError) as error:
            raise ModelError(f"the card {file} cannot be read ({error}); export the model again") from error

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that it was trained with, as its card has them."""
        return self.card["training"]["settings"]

    @property
    def checksum(self) -> str:
        """SHA-256 of the ONNX file as its card states it."""
        return str(self.card.get("sha256", ""))

    def verify(self) -> None:
        """Check the file against its card.

        Raises:
            ModelError: the file is missing or was changed.
        """
        if not self.path.exists():
            raise ModelError(f"{self.path} is missing; reinstall imgen or export the model again")
        if file_checksum(self.path, self.path.stat().st_mtime_ns) != self.checksum:
            raise ModelError(
                f"{self.path} is damaged: its SHA-256 differs from its card's; reinstall or export it again"
            )

    def __call__(self, **inputs: NDArray[np.float32]) -> Any:
        """Run the network on the current run's device.

        Raises:
            ModelError: damaged file, or inputs that do not fit.
            DeviceError: the device does not work here.
            Cancelled: the run was cancelled while the network was at work.
        """
        self.verify()
        session = sessions.session(self.path, self.checksum)
        names = {i.name for i in session.get_inputs()}
        if names != set(inputs):
            raise ModelError(
                f"{self.name} takes the inputs {', '.join(sorted(names))}, got {', '.join(sorted(inputs))}"
            )
        provider = session.get_providers()[0].removesuffix("ExecutionProvider")
        note(f"{self.name} ran on {provider} ({self.origin})")
        outputs = sessions.run(session, inputs, self.name)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)


@lru_cache(maxsize=256)
def read_card(file: Path, changed: int) -> dict[str, Any]:
    """A card's JSON; `changed` is the file's modification time, so that an edited card is read again.

    Raises:
        OSError, ValueError: it cannot be read, or is no JSON object.
    """
    card: Any = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(card, dict):
        raise ValueError("it is no JSON object")
    return card  # pyright: ignore[reportUnknownVariableType]: JSON


@lru_cache(maxsize=64)
def file_checksum(path: Path, changed: int) -> str:
    """SHA-256 of a file; `changed` is its modification time, so that an edited file is read again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shipped(plugin: str) -> Path:
    """The folder of a plugin's models that come with imgen."""
    return Path(str(files("imgen_exports"))) / plugin


def user_folder() -> Path:
    """Where models that the user trained are: $IMGEN_MODELS, or the user's data folder."""
    given = os.environ.get("IMGEN_MODELS")
    if given:
        return Path(given)
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "imgen" / "models"


class Registry:
    """Models by name, in the folders of plugins and in the user's; a folder is read again when it has changed."""

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}
        self._seen: dict[Path, tuple[int, dict[str, Model]]] = {}

    def available(self) -> dict[str, Model]:
        """All models by name. One that the user exported takes the place of a shipped one of the same name."""
        found: dict[str, Model] = {}
        for plugin, folder in self.folders.items():
            found |= self._inside(folder, plugin, plugin)
        for folder in self._of_user():
            found |= self._inside(folder, folder.name, "user")
        return found

    def model(self, name: str) -> Model:
        """The model of that name, "plugin/model".

        Raises:
            ModelError: there is none; the message names the nearest.
        """
        models = self.available()
        if name not in models:
            raise ModelError(f"there is no model {name!r}; {nearest(name, models)}")
        return models[name]

    def _of_user(self) -> list[Path]:
        """The folders in which the user's models lie, one for each plugin."""
        try:
            return sorted(Path(entry) for entry in os.scandir(user_folder()) if entry.is_dir())
        except OSError:
            return []

    def _inside(self, folder: Path, plugin: str, origin: str) -> dict[str, Model]:
        """The models in one folder. The same object stands for a model as long as its folder stays as it is."""
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return {}
        if self._seen.get(folder, (0,))[0] != changed:
            files = sorted(folder.glob("*.onnx"))
            self._seen[folder] = changed, {f"{plugin}/{f.stem}": Model(f"{plugin}/{f.stem}", f, origin) for f in files}
        return self._seen[folder][1]
