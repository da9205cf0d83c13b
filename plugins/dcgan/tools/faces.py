"""Faces and digits drawn from codes, and sums of faces."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.image.grid import sheet

from . import attribute_words as words
from . import codes
from .codes import Codes
from .search import inverted

LARGEST = 512  # side of a crop in pixels; larger faces get their change enlarged from this
AROUND = 3  # faces on each side of the sheet around a result

Amounts = Annotated[float, imgen.Sliders(words.sliders)]
Seed = Annotated[int, Field(ge=0, le=2**31, description="Other numbers give other pictures")]
Count = Annotated[int, Field(ge=1, le=100, description="How many")]
Truncation = Annotated[
    float, Field(ge=0, le=1.5, description="1 as learned; less brings all nearer to the average face, and blurs them")
]
Scale = Annotated[int, Field(ge=1, le=4, description="Times the size as made: faces of 64 pixels, digits of 28")]
Frames = Annotated[int, Field(ge=2, le=60, description="Pictures from one face to the other")]
AsSheet = Annotated[bool, Field(description="All frames on one picture, instead of an animation")]
Terms = Annotated[str, Field(description="A sum of words and pictures; one that begins with + or - changes a face")]
Change = Annotated[str, Field(description="What to add and take away: +glasses -smile, or +second -third")]
Picture = Annotated[imgen.Image, Field(description="A photo of a face that a term names")] | None
People = Annotated[int, Field(ge=1, le=100, description="Made faces whose codes are averaged for each term")]
Emphasis = Annotated[float, Field(ge=0, le=5, description="How much more of what the words add up to; 0 the plain sum")]
Variety = Annotated[float, Field(ge=0, le=1, description="How much the faces around the result differ from it")]
Amount = Annotated[float, Field(ge=-5, le=5, description="How often the terms are added; below 0 they are taken away")]


@imgen.tool(group="Lab", synonyms=["random faces", "invent", "gan"])
@imgen.uses("dcgan/faces", "dcgan/directions")
def generate_faces(
    *,
    seed: Seed = 0,
    count: Count = 16,
    truncation: Truncation = 1.0,
    scale: Scale = 2,
    **amounts: Amounts,
) -> imgen.Image:
    """Make faces of nobody from random codes; the sliders move all of them, in standard deviations.

    A DCGAN (Radford et al., arXiv 1511.06434); truncation as in BigGAN (Brock et al., arXiv 1809.11096), but by
    shortening the codes.
    """
    wanted = {name: value for name, value in amounts.items() if value}
    made = codes.plain(np.float32(truncation) * codes.random_codes(seed, count))
    if wanted:
        made = made.plus(words.change(wanted))
    return sheet(codes.enlarged(codes.drawn(made), scale), round(count**0.5))


@imgen.tool(group="Lab", synonyms=["interpolation", "animation", "walk"])
@imgen.uses("dcgan/faces")
def interpolate_faces(
    *,
    seed: Seed = 0,
    other_seed: Seed = 1,
    frames: Frames = 24,
    as_sheet: AsSheet = False,
    scale: Scale = 2,
) -> imgen.Animation:
    """Turn one made face into another and back: a walk on the sphere of codes. Save it as .gif, .webp or .png."""
    first, last = (codes.random_codes(s, 1)[0] for s in (seed, other_seed))
    walk = codes.between(first, last, np.linspace(0, 1, frames))
    made = codes.enlarged(codes.drawn(codes.plain(walk)), scale)
    return sheet(made, min(frames, 8))[None] if as_sheet else np.concatenate([made, made[-2:0:-1]])


@imgen.tool(group="Lab", synonyms=["arithmetic", "add faces"])
@imgen.uses("dcgan/faces", "dcgan/directions", "dcgan/encoder", "core/faces")
def face_arithmetic(
    *,
    terms: Terms = "smiling woman - neutral woman + neutral man",
    first: Picture = None,
    second: Picture = None,
    third: Picture = None,
    people: People = 8,
    emphasis: Emphasis = 1.0,
    variety: Variety = 0.5,
    seed: Seed = 0,
    scale: Scale = 2,
) -> imgen.Image:
    """Add and subtract faces: smiling woman - neutral woman + neutral man = smiling man.

    Words stand for the averaged codes of made faces that are so; `first`, `second` and `third` for photos, whose codes
    are searched for: first - woman + man. Terms that begin with + or - change the face of the seed. On the left are the
    terms, on the right the result in the middle of eight relatives (Radford et al., arXiv 1511.06434, figure 7).
    """
    parsed = words.parse(terms)
    photos = found_in({"first": first, "second": second, "third": third}, parsed)
    change = words.is_change(terms)
    alone = not photos and not change
    strength = emphasis if alone else 1.0
    bare = [photos[t.picture] if t.picture else average(t, seed, people) for t in parsed]
    said = [words.meant([t._replace(sign=1)], strength) for t in parsed]
    shown = [part if t.picture else part.plus(more) for part, more, t in zip(bare, said, parsed, strict=True)]
    # where a face is changed, terms must not bring a person of their own, so only what they say is added
    code, extra = added([(part, t.sign) for part, t in zip(bare, parsed, strict=True) if alone or t.picture])
    if alone:
        code = codes.shortened(code, codes.usual())
    elif change:
        code = code + codes.random_codes(seed, 1)
    length = codes.usual() if alone else float(np.linalg.norm(code))
    noise = np.asarray(variety * words.other_noise(seed, AROUND**2), np.float32)
    noise[AROUND**2 // 2] = 0  # the middle is the result itself
    around = Codes(codes.shortened(code + noise, length), np.repeat(extra, AROUND**2, 0))
    around = around.plus(words.meant(parsed, strength))
    made = codes.drawn(Codes(*(np.concatenate(both) for both in zip(*shown, around, strict=True))))
    tiles = codes.enlarged(made, scale)
    return codes.beside(sheet(tiles[: len(shown)], 1), sheet(tiles[len(shown) :], AROUND), scale)


def average(term: words.Term, seed: int, people: int) -> Codes:
    """The average (1, ...) of some made faces that are what a term says."""
    return codes.plain(words.averaged(term.wanted, seed, people)[None])


def added(parts: list[tuple[Codes, int]]) -> Codes:
    """The sum of codes with signs; of what is beside them from those that are added alone: what is left is noise."""
    zero = codes.plain(np.zeros((1, codes.length()), np.float32))
    code = sum((sign * part.code for part, sign in parts), zero.code)
    return Codes(code, sum((part.extra for part, sign in parts if sign > 0), zero.extra))


def found_in(pictures: dict[str, Array | None], terms: list[words.Term]) -> dict[str, Codes]:
    """The codes (1, ...) of the faces in the pictures that terms name.

    Raises:
        ImgenError: a term names a picture that is not given, or shows no face.
    """
    found: dict[str, Codes] = {}
    for name in dict.fromkeys(t.picture for t in terms if t.picture):
        picture = pictures[name]
        if picture is None:
            raise imgen.ImgenError(f"the terms name {name}, but there is no such picture; give {name}=FILE")
        try:
            face = faces.choose(picture, [], None, name)
        except imgen.ImgenError as error:
            raise imgen.ImgenError(f"no face found in {name}; give a photo of one face, seen from the front") from error
        crop = faces.align(picture, face, crop=codes.crop())
        found[name] = inverted(crop[None]).codes
    return found


@imgen.tool(group="Faces", synonyms=["glasses", "smile", "arithmetic"])
@imgen.uses("dcgan/faces", "dcgan/directions", "dcgan/encoder", "core/faces")
def add_to_face(
    image: imgen.Image,
    *,
    terms: Change = "+glasses",
    amount: Amount = 2.0,
    second: Picture = None,
    third: Picture = None,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """Do arithmetic on a face of the photo: +glasses, -smile, +smiling man -woman, or what sets two other people apart.

    The face's code is searched for, the terms are added to it, and the difference of both drawings goes into the photo,
    whose own detail stays. The photo itself need not be named, but may be, as `first`.
    """
    parsed = [term for term in words.parse(terms) if (term.picture, term.sign) != ("first", 1)]
    others = found_in({"second": second, "third": third}, [term for term in parsed if term.picture != "first"])
    shift = words.change({name: amount * value for name, value in words.once(parsed).items()})
    face = faces.choose(image, points, box)
    crop = faces.align(image, face, crop=codes.crop())
    others["first"] = inverted(crop[None]).codes
    for term in parsed:
        if term.picture:
            away = np.float32(amount * term.sign) * others[term.picture].code
            shift = shift.plus(codes.plain(away))
    if not any(part.any() for part in shift):
        imgen.note("the terms add up to nothing, so nothing was changed")
        return image.copy()
    both = zip(others["first"], others["first"].plus(shift), strict=True)
    before, after = codes.drawn(Codes(*(np.concatenate(parts, dtype=np.float32) for parts in both)))
    if not any(term.picture or term.wanted.keys() & words.HAIR for term in parsed):
        after = before + faces.oval(faces.SIZE, codes.crop()) * (after - before)
    side = faces.side_of(face, codes.crop(), faces.SIZE, LARGEST)
    photo = faces.align(image, face, side, codes.crop())
    return faces.put_back(image, face, photo, faces.detailed(photo, before, after), codes.crop())
