"""The command line. It imports nothing heavy until a command runs, so `imgen --help` answers at once."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from .. import __version__
from ..errors import Cancelled, ImgenError
from .arguments import Command, Completion, Once, TrainHelp, add_telling, count, positive

FORMATS = ("png", "jpg", "jpeg", "tif", "tiff", "webp", "gif")
RUN_EXAMPLES = """examples:
  imgen run photo.jpg -s denoise -o clean.jpg
  imgen run photo.jpg -s denoise:noise=25,detail=0.3 -s inpaint:mask=hole.png -o out.png
  imgen run holiday/ -r --pipeline edit.json -o results/    every picture below a folder
  imgen run me.jpg -s "morph_faces:other='a, b [1].jpg'" -o both.jpg    a value with commas, in quotes
  curl -s https://example.org/a.jpg | imgen run - -s colorize -o - --format png | display
  imgen run -s denoise -o clean.jpg -- -odd-name.jpg
"""


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
    logger = logging.getLogger("imgen")
    if not any(isinstance(handler, logging.StreamHandler) for handler in logger.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname).1s %(name)s: %(message)s"))
        logger.addHandler(handler)
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
    add_run(commands)
    add_lists(commands)
    add_training(commands)
    edit = commands.add_parser("edit", help="open the editor in the browser")
    edit.add_argument("--host", help="address to listen on (default 127.0.0.1: this machine only)")
    edit.add_argument("--port", type=int, help="port (default 7860)")
    edit.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer to this name too, such as that of a reverse proxy; can be repeated",
    )
    edit.add_argument(
        "--work-limit",
        type=positive,
        default=8,
        metavar="GIB",
        help="memory and disk that all open work may take (default 8 GiB)",
    )
    edit.add_argument("--open", action="store_true", help="open the browser too")
    edit.add_argument(
        "--password", action="store_true", help="let in only who knows the password: $IMGEN_PASSWORD, or asked for"
    )
    add_device(edit)
    edit.set_defaults(run="edit:edit")
    return top


Commands = argparse._SubParsersAction  # pyright: ignore[reportPrivateUsage]: argparse has no public name for it


def add_run(commands: Commands[Command]) -> None:
    """Imgen run."""
    run = commands.add_parser(
        "run",
        help="run a chain of tools on photos",
        epilog=RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.rest = "photos"
    run.add_argument("photos", nargs="*", metavar="PHOTO", help="pictures, folders of pictures, - for standard input")
    run.add_argument(
        "-s",
        "--step",
        action="append",
        default=[],
        metavar="TOOL[:NAME=VALUE,...]",
        help="a step; steps run in the order given (`imgen tools` lists them)",
    )
    run.add_argument("--pipeline", action=Once, metavar="FILE", help="a saved recipe, or a picture that holds one")
    run.add_argument(
        "-o",
        "--output",
        required=True,
        action=Once,
        metavar="OUT",
        help="file, folder (ends with /), or - for standard output",
    )
    run.add_argument("-r", "--recursive", action="store_true", help="also the pictures in the folders of a folder")
    run.add_argument("--format", choices=FORMATS, help="type of the results (default: each photo's own)")
    there = run.add_mutually_exclusive_group()
    there.add_argument("--overwrite", action="store_true", help="replace results that are there already")
    there.add_argument("--skip-existing", action="store_true", help="leave them, and do the rest")
    run.add_argument("--quality", type=int, default=95, choices=range(1, 101), metavar="1..100", help="JPEG, WebP")
    run.add_argument("--strip", action="store_true", help="leave out EXIF, texts and the recipe")
    run.add_argument("--save-pipeline", action=Once, metavar="FILE", help="also save the recipe as JSON")
    run.add_argument("-q", "--quiet", action="store_true", help="no progress, no notes")
    add_device(run)
    run.set_defaults(run="run:run")


def add_lists(commands: Commands[Command]) -> None:
    """Imgen tools, plugins, models, doctor."""
    tools = commands.add_parser("tools", help="list the tools, or show one with its parameters")
    tools.add_argument("name", nargs="?")
    tools.add_argument("--names", action="store_true", help="only their names, one a line")
    tools.add_argument("--json", action="store_true", help="as JSON, parameters as JSON schema")
    tools.set_defaults(run="lists:tools")
    commands.add_parser("plugins", help="list the plugins and what is wrong with broken ones").set_defaults(
        run="lists:plugins"
    )
    commands.add_parser("trainers", help="list what can be trained, the data it takes and its terms").set_defaults(
        run="trainers:trainers"
    )
    commands.add_parser("models", help="list the models, their data and terms").set_defaults(run="lists:models")
    doctor = commands.add_parser("doctor", help="check this installation: devices, models, plugins")
    add_device(doctor)
    doctor.set_defaults(run="doctor:doctor")


def add_training(commands: Commands[Command]) -> None:
    """Imgen train, export, evaluate."""
    train = commands.add_parser(
        "train",
        help="train a model on a folder of pictures, or go on with a run",
        epilog="imgen trainers lists the models; imgen train MODEL --help also shows what can be --set",
        add_help=False,
    )
    train.add_argument("-h", "--help", action=TrainHelp, nargs=0, help="show this, or with MODEL its settings, too")
    train.add_argument("model", metavar="MODEL", help='such as "autoencoder/denoise"')
    train.add_argument("--data", type=Path, nargs="+", metavar="DIR", help="see imgen trainers")
    train.add_argument(
        "--out", type=Path, metavar="RUN", help="the run's folder (default runs/MODEL); an old one is resumed"
    )
    train.add_argument("--start", type=Path, metavar="RUN", help="begin with another run's weights (fine-tuning)")
    train.add_argument("--minutes", type=positive, help="take so long in all, from start to export")
    train.add_argument("--steps", type=positive, help="train for so many steps in all")
    train.add_argument("--seed", type=int, default=0, help="of weights and data (default 0)")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the trainer")
    train.add_argument("--precision", choices=("auto", "32", "bf16", "16"), default="auto", help="of the arithmetic")
    train.add_argument("--threads", type=count, metavar="N", help="CPU threads (default: what is fastest)")
    train.add_argument("--no-export", action="store_true", help="leave the export to `imgen export`")
    add_device(train)
    train.set_defaults(run="training:train")
    export = commands.add_parser("export", help="export a run's model, so that the tools use it")
    export.add_argument("folder", type=Path, metavar="RUN")
    export.add_argument("--name", help='"plugin/model" (default: the name that it was trained as)')
    export.add_argument("--terms", default="not stated", help="the data and its licence, for the card")
    export.add_argument("--to", type=Path, metavar="DIR", help="models folder (default: your own)")
    export.add_argument("--overwrite", action="store_true", help="replace a model of that name that is there already")
    export.set_defaults(run="training:export")
    evaluate = commands.add_parser("evaluate", help="measure a model against baselines and write its card")
    evaluate.add_argument("model")
    evaluate.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    add_device(evaluate)
    evaluate.set_defaults(run="training:evaluate")


def add_device(command: argparse.ArgumentParser) -> None:
    """--device."""
    command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="what runs the models")


if __name__ == "__main__":
    sys.exit(main())
