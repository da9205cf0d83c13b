"""Selections, everyday adjustments and the document: the tools that every edit needs, offered like any plugin's."""

from imgen.engine.shape import hooks

from .tools import TOOLS

# faces are found by a library that plugins share, which trains and measures its networks itself
imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(
    __name__, TOOLS, training="imgen.faces.training.finder", evaluation="imgen.faces.training.evaluation"
)
