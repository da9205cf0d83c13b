"""Words for faces, and the codes that they mean: "smiling woman - neutral woman + neutral man"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.engine.plugins import available
from imgen.faces.attributes import TEXTS

from .codes import Codes, length, network, plain, random_codes, usual

LIGHTS = ("face_light", "back_light", "side_light")  # how bright face and background are, and one side than the other
HAIRS = ("black_hair", "blond", "bangs")  # how dark it is above the face, how yellow, how dark on the forehead
KEPT = ("smile", "age", "glasses", "gender", *LIGHTS)  # what a change of something else leaves alone
SHADING = {"glasses", "sunglasses"}  # what darkens a face by itself: were its light kept, the skin would turn white
HAIR = {"blond", "black_hair", "bangs"}  # what lies outside of the face itself
WORDS: dict[str, tuple[str, bool]] = {
    "smiling": ("smile", True),
    "smile": ("smile", True),
    "neutral": ("smile", False),
    "serious": ("smile", False),
    "man": ("gender", True),
    "male": ("gender", True),
    "woman": ("gender", False),
    "female": ("gender", False),
    "old": ("age", True),
    "young": ("age", False),
    "glasses": ("glasses", True),
    "sunglasses": ("sunglasses", True),
    "beard": ("beard", True),
    "moustache": ("moustache", True),
    "makeup": ("makeup", True),
    "blond": ("blond", True),
    "dark": ("black_hair", True),
    "bangs": ("bangs", True),
    "mouth": ("mouth_open", True),
}
MINUS = str.maketrans("−–", "--")  # as it is printed  # noqa: RUF001
BOTH = ("gender", "age")  # whose less is something, too, not only that there is none
OLDER = 2.0  # of FULL, in sums, where old is asked for: years show late
WITHOUT = 0.4  # of MEANT, of all others: a neutral face has a mouth
FILLERS = ("a", "an", "the", "with", "and", "face", "person", "hair", "open", "haired")
NOT = ("without", "no", "not")
PICTURES = ("first", "second", "third")
MOST = 5.0  # of a slider, standard deviations where its direction was read off codes
FULL = 2.5  # of a slider whose direction was learned, at which faces show what it is about
SAID = FULL / 2  # of such a slider that a word is; `add_to_face` adds twice as much
MEANT = 0.7 * FULL  # of such a slider in sums, where the people of the words are mostly so already
DRAWN = 1024  # codes among which the faces are chosen that a word's code is the average of


class Term(NamedTuple):
    """One part of a sum: a sign, and either attributes that are there or not, or the name of a picture."""

    sign: int
    wanted: dict[str, bool]
    picture: str = ""


def parse(text: str) -> list[Term]:
    """The terms of a text like "smiling woman - woman + second".

    Raises:
        ImgenError: a word is not known, or a term says nothing.
    """
    text = text.translate(MINUS)
    parts = re.split(r"([+-])", text if is_change(text) else "+" + text)
    signs, bodies = parts[1::2], parts[2::2]
    return [term(1 if sign == "+" else -1, body) for sign, body in zip(signs, bodies, strict=True)]


def term(sign: int, text: str) -> Term:
    """One term without its sign."""
    words = [word for word in text.lower().split() if word not in FILLERS]
    if len(words) == 1 and words[0] in PICTURES:
        return Term(sign, {}, words[0])
    wanted: dict[str, bool] = {}
    turned = False
    for word in words:
        if word in NOT:
            turned = True
            continue
        if word not in WORDS:
            known = ", ".join(WORDS)
            raise imgen.ImgenError(f"{word!r} is no word for a face; use {known}, without, or {', '.join(PICTURES)}")
        name, there = WORDS[word]
        wanted[name], turned = there != turned, False
    if not wanted:
        raise imgen.ImgenError(
            f"a term says nothing ({text.strip()!r}); write for instance: smiling woman - woman + man"
        )
    return Term(sign, wanted)


def is_change(text: str) -> bool:
    """Whether a text means a change of a face, not a face: it begins with a sign."""
    return text.translate(MINUS).strip()[:1] in ("+", "-")


def directions() -> tuple[Array, dict[str, tuple[float, float]]]:
    """Normals of the scores (K, code), and for each name the mean scores of faces without and with it.

    Raises:
        ImgenError: they were learned for another generator.
    """
    model = imgen.model("dcgan/directions")
    faces.check_codes(model, network())
    means: dict[str, tuple[float, float]] = model.card["measured"]["scores"]
    found = model(weights=np.eye(len(means), dtype=np.float32))
    return (found[0] if learned() else found), means


def likeliest(normals: Array, scores: Array) -> Array:
    """The likeliest code (code,) with these scores (M,) under these normals (M, code), which is the shortest one."""
    gram = (normals @ normals.T).astype(np.float64)
    return (normals.T @ np.linalg.solve(gram, scores.astype(np.float64))).astype(np.float32)


def sliders() -> dict[str, imgen.Slider]:
    """A slider for each attribute that the present directions know. Reads a card only."""
    model = available().get("dcgan/directions")
    measured = model.card.get("measured", {}) if model else {}
    scores: Mapping[str, object] = measured.get("scores", {})
    return {name: imgen.Slider(text, -MOST, MOST) for name, text in TEXTS.items() if name in scores}


def learned() -> list[str]:
    """What there are learned changes of; the others' are read off the scores' normals."""
    return list(imgen.model("dcgan/directions").card["measured"].get("learned", ()))


def change(amounts: Mapping[str, float]) -> Codes:
    """The change (1, ...) that adds so much of each thing: a learned one, or one of the scores.

    The latter is the shortest one that adds nothing to those scores in KEPT that are not named.
    """
    normals, means = directions()
    names, known = list(means), learned()
    result = plain(np.zeros((1, length()), np.float32))
    if pushed := {name: amount for name, amount in amounts.items() if name in known}:
        weights = np.array([[pushed.get(name, 0.0) for name in names]], np.float32)
        result = Codes(*imgen.model("dcgan/directions")(weights=weights)[1:])
    scored = {name: amount for name, amount in amounts.items() if name not in known}
    if scored:
        kept = set(KEPT) - ({"face_light"} if amounts.keys() & SHADING else set())
        kept -= {"glasses"} if "sunglasses" in amounts else set()  # which are glasses, too
        used = [name for name in names if name in scored or name in kept]
        scores = np.array([scored.get(name, 0.0) for name in used], np.float32)
        result = result.plus(plain(likeliest(normals[[names.index(name) for name in used]], scores)[None]))
    return result


def total(terms: Sequence[Term]) -> dict[str, float]:
    """What terms of words add up to, as amounts for `change`; "smiling woman - neutral woman" leaves a smile."""
    _, means = directions()
    known, sums = learned(), dict[str, float]()
    if unknown := sorted({name for one in terms for name in one.wanted} - means.keys()):
        imgen.note(f"dcgan/faces knows nothing of {', '.join(unknown)}, which was left out")
    for one in terms:
        for name, there in one.wanted.items():
            if name not in means:
                continue
            amount = (SAID if there else -SAID) if name in known else means[name][there]
            sums[name] = sums.get(name, 0.0) + one.sign * amount
    return sums


def once(terms: Sequence[Term]) -> dict[str, float]:
    """What terms of words add up to, of learned things at most as much as one word says: "+man -woman" is "+man"."""
    known = learned()
    return {name: clipped(value, SAID) if name in known else value for name, value in total(terms).items()}


def clipped(value: float, most: float) -> float:
    """Not further from 0 than `most`."""
    return min(most, max(-most, value))


def meant(terms: Sequence[Term], strength: float) -> Codes:
    """The change (1, ...) by which a face gets what terms of words add up to, so strongly."""
    known, amounts = learned(), once(terms)
    for name in amounts.keys() & known:
        more = amounts[name] > 0
        part = OLDER * FULL if more and name == "age" else MEANT if more or name in BOTH else WITHOUT * MEANT
        amounts[name] *= part / SAID
    return change({name: strength * amount for name, amount in amounts.items()})


def averaged(wanted: Mapping[str, bool], seed: int, people: int) -> Array:
    """The average code (code,) of so many made faces that are so (Radford et al., arXiv 1511.06434, figure 7).

    They are those of DRAWN random ones whose scores are nearest to the mean of faces that are so, and of all faces in
    what is in KEPT and not named. The average is made as long as codes in sums are, or it would be a blur.
    """
    normals, means = directions()
    used = [(i, name) for i, name in enumerate(means) if name in wanted or name in KEPT]
    codes = random_codes(seed, DRAWN)
    scores = codes @ normals[[i for i, _ in used]].T  # (DRAWN, K)
    usually = scores.mean(0)
    target = np.array([means[name][wanted[name]] if name in wanted else usually[k] for k, (_, name) in enumerate(used)])
    away = np.square((scores - target) / scores.std(0)).sum(1)
    mean = codes[np.argsort(away, kind="stable")[:people]].mean(0)
    return mean * np.float32(max(1, usual() / np.linalg.norm(mean)))


def other_noise(seed: int, count: int) -> Array:
    """Normal codes (count, code) that change no score."""
    normals, _ = directions()
    noise = np.random.default_rng([seed, 1]).standard_normal((count, normals.shape[1]), dtype=np.float32)
    scores = noise @ normals.T
    gram = (normals @ normals.T).astype(np.float64)
    return (noise - (normals.T @ np.linalg.solve(gram, scores.T.astype(np.float64))).T).astype(np.float32)
