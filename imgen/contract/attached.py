"""Files as parameters: a tool gets what is in them, and recipes carry it."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

PREFIX = "data:application/octet-stream;base64,"
LIMIT = 16 * 2**20  # bytes of a file: recipes carry it


@dataclass(frozen=True, init=False)
class File:
    """Lets a parameter be a file of some kind: `lut: Annotated[bytes, imgen.File(".cube")]`.

    The user names a file, the tool gets its bytes, at most 16 MiB, and a recipe carries them, so that it works
    elsewhere and names no file of this machine.

    Args:
        suffixes: of the files' names, in small letters; any file where there are none.
    """

    suffixes: tuple[str, ...]

    def __init__(self, *suffixes: str) -> None:
        object.__setattr__(self, "suffixes", suffixes)

    def check(self, value: Any) -> Any:
        """Bytes, also those in a data URL of a recipe, or the path of a file, which is read when the run begins.

        Raises:
            ValueError: it is neither, too large, or of another kind.
        """
        if isinstance(value, str) and value.startswith("data:"):
            value = decoded(value)
        if isinstance(value, bytes):
            if len(value) > LIMIT:
                raise ValueError(f"may have at most {LIMIT >> 20} MiB, it has {len(value) / 2**20:.1f}")
            return value
        if value is None:
            return value
        if not isinstance(value, (str, os.PathLike)):
            raise ValueError("must be a file: its path, or its bytes")
        path = os.fspath(value)  # pyright: ignore[reportUnknownVariableType]: any path
        if self.suffixes and not str(path).lower().endswith(self.suffixes):  # pyright: ignore[reportUnknownArgumentType]
            raise ValueError(f"must be a file {' or '.join('*' + suffix for suffix in self.suffixes)}")
        return str(path)  # pyright: ignore[reportUnknownArgumentType]

    def hint(self, description: str) -> Any:
        """The parameter's type, for pydantic."""
        kinds: Any = list(self.suffixes)
        schema = {"type": "string", "format": "file", "kinds": kinds, "description": description}
        return Annotated[Any, PlainValidator(self.check), WithJsonSchema(schema)]


def encoded(content: bytes) -> str:
    """A file's content as a recipe carries it."""
    return PREFIX + base64.b64encode(content).decode()


def decoded(text: str) -> bytes:
    """What `encoded` made.

    Raises:
        ValueError: it made something else.
    """
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("holds a file that is damaged; give it anew") from error
