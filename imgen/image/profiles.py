"""ICC profiles made of what else says which colours are meant: code points (cICP, ITU-T H.273), gamma and primaries.

Profiles are of version 4.3 with matrix and curves (ICC.1:2010), their white adapted to D50 by Bradford.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

from .curves import CURVES, SRGB, Curve, narrow, power, srgb_curve

Points = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]  # white, R, G, B

D65, WHITE_C = (0.3127, 0.3290), (0.310, 0.316)
BT709: Points = (D65, (0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
DISPLAY_P3: Points = (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB: Points = (D65, (0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
PRIMARIES: dict[int, Points] = {  # ITU-T H.273 (2021), table 2
    1: BT709,
    4: (WHITE_C, (0.670, 0.330), (0.210, 0.710), (0.140, 0.080)),
    5: (D65, (0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),
    6: (D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: (D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: (WHITE_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: (D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: ((1 / 3, 1 / 3), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: DISPLAY_P3,
    22: (D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
NAMES = {1: "BT.709", 9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}


def from_code_points(primaries: int, transfer: int, *, full: bool, grey: bool = False) -> bytes | None:
    """The profile of H.273's code points; None for sRGB, which needs none.

    Args:
        primaries: code of the primaries.
        transfer: code of the curve.
        full: whether values use the full range; otherwise black is at 16/255 and white at 235/255.
        grey: the picture has one channel.

    Raises:
        ValueError: a code that is reserved or unspecified.
    """
    if primaries not in PRIMARIES or transfer not in CURVES:
        raise ValueError(f"unknown code points {primaries}/{transfer}")
    if (primaries, transfer, full) == (1, SRGB, True):
        return None
    curve = CURVES[transfer]
    if not full:
        curve = narrow(curve)
    name = NAMES.get(primaries, f"H.273 primaries {primaries}") + f", transfer {transfer}"
    extra = {b"cicp": b"cicp" + bytes(4) + bytes([primaries, transfer, 0, 1])} if full else {}
    return profile(name, PRIMARIES[primaries], curve, grey=grey, extra=extra)


def from_gamma(gamma: float | None, points: Points | None, *, grey: bool = False) -> bytes | None:
    """The profile of a PNG's gAMA and cHRM; None for what is sRGB as PNG writers say it (gamma 1/2.2, its primaries).

    Args:
        gamma: the exponent from light to values, as in the chunk: 0.45455; None where it is not said.
        points: white, red, green and blue in xy; None where they are not said: sRGB's.
        grey: the picture has one channel.

    Raises:
        ValueError: such a space cannot be.
    """
    if gamma is not None and not 0.05 <= gamma <= 20:
        raise ValueError(f"a gamma of {gamma:g}")
    near = points is None or np.abs(np.subtract(points, BT709)).max() < 0.002
    if (near or grey) and (gamma is None or abs(gamma - 1 / 2.2) < 0.005):
        return None
    curve = srgb_curve if gamma is None else power(1 / gamma)
    return profile(f"gamma {1 / gamma:.3g}" if gamma else "sRGB curve", points or BT709, curve, grey=grey, gamma=gamma)


def adobe_rgb() -> bytes:
    """What cameras mean by an EXIF interoperability index of R03 (DCF 2.0): Adobe RGB (1998)."""
    return profile("Adobe RGB (1998) compatible", ADOBE_RGB, power(563 / 256), gamma=256 / 563)


def coloured(icc: bytes) -> bytes:
    """The colour profile with a grey profile's curve and sRGB's primaries: a grey picture that gains colour needs it.

    Raises:
        ValueError: the grey profile has no curve.
    """
    found = tag_data(icc, b"kTRC")
    if found is None:
        raise ValueError("the grey profile has no curve")
    return assembled("grey curve, sRGB primaries", b"RGB ", matrix_tags(BT709) | curve_tags(found, grey=False))


def profile(
    name: str,
    points: Points,
    curve: Curve,
    *,
    grey: bool = False,
    gamma: float | None = None,
    extra: Mapping[bytes, bytes] | None = None,
) -> bytes:
    """A profile of matrix and curve, or for grey of a curve alone.

    Args:
        name: its description.
        points: white, red, green and blue in xy.
        curve: values in 0..1 to light.
        grey: for one channel.
        gamma: 1/exponent, if the curve is a power; it is then exact instead of a table of 4096.
        extra: more tags.
    """
    data = table(curve) if gamma is None else parametric(1 / gamma)
    if curve is srgb_curve:
        data = (
            b"para" + bytes(4) + struct.pack(">HH", 3, 0) + numbers(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        )
    tags = curve_tags(data, grey=grey) | ({} if grey else matrix_tags(points)) | dict(extra or {})
    return assembled(name, b"GRAY" if grey else b"RGB ", tags)


def table(curve: Curve) -> bytes:
    """A curve as a table of 4096."""
    values = np.clip(curve(np.linspace(0, 1, 4096)), 0, 1)
    return b"curv" + bytes(4) + struct.pack(">I", 4096) + np.rint(values * 65535).astype(">u2").tobytes()


def parametric(exponent: float) -> bytes:
    """A power as a parametric curve."""
    return b"para" + bytes(4) + struct.pack(">HH", 0, 0) + numbers(exponent)


def numbers(*values: float) -> bytes:
    """Values as s15Fixed16Number."""
    return struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))


def xyz(x: float, y: float) -> NDArray[np.float64]:
    """A chromaticity at luminance 1; one without luminance (y of 0) at x + z of 1."""
    return np.array([x / y, 1.0, (1 - x - y) / y]) if y else np.array([x, 0.0, 1 - x])


BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D50 = np.array([0.9642, 1.0, 0.8249])


def adaptation(white: tuple[float, float]) -> NDArray[np.float64]:
    """Bradford's matrix from a white to D50."""
    scale = (BRADFORD @ D50) / (BRADFORD @ xyz(*white))
    return np.linalg.inv(BRADFORD) @ np.diag(scale) @ BRADFORD


