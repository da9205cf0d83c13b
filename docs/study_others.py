"""How the tasks of the study are done in GIMP: each click, drag and key along its menus.

In each way what a person does stands in [brackets]: c a click, d a drag, k a key or keys held together.
"""

from __future__ import annotations

import re

SAVE = "File > Export As by its keys [k], *Export* [c], *Export* again in the format's window [c]."
MASK = "Tools > Selection Tools > Foreground Select [ccc], draw around it [d], Enter [k], paint over it [d], Enter [k]"
GIMP = {
    "restore": (
        "Heal by its key [k]; for each of the four scratches Ctrl-click beside it [cccc] and brush over it [dddd]; "
        f"Filters > Enhance > Noise Reduction [ccc], its strength [d], *OK* [c]. {SAVE}"
    ),
    "remove": (
        f"No tool fills from the surroundings by itself; with Clone by its key [k], Ctrl-click [c], paint [d]. {SAVE}"
    ),
    "cut": (
        f"{MASK}; paint what is wrong before the last Enter [d]; Layer > Transparency > Add Alpha Channel [ccc]; "
        f"Select > Invert by its keys [k]; Delete [k]. {SAVE}"
    ),
    "background": (
        f"{MASK}; Select > Invert by its keys [k]; Filters > Blur > Gaussian Blur [ccc], the size [d], *OK* [c]. {SAVE}"
    ),
    "shadows": (
        "Free Select by its key [k], draw around the part [d], Enter [k]; Select > Feather [cc], *OK* [c]; "
        f"Colors > Shadows-Highlights [cc], Shadows [d], *OK* [c]. {SAVE}"
    ),
    "noise": (
        "1:1 by its key [k]; Filters > Enhance > Noise Reduction [ccc], *Split view* [c], its strength [d], *OK* [c]. "
        f"{SAVE}"
    ),
    "style": (
        "No painter's style; the nearest is Filters > Artistic > Oilify [ccc], the size of the brush [d], *OK* [c]. "
        f"{SAVE}"
    ),
    "crop": (
        "Measure by its keys [k], along the horizon [d], *Straighten* [c]; Crop by its keys [k], *Fixed* aspect ratio "
        "[c], 4:3 [kkk], draw [d], Enter [k]; Image > Scale Image [cc], the width [ckkk], *Scale* [c]. "
        f"{SAVE}"
    ),
}


def counted(task: str) -> str:
    """How many clicks, drags and keys it takes; empty where no way is known."""
    return str(sum(len(found) for found in re.findall(r"\[([cdk]+)\]", GIMP[task]))) if task in GIMP else ""
