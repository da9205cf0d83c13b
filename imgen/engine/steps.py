"""Steps in order: how they are put together, saved as a recipe, and loaded again. A pipeline runs them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ..errors import ParameterError, PipelineError, naming
from ..image.combine import How
from ..io.overlap import check_overlap
from .place import selecting
from .ready import as_json, cheap, files_of_steps
from .recipe import parse, recipe_text, write
from .recorded import steps_of
from .step import Step, checked


@dataclass(frozen=True)
class Steps:
    """Steps in order; it never changes, and what is done to it gives another. `+` joins two.

    Attributes:
        steps: the steps.
        reads: files that it came from, or was run on: the recipe, the photo. They are not part of the recipe.
    """

    steps: tuple[Step, ...] = ()
    reads: tuple[Path, ...] = dataclasses.field(default=(), compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __add__(self, other: Steps) -> Self:
        """The steps of this one, then those of the other."""
        if not isinstance(other, Steps):  # pyright: ignore[reportUnnecessaryIsInstance]: a caller's
            return NotImplemented
        reads = tuple(dict.fromkeys((*self.reads, *other.reads)))
        return dataclasses.replace(self, steps=(*self.steps, *other.steps), reads=reads)

    def add(self, tool: str, /, **parameters: Any) -> Self:
        """Make a pipeline with one more step.

        Raises:
            ToolError: unknown tool.
            ParameterError: no tool's name, unknown parameter, one out of range, or a picture inside that is no PNG.
        """
        if not isinstance(tool, str):  # pyright: ignore[reportUnnecessaryIsInstance]: a caller's
            raise ParameterError(f"add takes a tool's name, not {type(tool).__name__}; pipelines are joined by +")
        return dataclasses.replace(self, steps=(*self.steps, checked(Step(tool, parameters))))

    def blend(self, *, mask: Any = None, opacity: float = 1.0) -> Self:
        """The same, its last step acting only inside a mask of its own, or only in part.

        Args:
            mask: a pipeline of steps that select, or a picture: a path, an array (H, W), a PIL image, a `Photo`; None
                leaves it to the photo's selection.
            opacity: how much of the change is seen, 0..1.

        Raises:
            PipelineError: there is no step.
            ParameterError: the step changes no colours, or a step of the mask does not select.
        """
        return self._last(mask=selecting(mask), opacity=opacity)

    def combine(self, how: How) -> Self:
        """The same, its last step, which selects, adding to what was selected before it, or taking away.

        Args:
            how: "replace", "add", "subtract" or "intersect".

        Raises:
            PipelineError: there is no step.
            ParameterError: the step does not select.
        """
        return self._last(combine=how)

    def _last(self, **changes: Any) -> Self:
        if not self.steps:
            raise PipelineError("there is no step yet; add one")
        *before, last = self.steps
        return dataclasses.replace(self, steps=(*before, checked(dataclasses.replace(last, **changes))))

    @property
    def expensive(self) -> tuple[str, ...]:
        """The tools of enabled steps that say they take long or cost money."""
        return tuple(step.tool for step in self.steps if step.enabled and step.expensive)

    def without_expensive(self) -> Self:
        """The same with such steps disabled, for a live preview."""
        return dataclasses.replace(self, steps=cheap(self.steps))

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it reads: second pictures, masks, the recipe that it came from, the photo that it ran on."""
        return (*self.reads, *files_of_steps(self.steps))

    def to_json(self) -> str:
        """The recipe: every step with its parameters, the plugin's version and its models' checksums.

        Second pictures and masks are inside as PNG, so that it works elsewhere and names no file of this machine.

        Raises:
            PhotoError: a file that it names cannot be read, or has changed since the run that the pipeline comes from.
        """
        return as_json(self.steps)

    @classmethod
    def from_json(cls, text: str, *, files: bool = True) -> Self:
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
        return write(self.to_json(), path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a recipe file, or the recipe inside a picture that imgen saved.

        Raises:
            PipelineError, ToolError, ParameterError: as for `from_json`; the message names the file.
        """
        text = recipe_text(Path(path))
        with naming(path):
            return dataclasses.replace(cls.from_json(text), reads=(Path(path).absolute(),))
