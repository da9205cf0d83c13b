"""The attributes of faces that can be changed: names, columns of attributes.csv, and what a slider says.

In the order of `aae/faces`, whose card holds the names too.
"""

ATTRIBUTES = {
    "smile": "Smiling",
    "mouth_open": "Mouth_Slightly_Open",
    "age": "-Young",
    "glasses": "Eyeglasses",
    "gender": "Male",
    "beard": "-No_Beard",
    "makeup": "Heavy_Makeup",
    "blond": "Blond_Hair",
    "black_hair": "Black_Hair",
    "bangs": "Bangs",
}
