"""A tool: what it takes, gives and is called with. Calling it checks its parameters first.

This is the one place that validates parameters; the command line, the editor and Python all come here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
from pydantic import BaseModel, PydanticUserError, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ..errors import ParameterError, ToolError, nearest
from .declaration import About, Uses, about, used
from .description import describe_range, plain, shortened
from .dynamic import Slider
from .given import as_array, check_size
from .kinds import Kind
from .signature import Signature, read_signature

GROUPS: dict[Kind, str] = {"mask": "Select", "photo": "Document", "measurements": "Measure"}


@dataclass(frozen=True)
class Tool:
    """One edit that a plugin offers. Call it with arrays: `tool(image, noise=25)`.

    Attributes:
        name: unique over all plugins.
        signature: what its annotations say.
        plugin: the plugin that offers it.
        version: the plugin's; `about.version` is the tool's own.
        about: what it says of itself by `@imgen.tool`.
        uses: the models that it runs, by `@imgen.uses`.
    """

    name: str
    function: Callable[..., Any]
    signature: Signature
    plugin: str = ""
    version: str = ""
    about: About = field(default_factory=About)
    uses: Uses = field(default_factory=Uses)

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
        for name in self.signature.files:
            if isinstance(checked.get(name), str):
                raise ParameterError(f"{self.name}: {name} must be bytes here; paths work in a pipeline")
        if self.gives == "pictures":
            del checked["candidate"]  # the engine's business
        return self.function(*pictures, **checked)

    def check(self, parameters: dict[str, Any], *, ignore: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The parameters with defaults filled in and texts converted; `ignore` may be missing.

        Raises:
            ParameterError: as for a call.
        """
        kind = self.parameters
        for name in parameters:
            if name not in kind.model_fields:
                raise ParameterError(f"{self.name} has no parameter {name!r}; {nearest(name, kind.model_fields)}")
        filler = {name: np.zeros((1, 1), np.float32) for name in ignore if name not in parameters}
        try:
            model = kind.model_validate({**parameters, **filler})
        except ValidationError as error:
            self._explain(error.errors()[0])
        return {k: getattr(model, k) for k in kind.model_fields if k not in filler}

    def _explain(self, error: ErrorDetails) -> NoReturn:
        name = str(error["loc"][0]) if error["loc"] else ""
        if error["type"] == "missing" and self.pictures.get(name) == "mask":
            raise ParameterError(
                f"{self.name} needs a selection: select something in an earlier step, or give {name}=FILE, "
                "a picture that is white where the tool should work"
            )
        if error["type"] == "missing" and self.pictures.get(name) == "image":
            raise ParameterError(f"{self.name}: the picture {name} is missing; give {name}=FILE")
        allowed = "" if name in self.signature.files else describe_range(self.schema["properties"].get(name, {}))
        said = allowed or error["msg"].removeprefix("Value error, ")
        if error["type"] == "missing":
            whole = f"is missing; it {allowed or 'is needed'}"
            raise ParameterError(f"{self.name}: {name} {whole if len(error['loc']) == 1 else said}")  # or a part of it
        raise ParameterError(f"{self.name}: {name} {said} (got {shortened(repr(error['input']))})")

    @property
    def takes(self) -> Kind:
        """What its first parameter is; "nothing" for a tool that makes a picture from nothing."""
        return self.signature.takes

    @property
    def gives(self) -> Kind:
        """What it returns."""
        return self.signature.gives

    @property
    def pictures(self) -> dict[str, Kind]:
        """Names of further parameters that are pictures, and whether each is an image or a mask."""
        return self.signature.pictures

    @property
    def sliders(self) -> dict[str, Slider]:
        """The parameters that depend on what is installed, as it is now."""
        return self.signature.sliders.now() if self.signature.sliders else {}

    @property
    def parameters(self) -> type[BaseModel]:
        """The pydantic model of all parameters but the first."""
        return self._built()[1]

    def _built(self) -> tuple[dict[str, Slider], type[BaseModel], dict[str, Any]]:
        """The sliders that there are now, with the model and the JSON schema made of them, which are kept."""
        now = self.sliders
        built = self.__dict__.get("built")
        if built is None or built[0] != now:
            model = self.signature.model(self.name, now)
            built = self.__dict__["built"] = now, model, model.model_json_schema()
        return built

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The parameters by name."""
        return dict(self.parameters.model_fields)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the parameters, with the choices that there are now."""
        schema = self._built()[2]
        filled = {name: choice.into(schema["properties"][name]) for name, choice in self.signature.choices.items()}
        for name, entry in filled.items():
            factory: Any = self.parameters.model_fields[name].default_factory
            if factory is not None:
                entry["default"] = factory()
        return {**schema, "properties": {**schema["properties"], **filled}} if filled else schema

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def group(self) -> str:
        """Where lists of tools put it."""
        return self.about.group or GROUPS.get(self.gives, "Create" if self.takes == "nothing" else "Edit")

    @property
    def synonyms(self) -> tuple[str, ...]:
        """What people search for when they mean it."""
        return self.about.synonyms

    @property
    def expensive(self) -> bool:
        """Whether live previews leave it out unless they are asked for it."""
        return self.about.expensive

    @property
    def models(self) -> tuple[str, ...]:
        """Names of all models that it may run."""
        sliding = (name for slider in self.sliders.values() for name in slider.models)
        return tuple(dict.fromkeys((*self.uses.all(), *sliding)))

    def models_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the models that it runs with these parameters: its own, and those that they choose or name."""
        schema = self.schema.get("properties", {})
        full = {name: parameters.get(name, entry.get("default")) for name, entry in schema.items()}
        named = (full[name] for name, entry in schema.items() if plain(entry).get("format") == "model")
        moved = (slider.models for name, slider in self.sliders.items() if full.get(name) != slider.default)
        sliding = (name for models in moved for name in models)
        return tuple(dict.fromkeys((*self.uses.of(full), *sliding, *(name for name in named if name))))


def tool_from(function: Callable[..., Any], plugin: str = "", version: str = "") -> Tool:
    """The tool that a function is.

    Raises:
        ToolError: the signature breaks a rule of `docs/plugins.md`; the message says which.
    """
    signature = read_signature(function)
    name = getattr(function, "__name__", repr(function))
    tool = Tool(name, function, signature, plugin, version, about(function), used(function))
    check_defaults(tool)
    return tool


def check_defaults(tool: Tool) -> None:
    """Refuse a tool whose parameters have no JSON schema, or whose defaults are outside their own range.

    What depends on what is installed is not asked for: plugins are still being loaded.
    """
    signature = tool.signature
    try:
        if signature.dynamic:
            signature.model(tool.name, {}).model_json_schema()
        else:
            tool.schema  # noqa: B018  (reading it builds it, and it is kept)
        (signature.fixed_model(tool.name) if signature.dynamic else tool.parameters).model_validate({})
    except PydanticUserError as error:
        raise ToolError(f"{tool.name}: a parameter's type cannot be shown as a control ({error.message})") from error
    except ValidationError as error:
        wrong = [one for one in error.errors() if one["type"] != "missing"]  # what is required has no default
        if wrong:
            name, why = wrong[0]["loc"][0], wrong[0]["msg"]
            raise ToolError(f"{tool.name}: the default of {name} is not allowed by its own type ({why})") from error
