"""An ordered list of steps: run it on a photo, save it as a recipe, and load it again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import models
from .apply import apply
from .cache import Cache
from .context import Context, using
from .context import progress as report_progress
from .errors import PipelineError, ToolError, nearest
from .photo import Photo
from .photo import open as open_photo
from .pictures import encode_value, load_pictures, stamp
from .plugins import installed, tools
from .runtime import choose
from .tool import Tool

FORMAT = 1
shared_cache = Cache()


@dataclass(frozen=True)
class Step:
    """One tool with its parameters. A disabled step is kept in the recipe and skipped in the run."""

    tool: str
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    enabled: bool = True

    def resolve(self) -> Tool:
        """The tool.

        Raises:
            ToolError: no plugin offers it; the message names the nearest that one does.
        """
        known = tools()
        if self.tool not in known:
            failed = ", ".join(plugin.name for plugin in installed().plugins if plugin.error)
            more = f"; {failed} could not be loaded (`imgen plugins` says why)" if failed else ""
            raise ToolError(
                f"there is no tool {self.tool!r}; {nearest(self.tool, known)} (`imgen tools` lists all){more}"
            )
        return known[self.tool]

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it runs: the tool's own, and those that its parameters choose or name."""
        tool = self.resolve()
        chosen = (
            name
            for parameter, values in tool.chosen.items()
            for name in values.get(str(self.parameters.get(parameter, tool.fields[parameter].default)), ())
        )
        named = [
            self.parameters.get(name, schema.get("default"))
            for name, schema in tool.schema.get("properties", {}).items()
            if schema.get("format") == "model"
        ]
        return tuple(dict.fromkeys((*tool.always, *chosen, *(name for name in named if name))))


