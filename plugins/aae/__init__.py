"""Maps of digits and faces that one can walk on, and edits by codes, with adversarial autoencoders."""

from imgen.engine.shape import hooks

from .tools import TOOLS

imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(__name__, TOOLS)
