"""ICC profiles that tests need, and pictures in their spaces."""

import struct

import imagecodecs
import numpy as np

from imgen.image.lab import TO_XYZ, linear

D50, D65 = [0.3457, 0.3585, 1.0], [0.3127, 0.3290, 1.0]
SRGB = imagecodecs.cms_profile("srgb")
PROPHOTO = imagecodecs.cms_profile(
    "rgb", whitepoint=D50, primaries=[0.7347, 0.2653, 1, 0.1596, 0.8404, 1, 0.0366, 0.0001, 1], gamma=1.8
)
P3 = imagecodecs.cms_profile(
    "rgb", whitepoint=D65, primaries=[0.680, 0.320, 1, 0.265, 0.690, 1, 0.150, 0.060, 1], gamma=2.2
)
ADOBE = imagecodecs.cms_profile("adobergb")
LINEAR = imagecodecs.cms_profile(
    "rgb", whitepoint=D65, primaries=[0.64, 0.33, 1, 0.30, 0.60, 1, 0.15, 0.06, 1], gamma=1
)
GREY = imagecodecs.cms_profile("gray", whitepoint=D65, gamma=1.0)
GREY_22 = imagecodecs.cms_profile("gray", whitepoint=D65, gamma=2.2)


def assert_near(found: np.ndarray, wanted: np.ndarray | float, most: float) -> None:
    """Every number is near; pytest.approx takes seconds on a picture."""
    assert np.abs(found - wanted).max() <= most


def converted(values: np.ndarray, source: bytes, target: bytes) -> np.ndarray:
    """RGB values (H, W, 3) from one profile's to another's by littleCMS, float32, relative colorimetric."""
    return imagecodecs.cms_transform(
        values.astype(np.float32), source, target, colorspace="rgb", outcolorspace="rgb", outdtype="float32", intent=1
    )


def in_srgb(photo) -> np.ndarray:
    """How a colour-managed program shows a photo."""
    return photo.pixels if photo.icc is None else converted(photo.pixels, photo.icc, SRGB).clip(0, 1)


def table_profile(power: float = 1.0, back: bool = True) -> bytes:
    """An RGB profile of tables (mft2 over Lab, 17 points a side) and no curves: sRGB whose green follows `power`."""
    axis = np.linspace(0, 1, 17)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    turned = grid.copy()
    turned[..., 1] = 0.7 * turned[..., 1] ** power + 0.3 * turned[..., 0]
    tags = {b"A2B0": mft2(lab16(turned)), b"wtpt": xyz(0.9642, 1.0, 0.8249)}
    if back:
        tags[b"B2A0"] = mft2((values_of_lab(grid, power) * 65535).round())
    return assembled(tags)


def lab16(rgb: np.ndarray) -> np.ndarray:
    """Values of sRGB (..., 3) as an ICC version 2 table holds Lab."""
    f = np.cbrt(np.maximum(linear(rgb.astype(np.float32)).astype(np.float64) @ TO_XYZ.T.astype(np.float64), 1e-9))
    light = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)
    return np.stack([light[..., 0] * 652.8, (light[..., 1] + 128) * 256, (light[..., 2] + 128) * 256], -1).clip(
        0, 65535
    )


def values_of_lab(grid: np.ndarray, power: float) -> np.ndarray:
    """The profile's values of a grid of encoded Lab."""
    from imgen.image.lab import companded, lab_to_light

    lab = np.stack([grid[..., 0] * 100 * 65535 / 65280, *(grid[..., i] * 65535 / 256 - 128 for i in (1, 2))], -1)
    turned = companded(lab_to_light(lab.astype(np.float32)).clip(0, 1)).astype(np.float64)
    turned[..., 1] = ((turned[..., 1] - 0.3 * turned[..., 0]) / 0.7).clip(0, 1) ** (1 / power)
    return turned


def mft2(table: np.ndarray) -> bytes:
    """A lut16 tag of a table (17, 17, 17, 3) with straight curves."""
    head = b"mft2\0\0\0\0" + bytes([3, 3, 17, 0]) + struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).ravel())
    straight = np.tile(np.array([0, 65535], ">u2"), 3).tobytes()
    return head + struct.pack(">2H", 2, 2) + straight + table.round().astype(">u2").tobytes() + straight


def xyz(*values: float) -> bytes:
    """An XYZ tag."""
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * v) for v in values))


def assembled(tags: dict[bytes, bytes]) -> bytes:
    """A display profile, version 2, RGB over Lab."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">2I", start + len(body), len(data))
        body += data
    size = struct.pack(">I", start + len(body))
    head = (
        size
        + bytes(4)
        + b"\x02\x40\0\0"
        + b"mntrRGB Lab "
        + bytes(12)
        + b"acsp"
        + bytes(28)
        + xyz(0.9642, 1, 0.8249)[8:]
    )
    return head.ljust(128, b"\0") + table + body
