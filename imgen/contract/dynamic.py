"""Parameters that depend on what is installed: choices and sliders that a function tells when they are asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")
FORMAT = "choice"  # marks the place in a JSON schema where the values belong


@dataclass(frozen=True)
class Choice:
    """Lets a text parameter be one of the values that `provider` tells: `Annotated[str, imgen.Choice(models)]`.

    The values are read when they are needed and not when the plugin is loaded, so a model that was exported a moment
    ago is among them. Without a default the first value is it; a default that is not among the values gives way to it.

    Args:
        provider: called without arguments, and often: it should take no longer than a look into a folder.
        otherwise: what to do where there is nothing to choose, for the error: "train one with imgen train NAME".
    """

    provider: Callable[[], Iterable[str]]
    otherwise: str = ""

    def values(self) -> tuple[str, ...]:
        """What there is now, in the provider's order."""
        return tuple(dict.fromkeys(told(self.provider, ())))

    def first(self, wanted: str = "") -> str:
        """The default."""
        values = self.values()
        return wanted if wanted in values or not values else values[0]

    def check(self, value: str) -> str:
        """Refuse what is not among the values."""
        values = self.values()
        if not values:
            raise ValueError(f"has nothing to choose from; {self.otherwise}".rstrip("; "))
        if value not in values:
            raise ValueError("must be one of " + ", ".join(values))
        return value

    def into(self, schema: Any) -> Any:
        """A JSON schema with the values in their place."""
        if isinstance(schema, list):
            return [self.into(part) for part in schema]  # pyright: ignore[reportUnknownVariableType]: JSON
        if not isinstance(schema, dict):
            return schema
        made = {key: self.into(part) for key, part in schema.items()}  # pyright: ignore[reportUnknownVariableType]: JSON
        return {**made, "enum": list(self.values())} if schema.get("format") == FORMAT else made

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "format": FORMAT}


@dataclass(frozen=True)
class Slider:
    """One number that a tool takes.

    Attributes:
        description: the help.
        low: its lowest value.
        high: its highest.
        default: where it stands at first, and does nothing.
        models: those that the tool runs where it stands elsewhere.
    """

    description: str
    low: float = -1.0
    high: float = 1.0
    default: float = 0.0
    models: tuple[str, ...] = ()

    @property
    def field(self) -> tuple[Any, float]:
        """It as pydantic wants it."""
        return Annotated[float, Field(ge=self.low, le=self.high, description=self.description)], self.default


@dataclass(frozen=True)
class Sliders:
    """Lets `**amounts: Annotated[float, imgen.Sliders(provider)]` be as many parameters as `provider` tells.

    They are asked for like the values of a `Choice`, and stand before the tool's other parameters.

    Args:
        provider: gives each slider by its name, an identifier; one that the tool uses otherwise is left out.
    """

    provider: Callable[[], Mapping[str, Slider]]

    def now(self) -> dict[str, Slider]:
        """What there is now."""
        return {name: slider for name, slider in told(self.provider, {}).items() if name.isidentifier()}


def told(provider: Callable[[], T], nothing: T) -> T:
    """What a plugin's function tells; nothing, and a warning, where it fails: the other tools go on."""
    try:
        return provider()
    except Exception:
        name = f"{getattr(provider, '__module__', '')}.{getattr(provider, '__qualname__', repr(provider))}"
        logging.getLogger("imgen").warning("%s cannot tell what there is to choose", name, exc_info=True)
        return nothing


def found_in(hint: Any, kind: type[T]) -> T | None:
    """The `Choice` or `Sliders` in an annotation, also in an optional one or a list; None without one."""
    for part in get_args(hint):
        found = part if isinstance(part, kind) else found_in(part, kind)
        if found is not None:
            return found
    return None
