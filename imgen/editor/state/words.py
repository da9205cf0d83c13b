"""The page's words beside a tool's own: by what else people look for it, and which tools are experiments."""

from __future__ import annotations

from ...contract.tool import Tool

LAB = "Lab"  # experiments on codes and on faces, behind everything that photos need
EXPERIMENTS = {
    "add_to_face", "clean_face", "complete_face", "draw_digit", "face_arithmetic", "generate_faces", "image_to_image",
    "interpolate_faces", "latent_map", "latent_sheet", "morph_codes", "morph_faces", "perturb_latent",
    "restyle_digit", "restyle_face", "sample_faces", "sample_prior", "segment", "vae_manifold", "walk_map",
}  # fmt: skip

SYNONYMS = {
    "blur": "soften, bokeh, unsharp, out of focus, hide, anonymise",
    "clear_selection": "deselect, select nothing, everything again",
    "colorize": "black and white, monochrome, old photo, colour, color, faded, sepia",
    "crop": "cut, trim, straighten, rotate, horizon, aspect ratio, square, frame",
    "denoise": "noise, grain, iso, jpeg, artefacts, clean, smooth",
    "edit_face": "smile, age, younger, older, glasses, beard, portrait, face",
    "feather_selection": "soft edge, smooth edge",
    "flatten": "background, white background, remove transparency",
    "grow_selection": "expand, shrink, larger, smaller",
    "inpaint": "remove, erase, heal, watermark, scratch, wire, object, person, retouch, repair, clone",
    "invert_selection": "background, opposite, the rest",
    "load_selection": "mask, stencil",
    "saturation": "black and white, grey, gray, vivid, colours, colors, vibrance, monochrome",
    "select_rectangle": "box, marquee",
    "select_subject": "background, cut out, person, foreground, matting, subject, mask",
    "selection_to_alpha": "transparent, remove background, cut out, png, background",
    "stylize": "painting, art, filter, sketch, drawing",
    "translate": "sunset, evening, night, light, season, mood",
}  # a word may stand at several: that is what a search is for

PLAIN = {  # (tool, parameter): what it is to people, where its own text speaks of mathematics
    ("blur", "radius"): ("Amount", "How far the blur spreads"),
    ("feather_selection", "radius"): ("Amount", "How soft the edge becomes"),
    ("grow_selection", "pixels"): ("Margin", "How far around what is selected; less than 0 makes it smaller"),
    ("denoise", "noise"): ("Noise", "How much noise there is; automatic finds out"),
    ("select_strokes", "strokes"): ("Strokes", "Paint, erase or draw boxes on the photo"),
    ("translate", "domain"): ("Look", "What the photo is to look like"),
}
SUMMARIES = {"edit_face": "Change a face: smile, age, glasses and more."}


def group(tool: Tool) -> str:
    """The tool's heading in the list."""
    return LAB if tool.name in EXPERIMENTS else tool.group


def synonyms(tool: Tool) -> list[str]:
    """By which other words people look for the tool."""
    words = (word.strip() for word in SYNONYMS.get(tool.name, "").split(",") if word.strip())
    return list(dict.fromkeys((*tool.about.synonyms, *words)))
