"""How models are run, as it may be chosen: by a variable from outside, or in the window.

The names of the variables and what each may be, without torch, so that the window can offer it.
"""

from __future__ import annotations

import os

COMPILE, ATTENTION, LAST = "NODEFORGE_COMPILE", "NODEFORGE_ATTENTION", "NODEFORGE_CHANNELS_LAST"
MEMORY, LIMIT = "NODEFORGE_MEMORY", "NODEFORGE_GPU_LIMIT"
VARIABLES = (ATTENTION, COMPILE, LAST, MEMORY, LIMIT)
COMPILED = ("off", "blocks", "whole")
ROUTINES = ("flash", "cudnn", "efficient", "math")  # of torch; diffusers knows more
HELD = ("resident", "offload", "stream", "fp8", "int8", "nf4")


def told(name: str) -> str:
    """What a variable is set to, in small letters; empty where it is not set."""
    return os.environ.get(name, "").strip().lower()
