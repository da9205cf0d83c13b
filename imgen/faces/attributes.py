"""What a face shows that can be changed, in one table: names, columns of CelebA's attributes, and what sliders say."""

from __future__ import annotations

from typing import NamedTuple


class Attribute(NamedTuple):
    """One thing that faces show more or less of.

    Attributes:
        text: what its slider says.
        column: of CelebA's table, -COLUMN for its opposite; empty where no model learns it from there.
    """

    text: str
    column: str = ""


ATTRIBUTES = {
    "smile": Attribute("Smile; less makes the face serious", "Smiling"),
    "mouth_open": Attribute("Open the mouth; less closes it", "Mouth_Slightly_Open"),
    "age": Attribute("Older; less is younger", "-Young"),
    "glasses": Attribute("Put glasses on; less takes them off", "Eyeglasses"),
    "gender": Attribute("More masculine; less is more feminine", "Male"),
    "sunglasses": Attribute("Put dark glasses on; less takes them off"),
    "beard": Attribute("Grow a beard; less shaves it", "-No_Beard"),
    "makeup": Attribute("More make-up; less takes it off", "Heavy_Makeup"),
    "blond": Attribute("Fairer hair", "Blond_Hair"),
    "black_hair": Attribute("Darker hair", "Black_Hair"),
    "bangs": Attribute("Hair over the forehead; less clears it", "Bangs"),
    "moustache": Attribute("Grow a moustache; less shaves it"),
    "eyes_closed": Attribute("Close the eyes; less opens them wide"),
}
COLUMNS = {name: attribute.column for name, attribute in ATTRIBUTES.items() if attribute.column}
TEXTS = {name: attribute.text for name, attribute in ATTRIBUTES.items()}
