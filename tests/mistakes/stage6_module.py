"""The known mistakes of stage 6, which stand in modules of their own."""

from mistakes.loaders import MAKE_LOADER
from mistakes.minibatch_training import TRAIN
from mistakes.scoring import ACCURACY, SCORES
from mistakes.sequential import MAKE_SEQUENTIAL
from mistakes.tiny_mlp import TINYMLP

__all__ = ["ACCURACY", "MAKE_LOADER", "MAKE_SEQUENTIAL", "SCORES", "TINYMLP", "TRAIN"]
