"""What a tool may do to the process around it is undone or kept away: printing, another folder, locale or threads."""

from __future__ import annotations

import locale
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ..errors import ImgenError, ToolError

LIBRARY = Path(__file__).parents[1]
# libraries whose number of threads is the whole process's, and how each is asked and told
THREADS = (("torch", "get_num_threads", "set_num_threads"), ("cv2", "getNumThreads", "setNumThreads"))

_lock = threading.Lock()
_guests = 0  # tools at work, in all threads
_at_work: ContextVar[bool] = ContextVar("imgen_tool_at_work", default=False)


@contextmanager
def contained(tool: str, plugin: str) -> Iterator[None]:
    """Inside, a tool is at work. Whatever it raises beside imgen's own errors becomes a `ToolError` that says where.

    Raises:
        ToolError: the tool failed; an exit or a KeyboardInterrupt that nobody typed counts as that.
    """
    before = surroundings()
    try:
        with printing_aside():
            yield
    except ImgenError:
        raise
    except KeyboardInterrupt as error:
        if typed(error):
            raise
        raise failed(tool, plugin, error) from error
    except (Exception, SystemExit) as error:
        raise failed(tool, plugin, error) from error
    finally:
        restore(before)


def failed(tool: str, plugin: str, error: BaseException) -> ToolError:
    """The error for a tool that broke, with the place in its code."""
    return ToolError(f"{tool} (plugin {plugin}) failed: {error!r}{place(error)}; --debug shows the traceback")


def place(error: BaseException) -> str:
    """Where an error came from: the innermost line that is not imgen's own, else the innermost."""
    frames = traceback.extract_tb(error.__traceback__)
    others = [frame for frame in frames if not Path(frame.filename).is_relative_to(LIBRARY)]
    frame = (others or frames or [None])[-1]
    return "" if frame is None else f" at {frame.filename}:{frame.lineno}"


def typed(error: KeyboardInterrupt) -> bool:
    """Whether somebody pressed Ctrl-C: handlers of signals raise in the main thread, and imgen's raise a subclass."""
    if type(error) is not KeyboardInterrupt:
        return True
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def surroundings() -> dict[str, Any]:
    """What a tool could change for everyone in this process."""
    found: dict[str, Any] = {"locale": locale.setlocale(locale.LC_ALL)}
    try:
        found["folder"] = os.getcwd()
    except OSError:  # it was deleted
        found["folder"] = None
    for library, ask, _ in THREADS:
        if library in sys.modules:
            found[library] = getattr(sys.modules[library], ask)()
    return found


def restore(before: dict[str, Any]) -> None:
    """Make it as it was."""
    now = surroundings()
    if now["locale"] != before["locale"]:
        locale.setlocale(locale.LC_ALL, before["locale"])
    if before["folder"] is not None and now["folder"] != before["folder"]:
        os.chdir(before["folder"])
    for library, _, tell in THREADS:
        if library in before and now[library] != before[library]:
            getattr(sys.modules[library], tell)(before[library])


class Aside:
    """Standard output while tools are at work: what code inside a tool prints goes to standard error.

    Results of the command line may be written to standard output, where a stranger's text would spoil them. Threads
    without a run of their own, and all other code, print as ever.
    """

    def __init__(self, out: Any) -> None:
        self.out = out

    def write(self, text: str) -> int:
        """Print."""
        return (sys.stderr if _at_work.get() else self.out).write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _at_work.get() and name == "buffer" else self.out, name)


@contextmanager
def printing_aside() -> Iterator[None]:
    """Inside, `sys.stdout` is an `Aside`; the last tool to end takes it away."""
    global _guests
    with _lock:
        _guests += 1
        if not isinstance(sys.stdout, Aside):
            sys.stdout = Aside(sys.stdout)
    inside = _at_work.set(True)
    try:
        yield
    finally:
        _at_work.reset(inside)
        with _lock:
            _guests -= 1
            out: Any = sys.stdout
            if not _guests and isinstance(out, Aside):
                sys.stdout = out.out
