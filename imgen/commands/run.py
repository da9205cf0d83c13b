"""imgen run: photos through a chain of tools."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..batch import Job, plan, run_jobs
from ..errors import ParameterError, PipelineError
from ..pipeline import Pipeline, Step, differences, recipe_text
from ..tool import Tool


def run(options: argparse.Namespace) -> int:
    """Run the steps on every photo; 1 if any failed."""
    pipeline = read_pipeline(options.pipeline, options.quiet)
    for text in options.step:
        name, parameters = parse_step(text)
        pipeline = pipeline.add(name, **converted(Step(name).resolve(), parameters))
    if not pipeline.steps:
        raise PipelineError("nothing to do: give steps with -s, or --pipeline FILE")
    jobs = plan(options.photos, options.output)
    with Bar(len(jobs), options.quiet) as bar:
        done = run_jobs(
            pipeline,
            jobs,
            device=options.device,
            quality=options.quality,
            metadata=not options.strip,
            progress=bar.show,
        )
    for one in done:
        name = one.job.photo or one.job.output
        if one.error is not None:
            print(f"imgen: {name}: {one.error}" if len(jobs) > 1 else f"imgen: {one.error}", file=sys.stderr)
        elif not options.quiet:
            for text in one.notes:
                print(f"{name}: {text}" if len(jobs) > 1 else text, file=sys.stderr)
            print(f"saved {one.job.output}", file=sys.stderr)
    if options.save_pipeline:
        pipeline.save(options.save_pipeline)
    return int(any(one.error for one in done))


def read_pipeline(path: Path | None, quiet: bool) -> Pipeline:
    """The recipe to start from, and a word on what has changed since it was made."""
    if path is None:
        return Pipeline()
    text = recipe_text(path)
    pipeline = Pipeline.from_json(text)
    for change in () if quiet else differences(text):
        print(f"note: {change}", file=sys.stderr)
    return pipeline


def converted(tool: Tool, parameters: dict[str, str]) -> dict[str, Any]:
    """What texts cannot say by themselves: "none" and "auto" where a parameter may be empty, and lists."""
    values: dict[str, Any] = dict(parameters)
    for name, text in parameters.items():
        schema = tool.schema.get("properties", {}).get(name, {})
        kinds = [option.get("type") for option in schema.get("anyOf", [schema])]
        if "null" in kinds and text.lower() in ("none", "auto"):
            values[name] = None
        elif "array" in kinds or "object" in kinds:
            try:
                values[name] = json.loads(text)
            except ValueError as error:
                raise ParameterError(f"{tool.name}: write {name} as JSON, such as [1,2] (got {text!r})") from error
    return values


def parse_step(text: str) -> tuple[str, dict[str, str]]:
    """A text such as "denoise:noise=25,detail=0.5" as a name and parameters; the tool's schema converts the texts.

    Example:
        >>> parse_step("denoise:noise=25,detail=0.5")
        ('denoise', {'noise': '25', 'detail': '0.5'})
    """
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    for part in split_outside_brackets(rest):
        key, equals, value = part.partition("=")
        if not equals:
            raise ParameterError(f"{text!r}: write parameters as {name}:NAME=VALUE,NAME=VALUE")
        if key.strip() in parameters:
            raise ParameterError(f"{text!r}: {key.strip()} is given twice")
        parameters[key.strip()] = value
    return name.strip(), parameters


def split_outside_brackets(text: str) -> list[str]:
    """Cut at commas that are not inside (), [] or {}."""
    parts: list[str] = []
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if not parts or (character == "," and depth == 0):
            parts.append("" if character == "," else character)
        else:
            parts[-1] += character
    return [p for p in parts if p.strip()]


class Bar:
    """One progress bar over all photos and steps; silent when told or when nobody watches."""

    def __init__(self, jobs: int, quiet: bool) -> None:
        form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
        self._bar = tqdm(total=float(jobs), disable=True if quiet else None, bar_format=form, leave=False)
        self._seen: list[Job] = []

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, job: Job, part: float, label: str) -> None:
        """Called while a job runs."""
        if job not in self._seen:
            self._seen.append(job)
        self._bar.n = len(self._seen) - 1 + part
        self._bar.set_description_str(f"{(job.photo or job.output).name} {label}", refresh=False)
        self._bar.refresh()
