"""A function's signature becomes a tool: its parameters' model, validation, JSON schema and help.

This is the one place that validates parameters; the command line, the editor and Python all come here.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, NoReturn, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    PlainValidator,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ..errors import ParameterError, ToolError, nearest
from .arrays import read_only
from .kinds import SHAPES, Kind, kind_of

F = TypeVar("F", bound=Callable[..., Any])


def uses(*models: str, **chosen: Mapping[str, Sequence[str]]) -> Callable[[F], F]:
    """Declare the models that a tool runs, so that recipes record them and the editor shows their licence.

    Args:
        models: those that it always runs.
        chosen: for a parameter, the models that it runs further with each of its values.
    """

    def mark(function: F) -> F:
        function.__dict__["imgen_models"] = models
        function.__dict__["imgen_chosen_models"] = chosen
        return function

    return mark


@dataclass(frozen=True)
class Tool:
    """One edit that a plugin offers. Call it with arrays: `tool(image, noise=25)`.

    Attributes:
        name: unique over all plugins.
        takes: what its first parameter is; "nothing" for a tool that makes a picture from nothing.
        gives: what it returns.
        pictures: names of further parameters that are pictures, and whether each is an image or a mask.
        parameters: the pydantic model of all parameters but the first.
        always: names of the models that it runs whatever its parameters are.
        chosen: for a parameter, the models that it runs further with each of its values.
    """

    name: str
    function: Callable[..., Any]
    takes: Kind
    gives: Kind
    pictures: dict[str, Kind]
    parameters: type[BaseModel]
    plugin: str = ""
    version: str = ""
    always: tuple[str, ...] = ()
    chosen: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict[str, Mapping[str, Sequence[str]]])

    def __call__(self, *first: Any, **parameters: Any) -> Any:
        """See `run`."""
        return self.run(*first, **parameters)

    def run(self, *first: Any, **parameters: Any) -> Any:
        """Check the parameters, then run the function on (H, W, 3) float32 arrays in 0..1 or a Photo.

        Raises:
            ParameterError: a parameter is unknown, missing or out of range; the message names the remedy.
        """
        wanted = 0 if self.takes == "nothing" else 1
        if len(first) != wanted:
            raise ParameterError(f"{self.name} takes {wanted} picture(s) before its named parameters, got {len(first)}")
        checked = self.check(parameters)
        pictures = [as_array(self.name, self.takes, self.takes, p) if self.takes != "photo" else p for p in first]
        for name, kind in self.pictures.items():
            if isinstance(checked.get(name), str):
                raise ParameterError(f"{self.name}: {name} must be a numpy array here; paths work in a pipeline")
            if checked.get(name) is not None:
                checked[name] = as_array(self.name, name, kind, checked[name])
                if kind == "mask" and pictures:
                    check_size(self.name, name, checked[name], pictures[0])
        return self.function(*pictures, **checked)

    def check(self, parameters: dict[str, Any], *, ignore: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The parameters with defaults filled in and texts converted; `ignore` may be missing.

        Raises:
            ParameterError: as for a call.
        """
        for name in parameters:
            if name not in self.parameters.model_fields:
                raise ParameterError(f"{self.name} has no parameter {name!r}; {nearest(name, self.fields)}")
        filler = {name: np.zeros((1, 1), np.float32) for name in ignore if name not in parameters}
        try:
            model = self.parameters.model_validate({**parameters, **filler})
        except ValidationError as error:
            self._explain(error.errors()[0])
        return {k: getattr(model, k) for k in self.fields if k not in filler}

    def _explain(self, error: ErrorDetails) -> NoReturn:
        name = str(error["loc"][0]) if error["loc"] else ""
        if error["type"] == "missing" and self.pictures.get(name) == "mask":
            raise ParameterError(
                f"{self.name} needs a selection: select something in an earlier step, or give {name}=FILE, "
                "a picture that is white where the tool should work"
            )
        allowed = describe_range(self.schema["properties"].get(name, {}))
        got = "" if error["type"] == "missing" else f" (got {shortened(repr(error['input']))})"
        raise ParameterError(f"{self.name}: {name} {allowed or error['msg']}{got}")

    @property
    def models(self) -> tuple[str, ...]:
        """Names of all models that it may run."""
        further = (name for values in self.chosen.values() for names in values.values() for name in names)
        return tuple(dict.fromkeys((*self.always, *further)))

    @cached_property
    def fields(self) -> dict[str, FieldInfo]:
        """The parameters by name."""
        return dict(self.parameters.model_fields)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the parameters."""
        return self.parameters.model_json_schema()

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def group(self) -> str:
        """Where the editor's palette puts it."""
        return {"mask": "Select", "photo": "Document"}.get(self.gives, "Create" if self.takes == "nothing" else "Edit")


def shortened(text: str, length: int = 80) -> str:
    """A text on one line, cut where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 3] + "..."


FORMATS = {
    "picture": "must be a picture: a file's path, or a numpy array",
    "points": "must be points [[x, y], ...], all numbers from 0 to 1",
    "dots": 'must be dots of colour [[x, y, "#rrggbb"], ...], x and y from 0 to 1',
    "box": "must be a box [left, top, width, height], all numbers from 0 to 1",
}


def describe_range(schema: dict[str, Any]) -> str:
    """A parameter's allowed values in words, from its JSON schema; empty where nothing can be said."""
    options = [o for o in schema.get("anyOf", [schema]) if o.get("type") != "null"]
    schema = {**schema, **options[0]} if options else schema
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if "enum" in schema or "const" in schema:
        return "must be one of " + ", ".join(map(str, schema.get("enum", [schema.get("const")])))
    kind = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "a text"}
    words = kind.get(schema.get("type", ""), "")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        words += f" from {low} to {high}"
    elif low is not None:
        words += f" of at least {low}"
    elif high is not None:
        words += f" of at most {high}"
    for key, text in (("exclusiveMinimum", "above"), ("exclusiveMaximum", "below"), ("multipleOf", "a multiple of")):
        if key in schema:
            words += f"{',' if ' of ' in words or ' from ' in words else ''} {text} {schema[key]}"
    return f"must be {words}" if words else ""


