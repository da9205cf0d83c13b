"""Pictures and folders that tests of this place share."""

import numpy as np
import pytest
from skimage import data

from imgen import faces


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255


@pytest.fixture(scope="module")
def crop(astronaut) -> np.ndarray:
    return faces.align(astronaut, faces.choose(astronaut, [], None))
