"""Texture by copying patches (PatchMatch, Barnes et al. 2009; Wexler et al. 2007)."""
import numpy as np
def fill_texture(image, hole, guide):
    raise NotImplementedError
