"""Edits of a person's face, and pictures of what the codes hold."""

from .digits import vae_manifold
from .faces import edit_face, latent_sheet, morph_faces, perturb_latent, sample_faces

TOOLS = [edit_face, morph_faces, perturb_latent, latent_sheet, sample_faces, vae_manifold]
