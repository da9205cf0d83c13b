"""Places inside a pack, which read as paths in a folder would: whatever reads folders by `Path` reads packs, too."""

from __future__ import annotations

import os
from collections.abc import Generator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any

from PIL import Image as Pillow

from .packfile import SUFFIX, Entry, Pack, PackError, Picture, Stored, Unreadable, pack


def roots(path: Path) -> list[Path]:
    """What was packed into a file, as paths that training reads like folders."""
    return [Packed(path / name) for name in pack(path).roots]


class Packed(type(Path())):  # before Python 3.12 Path itself has no system
    """A place inside a pack: PACK.imgen/FOLDER/NAME. It reads as a path in a folder would.

    What opens files by itself cannot, and is told so: there is no such file.
    """

    __slots__ = ()

    def place(self) -> tuple[Pack, str]:
        """The pack, and the name in it."""
        file = next(p for p in self.parents if p.suffix == SUFFIX and os.path.isfile(str(p)))
        return pack(Path(str(file))), self.relative_to(file).as_posix()

    def entry(self) -> Entry | None:
        """What is there; None for a folder and for nothing."""
        found, name = self.place()
        return found.entries.get(name)

    def picture(self) -> Pillow.Image:
        """The picture, upright and decoded.

        Raises:
            PackError: it is none.
        """
        found, name = self.place()
        entry = found.entries.get(name)
        if not isinstance(entry, Picture):
            raise PackError(f"{self} is no picture")
        return found.picture(entry)

    def __fspath__(self) -> str:
        """There is none."""
        raise PackError(f"{self} lies in a pack, and what is asked for reads files by itself; give it the folder")

    def is_dir(self) -> bool:
        """Whether anything lies below."""
        found, name = self.place()
        return name in found.folders

    def is_file(self) -> bool:
        """Whether a picture or another file is there."""
        return self.entry() is not None

    def exists(self, **_: Any) -> bool:
        """Whether anything is there."""
        return self.is_file() or self.is_dir()

    def resolve(self, strict: bool = False) -> Packed:
        """The same in the pack's real place."""
        found, name = self.place()
        return Packed(found.path.resolve() / name)

    def stat(self, **_: Any) -> os.stat_result:
        """With the size of the file that was packed, and the time of the pack."""
        found, entry = self.place()[0], self.entry()
        if entry is None:
            raise FileNotFoundError(f"{self} is not in the pack")
        time = found.path.stat().st_mtime_ns
        size = 0 if isinstance(entry, Unreadable) else entry.size
        return os.stat_result((0o100444, 0, 0, 1, 0, 0, size, 0, 0, 0), {"st_mtime_ns": time})

    def iterdir(self) -> Generator[Packed, None, None]:
        """What lies directly in this folder."""
        seen = dict.fromkeys(p.relative_to(self).parts[0] for p in self._below())
        yield from (self / name for name in seen)

    def rglob(self, pattern: str, **_: Any) -> Generator[Packed, None, None]:
        """Files below that match."""
        return (p for p in self._below() if p.match(pattern))

    def glob(self, pattern: str, **_: Any) -> Generator[Packed, None, None]:
        """Files directly here that match."""
        return (p for p in self._below() if p.parent == self and p.match(pattern))

    def _below(self) -> Generator[Packed, None, None]:
        found, name = self.place()
        return (Packed(found.path / one) for one in found.entries if one.startswith(f"{name}/"))

    def read_bytes(self) -> bytes:
        """Of a table or another small file."""
        found, name = self.place()
        entry = found.entries.get(name)
        if not isinstance(entry, Stored):
            raise FileNotFoundError(2, "not in the pack", str(self))
        return found.bytes[entry.offset : entry.offset + entry.size].tobytes()

    def read_text(self, encoding: str | None = None, errors: str | None = None, **_: Any) -> str:
        """Of a table or another small file."""
        with self.open(encoding=encoding, errors=errors) as file:
            return file.read()

    def open(  # pyright: ignore[reportIncompatibleMethodOverride]: the base's overloads say the same of "r" and "rb"
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """For reading alone."""
        if mode not in ("r", "rb"):
            raise PackError(f"{self} lies in a pack, into which nothing is written")
        data = BytesIO(self.read_bytes())
        return data if mode == "rb" else TextIOWrapper(data, encoding or "utf-8", errors, newline)
