import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
from imgen.faces import look
from imgen.faces.finder import find, way_up
from imgen.faces.look import PIECE, STRIDE, Hint, first_look, piece, searched, turned_back, turned_look

EYES = np.array([[203.5, 101.0], [246.5, 103.1]])  # the astronaut's, marked by hand


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255


def turned(photo: np.ndarray, turns: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(photo, turns))


@pytest.fixture
def passes(monkeypatch) -> list[tuple[int, int]]:
    """How many pictures each pass of the network sees, and how many pixels they have together."""
    seen: list[tuple[int, int]] = []
    real = look.model

    def counting(name: str):
        network = real(name)

        def answer(image):
            seen.append((len(image), image[:, 0].size))
            return network(image=image)

        return answer

    monkeypatch.setattr(look, "model", counting)
    return seen


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_places_come_back_from_a_turned_picture(turns):
    picture = np.arange(6 * 9).reshape(6, 9)
    again = np.rot90(picture, turns)
    rows, columns = np.indices(again.shape).reshape(2, -1)
    places = turned_back(np.stack([columns, rows], 1) + 0.5, (9, 6), turns) - 0.5
    x, y = places.astype(int).T
    assert np.array_equal(picture[y, x], again[rows, columns])


def test_a_piece_goes_on_beyond_the_border_and_is_turned():
    picture = np.random.default_rng(0).random((100, 90, 3), dtype=np.float32)
    assert np.array_equal(piece(picture, np.array([5, 10]), 0), picture[10 : 10 + PIECE, 5 : 5 + PIECE])
    over = piece(picture, np.array([50, -7]), 1)
    assert np.array_equal(
        over, np.rot90(np.pad(picture, [(7, 0), (0, 40), (0, 0)], mode="edge")[:PIECE, 50 : 50 + PIECE])
    )


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_hints_say_where_a_turned_face_is_and_how_it_lies(astronaut, turns):
    search = searched(turned(astronaut, 4 - turns))  # upright after so many quarters to the left
    _, hints = first_look(search)
    faces = turned_look(search, hints)
    middle = turned_back(EYES.mean(0)[None], (512, 512), turns)[0]
    best, face = max(zip(hints, faces, strict=True), key=lambda pair: pair[1].score)
    assert best.turns == turns
    assert np.hypot(*(look.centre(face) - middle)) < 10
    assert way_up(search, hints)[0] == turns


def test_no_hint_no_way_up(astronaut):
    assert way_up(searched(astronaut), []) == (0, 0.0)


def test_a_hint_is_the_surest_cell_around(monkeypatch):
    turned = np.zeros((3, 12, 12), np.float32)
    turned[1, 4, 5], turned[1, 5, 5], turned[2, 10, 0], turned[0, 2, 2] = 0.9, 0.8, 0.5, look.HINT
    found = sorted(look.hints_in(turned, 3), reverse=True)
    assert [(hint.turns, hint.level, hint.cell) for hint in found] == [(2, 3, (4, 5)), (3, 3, (10, 0))]
    assert isinstance(found[0], Hint)


def test_a_photo_without_faces_is_seen_once(passes):
    """Turned faces cost no passes of their own where nothing looks like one."""
    flat = np.full((400, 600, 3), 0.5, np.float32)
    assert find(flat) == []
    assert [pictures for pictures, _ in passes] == [1] * (4 + 2)  # 600, 300, 150 and 75 pixels wide; small, in a frame


@pytest.mark.parametrize("name", ["coffee", "rocket", "chelsea"])
@pytest.mark.parametrize("turns", [0, 1])
def test_where_nobody_is_turns_cost_at_most_one_pass_of_small_pieces(passes, name, turns):
    """Four ways up would be four times the pyramid's pixels."""
    photo = turned(getattr(data, name)().astype(np.float32) / 255, turns)
    assert not [face for face in find(photo) if face.score >= imgen.faces.SURE]
    levels = len(list(look.pyramid(photo)))
    whole, pieces = (sum(pixels for _, pixels in part) for part in (passes[:levels], passes[levels:]))
    # two closer looks at faces, a first and two closer ones at hints; and in a frame two sizes, two closer looks
    assert len(passes) <= levels + 5 + 4
    assert pieces < 0.7 * whole


def test_a_turned_photo_is_seen_twice(passes, astronaut):
    assert find(turned(astronaut, 1))
    assert sum(pictures == 1 for pictures, _ in passes) <= 2 * len(list(look.pyramid(astronaut))) + 4


def test_a_model_of_an_earlier_kind_is_named(monkeypatch):
    class Old:
        origin = "user"

        def __call__(self, image):
            return np.zeros((1, 1, 8, 8)), np.zeros((1, 4, 8, 8))

    monkeypatch.setattr(look, "model", lambda name: Old())
    with pytest.raises(imgen.ImgenError, match=r"core/faces \(user\) knows nothing of turned faces; train and export"):
        find(np.zeros((64, 64, 3), np.float32))


def test_the_network_moves_by_whole_cells(astronaut):
    """Cells of STRIDE pixels are what it answers for."""
    small = np.asarray(Pillow.fromarray(data.astronaut()).resize((160, 160)), np.float32) / 255
    faces, eyes, hints = searched(small).network(image=small.transpose(2, 0, 1)[None].copy())
    assert faces.shape == (1, 1, 160 // STRIDE, 160 // STRIDE)
    assert eyes.shape == (1, 4, 160 // STRIDE, 160 // STRIDE)
    assert hints.shape == (1, 3, 160 // STRIDE, 160 // STRIDE)
