"""An ordered list of steps: run it on a photo, save it as a recipe, and load it again."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import to_jsonable_python

from ..contract.context import Context, current, running, using
from ..contract.context import progress as report_progress
from ..errors import PipelineError
from ..image.digests import constant
from ..image.photo import Photo
from ..inference.session import choose
from ..io.door import as_photo
from ..io.overlap import check_overlap
from ..io.pictures import embedded_pixels, files_of, given_pictures, is_path, load_pictures, with_files
from ..io.saving import replacing
from .apply import apply
from .cache import Cache
from .recipe import FORMAT, Entry, check_pixels, parse
from .recipe import recipe_text as recipe_text
from .step import Step as Step
from .step import describe, identity, step_key

LOG = logging.getLogger(__name__)
shared_cache = Cache()


@dataclass(frozen=True)
class Pipeline:
    """Steps in order. It never changes: `add` returns a longer one.

    Attributes:
        steps: the steps.
        reads: files that it came from, or was run on: the recipe, the photo. They are not part of the recipe.

    Example:
        >>> import imgen
        >>> edit = imgen.Pipeline().add("select_rectangle", width=0.5).add("invert_selection")
        >>> [step.tool for step in edit.steps]
        ['select_rectangle', 'invert_selection']
    """

    steps: tuple[Step, ...] = ()
    reads: tuple[Path, ...] = dataclasses.field(default=(), compare=False, repr=False)

    def add(self, tool: str, /, **parameters: Any) -> Pipeline:
        """Make a pipeline with one more step.

        Raises:
            ToolError: unknown tool.
            ParameterError: unknown parameter, one out of range, or a picture inside that is no PNG.
        """
        found = Step(tool).resolve()
        parameters = given_pictures(found, parameters)
        checked = found.check(parameters, ignore=frozenset(found.pictures))
        embedded_pixels(found, checked)
        kept = {k: constant(v) if isinstance(v, np.ndarray) else v for k, v in checked.items() if k in parameters}
        return dataclasses.replace(self, steps=(*self.steps, Step(tool, kept)))

    def __call__(self, photo: Any = None, **options: Any) -> Photo:
        """Run it; see `run`."""
        return self.run(photo, **options)

    def run(
        self,
        photo: Any = None,
        *,
        progress: Callable[[float, str], None] | None = None,
        cancel: threading.Event | None = None,
        device: str = "auto",
        cache: Cache | None = shared_cache,
        notes: list[str] | None = None,
        preview: bool = False,
    ) -> Photo:
        """Run every enabled step on `photo`, which is left as it is.

        Args:
            photo: a `Photo`, a path, the bytes of a file, a PIL image, or an array or tensor as `Photo.from_array`
                takes it; None only if the first step makes a picture from nothing.
            progress: called with (part done 0..1, tool at work).
            cancel: set it from any thread to stop.
            device: "auto", "cpu" or "cuda". A run inside a tool takes the device of the run around it.
            cache: earlier results to reuse; None recomputes everything and keeps nothing.
            notes: filled with what the user should know.
            preview: the result is only looked at; tools that take long may make it rougher.

        Returns:
            A new photo; it carries this pipeline, and its `recipe` is that as JSON.

        Raises:
            Cancelled: `cancel` was set.
            ImgenError: a step cannot be done; nothing was changed.
        """
        photo = None if photo is None else as_photo(photo)
        if device == "auto":
            device = current().device
        if device != "auto":
            choose(device)  # an impossible wish is refused even where no model runs
        around = current()  # a tool may run a pipeline of its own
        context = Context(
            progress,
            cancel or around.cancel,
            device,
            [] if notes is None else notes,
            devices=around.devices,
            preview=preview or around.preview,
        )
        made_by = self._ready(photo)
        steps = [step for step in made_by.steps if step.enabled]
        photo = None if photo is None else photo.replace(recipe=None)  # what it was made by is not this run's business
        key = photo.fingerprint if photo and cache else ""
        with running(context):
            for i, step in enumerate(steps):
                share = (i / len(steps), (i + 1) / len(steps))
                own = dataclasses.replace(
                    context, share=share, label=step.tool, plugin=step.resolve().plugin, notes=[], devices=set()
                )
                photo, key, told = run_step(step, photo, key, own, cache)
                context.devices.update(own.devices)
                context.notes.extend(text for text in told if text not in context.notes)
            if photo is None:
                raise PipelineError("there is no photo and no step that makes one")
            report_progress(1)
        return photo.replace(recipe=made_by)

    def _ready(self, photo: Photo | None) -> Pipeline:
        """The same for one run: files of pictures are looked at once, and what is read is known."""
        steps = [dataclasses.replace(s, parameters=with_files(s.resolve(), s.parameters)) for s in self.steps]
        source = () if photo is None or photo.source is None else (photo.source.absolute(),)
        before = photo.pipeline.files if photo and photo.pipeline else ()
        return Pipeline(tuple(steps), tuple(dict.fromkeys((*self.reads, *source, *before))))

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it reads: second pictures, masks, the recipe that it came from, the photo that it ran on."""
        return (*self.reads, *(file for step in self.steps for file in files_of(step.resolve(), step.parameters)))

    def to_json(self) -> str:
        """The recipe: every step with its parameters, the plugin's version and its models' checksums.

        Second pictures and masks are inside as PNG, so that it works elsewhere and names no file of this machine.

        Raises:
            PhotoError: a file that it names cannot be read, or has changed since the run that the pipeline comes from.
        """
        recipe = {"imgen": FORMAT, "steps": [describe(step) for step in self.steps]}
        return json.dumps(recipe, indent=1, default=to_jsonable_python)  # as the tools' own models take it

    @classmethod
    def from_json(cls, text: str, *, files: bool = True) -> Pipeline:
        """Read a recipe. Pictures inside are checked by their headers and decoded when a step needs them.

        Args:
            text: what `to_json` wrote.
            files: False refuses parameters that name files, for recipes that come from elsewhere.

        Raises:
            PipelineError: not a recipe, a newer format, too large, or a file named where none may be.
            ToolError, ParameterError: a step that cannot be done here.
        """
        return cls(tuple(steps_of(parse(text), files=files)))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the recipe to a JSON file.

        Args:
            path: where to.
            overwrite: True allows it to replace a file that the pipeline reads.

        Raises:
            PipelineError: it cannot be written, or is one that the pipeline reads.
            PhotoError: as for `to_json`.
        """
        path = Path(path)
        if not overwrite:
            check_overlap(self.files, [path], PipelineError)
        text = self.to_json()
        try:
            with replacing(path, PipelineError) as part:
                part.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise PipelineError(f"the recipe cannot be saved as {path}: {error.strerror}") from error
        return path

    @classmethod
    def load(cls, path: str | Path) -> Pipeline:
        """Read a recipe file, or the recipe inside a picture that imgen saved."""
        path = Path(path)
        return dataclasses.replace(cls.from_json(recipe_text(path)), reads=(path.absolute(),))


def run_step(
    step: Step, photo: Photo | None, before: str, context: Context, cache: Cache | None
) -> tuple[Photo, str, tuple[str, ...]]:
    """One step, from the cache where it can be: the photo after it, its key, and what it told the user.

    The key names the devices that the models ran on, which only the run itself knows for sure.
    """
    tool = step.resolve()
    with using(context):
        report_progress(0)
        where = choose(context.device) if cache and step.models else ""
        key = step_key(before, step, tool, where, context.preview) if cache else ""
        kept = cache.get(key) if cache else None
        if kept:
            LOG.info("%s was done before", step.tool)
            return kept.photo, key, kept.notes
        begun = time.perf_counter()
        photo = apply(tool, photo, load_pictures(tool, step.parameters))
        LOG.info("%s took %.2f s", step.tool, time.perf_counter() - begun)
        ran = "+".join(sorted(context.devices))
        if cache and step.models and ran and ran != where:
            key = step_key(before, step, tool, ran, context.preview)
        if cache:
            cache.put(key, photo, tuple(context.notes))
        return photo, key, tuple(context.notes)


def steps_of(entries: list[Entry], *, files: bool = True) -> list[Step]:
    """A recipe's entries as steps, each checked by its tool.

    Raises:
        PipelineError: a file named where none may be, or pictures that are too large together.
        ToolError, ParameterError: a step that cannot be done here.
    """
    steps: list[Step] = []
    pixels = 0
    for entry in entries:
        step = Step(entry.tool, entry.parameters, entry.enabled)
        if not files:
            refuse_files(step)
        added = Pipeline().add(step.tool, **step.parameters).steps[-1]
        pixels += embedded_pixels(added.resolve(), added.parameters)
        check_pixels(pixels)
        steps.append(dataclasses.replace(added, enabled=step.enabled))
    return steps


def refuse_files(step: Step) -> None:
    """A recipe from a stranger may carry pictures, not open files of this machine."""
    for name in step.resolve().pictures:
        if is_path(step.parameters.get(name)):
            raise PipelineError(f"{step.tool}: {name} names a file; this recipe may only carry pictures inside it")


def differences(text: str) -> list[str]:
    """What has changed since a recipe was made: plugin versions and models, in sentences.

    Raises:
        PipelineError, ToolError: as for `Pipeline.from_json`.
    """
    told: list[str] = []
    entries = parse(text)
    for entry, step in zip(entries, steps_of(entries), strict=True):
        new = identity(step)
        if entry.version and entry.version != new["version"]:
            old = f"{entry.plugin} {entry.version}".strip()
            told.append(f"{step.tool}: made with {old}, here is {new['version']}")
        for name, checksum in entry.models.items():
            if new.get("models", {}).get(name) != checksum:
                told.append(f"{step.tool}: the model {name} is another than the recipe's; pixels will differ")
    return told
