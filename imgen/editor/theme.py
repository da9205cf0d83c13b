"""The editor's own look for what Gradio draws itself; editor.css does the rest."""

from __future__ import annotations

from gradio.themes import Base, Font

FONT = ["Inter", "Segoe UI", "system-ui", "-apple-system", "Roboto", "Noto Sans", "sans-serif"]
MONO = ["ui-monospace", "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "monospace"]


def theme() -> Base:
    """A dark theme in both of Gradio's modes. Fonts are the system's: the page loads nothing from elsewhere."""
    made = Base(
        primary_hue="teal",
        secondary_hue="slate",
        neutral_hue="slate",
        font=[Font(name) for name in FONT],
        font_mono=[Font(name) for name in MONO],
    )
    return made.set(
        body_background_fill="#12151b",
        body_background_fill_dark="#12151b",
        body_text_color="#e8ebf0",
        body_text_color_dark="#e8ebf0",
        background_fill_primary="#191d25",
        background_fill_primary_dark="#191d25",
        block_background_fill="#191d25",
        block_background_fill_dark="#191d25",
        border_color_primary="#2c323d",
        border_color_primary_dark="#2c323d",
    )
