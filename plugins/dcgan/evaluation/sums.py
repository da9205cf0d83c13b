"""Sums of faces that are measured, and shown in the gallery: what is added up, and what a face must show then."""

from __future__ import annotations

SUMS: dict[str, tuple[str, dict[str, bool]]] = {
    "smiling man": ("smiling woman - neutral woman + neutral man", {"smile": True, "gender": True}),
    "woman with glasses": (
        "man with glasses - man without glasses + woman without glasses",
        {"glasses": True, "gender": False},
    ),
    "old man": ("old woman - young woman + young man", {"age": True, "gender": True}),
    "man with a beard": (
        "man with beard - man without beard + young man without beard",
        {"beard": True, "gender": True},
    ),
    "woman with sunglasses": ("man with sunglasses - man + woman", {"sunglasses": True, "gender": False}),
    "smiling old woman": (
        "smiling old man - old man + old woman",
        {"smile": True, "age": True, "gender": False},
    ),
    "woman, mouth open": ("man mouth open - man + woman", {"mouth_open": True, "gender": False}),
    "woman with make-up": (
        "woman with makeup - woman without makeup + young woman without makeup",
        {"makeup": True, "gender": False},
    ),
    "young smiling man": (
        "young smiling woman - young woman + young man",
        {"smile": True, "age": False, "gender": True},
    ),
    "man with a moustache": (
        "man with moustache - man without moustache + man",
        {"moustache": True, "gender": True},
    ),
}
