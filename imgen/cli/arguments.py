"""What argparse lacks for the command line of imgen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any


def add_telling(parser: argparse.ArgumentParser, default: Any) -> None:
    """-v and --debug."""
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0 if default is None else default,
        help="tell what is done; -vv tells more",
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        default=False if default is None else default,
        help="show the traceback of an error, and all that is logged",
    )


def plain(command: argparse.ArgumentParser) -> None:
    """A command without options of its own."""


class Command(argparse.ArgumentParser):
    """Where `rest` names a list of positional arguments, they may stand before, between and after the options, and
    all that follows "--" is one of them.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As argparse, with the options that may stand before the command and behind it."""
        super().__init__(*arguments, **options)
        self._fill: Callable[[Command], None] | None = plain

    def later(self, fill: Callable[[Command], None]) -> None:
        """Let `fill` add the options, once they are needed."""
        self._fill = fill

    def filled(self) -> Command:
        """The same with all its options."""
        if self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self)
            add_telling(self, default=argparse.SUPPRESS)
        return self

    rest = ""
    _inside = False  # argparse's own way to do this calls parse_known_args in its turn

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]: the base's overloads say the same
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """See argparse."""
        self.filled()
        if self._inside or not self.rest:
            return super().parse_known_args(args, namespace)
        given = list(sys.argv[1:] if args is None else args)
        end = given.index("--") if "--" in given else len(given)
        self._inside = True
        try:
            options, unknown = self.parse_known_intermixed_args(given[:end], namespace)
        finally:
            self._inside = False
        setattr(options, self.rest, [*getattr(options, self.rest), *given[end + 1 :]])
        return options, unknown


class Once(argparse.Action):
    """An option that may be given once: of two, one may be a photo's name, as "-odd.jpg" is read as "-o dd.jpg"."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: Any, *_: object) -> None:
        """Keep the value."""
        before = getattr(namespace, self.dest)
        if before is not None:
            name = "/".join(self.option_strings)
            parser.error(f"{name} is given twice, {before!r} and {value!r}; photos that begin with - go behind --")
        setattr(namespace, self.dest, value)


class Written(argparse.Action):
    """Keeps the options that describe steps in the order in which they were given."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: Any, *_: object) -> None:
        """Append the option, by its long name, and its text."""
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), (self.option_strings[-1], value)])


class Completion(argparse.Action):
    """--print-completion: a script that tells the shell what may follow."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, shell: Any, *_: object) -> None:
        """Print it and leave."""
        print(import_module(".completion", __package__).script(parser, shell))
        parser.exit()


class TrainHelp(argparse.Action):
    """--help of imgen train; behind a model's name with the settings of that model."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object) -> None:
        """Print it and leave."""
        parser.print_help()
        if getattr(namespace, "model", None):
            print(f"\n{import_module('.trainers', __package__).settings(namespace.model)}")
        parser.exit()


def count(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def percentage(text: str) -> int:
    """A whole number from 1 to 100, for argparse."""
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 to 100")
    return int(text)


def positive(text: str) -> float:
    """A number above 0, for argparse."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number
