"""A function's signature, read once: what a tool takes and gives, and its parameters as pydantic wants them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from ..errors import ToolError
from .attached import File
from .control import Control
from .description import description_of
from .dynamic import Choice, Slider, Sliders, found_in
from .kinds import RESULTS, Kind, kind_of
from .parameters import candidate_field, picture_type


@dataclass(frozen=True)
class Signature:
    """What a function's annotations say.

    Attributes:
        takes: what the first parameter is; "nothing" for a function that makes a picture from nothing.
        gives: what it returns.
        pictures: further parameters that are pictures, and whether each is an image or a mask.
        fields: all parameters but the first, each with its type and default.
        choices: parameters whose values are known only when they are asked for.
        sliders: what tells further parameters, likewise.
        files: parameters that are files.
        controls: parameters with a control of their own in the editor.
    """

    takes: Kind
    gives: Kind
    pictures: dict[str, Kind]
    fields: dict[str, tuple[Any, Any]]
    choices: dict[str, Choice]
    sliders: Sliders | None
    files: dict[str, File]
    controls: dict[str, Control]

    @property
    def dynamic(self) -> bool:
        """Whether some of it depends on what is installed."""
        return bool(self.choices) or self.sliders is not None

    def model(self, name: str, sliders: dict[str, Slider]) -> type[BaseModel]:
        """The pydantic model of all parameters, with the sliders that there are now."""
        more = {key: slider.field for key, slider in sliders.items() if key not in self.fields}
        return model_of(name, {**more, **self.fields})

    def fixed_model(self, name: str) -> type[BaseModel]:
        """The same of what does not depend on anything installed."""
        return model_of(name, {key: field for key, field in self.fields.items() if key not in self.choices})


def model_of(name: str, fields: dict[str, Any]) -> type[BaseModel]:
    """A pydantic model that takes these fields and no others."""
    return create_model(name, __config__=ConfigDict(extra="forbid", validate_default=True), **fields)


def read_signature(function: Callable[..., Any]) -> Signature:
    """Read a function's annotations.

    Raises:
        ToolError: they break a rule of `docs/plugins.md`; the message says which.
    """
    name = getattr(function, "__name__", repr(function))
    hints = hints_of(name, function)
    gives = kind_of(hints.get("return"))
    takes: Kind = "nothing"
    pictures: dict[str, Kind] = {}
    fields: dict[str, tuple[Any, Any]] = {}
    choices: dict[str, Choice] = {}
    files: dict[str, File] = {}
    controls: dict[str, Control] = {}
    sliders: Sliders | None = None
    for i, parameter in enumerate(inspect.signature(function).parameters.values()):
        kind = kind_of(hints.get(parameter.name))
        if kind in RESULTS:
            raise ToolError(f"{name}: no parameter can be {kind.capitalize()}; {parameter.name} must be an imgen.Image")
        if i == 0 and kind != "nothing" and parameter.default is parameter.empty:
            takes = kind
            continue
        if parameter.kind is parameter.VAR_KEYWORD and parameter.name in hints:
            sliders = found_in(hints[parameter.name], Sliders)
            if sliders is not None:
                continue
        fields[parameter.name] = field_of(name, parameter, hints)
        if kind != "nothing":
            pictures[parameter.name] = kind
        for kept, of in ((choices, Choice), (files, File), (controls, Control)):
            found: Any = found_in(hints[parameter.name], of)
            if found is not None:
                kept[parameter.name] = found
    check_given(name, takes, gives, fields)
    if gives == "pictures":
        fields["candidate"] = candidate_field()
    return Signature(takes, gives, pictures, fields, choices, sliders, files, controls)


def check_given(name: str, takes: Kind, gives: Kind, fields: dict[str, tuple[Any, Any]]) -> None:
    """Refuse parameters that do not go with what a tool returns."""
    if gives == "measurements" and takes == "nothing":
        raise ToolError(f"{name} returns measurements; its first parameter must be what it measures, an imgen.Image")
    if gives == "pictures" and "candidate" in fields:
        raise ToolError(f"{name}: a tool that returns imgen.Pictures gets the parameter 'candidate'; rename yours")


def hints_of(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    """A function's annotations, its return type among them.

    Raises:
        ToolError: they cannot be read, it returns nothing that a tool can, or it has no docstring.
    """
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise ToolError(f"{name}: its annotations cannot be read ({error})") from error
    if kind_of(hints.get("return")) == "nothing":
        raise ToolError(
            f"{name} must return imgen.Image, imgen.Mask, imgen.Pictures, imgen.Measurements, imgen.Animation or "
            "imgen.Photo; annotate it"
        )
    if not inspect.getdoc(function):
        raise ToolError(f"{name} needs a docstring; its first line is the tool's description")
    return hints


def field_of(tool: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
    """A parameter as pydantic wants it: (type, default)."""
    if parameter.name not in hints:
        raise ToolError(f"{tool}: annotate the parameter {parameter.name!r} with its type")
    if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
        raise ToolError(f"{tool}: *args and **kwargs cannot be tools' parameters; name each one, or give imgen.Sliders")
    hint, kind = hints[parameter.name], kind_of(hints[parameter.name])
    if kind == "photo":
        raise ToolError(f"{tool}: only the first parameter can be a Photo")
    if kind != "nothing":
        usual = "A picture that is white where the tool should work; filled from the selection"
        hint = picture_type(description_of(hint) or (usual if kind == "mask" else "A second picture"))
    file = found_in(hint, File)
    if file is not None:
        hint = file.hint(description_of(hint))
    choice = found_in(hint, Choice)
    one_text = getattr(hint, "__origin__", hint) is str
    if choice is not None and parameter.default is not None and one_text:
        wanted = "" if parameter.default is parameter.empty else str(parameter.default)
        return hint, Field(default_factory=partial(choice.first, wanted))
    return hint, ... if parameter.default is parameter.empty else parameter.default
