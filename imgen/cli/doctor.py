"""imgen doctor: is this installation in order?"""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from zipfile import BadZipFile

import numpy as np

from .. import __version__
from ..contract.context import Context, using
from ..engine.plugins import available, installed
from ..errors import ImgenError
from ..inference import session
from ..inference.registry import Model, user_folder

TOLERANCE = 1e-2  # of 0..1; other processors and GPUs round differently, a broken model is far off
PACKAGES = ("numpy", "pillow", "pydantic", "pluggy", "gradio", "torch")
RUNTIMES = ("onnxruntime", "onnxruntime-gpu")


def doctor(options: argparse.Namespace) -> int:
    """Print what is found; 1 if anything is wrong."""
    print(f"imgen {__version__}, Python {platform.python_version()}, {platform.platform()}")
    print("packages: " + ", ".join(f"{p} {found(p)}" for p in (*PACKAGES, *RUNTIMES)))
    print(f"your models: {user_folder()}")
    wrong = devices(options.device)
    plugins = installed()
    for plugin in plugins.plugins:
        problems = [plugin.error] if plugin.error else plugins.warnings(plugin)
        wrong += len(problems)
        print(f"plugin {plugin.name} {plugin.version}: {'; '.join(problems) or 'ok'}")
        if plugin.details:
            print(plugin.details, file=sys.stderr)
    with using(Context(device=options.device)):
        for model in available().values():
            problem = "" if absent(model) else check(model)
            wrong += bool(problem)
            print(f"model {model.name} ({model.origin}): {absent(model) or problem or 'ok'}")
    print("all well" if not wrong else f"{wrong} problem(s)")
    return int(wrong > 0)


def found(package: str) -> str:
    """A package's version, or that it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def devices(wanted: str) -> int:
    """Print which device would run the models."""
    try:
        import onnxruntime

        print(f"providers: {', '.join(onnxruntime.get_available_providers())}; threads: {session.threads()}")
        both = all(found(r) != "not installed" for r in RUNTIMES)
        if both:
            print("onnxruntime and onnxruntime-gpu are both installed and hide each other; pip uninstall onnxruntime")
        print(f"device {wanted}: {session.choose(wanted)}")
    except ImgenError as error:
        print(f"device {wanted}: {error}")
        return 1
    return int(both)


def absent(model: Model) -> str:
    """For a model at a URL that was not fetched, how to get it; nobody needs to."""
    try:
        return (
            "" if model.here or not model.about.url else f"not fetched; imgen models get {model.name} ({model.offer})"
        )
    except ImgenError:
        return ""  # its card is wrong, as `check` says


def check(model: Model) -> str:
    """Run a model on its golden inputs; says what is wrong, or nothing. One that was fetched need not have any."""
    try:
        model.verify()
        file = model.card_file.with_suffix(".npz")
        if not file.exists():
            return "" if model.about.url else "no golden values beside it; export it again"
        with np.load(file, allow_pickle=False) as golden:
            inputs = {k.removeprefix("in_"): golden[k] for k in golden.files if k.startswith("in_")}
            expected = [golden[k] for k in sorted(golden.files) if k.startswith("out_")]
        result = model(**inputs)
    except (ImgenError, OSError, ValueError, BadZipFile) as error:
        return str(error)
    outputs = result if isinstance(result, tuple) else (result,)
    error = max(float(np.abs(a - b).max()) for a, b in zip(outputs, expected, strict=True))
    return "" if error < TOLERANCE else f"differs from its golden output by {error:.3g}"
