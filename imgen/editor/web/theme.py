"""The editor's own look for what Gradio draws itself, such as the login; editor.css does the rest."""

from __future__ import annotations

from gradio.themes import Base, Font

FONT = ["Inter", "Segoe UI", "system-ui", "-apple-system", "Roboto", "Noto Sans", "sans-serif"]
MONO = ["ui-monospace", "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "monospace"]
COLOURS = {
    "body_background_fill": "#12151b",
    "body_text_color": "#e8ebf0",
    "body_text_color_subdued": "#a3adbd",
    "background_fill_primary": "#191d25",
    "background_fill_secondary": "#191d25",
    "block_background_fill": "#191d25",
    "block_title_text_color": "#a3adbd",
    "panel_background_fill": "#191d25",
    "border_color_primary": "#2c323d",
    "input_background_fill": "#10131a",
    "input_border_color": "#2f3642",
    "button_primary_background_fill": "#4fd1b5",
    "button_primary_background_fill_hover": "#6fe0c7",
    "button_primary_text_color": "#06251f",
    "error_text_color": "#ff8f80",
}


def theme() -> Base:
    """A dark theme in both of Gradio's modes. Fonts are the system's: the page loads nothing from elsewhere."""
    made = Base(
        primary_hue="teal",
        secondary_hue="slate",
        neutral_hue="slate",
        font=[Font(name) for name in FONT],
        font_mono=[Font(name) for name in MONO],
    )
    return made.set(**COLOURS, **{f"{name}_dark": colour for name, colour in COLOURS.items()})
