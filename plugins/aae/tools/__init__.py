"""Maps, pictures between codes, other attributes and other hands."""

from .digits import restyle_digit
from .faces import clean_face, restyle_face
from .maps import latent_map, walk_map
from .mixing import morph_codes, sample_prior

TOOLS = [latent_map, walk_map, restyle_digit, restyle_face, morph_codes, sample_prior, clean_face]
