"""One tool with its parameters filled in: its models, how a recipe records it, and what its result depends on."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..contract.context import current
from ..contract.settings import Settings
from ..contract.tool import Tool
from ..errors import ParameterError
from ..image.combine import HOW, How
from ..image.digests import constant
from ..io.pictures import embedded_pixels, given_pictures, portable, stamp
from .plugins import find_tool, model


@dataclass(frozen=True)
class Step:
    """One tool with its parameters, and where and how much its result counts.

    Attributes:
        tool: its name.
        parameters: their values; those that are not named have the tool's defaults.
        enabled: a disabled step is kept in the recipe and skipped in the run.
        opacity: how much of the change is seen, 0 nothing .. 1 all of it.
        mask: steps that select, run on the picture that the step begins with: it acts only there, whatever the
            photo's own selection is, which stays as it was. Empty: the photo's selection says where.
        combine: what a step that selects does with what was selected before it.
    """

    tool: str
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    enabled: bool = True
    opacity: float = 1.0
    mask: tuple[Step, ...] = ()
    combine: How = "replace"

    def resolve(self) -> Tool:
        """The tool.

        Raises:
            UnknownToolError: no plugin offers it; the message names the nearest that one does.
        """
        return find_tool(self.tool)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it runs: the tool's own, and those that its parameters choose or name."""
        return self.resolve().models_of(self.parameters)

    @property
    def expensive(self) -> bool:
        """Whether its tool, or one of its mask, says that it takes long or costs money."""
        return any(step.resolve().expensive for step in with_masks([self]))


def with_masks(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, each with those of its mask behind it."""
    for step in steps:
        yield step
        yield from step.mask


def each(step: Step, change: Callable[[Step], Step]) -> Step:
    """The step and those of its mask, each as `change` makes it of one."""
    made = change(step)
    return dataclasses.replace(made, mask=tuple(change(one) for one in step.mask)) if step.mask else made


def checked(step: Step) -> Step:
    """The step whose parameters its tool has checked; a tool's former name gives way to its present one.

    Raises:
        ToolError: unknown tool.
        ParameterError: unknown parameter, one out of range, a picture inside that is no PNG, or a mask, an opacity or a
            combination that the step cannot have.
    """
    tool = step.resolve()
    parameters = given_pictures(tool, step.parameters)
    full = tool.check(parameters, ignore=frozenset(tool.pictures))
    embedded_pixels(tool, full)
    kept = {k: constant(v) if isinstance(v, np.ndarray) else v for k, v in full.items() if k in parameters}
    made = dataclasses.replace(step, tool=tool.name, parameters=kept, mask=tuple(map(checked, step.mask)))
    check_place(made, tool)
    return made


def check_place(step: Step, tool: Tool) -> None:
    """Refuse a mask, an opacity or a combination where it means nothing.

    Raises:
        ParameterError: it would.
    """
    number = isinstance(step.opacity, float | int)  # pyright: ignore[reportUnnecessaryIsInstance]: a caller's
    if not (number and 0 <= step.opacity <= 1):
        raise ParameterError(f"{tool.name}: the opacity must be between 0 and 1 (got {step.opacity!r})")
    if (step.mask or step.opacity < 1) and (tool.gives not in ("image", "pictures") or tool.takes == "nothing"):
        raise ParameterError(f"{tool.name}: only steps that change colours and keep the size have a mask or an opacity")
    if step.combine not in HOW:
        raise ParameterError(f"{tool.name}: a selection is combined by {', '.join(HOW)} (got {step.combine!r})")
    if step.combine != "replace" and tool.gives != "mask":
        raise ParameterError(f"{tool.name}: only steps that select are combined with what was selected before")
    for part in step.mask:
        if part.resolve().gives != "mask":
            raise ParameterError(f"{tool.name}: its mask is made by steps that select; {part.tool} does not")


def identity(step: Step) -> dict[str, Any]:
    """What a recipe records of a step beside its parameters: the plugin's version and its models' checksums."""
    tool = step.resolve()
    entry: dict[str, Any] = {"plugin": tool.plugin, "version": tool.version}
    if tool.about.version > 1:
        entry["tool_version"] = tool.about.version
    if step.models:
        entry["models"] = {name: model(name).checksum for name in step.models}
    return entry


def describe(step: Step) -> dict[str, Any]:
    """A step as the recipe records it, with its pictures inside.

    Raises:
        PhotoError: a picture's file cannot be read, or has changed since the run.
    """
    entry = {"tool": step.tool, "parameters": portable(step.resolve(), step.parameters), **identity(step)}
    place: dict[str, Any] = {"opacity": step.opacity, "combine": step.combine}
    usual = {"opacity": 1.0, "combine": "replace"}
    entry |= {name: value for name, value in place.items() if value != usual[name]}
    if step.mask:
        entry["mask"] = [describe(one) for one in step.mask]
    return entry if step.enabled else {**entry, "enabled": False}


def step_key(before: str, step: Step, tool: Tool, where: str) -> str:
    """A hash of all that a step's result depends on; `where` says which devices run its models.

    What its mask makes is a part of `before`.
    """
    parts: list[Any] = [before, tool.plugin, tool.version, tool.name, tool.about.version, where]
    parts += [model(name).checksum for name in step.models]
    parts += [step.opacity, step.combine]
    parts += [("preview", current().preview), ("settings", Settings(tool.plugin).stamp())]
    parts += [(k, stamp(v)) for k, v in sorted(step.parameters.items())]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