def matrix_tags(points: Points) -> dict[bytes, bytes]:
    """Primaries as XYZ under D50.

    Raises:
        ValueError: they span no space.
    """
    white, *primaries = points
    try:
        columns = np.stack([xyz(*p) for p in primaries], 1)
        columns = columns * np.linalg.solve(columns, xyz(*white))
    except (np.linalg.LinAlgError, ZeroDivisionError) as error:
        raise ValueError(f"primaries {points} span no space") from error
    adapted = adaptation(white) @ columns
    if white[1] <= 0 or not np.isfinite(adapted).all() or np.abs(adapted).max() > 100:
        raise ValueError(f"primaries {points} span no space")
    tags = {name: b"XYZ " + bytes(4) + numbers(*adapted[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return tags | {b"chad": b"sf32" + bytes(4) + numbers(*adaptation(white).ravel())}


def curve_tags(data: bytes, *, grey: bool) -> dict[bytes, bytes]:
    """The same curve for each channel."""
    return dict.fromkeys((b"kTRC",) if grey else (b"rTRC", b"gTRC", b"bTRC"), data)


def assembled(name: str, space: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Header, table and tags; tags of equal content share it, as the specification allows."""
    text = {b"desc": localized(name), b"cprt": localized("No copyright, use freely")}
    white = {b"wtpt": b"XYZ " + bytes(4) + numbers(*D50)}
    every = {**text, **white, **tags}
    start = 128 + 4 + 12 * len(every)
    body, rows, places = b"", b"", dict[bytes, int]()
    for key, data in every.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        rows += struct.pack(">4sII", key, places[data], len(data))
    head = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x04300000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(4 + 4 + 4 + 4 + 8 + 4) + numbers(*D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(every)) + rows + body


def localized(text: str) -> bytes:
    """A multiLocalizedUnicode of one language."""
    data = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(data), 28) + data


def is_profile(icc: bytes) -> bool:
    """Whether bytes begin as a profile does and are as long as it says."""
    return len(icc) >= 132 and icc[36:40] == b"acsp" and struct.unpack_from(">I", icc)[0] <= len(icc)


def tag_data(icc: bytes, key: bytes) -> bytes | None:
    """What a tag of a profile holds."""
    if len(icc) < 132:
        return None
    (count,) = struct.unpack_from(">I", icc, 128)
    for i in range(min(count, (len(icc) - 132) // 12)):
        name, place, length = struct.unpack_from(">4sII", icc, 132 + 12 * i)
        if name == key and place + length <= len(icc):
            return icc[place : place + length]
    return None


def srgb_profile() -> bytes:
    """The ICC profile of sRGB, always the same bytes: the time of its making is a fixed one."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + made[36:]
