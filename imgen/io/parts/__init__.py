"""Segments, chunks, tags, XMP, EXIF and Photoshop's resources as bytes: read, made true, written."""

from ...image.parts import Entry, Parts, Resources

__all__ = ["Entry", "Parts", "Resources"]
