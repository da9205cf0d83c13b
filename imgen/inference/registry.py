"""Models by name; a loaded model is a callable on numpy arrays."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..contract.context import current, note
from ..errors import ModelError, nearest
from . import session as sessions
from .answers import answers, key_of
from .files import card_of, fetched, file_checksum, stamp
from .files import shipped as shipped
from .files import user_folder as user_folder
from .inputs import check_inputs

if TYPE_CHECKING:
    from ..contract.card import Card

SETTLED = 2_000_000_000  # ns; a folder that changed within the last two seconds may change again within one tick


@dataclass(frozen=True)
class Model:
    """One exported network: an ONNX file and its card.

    Call it with its inputs by name, float32 arrays (batch, channels, height, width); it returns its only
    output, or a tuple of them in the graph's order.

    Attributes:
        name: "plugin/model".
        card_file: its card.
        origin: "imgen", the plugin that ships it, or "user".
    """

    name: str
    card_file: Path
    origin: str

    @property
    def path(self) -> Path:
        """The ONNX file: beside the card, or where `imgen models get` puts it."""
        beside = self.card_file.with_suffix(".onnx")
        return beside if beside.exists() or not self.about.url else fetched(self.name, self.checksum)

    @property
    def card(self) -> dict[str, Any]:
        """What the card says, as JSON.

        Raises:
            ModelError: there is no card, or a field of it is wrong.
        """
        return card_of(self.card_file)[0]

    @property
    def about(self) -> Card:
        """The same with types, and with defaults for what the card leaves out."""
        return card_of(self.card_file)[1]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that it was trained with, as its card has them.

        Raises:
            ModelError: the card has none, so that tools that go by them cannot use the model.
        """
        training = self.about.training
        if training is None:
            raise ModelError(f"the card {self.card_file} has no training settings; the tool needs them, add them")
        return training.settings

    @property
    def checksum(self) -> str:
        """SHA-256 of the ONNX file as its card states it."""
        return self.about.sha256

    @property
    def here(self) -> bool:
        """Whether its ONNX file is on this machine; one that lives at a URL may not be."""
        return self.path.exists()

    @property
    def offer(self) -> str:
        """What a model at a URL is, before it is fetched: size, licence and host."""
        from urllib.parse import urlsplit

        about = self.about
        return f"{(about.bytes or 0) / 1e6:.1f} MB, licence {about.licence}, from {urlsplit(about.url or '').netloc}"

    def verify(self) -> None:
        """Check the file against its card.

        Raises:
            ModelError: the file is missing or was changed.
        """
        path = self.path
        if not path.exists():
            if self.about.url:
                raise ModelError(f"{self.name} is not on this machine; run imgen models get {self.name} ({self.offer})")
            raise ModelError(f"{path} is missing; reinstall imgen or export the model again")
        if file_checksum(path, stamp(path)) != self.checksum:
            again = f"run imgen models get {self.name}" if self.about.url else "reinstall or export it again"
            raise ModelError(f"{path} is damaged: its SHA-256 differs from its card's; {again}")

    def __call__(self, *unnamed: Any, **inputs: NDArray[np.float32]) -> Any:
        """Run the network on the current run's device.

        Raises:
            ModelError: damaged file, one that was never fetched, or inputs that do not fit.
            DeviceError: the device does not work here.
            Cancelled: the run was cancelled while the network was at work.
        """
        self.verify()
        session = sessions.session(self.path, self.checksum)
        check_inputs(self.name, session.get_inputs(), unnamed, inputs)
        provider = session.get_providers()[0].removesuffix("ExecutionProvider")
        note(f"{self.name} ran on {provider} ({self.origin})")
        if current().preview:
            key = key_of(self.checksum, provider, inputs)
            outputs = answers.get(key, lambda: sessions.run(session, inputs, self.name))
        else:
            outputs = sessions.run(session, inputs, self.name)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)


class Registry:
    """Models by name, in the folders of plugins and in the user's; a folder is read again when it has changed."""

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}
        self._seen: dict[Path, tuple[int, int, dict[str, Model]]] = {}  # when changed, when read, what was found

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
            entries = os.scandir(user_folder())
            return sorted(Path(entry) for entry in entries if entry.is_dir() and not entry.name.startswith("."))
        except OSError:
            return []

    def _inside(self, folder: Path, plugin: str, origin: str) -> dict[str, Model]:
        """The models in one folder. The same object stands for a model as long as its folder stays as it is."""
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return {}
        seen = self._seen.get(folder)
        if seen is None or seen[0] != changed or seen[1] - changed < SETTLED:
            now = time.time_ns()
            names = {f"{plugin}/{card.stem}": card for card in cards_in(folder)}
            found = {name: Model(name, card, origin) for name, card in names.items()}
            if seen is not None and seen[2] == found:
                found = seen[2]
            seen = self._seen[folder] = changed, now, found
        return seen[2]


def cards_in(folder: Path) -> list[Path]:
    """The cards of all models in a folder: of each ONNX file, and those that name a URL where there is no such file."""
    found = {file.with_suffix(".json") for file in folder.glob("*.onnx")}
    for file in folder.glob("*.json"):
        if file not in found and b'"url"' in file.read_bytes():
            found.add(file)
    return sorted(found)
