"""imgen models get: fetch models that live at a URL."""

from __future__ import annotations

import argparse
import sys

from ..engine.plugins import model as find_model


def get(options: argparse.Namespace) -> int:
    """Fetch each model that was named, unless it is here; stops at the first that fails."""
    from ..inference.fetch import fetch, needed

    for model in [find_model(name) for name in options.models]:  # a wrong name is known before anything is fetched
        if model.about.url and not needed(model):
            print(f"{model.name} is here already: {model.path}")
            continue
        if model.about.url:
            print(f"{model.name}: {model.offer}", file=sys.stderr)
        print(f"{model.name} is now in {fetch(model, progress=sys.stderr.isatty())}")
    return 0
