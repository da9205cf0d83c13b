"""Lists of photos: one path a line (.txt), or tables (.csv, .tsv, .parquet) whose columns are parameters."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from ..contract.texts import converted
from ..engine.pipeline import Pipeline, Step
from ..engine.step import checked
from ..errors import ParameterError, PhotoError, nearest
from .store import is_url, opened

TABLES = (".txt", ".csv", ".tsv", ".parquet")
PHOTO = ("photo", "path", "file", "image", "url", "filename", "source")  # names of the column of photos
RESULT = ("result", "output")  # of the column of the results' names
AT_ONCE = 4096  # rows of a Parquet file

Row = tuple[str, str, dict[str, Any] | None]


def rows(name: str) -> Iterator[Row]:
    """Each photo's path, its result's name ("" where the table says none), and the other columns.

    Raises:
        PhotoError: it cannot be read, or no column holds the photos.
    """
    kind = name.lower().rpartition(".")[2]
    if kind == "parquet":
        yield from from_columns(name, parquet(name))
        return
    with text_of(name) as file:
        if kind == "txt":
            yield from ((line.rstrip("\r\n"), "", None) for line in file if line.strip())
        else:
            yield from from_columns(name, csv.DictReader(file, delimiter="\t" if kind == "tsv" else ","))


@contextmanager
def text_of(name: str) -> Iterator[TextIO]:
    """A list's text, read as it is needed."""
    try:
        if is_url(name):
            fs, path = opened(name)
            raw = fs.open(path, "rb")
        else:
            raw = open(name, "rb")  # closed below  # noqa: SIM115
    except OSError as error:
        raise PhotoError(f"the list {name} cannot be read: {error.strerror or error}") from error
    # what is no UTF-8 is a file's name in another encoding, kept byte for byte
    with raw, io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        yield file


def parquet(name: str) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, some at a time.

    Raises:
        PhotoError: pyarrow is missing, or it cannot be read.
    """
    try:
        import pyarrow.parquet as pq  # pyright: ignore[reportMissingImports]: an extra
    except ImportError as error:
        raise PhotoError(f"{name}: Parquet files need pip install 'imgen[parquet]'") from error
    try:
        fs, path = opened(name) if is_url(name) else (None, name)
        with fs.open(path, "rb") if fs else open(path, "rb") as file:
            for batch in pq.ParquetFile(file).iter_batches(AT_ONCE):
                yield from batch.to_pylist()
    except (OSError, ValueError) as error:
        raise PhotoError(f"the table {name} cannot be read: {error}") from error


def from_columns(name: str, table: Iterator[dict[str, Any]]) -> Iterator[Row]:
    """The rows of a table by the names of its columns; empty fields say nothing."""
    first = next(table, None)
    if first is None:
        return
    photo = next((column for column in first if str(column).lower() in PHOTO), None)
    if photo is None:
        raise PhotoError(f"{name} has no column {', '.join(PHOTO[:3])}; it has {', '.join(map(str, first))}")
    result = next((column for column in first if str(column).lower() in RESULT), None)
    for row in itertools.chain([first], table):
        more = {str(k): v for k, v in row.items() if k not in (photo, result, None) and v not in (None, "")}
        yield str(row[photo]), str(row[result] or "") if result else "", more or None


class Columns:
    """Which step and parameter each column of a table means: NAME, TOOL.NAME or NUMBER.NAME."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._known: dict[str, tuple[int, str] | None] = {}
        self.unused: set[str] = set()

    def pipeline(self, row: dict[str, Any] | None) -> Pipeline:
        """The pipeline with a row's own parameters.

        Raises:
            ParameterError: a column fits two steps, or a value does not fit.
        """
        if not row:
            return self._pipeline
        own: dict[int, dict[str, Any]] = {}
        for column, value in row.items():
            place = self.place(column)
            if place is not None:
                own.setdefault(place[0], {})[place[1]] = value
        steps = list(self._pipeline.steps)
        for number, given in own.items():
            texts = {k: v for k, v in given.items() if isinstance(v, str)}
            values = {**steps[number].parameters, **given, **converted(steps[number].resolve(), texts)}
            steps[number] = checked(dataclasses.replace(steps[number], parameters=values))
        return Pipeline(tuple(steps), self._pipeline.reads)

    def place(self, column: str) -> tuple[int, str] | None:
        """The number of the step and the parameter that a column means; None for other columns, which are noted."""
        if column not in self._known:
            self._known[column] = self._place(column)
            if self._known[column] is None:
                self.unused.add(column)
        return self._known[column]

    def _place(self, column: str) -> tuple[int, str] | None:
        head, dot, name = column.rpartition(".")
        fitting = [
            number
            for number, step in enumerate(self._pipeline.steps)
            if (not dot or head in (step.tool, str(number + 1))) and name in parameters_of(step)
        ]
        if len(fitting) > 1:
            raise ParameterError(f"the column {column} fits {len(fitting)} steps; call it {fitting[0] + 1}.{name}")
        named = [s for n, s in enumerate(self._pipeline.steps) if dot and head in (s.tool, str(n + 1))]
        if named and not fitting:
            hint = nearest(name, parameters_of(named[0]))
            raise ParameterError(f"the column {column}: {head} has no parameter {name!r}; {hint}")
        return (fitting[0], name) if fitting else None


def parameters_of(step: Step) -> set[str]:
    """The names of a tool's parameters."""
    tool = step.resolve()
    return {*tool.schema.get("properties", {}), *tool.pictures}
