"""The commands and their options. Those of a command are made when it is used: `imgen --help` needs its name alone."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .arguments import Command, Once, TrainHelp, Written, count, percentage, positive

FORMATS = ("png", "jpg", "jpeg", "tif", "tiff", "webp", "gif")
RUN_EXAMPLES = """examples:
  imgen run photo.jpg -s denoise -o clean.jpg
  imgen run photo.jpg -s denoise:noise=25,detail=0.3 -s inpaint:mask=hole.png -o out.png
  imgen run holiday/ -r --pipeline edit.json -o results/    every picture below a folder
  imgen run me.jpg -s "morph_faces:other='a, b [1].jpg'" -o both.jpg    a value with commas, in quotes
  curl -s https://example.org/a.jpg | imgen run - -s colorize -o - --format png | display
  imgen run -s denoise -o clean.jpg -- -odd-name.jpg
  imgen run holiday/ -r -s denoise -o results/ --jobs 4     a job: the same command again does what is missing
"""


def run(run: Command) -> None:
    """Imgen run."""
    run.rest = "photos"
    run.add_argument("photos", nargs="*", metavar="PHOTO", help="pictures, folders, lists, addresses; - for stdin")
    add_steps(run)
    run.add_argument("--pipeline", action=Once, metavar="FILE", help="a saved recipe, or a picture that holds one")
    run.add_argument(
        "-o",
        "--output",
        required=True,
        action=Once,
        metavar="OUT",
        help="file, folder (is there, ends with / or has no suffix), or - for standard output",
    )
    run.add_argument("-r", "--recursive", action="store_true", help="also the pictures in the folders of a folder")
    run.add_argument("--format", choices=FORMATS, help="type of the results (default: each photo's own)")
    there = run.add_mutually_exclusive_group()
    there.add_argument("--overwrite", action="store_true", help="replace results that are there already")
    there.add_argument("--skip-existing", action="store_true", help="leave them, and do the rest")
    run.add_argument("--quality", type=percentage, default=95, metavar="1..100", help="JPEG, WebP")
    run.add_argument("--strip", action="store_true", help="leave out EXIF, texts and the recipe")
    run.add_argument("--save-pipeline", action=Once, metavar="FILE", help="also save the recipe as JSON")
    run.add_argument("-q", "--quiet", action="store_true", help="no progress, no notes")
    add_device(run)
    add_job(run)
    run.set_defaults(run="run:run")


def add_steps(run: Command) -> None:
    """What describes steps, in the order in which they run."""
    run.add_argument(
        "-s",
        "--step",
        action=Written,
        default=[],
        metavar="TOOL[:NAME=VALUE,...]",
        help="a step; steps run in the order given (`imgen tools` lists them); add:TOOL, subtract:TOOL and "
        "intersect:TOOL change what is selected",
    )
    run.add_argument(
        "--mask",
        action=Written,
        dest="step",
        metavar="MASK",
        help="where the step before it acts: a picture, or a step that selects; several are combined as for -s",
    )
    run.add_argument(
        "--opacity", action=Written, dest="step", metavar="0..1", help="how much of the step before it is seen"
    )


def add_job(run: Command) -> None:
    """What only a job has, many photos that go on where they stopped."""
    job = run.add_argument_group("many photos", "a job, which the same command goes on with (docs/scale.md)")
    job.add_argument("--jobs", metavar="N|auto", help="so many processes; each has its share of the cores")
    job.add_argument("--shard", metavar="I/N", help="the I-th of N parts (from 0), for one of N machines")
    job.add_argument("--engine", choices=("processes", "ray"), default="processes", help="what runs the workers")
    job.add_argument("--address", metavar="HOST:PORT", help="of a Ray cluster (default: this machine's)")
    job.add_argument("--gpus", type=positive, metavar="N", help="GPUs for each worker of Ray, such as 0.25")
    job.add_argument("--dry-run", action="store_true", help="only tell how many photos, and by a trial how long")
    job.add_argument("--json", action="store_true", help="a line of JSON for each photo on standard output")
    job.add_argument("--timeout", type=positive, metavar="SECONDS", help="for one photo (default 900)")
    job.add_argument("--memory", type=positive, metavar="GIB", help="that each worker may take (default: any)")
    job.add_argument("--max-failures", type=int, metavar="N", help="stop after more failures than N (default: go on)")
    job.add_argument("--retry-failed", action="store_true", help="try those again that failed before")
    job.add_argument("--verify", action="store_true", help="compare what is done with the journal, byte by byte")


def tools(tools: Command) -> None:
    """Imgen tools."""
    tools.add_argument("name", nargs="?")
    tools.add_argument("--names", action="store_true", help="only their names, one a line")
    tools.add_argument("--json", action="store_true", help="as JSON, parameters as JSON schema")
    tools.set_defaults(run="lists:tools")


def models(models: Command) -> None:
    """Imgen models, imgen models get."""
    models.set_defaults(run="lists:models")
    get = models.add_subparsers(metavar="get", title="models that live at a URL").add_parser(
        "get", help="fetch models from the addresses in their cards; nothing else in imgen fetches anything"
    )
    get.add_argument("models", nargs="+", metavar="MODEL", help='such as "plugin/model"')
    get.set_defaults(run="get:get")


def doctor(doctor: Command) -> None:
    """Imgen doctor."""
    add_device(doctor)
    doctor.set_defaults(run="doctor:doctor")


def train(train: Command) -> None:
    """Imgen train."""
    train.add_argument("-h", "--help", action=TrainHelp, nargs=0, help="show this, or with MODEL its settings, too")
    train.add_argument("model", metavar="MODEL", help='such as "autoencoder/denoise"')
    train.add_argument(
        "--data", nargs="+", metavar="DIR|PACK", help="see imgen trainers; or what imgen pack made of them"
    )
    train.add_argument(
        "--out", type=Path, metavar="RUN", help="the run's folder (default runs/MODEL); an old one is resumed"
    )
    train.add_argument(
        "--start", metavar="RUN|MODEL", help="begin with the weights of another run or model (fine-tuning)"
    )
    train.add_argument("--minutes", type=positive, help="take so long in all, from start to export")
    train.add_argument("--steps", type=positive, help="train for so many steps in all")
    train.add_argument("--seed", type=int, default=0, help="of weights and data (default 0)")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the trainer")
    train.add_argument("--precision", choices=("auto", "32", "bf16", "16"), default="auto", help="of the arithmetic")
    train.add_argument("--threads", type=count, metavar="N", help="CPU threads (default: what is fastest)")
    train.add_argument("--devices", default="1", metavar="N|auto", help="GPUs, or processes on the CPU (default 1)")
    train.add_argument("--nodes", type=count, default=1, metavar="M", help="machines (docs/training.md)")
    train.add_argument("--strategy", choices=("ddp",), default="ddp", help="how several devices share the work")
    train.add_argument("--no-export", action="store_true", help="leave the export to `imgen export`")
    add_device(train)
    train.set_defaults(run="training:train")


def pack(pack: Command) -> None:
    """Imgen pack."""
    pack.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="as --data of imgen train takes them")
    pack.add_argument(
        "-o", "--output", required=True, metavar="PACK", help="a file NAME.imgen, or its address, such as s3://..."
    )
    pack.add_argument("--size", type=count, metavar="N", help="shrink photos whose shorter side has more pixels")
    pack.add_argument("--overwrite", action="store_true", help="replace a pack that is there already")
    pack.set_defaults(run="pack:pack")


def export(export: Command) -> None:
    """Imgen export."""
    export.add_argument("folder", type=Path, metavar="RUN")
    export.add_argument("--name", help='"plugin/model" (default: the name that it was trained as)')
    export.add_argument("--terms", default="not stated", help="the data and its licence, for the card")
    export.add_argument("--to", type=Path, metavar="DIR", help="models folder (default: your own)")
    export.add_argument("--overwrite", action="store_true", help="replace a model of that name that is there already")
    export.set_defaults(run="training:export")


def evaluate(evaluate: Command) -> None:
    """Imgen evaluate."""
    evaluate.add_argument("model")
    evaluate.add_argument("--data", nargs="+", required=True, metavar="DIR|PACK")
    add_device(evaluate)
    evaluate.set_defaults(run="training:evaluate")


def edit(edit: Command) -> None:
    """Imgen edit."""
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
        default=16,
        metavar="GIB",
        help="memory and disk that all open work may take (default 16 GiB)",
    )
    edit.add_argument("--open", action="store_true", help="open the browser too")
    edit.add_argument(
        "--password", action="store_true", help="let in only who knows the password: $IMGEN_PASSWORD, or asked for"
    )
    add_device(edit)
    edit.set_defaults(run="edit:edit")


def only(run: str) -> Callable[[Command], None]:
    """A command without options of its own."""
    return lambda command: command.set_defaults(run=run)


def add_device(command: argparse.ArgumentParser) -> None:
    """--device."""
    command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="what runs the models")


# name: what --help says, what adds the options, and more for argparse; `run` is "module:function" below imgen.cli
COMMANDS: dict[str, tuple[str, Callable[[Command], None], dict[str, Any]]] = {
    "run": (
        "run a chain of tools on photos",
        run,
        {"epilog": RUN_EXAMPLES, "formatter_class": argparse.RawDescriptionHelpFormatter},
    ),
    "tools": ("list the tools, or show one with its parameters", tools, {}),
    "plugins": ("list the plugins and what is wrong with broken ones", only("lists:plugins"), {}),
    "trainers": ("list what can be trained, the data it takes and its terms", only("trainers:trainers"), {}),
    "models": ("list the models, their data and terms, or get one", models, {}),
    "doctor": ("check this installation: devices, models, plugins", doctor, {}),
    "train": (
        "train a model on a folder of pictures, or go on with a run",
        train,
        {
            "epilog": "imgen trainers lists the models; imgen train MODEL --help also shows what can be --set",
            "add_help": False,
        },
    ),
    "pack": ("write folders of pictures into one file, decoded, to train from", pack, {}),
    "export": ("export a run's model, so that the tools use it", export, {}),
    "evaluate": ("measure a model against baselines and write its card", evaluate, {}),
    "edit": ("open the editor in the browser", edit, {}),
}
