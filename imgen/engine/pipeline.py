"""An ordered list of steps: run it on a photo, save it as a recipe, and load it again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..contract.context import Context, running, using
from ..contract.context import progress as report_progress
from ..errors import PipelineError
from ..image.photo import Photo
from ..inference.session import choose
from ..io.door import as_photo
from ..io.pictures import load_pictures
from .apply import apply
from .cache import Cache
from .candidates import Candidate as Candidate
from .candidates import at, offered, take
from .place import joined, masked, unmasked
from .ready import read_for, read_once
from .recipe import recipe_text as recipe_text
from .recorded import differences as differences
from .recorded import refuse_files as refuse_files
from .step import Step as Step
from .step import step_key
from .steps import Steps
from .surroundings import context_of, own_context

LOG = logging.getLogger(__name__)
shared_cache = Cache()


@dataclass(frozen=True)
class Pipeline(Steps):
    """Steps in order. It never changes: `add` returns a longer one, and `+` joins two.

    Attributes:
        steps: the steps.
        reads: files that it came from, or was run on: the recipe, the photo. They are not part of the recipe.

    Example:
        >>> import imgen
        >>> edit = imgen.Pipeline().add("select_rectangle", width=0.5).add("invert_selection")
        >>> [step.tool for step in edit.steps]
        ['select_rectangle', 'invert_selection']
        >>> left = imgen.Pipeline().add("select_rectangle", width=0.5).add("feather_selection", radius=20)
        >>> edit = imgen.Pipeline().add("saturation", amount=0).blend(mask=left, opacity=0.8)
    """

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
        context = context_of(progress, cancel, device, notes, preview=preview)
        made_by = self._ready(photo)
        with running(context):
            made, _ = made_by.walk(photo, context, cache)
            if made is None:
                raise PipelineError("there is no photo and no step that makes one")
            report_progress(1)
        return made.replace(recipe=made_by)

    def candidates(self, photo: Any = None, *, cache: Cache | None = shared_cache, **options: Any) -> list[Candidate]:
        """All that the last enabled step offers to choose from; its tool returns `imgen.Pictures`.

        Args:
            photo: as for `run`.
            cache: as for `run`; all candidates are kept there.
            options: progress, cancel, device, notes and preview, as for `run`.

        Returns:
            Each candidate's label and the photo with it; number i is what `run` gives where the step has `candidate=i`.

        Raises:
            PipelineError: the last step offers nothing.
            Cancelled, ImgenError: as for `run`.
        """
        photo = None if photo is None else as_photo(photo)
        context = context_of(**options)
        ready = self._ready(photo)
        steps = [step for step in ready.steps if step.enabled]
        if not steps or steps[-1].resolve().gives != "pictures":
            raise PipelineError("the last step offers no candidates; its tool returns one result")
        with running(context):
            before, key = Pipeline(tuple(steps[:-1])).walk(photo, context, cache, len(steps))
            own = own_context(context, steps[-1], len(steps) - 1, len(steps))
            inside, key, own = masked(steps[-1], before, key, own, cache, run_alone)
            offer = offered(steps[-1], inside, key, own, cache)
            context.notes.extend(text for text in offer.notes if text not in context.notes)
            report_progress(1)
        made_by = [Pipeline((*steps[:-1], at(steps[-1], i)), ready.reads) for i in range(len(offer.candidates))]
        return [
            Candidate(label, unmasked(steps[-1], made, before).replace(recipe=pipeline))
            for pipeline, (label, made) in zip(made_by, offer.candidates, strict=True)
        ]

    def walk(
        self, photo: Photo | None, context: Context, cache: Cache | None, total: int | None = None
    ) -> tuple[Photo | None, str]:
        """Every enabled step, the first of `total`, within a run: the photo after them, and its key in the cache."""
        steps = [step for step in self.steps if step.enabled]
        photo = None if photo is None else photo.replace(recipe=None)  # what it was made by is not this run's business
        key = photo.fingerprint if photo and cache else ""
        for i, step in enumerate(steps):
            own = own_context(context, step, i, total or len(steps))
            photo, key, told = run_step(step, photo, key, own, cache)
            context.devices.update(own.devices)
            context.notes.extend(text for text in told if text not in context.notes)
        return photo, key

    def _ready(self, photo: Photo | None) -> Pipeline:
        """The same for one run: files of pictures are looked at once, and what is read is known."""
        return Pipeline(read_once(self.steps), read_for(self.reads, photo))


def run_step(
    step: Step, photo: Photo | None, before: str, context: Context, cache: Cache | None
) -> tuple[Photo, str, tuple[str, ...]]:
    """One step, within its own mask if it has one: the photo after it, its key, and what it told the user."""
    inside, key, own = masked(step, photo, before, context, cache, run_alone)
    made, key, told = run_alone(step, inside, key, own, cache)
    return unmasked(step, made, photo), key, told


def run_alone(
    step: Step, photo: Photo | None, before: str, context: Context, cache: Cache | None
) -> tuple[Photo, str, tuple[str, ...]]:
    """One step on a photo that has its mask as selection, from the cache where it can be.

    The key names the devices that the models ran on, which only the run itself knows for sure.
    """
    tool = step.resolve()
    if tool.gives == "pictures":
        return take(step, photo, before, context, cache)
    kept_in = cache if tool.about.cache else None
    with using(context):
        report_progress(0)
        where = choose(context.device) if kept_in and step.models else ""
        key = step_key(before, step, tool, where) if kept_in else ""
        kept = kept_in.get(key) if kept_in else None
        if kept:
            LOG.info("%s was done before", step.tool)
            return kept.photo, key, kept.notes
        begun = time.perf_counter()
        photo = joined(step, apply(tool, photo, load_pictures(tool, step.parameters), step.opacity), photo)
        LOG.info("%s took %.2f s", step.tool, time.perf_counter() - begun)
        ran = "+".join(sorted(context.devices))
        if kept_in and step.models and ran and ran != where:
            key = step_key(before, step, tool, ran)
        if kept_in:
            photo = kept_in.put(key, photo, tuple(context.notes))
        elif cache:
            key = photo.fingerprint  # the next steps depend on what came out this time
        return photo, key, tuple(context.notes)
