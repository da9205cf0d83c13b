"""The command line. It imports nothing heavy until a command runs, so `imgen --help` answers at once."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any

from .. import __version__
from ..errors import Cancelled, ImgenError
from .arguments import Command, Completion, add_telling
from .commands import COMMANDS


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, told from a KeyboardInterrupt that a plugin raises by itself."""


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP came: the command ends as on Ctrl-C, so that nothing half-written stays."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number  # as shells count


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the `imgen` command; returns the exit code.

    That is 0 done, 1 an error, 2 wrong usage, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP.
    """
    debug = False
    try:
        with terminating():
            options = parser().parse_args(arguments)
            options.given, options.alone = list(sys.argv[1:] if arguments is None else arguments), arguments is None
            debug = options.debug
            tell(options.verbose, debug)
            module, function = options.run.split(":")
            return getattr(import_module(f".{module}", __package__), function)(options) or 0
    except Terminated as error:
        print(f"stopped by {error}; nothing was written after that", file=sys.stderr)
        return error.code
    except (KeyboardInterrupt, Cancelled):
        print("cancelled; nothing was written after that", file=sys.stderr)
        return 130
    except ImgenError as error:
        if debug:
            import traceback

            traceback.print_exc()
        print(f"imgen: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        print(f"imgen: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


def tell(verbose: int, debug: bool) -> None:
    """Show what imgen logs on standard error: warnings, with -v what is done, with -vv or --debug all of it."""
    import logging  # not for --help

    logger = logging.getLogger("imgen")
    handler = next((h for h in logger.handlers if isinstance(h, logging.StreamHandler) and h.name == "imgen"), None)
    if handler is None:
        handler = logging.StreamHandler()
        handler.name = "imgen"
        handler.setFormatter(logging.Formatter("%(levelname).1s %(name)s: %(message)s"))
        logger.addHandler(handler)
    handler.stream = sys.stderr  # it may be another than at the last call, and that one closed
    logger.setLevel(logging.DEBUG if debug or verbose > 1 else logging.INFO if verbose else logging.WARNING)


@contextmanager
def terminating() -> Iterator[None]:
    """Inside, SIGTERM and SIGHUP raise `Terminated`, Ctrl-C `Interrupted`; what they did before is restored."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be interrupted in its turn
        raise Terminated(number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # only there handlers may be set
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, stop)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def parser() -> argparse.ArgumentParser:
    """All commands and their options; `run` is set to "module:function" below imgen.cli."""
    top = argparse.ArgumentParser(prog="imgen", description="Edit pictures with chains of plugin tools.")
    top.add_argument("--version", action="version", version=f"imgen {__version__}")
    top.add_argument(
        "--print-completion", action=Completion, metavar="SHELL", help="print completions for bash, zsh, fish, ..."
    )
    add_telling(top, default=None)
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=Command)
    for name, (text, fill, more) in COMMANDS.items():
        commands.add_parser(name, help=text, **more).later(fill)
    return top


if __name__ == "__main__":
    sys.exit(main())
