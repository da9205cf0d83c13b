"""The entries of a recipe as steps of the tools that are here, and what differs from where the recipe was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import PipelineError, UnknownToolError
from ..io.pictures import embedded_pixels, is_path
from .plugins import installed
from .recipe import Entry, check_pixels, parse
from .step import Step, checked, identity, with_masks


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
        for one in () if files else with_masks([step]):
            refuse_files(one)
        steps.append(checked(step))
        pixels += sum(embedded_pixels(one.resolve(), one.parameters) for one in with_masks(steps[-1:]))
        check_pixels(pixels)
    return steps


def current(entry: Entry) -> Step:
    """An entry as a step under its tool's present name, with the parameters of its present version.

    Raises:
        ToolError: no such tool, a newer version of it, or parameters that cannot be carried over.
    """
    full = f"{entry.plugin}.{entry.tool}"  # where two plugins have a tool of that name
    try:
        tool = Step(full if full in installed().tools else entry.tool).resolve()
    except UnknownToolError as error:
        if not entry.plugin or entry.plugin in {plugin.name for plugin in installed().plugins}:
            raise
        of = f"{entry.plugin} {entry.version}".strip()
        raise UnknownToolError(
            f"{entry.tool} is a tool of the plugin {of}, which is not here; install it, or leave this step out"
        ) from error
    parameters = tool.about.migrated(tool.name, entry.parameters, entry.tool_version)
    mask = tuple(map(current, entry.mask))
    return Step(tool.name, parameters, entry.enabled, entry.opacity, mask, entry.combine)


def refuse_files(step: Step) -> None:
    """A recipe from a stranger may carry pictures, not open files of this machine."""
    tool = step.resolve()
    for name in (*tool.pictures, *tool.signature.files):
        if is_path(step.parameters.get(name)):
            raise PipelineError(f"{step.tool}: {name} names a file; this recipe may only carry what is inside it")


def differences(text: str, steps: Sequence[Step] | None = None) -> list[str]:
    """What has changed since a recipe was made: tools' and plugins' versions and models, in sentences.

    Args:
        text: the recipe.
        steps: what it was read as, so that migrations need not say a second time what they say; None to read it.

    Raises:
        PipelineError, ToolError: as for `Pipeline.from_json`.
    """
    entries = parse(text)
    steps = steps_of(entries) if steps is None else steps
    pairs = zip(entries, steps, strict=True)
    inside = (
        pair for entry, step in zip(entries, steps, strict=True) for pair in zip(entry.mask, step.mask, strict=True)
    )
    return [sentence for entry, step in (*pairs, *inside) for sentence in changes(entry, step)]


def changes(entry: Entry, step: Step) -> Iterator[str]:
    """What is another for one step than where its recipe was made, in sentences."""
    new = identity(step)
    if entry.tool != step.tool:
        yield f"{entry.tool}: it is called {step.tool} now"
    if entry.tool_version != new.get("tool_version", 1):
        yield f"{step.tool}: the parameters of its version {entry.tool_version} were carried over"
    if entry.version and entry.version != new["version"]:
        old = f"{entry.plugin} {entry.version}".strip()
        yield f"{step.tool}: made with {old}, here is {new['version']}"
    for name, checksum in entry.models.items():
        if new.get("models", {}).get(name) != checksum:
            yield f"{step.tool}: the model {name} is another than the recipe's; pixels will differ"
