"""Write the picture of a style of one's own in plugins/cyclegan/README.md: the picture learned from, and three photos.

python docs/own_style.py PICTURE STYLE      a style that `imgen train cyclegan/style-STYLE --data PICTURE ...` made
"""

from __future__ import annotations

import sys

import numpy as np
from gallery import photos, save_row

import imgen

SHOWN = ("china", "chelsea", "astronaut")


def main() -> None:
    """The row docs/images/gallery/own-style.jpg."""
    picture, style = sys.argv[1:]
    found, stylize = photos(), imgen.tools()["stylize"]
    shown = [found[name].astype(np.float32) / 255 for name in SHOWN]
    painted = [stylize(photo, style=style) for photo in shown]
    row = [imgen.open(picture).pixels, *(one for pair in zip(shown, painted, strict=True) for one in pair)]
    save_row("own-style", row, ("the picture", *("photo", "painted") * len(SHOWN)), height=150)


if __name__ == "__main__":
    main()
