"""The command line: a file for each command."""

from .entry import main as main
