"""Pictures and folders that tests of this place share."""

import numpy as np
import pytest
from skimage import data


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255