@dataclass(frozen=True)
class Pipeline:
    """Steps in order. It never changes: `add` returns a longer one.

    Example:
        >>> import imgen
        >>> edit = imgen.Pipeline().add("select_rectangle", width=0.5).add("invert_selection")
        >>> [step.tool for step in edit.steps]
        ['select_rectangle', 'invert_selection']
    """

    steps: tuple[Step, ...] = ()

    def add(self, tool: str, /, **parameters: Any) -> Pipeline:
        """Make a pipeline with one more step.

        Raises:
            ToolError: unknown tool.
            ParameterError: unknown parameter, or one out of range.
        """
        found = Step(tool).resolve()
        checked = found.check(parameters, ignore=frozenset(found.pictures))
        return Pipeline((*self.steps, Step(tool, {name: checked[name] for name in parameters})))

    def __call__(self, photo: Photo | None = None, **options: Any) -> Photo:
        """Run it; see `run`."""
        return self.run(photo, **options)

    def run(
        self,
        photo: Photo | None = None,
        *,
        progress: Callable[[float, str], None] | None = None,
        cancel: threading.Event | None = None,
        device: str = "auto",
        cache: Cache | None = shared_cache,
        notes: list[str] | None = None,
    ) -> Photo:
        """Run every enabled step on `photo`, which is left as it is.

        Args:
            photo: None only if the first step makes a picture from nothing.
            progress: called with (part done 0..1, tool at work).
            cancel: set it from any thread to stop.
            device: "auto", "cpu" or "cuda".
            cache: earlier results to reuse; None recomputes everything and keeps nothing.
            notes: filled with what the user should know.

        Returns:
            A new photo; its `recipe` is this pipeline as JSON.

        Raises:
            Cancelled: `cancel` was set.
            ImgenError: a step cannot be done; nothing was changed.
        """
        if device != "auto":
            choose(device)  # an impossible wish is refused even where no model runs
        steps = [(step, step.resolve()) for step in self.steps if step.enabled]
        context = Context(progress, cancel or threading.Event(), device, [] if notes is None else notes)
        key = photo.fingerprint if photo and cache else ""
        for i, (step, tool) in enumerate(steps):
            share = (i / len(steps), (i + 1) / len(steps))
            own = dataclasses.replace(context, share=share, label=tool.name, notes=[])
            with using(own):
                report_progress(0)
                key = step_key(key, step, tool, device) if cache else ""
                kept = cache.get(key) if cache else None
                if kept:
                    photo, told = kept.photo, kept.notes
                else:
                    photo, told = apply(tool, photo, load_pictures(tool, step.parameters)), tuple(own.notes)
            context.notes.extend(text for text in told if text not in context.notes)
            if cache and not kept:
                cache.put(key, photo, told)
        if photo is None:
            raise PipelineError("there is no photo and no step that makes one")
        with using(context):
            report_progress(1)
            return photo.replace(recipe=self.portable().to_json())

    def portable(self) -> Pipeline:
        """The same with masks that were files carried inside, so that the recipe works on another machine."""
        steps: list[Step] = []
        for step in self.steps:
            if not step.enabled:
                steps.append(step)
                continue
            tool = step.resolve()
            masks = {
                k: step.parameters[k] for k, kind in tool.pictures.items() if kind == "mask" and k in step.parameters
            }
            steps.append(dataclasses.replace(step, parameters=step.parameters | load_pictures(tool, masks)))
        return Pipeline(tuple(steps))

    def to_json(self) -> str:
        """The recipe: every step with its parameters, the plugin's version and its models' checksums."""
        return json.dumps({"imgen": FORMAT, "steps": [describe(step) for step in self.steps]}, indent=1)

    @classmethod
    def from_json(cls, text: str, *, files: bool = True) -> Pipeline:
        """Read a recipe.

        Args:
            text: what `to_json` wrote.
            files: False refuses parameters that name files, for recipes that come from elsewhere.

        Raises:
            PipelineError: not a recipe, a newer format, or a file named where none may be.
            ToolError, ParameterError: a step that cannot be done here.
        """
        try:
            data = json.loads(text)
            version, entries = data["imgen"], data["steps"]
            steps = [Step(str(e["tool"]), dict(e.get("parameters", {})), bool(e.get("enabled", True))) for e in entries]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise PipelineError(f"this is not an imgen recipe ({error}); save one with Pipeline.save") from error
        if version != FORMAT:
            raise PipelineError(f"the recipe has format {version}, this imgen reads {FORMAT}; pip install -U imgen")
        pipeline = cls()
        for step in steps:
            if not files:
                refuse_files(step)
            added = pipeline.add(step.tool, **step.parameters).steps[-1]
            pipeline = cls((*pipeline.steps, dataclasses.replace(added, enabled=step.enabled)))
        return pipeline

    def save(self, path: str | Path) -> Path:
        """Write the recipe to a JSON file."""
        path = Path(path)
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_text(self.to_json() + "\n", encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise PipelineError(f"the recipe cannot be saved as {path}: {error.strerror}") from error
        return path

    @classmethod
    def load(cls, path: str | Path) -> Pipeline:
        """Read a recipe file, or the recipe inside a picture that imgen saved."""
        return cls.from_json(recipe_text(Path(path)))


def recipe_text(path: Path) -> str:
    """The recipe in a JSON file, or inside a picture that imgen saved.

    Raises:
        PipelineError: no such file, or a picture without one.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        recipe = open_photo(path).recipe
    except OSError as error:
        raise PipelineError(f"the recipe {path} cannot be read: {error.strerror}") from error
    if recipe is None:
        raise PipelineError(f"{path} holds no recipe; imgen puts one into the PNG, TIFF and JPEG files that it saves")
    return recipe


def refuse_files(step: Step) -> None:
    """A recipe from a stranger may carry pictures, not open files of this machine."""
    for name in step.resolve().pictures:
        value = step.parameters.get(name)
        if isinstance(value, str) and not value.startswith("data:"):
            raise PipelineError(f"{step.tool}: {name} names a file; this recipe may only carry pictures inside it")


def describe(step: Step) -> dict[str, Any]:
    """A step as the recipe records it."""
    tool = step.resolve()
    entry: dict[str, Any] = {
        "tool": step.tool,
        "parameters": {k: encode_value(v) for k, v in step.parameters.items()},
        "plugin": tool.plugin,
        "version": tool.version,
    }
    if step.models:
        entry["models"] = {name: models.model(name).checksum for name in step.models}
    if not step.enabled:
        entry["enabled"] = False
    return entry


def differences(text: str) -> list[str]:
    """What has changed since a recipe was made: plugin versions and models, in sentences."""
    told: list[str] = []
    for old, step in zip(json.loads(text)["steps"], Pipeline.from_json(text).steps, strict=True):
        new = describe(step)
        if "version" in old and old["version"] != new["version"]:
            told.append(f"{step.tool}: made with {old['plugin']} {old['version']}, here is {new['version']}")
        for name, checksum in old.get("models", {}).items():
            if new.get("models", {}).get(name) != checksum:
                told.append(f"{step.tool}: the model {name} is another than the recipe's; pixels will differ")
    return told


def step_key(before: str, step: Step, tool: Tool, device: str) -> str:
    """A hash of all that a step's result depends on."""
    parts: list[Any] = [before, tool.plugin, tool.version, tool.name, choose(device) if step.models else ""]
    parts += [models.model(name).checksum for name in step.models]
    parts += [(k, stamp(v)) for k, v in sorted(step.parameters.items())]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
