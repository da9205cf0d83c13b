"""Which file formats there are, and how a file is known by its first bytes."""

from __future__ import annotations

FORMATS = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF",
    ".webp": "WEBP",
}  # fmt: skip
READ_ONLY = {".heic": "HEIC", ".heif": "HEIC", ".hif": "HEIC", ".avif": "AVIF"}
READ = {**FORMATS, **READ_ONLY}  # what is opened, whatever its suffix is
SUFFIXES = {**FORMATS, ".gif": "GIF"}  # what is written; a GIF is not read

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"), (b"GIF8", "GIF"), (b"BM", "BMP"), (b"8BPS", "Photoshop"),
    (b"%!PS", "PostScript"), (b"\xc5\xd0\xd3\xc6", "PostScript"), (b"%PDF", "PDF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"), (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"), (b"II\xbc\x01", "JPEG XR"),
    (b"v/1\x01", "OpenEXR"), (b"#?RADIANCE", "Radiance HDR"), (b"DDS ", "DDS"), (b"qoif", "QOI"),
    (b"gimp xcf", "GIMP"), (b"\0\0\1\0", "Windows icon"), (b"IIRO", "Olympus raw"), (b"IIRS", "Olympus raw"),
    (b"IIU\0", "Panasonic raw"), (b"FUJIFILMCCD-RAW", "Fujifilm raw"), (b"PK\3\4", "ZIP"),
    (b"\x1f\x8b", "gzip"), (b"\x1aE\xdf\xa3", "Matroska video"), (b"BPG\xfb", "BPG"), (b"\x0a\x05\x01", "PCX"),
    (b"P4", "netpbm"), (b"P5", "netpbm"), (b"P6", "netpbm"), (b"P7", "netpbm"), (b"<svg", "SVG"), (b"<?xml", "XML"),
    (b"<!DOCTYPE html", "web page"), (b"<html", "web page"),
)  # fmt: skip
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": "Canon raw"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes) -> str | None:
    """The format of a file by its first 64 bytes: one of those that imgen reads, another's name, or None."""
    if head[:4] == b"RIFF" and len(head) >= 12:
        return "WEBP" if head[8:12] == b"WEBP" else "RIFF"
    if head[4:8] == b"ftyp":
        length = int.from_bytes(head[:4], "big")
        brands = [head[8:12], *(head[i : i + 4] for i in range(16, min(length, len(head) - 3), 4))]
        named = [BRANDS[brand] for brand in brands if brand in BRANDS]
        return named[0] if named else "HEIC" if HEIC_BRANDS & set(brands) else "video"
    return next((name for signature, name in SIGNATURES if head.startswith(signature)), None)