def check_size(tool: str, name: str, mask: NDArray[np.float32], picture: Any) -> None:
    """A mask belongs to its picture, pixel by pixel."""
    height, width = getattr(picture, "pixels", picture).shape[:2]
    if mask.shape != (height, width):
        raise ParameterError(
            f"{tool}: {name} is {mask.shape[1]}x{mask.shape[0]}, the photo {width}x{height}; make them of one size"
        )


def as_array(tool: str, name: str, kind: Kind, value: Any) -> NDArray[np.float32]:
    """`value` as a float32 array of the kind's shape, read-only: a tool works on its own copy.

    Raises:
        ParameterError: wrong shape, not numbers, or bytes instead of 0..1.
    """
    array = np.asarray(value)
    fits = array.ndim == {"mask": 2, "image": 3, "animation": 4}[kind] and (kind == "mask" or array.shape[-1] == 3)
    if not fits or array.size == 0:
        raise ParameterError(f"{tool}: {name} must have the shape {SHAPES[kind]}, got {array.shape}")
    if array.dtype.kind not in "fb":
        raise ParameterError(f"{tool}: {name} must hold floats in 0..1, got {array.dtype}; divide by its maximum")
    array = array.astype(np.float32, copy=False)
    if not np.isfinite(array.sum()):
        raise ParameterError(f"{tool}: {name} holds values that are not finite")
    return read_only(array)


def tool_from(function: Callable[..., Any], plugin: str = "", version: str = "") -> Tool:
    """Read a function's signature.

    Raises:
        ToolError: the signature breaks a rule of `docs/plugins.md`; the message says which.
    """
    name = getattr(function, "__name__", repr(function))
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise ToolError(f"{name}: its annotations cannot be read ({error})") from error
    gives = kind_of(hints.get("return"))
    if gives == "nothing":
        raise ToolError(f"{name} must return imgen.Image, imgen.Mask, imgen.Animation or imgen.Photo; annotate it")
    if not inspect.getdoc(function):
        raise ToolError(f"{name} needs a docstring; its first line is the tool's description")
    takes: Kind = "nothing"
    pictures: dict[str, Kind] = {}
    fields: dict[str, Any] = {}
    for i, parameter in enumerate(inspect.signature(function).parameters.values()):
        kind = kind_of(hints.get(parameter.name))
        if kind == "animation":
            raise ToolError(f"{name}: no parameter can be an Animation; {parameter.name} must be an imgen.Image")
        if i == 0 and kind != "nothing" and parameter.default is parameter.empty:
            takes = kind
            continue
        fields[parameter.name] = field_of(name, parameter, hints)
        if kind != "nothing":
            pictures[parameter.name] = kind
    parameters = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    marks = function.__dict__
    models = marks.get("imgen_models", ()), marks.get("imgen_chosen_models", {})
    tool = Tool(name, function, takes, gives, pictures, parameters, plugin, version, *models)
    check_defaults(tool)
    return tool


def check_defaults(tool: Tool) -> None:
    """Refuse a tool whose parameters have no JSON schema, or whose defaults are outside their own range."""
    try:
        tool.schema  # noqa: B018  (reading it builds it)
        for field in tool.fields.values():
            if not field.is_required():
                hint: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
                TypeAdapter(hint).validate_python(field.default)
    except PydanticUserError as error:
        raise ToolError(f"{tool.name}: a parameter's type cannot be shown as a control ({error.message})") from error
    except ValidationError as error:
        raise ToolError(
            f"{tool.name}: a default is not allowed by its own type ({error.errors()[0]['msg']})"
        ) from error


def field_of(tool: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
    """A parameter as pydantic wants it: (type, default)."""
    if parameter.name not in hints:
        raise ToolError(f"{tool}: annotate the parameter {parameter.name!r} with its type")
    if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
        raise ToolError(f"{tool}: *args and **kwargs cannot be tools' parameters; name each one")
    hint, kind = hints[parameter.name], kind_of(hints[parameter.name])
    if kind == "photo":
        raise ToolError(f"{tool}: only the first parameter can be a Photo")
    if kind != "nothing":
        usual = "A picture that is white where the tool should work; filled from the selection"
        hint = picture_type(description_of(hint) or (usual if kind == "mask" else "A second picture"))
    return hint, ... if parameter.default is parameter.empty else parameter.default


def _picture(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return str(value)  # pyright: ignore[reportUnknownArgumentType]: any path
    if value is None or isinstance(value, (str, np.ndarray)):
        return value  # pyright: ignore[reportUnknownVariableType]: any array; `as_array` checks it
    raise ValueError("must be a picture: a numpy array, or the path of a file")


def picture_type(description: str) -> Any:
    """The type of a further picture, for pydantic."""
    schema = {"type": "string", "format": "picture", "description": description}
    return Annotated[Any, PlainValidator(_picture), WithJsonSchema(schema)]


def description_of(hint: Any) -> str:
    """What a Field in an annotation says, also in an optional one."""
    parts = get_args(hint)
    for part in parts:
        if isinstance(part, FieldInfo) and part.description:
            return part.description
    return next((text for part in parts if get_args(part) and (text := description_of(part))), "")
