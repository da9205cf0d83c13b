"""Faces and digits from nothing, and real faces completed and added up, with adversarial networks."""

from imgen.engine.shape import hooks

from .tools import TOOLS

imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(__name__, TOOLS)
