"""Write what the documentation shows of the program itself.

python docs/generate.py            tools.md, formats.md, the fields in models.md and the pictures of the first page
python docs/generate.py --check    1 if a page is out of date
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydantic import BaseModel

import imgen
from imgen.cli.lists import explain
from imgen.contract.card import Card, Evaluation, Figure, Training
from imgen.contract.tool import describe_range
from imgen.engine.plugins import BUILT_IN
from imgen.io import kept

HERE = Path(__file__).parent
HEAD = "# Tools\n\nWritten by `python docs/generate.py` from the tools' own signatures and docstrings.\n"


def tools_page() -> str:
    """Every shipped tool as `imgen tools NAME` shows it."""
    own = [t for _, t in sorted(imgen.tools().items()) if t.plugin in BUILT_IN]
    return HEAD + "".join(f"\n## {tool.name}\n\n```\n{explain(tool)}\n```\n" for tool in own)


def models_page() -> str:
    """The page on models, with the fields of a card as the code has them."""
    page = (HERE / "models.md").read_text(encoding="utf-8")
    begin, end = page.index("<!-- fields"), page.index("<!-- end -->")
    head = page[begin : page.index("\n", begin) + 1]
    tables = [f"\n{heading}\n\n{fields_table(part)}\n" for part, heading in CARD.items()]
    return page[:begin] + head + "".join(tables) + page[end:]


CARD = {
    Card: "Only what has no default must be there.",
    Training: "`training`, and `started_from` in it:",
    Evaluation: "`evaluation`:",
    Figure: "Each of its figures:",
}


def fields_table(part: type[BaseModel]) -> str:
    """The fields of a part of a card as a Markdown table."""
    schemas = part.model_json_schema()
    schemas = schemas.get("$defs", {}).get(part.__name__, schemas)["properties"]
    rows = ["| field | value | default | |", "|---|---|---|---|"]
    for name, field in part.model_fields.items():
        value = describe_range(schemas[name]).removeprefix("must be ") or KINDS[value_kind(schemas[name])]
        default = "" if field.is_required() else f"`{json.dumps(field.get_default(call_default_factory=True))}`"
        rows.append(f"| `{name}` | {value} | {default} | {field.description} |")
    return "\n".join(rows)


KINDS = {"object": "an object", "array": "a list of texts"}


def value_kind(schema: dict[str, Any]) -> str:
    """The type of a JSON schema's value; what refers to another schema is an object."""
    return next((o["type"] for o in schema.get("anyOf", [schema]) if o.get("type", "null") != "null"), "object")


def pictures() -> None:
    """Before and after, side by side, made from scikit-image's photos, which no model was trained on."""
    from skimage import data

    (HERE / "images").mkdir(exist_ok=True)
    coffee = data.coffee()[:400, 100:500]
    side_by_side("denoise", noisy(coffee, 25), imgen.Pipeline().add("denoise"))
    scratched, hole = scratches(data.chelsea()[:300, 20:420])
    side_by_side("scratches", scratched, imgen.Pipeline().add("inpaint", mask=hole))
    rocket = data.rocket()[20:420, 120:520]
    mask = np.zeros(rocket.shape[:2], np.float32)
    mask[ROCKET] = 1
    side_by_side("removal", rocket, imgen.Pipeline().add("inpaint", mask=mask), mask)


ROCKET = np.s_[60:380, 180:250]


def noisy(photo: np.ndarray, sigma: float) -> np.ndarray:
    """White Gaussian noise, as a file holds it."""
    return (photo + np.random.default_rng(0).normal(0, sigma, photo.shape)).clip(0, 255).astype(np.uint8)


def scratches(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """White scratches and where they are."""
    from imgen.training.corrupt import strokes

    size = max(photo.shape[:2])
    hole = strokes(np.random.default_rng(4), size, 0.04, (2, 4), 0.2, (0.4, 1.2))[: photo.shape[0], : photo.shape[1]]
    return np.where(hole[..., None] > 0, 255, photo).astype(np.uint8), hole


def side_by_side(name: str, before: np.ndarray, edit: imgen.Pipeline, mark: np.ndarray | None = None) -> None:
    """Save before | after as docs/images/NAME.jpg."""
    after = edit(imgen.Photo.from_array(before)).pixels
    left = before if mark is None else np.where(mark[..., None] > 0, before // 2 + np.array([128, 0, 0]), before)
    both = np.concatenate([left, np.full((len(before), 8, 3), 255), after * 255], 1)
    Image.fromarray(both.round().astype(np.uint8)).save(HERE / "images" / f"{name}.jpg", quality=88)


def main() -> int:
    """Write, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    pages = {"tools.md": tools_page(), "formats.md": kept.page(), "models.md": models_page()}
    if parser.parse_args().check:
        old = [name for name, text in pages.items() if (HERE / name).read_text(encoding="utf-8") != text]
        for name in old:
            print(f"docs/{name} is out of date; run python docs/generate.py")
        return int(bool(old))
    for name, text in pages.items():
        (HERE / name).write_text(text, encoding="utf-8")
    pictures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
