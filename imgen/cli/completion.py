"""imgen --print-completion: what a shell offers when one presses Tab."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import shtab

FILES = ("PHOTO", "FILE", "OUT")  # the metavars of arguments that name files
FOLDERS = ("DIR", "RUN")


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The completions for a shell, made from the parser.

    Args:
        parser: the command line's.
        shell: "bash", "zsh", "tcsh", "fish" or "powershell".
    """
    if shell not in shtab.SUPPORTED_SHELLS:
        parser.error(f"--print-completion {shell}: choose from {', '.join(shtab.SUPPORTED_SHELLS)}")
    names: Any = shtab.cmd("imgen tools --names 2>/dev/null")
    for action in actions(parser):
        if action.metavar in FILES:
            action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue]: so shtab is told
        elif action.metavar in FOLDERS:
            action.complete = shtab.DIR  # pyright: ignore[reportAttributeAccessIssue]
        elif action.dest == "step" or (action.dest == "name" and not action.option_strings):
            action.complete = names  # pyright: ignore[reportAttributeAccessIssue]
        elif action.dest == "print_completion":
            action.choices = shtab.SUPPORTED_SHELLS
    return shtab.complete(parser, shell)


def actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All arguments of all commands."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]: argparse has no public way
        yield action
        choices: Any = action.choices if isinstance(action.choices, dict) else {}
        for command in dict.fromkeys(choices.values()):
            yield from actions(command.filled())
