"""What surrounds a run: progress, cancelling, notes to the user and the device. Reaches tools without arguments."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from ..errors import Cancelled
from .settings import Settings


class Temporary:
    """A folder that is made when it is first asked for, and goes when the run ends."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._making = threading.Lock()

    def folder(self) -> Path:
        """The folder; only this user can read it."""
        with self._making:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="imgen-tool-", ignore_cleanup_errors=True)
            return Path(self._folder.name)

    def clear(self) -> None:
        """Delete it."""
        with self._making:
            if self._folder is not None:
                self._folder.cleanup()
            self._folder = None


@dataclass(frozen=True)
class Context:
    """One run's surroundings; `imgen.context()` gives a tool its own, also in threads of `imgen.Workers`.

    Attributes:
        report: called with (part done of the whole run 0..1, what is being done).
        cancel: set this event, from any thread, to stop the run at its next step or tile.
        device: "auto", "cpu" or "cuda".
        notes: what the run wants the user to know, in order.
        share: the part (start, end) of the whole run that the current step covers.
        label: the current step's tool.
        devices: where models of the current step ran, "cpu" or "cuda"; filled while it runs.
        preview: the result is only looked at, and soon replaced by another: what takes long may be left out.
        plugin: the plugin of the current step's tool.
    """

    report: Callable[[float, str], None] | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    device: str = "auto"
    notes: list[str] = field(default_factory=list[str])
    share: tuple[float, float] = (0.0, 1.0)
    label: str = ""
    devices: set[str] = field(default_factory=set[str])
    preview: bool = False
    plugin: str = ""
    temporary: Temporary = field(default_factory=Temporary, repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether the user asked to stop; `imgen.progress` raises then, which is what most tools want."""
        return self.cancel.is_set()

    @property
    def folder(self) -> Path:
        """A folder for the tool's temporary files; it is deleted when the run ends."""
        return self.temporary.folder()

    @property
    def settings(self) -> Settings:
        """The plugin's settings and secrets, which never reach a recipe: `imgen.context().settings["api_key"]`."""
        return Settings(self.plugin)


P = ParamSpec("P")
T = TypeVar("T")
_current: ContextVar[Context | None] = ContextVar("imgen_context", default=None)
_running: list[str] = []  # the devices of the runs under way in this process
_lock = threading.Lock()


def current() -> Context:
    """The context of the run that this code is part of; outside of one, a fresh one that nobody reads.

    A thread that a tool starts by itself begins outside of any run: use `Workers`. If all runs under way have the same
    device, such a thread has at least that.
    """
    return _current.get() or Context(device=common_device())


context = current  # its public name, imgen.context


def common_device() -> str:
    """The device of the runs under way where it is the same for all, else "auto"."""
    with _lock:
        return _running[0] if len(set(_running)) == 1 else "auto"


@contextmanager
def running(context: Context) -> Iterator[Context]:
    """As `using`, for a whole run: threads without a context learn its device, too."""
    with _lock:
        _running.append(context.device)
    try:
        with using(context):
            yield context
    finally:
        context.temporary.clear()
        with _lock:
            _running.remove(context.device)


class Workers(ThreadPoolExecutor):
    """Threads for a tool's own work that belong to its run: `progress`, `note` and models act as in the tool.

    Example:
        >>> with Workers(2) as workers:
        ...     list(workers.map(abs, [-1, -2]))
        [1, 2]
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call `fn` in one of the threads, inside the context of the code that asks for it."""
        return super().submit(copy_context().run, fn, *args, **kwargs)


@contextmanager
def using(context: Context) -> Iterator[Context]:
    """Make `context` the current one inside a `with` block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def progress(done: float, total: float = 1.0) -> None:
    """Tell how far the current tool is; call it now and then in long work.

    Raises:
        Cancelled: the user asked to stop.
    """
    context = current()
    if context.cancel.is_set():
        raise Cancelled("cancelled; nothing was changed")
    if context.report is not None:
        start, end = context.share
        context.report(start + (end - start) * min(1.0, done / total), context.label)


@contextmanager
def portion(index: int, count: int) -> Iterator[None]:
    """Inside, `progress` moves over part `index` of `count` equal parts of the present share."""
    context = current()
    start, end = context.share
    width = (end - start) / count
    with using(dataclasses.replace(context, share=(start + index * width, start + (index + 1) * width))):
        yield


def note(text: str) -> None:
    """Tell the user something that the picture does not show; each text once."""
    notes = current().notes
    with _lock:  # the tool's threads may say the same at the same time
        if text not in notes:
            notes.append(text)
