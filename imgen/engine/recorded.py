"""The entries of a recipe as steps of the tools that are here, and what differs from where the recipe was made."""

from __future__ import annotations

import dataclasses

from ..errors import PipelineError
from ..io.pictures import embedded_pixels, is_path
from .plugins import installed
from .recipe import Entry, check_pixels, parse
from .step import Step, checked, identity


def steps_of(entries: list[Entry], *, files: bool = True) -> list[Step]:
    """A recipe's entries as steps, each checked by its tool.

    Raises:
        PipelineError: a file named where none may be, or pictures that are too large together.
        ToolError, ParameterError: a step that cannot be done here.
    """
    steps: list[Step] = []
    pixels = 0
    for entry in entries:
        step = current(entry)
        if not files:
            refuse_files(step)
        added = checked(step.tool, step.parameters)
        pixels += embedded_pixels(added.resolve(), added.parameters)
        check_pixels(pixels)
        steps.append(dataclasses.replace(added, enabled=step.enabled))
    return steps


def current(entry: Entry) -> Step:
    """An entry as a step under its tool's present name, with the parameters of its present version.

    Raises:
        ToolError: no such tool, a newer version of it, or parameters that cannot be carried over.
    """
    full = f"{entry.plugin}.{entry.tool}"  # where two plugins have a tool of that name
    tool = Step(full if full in installed().tools else entry.tool).resolve()
    parameters = tool.about.migrated(tool.name, entry.parameters, entry.tool_version)
    return Step(tool.name, parameters, entry.enabled)


def refuse_files(step: Step) -> None:
    """A recipe from a stranger may carry pictures, not open files of this machine."""
    tool = step.resolve()
    for name in (*tool.pictures, *tool.signature.files):
        if is_path(step.parameters.get(name)):
            raise PipelineError(f"{step.tool}: {name} names a file; this recipe may only carry what is inside it")


def differences(text: str) -> list[str]:
    """What has changed since a recipe was made: tools' and plugins' versions and models, in sentences.

    Raises:
        PipelineError, ToolError: as for `Pipeline.from_json`.
    """
    told: list[str] = []
    entries = parse(text)
    for entry, step in zip(entries, steps_of(entries), strict=True):
        new = identity(step)
        if entry.tool != step.tool:
            told.append(f"{entry.tool}: it is called {step.tool} now")
        if entry.tool_version != new.get("tool_version", 1):
            told.append(f"{step.tool}: the parameters of its version {entry.tool_version} were carried over")
        if entry.version and entry.version != new["version"]:
            old = f"{entry.plugin} {entry.version}".strip()
            told.append(f"{step.tool}: made with {old}, here is {new['version']}")
        for name, checksum in entry.models.items():
            if new.get("models", {}).get(name) != checksum:
                told.append(f"{step.tool}: the model {name} is another than the recipe's; pixels will differ")
    return told
