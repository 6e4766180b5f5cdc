"""How models are run, as it may be chosen: by a variable from outside, or in the window.

The names of the variables and what each may be, without torch, so that the window can offer it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from nodeforge.errors import BadValue

COMPILE, ATTENTION, LAST = "NODEFORGE_COMPILE", "NODEFORGE_ATTENTION", "NODEFORGE_CHANNELS_LAST"
MEMORY, LIMIT = "NODEFORGE_MEMORY", "NODEFORGE_GPU_LIMIT"
VARIABLES = (ATTENTION, COMPILE, LAST, MEMORY, LIMIT)
COMPILED = ("off", "blocks", "whole")
ROUTINES = ("flash", "cudnn", "efficient", "math")  # of torch; diffusers knows more
HELD = ("resident", "offload", "stream", "fp8", "int8", "nf4")
LEAST = 2**20  # bytes
_UNITS = {"": 1, "MB": 2**20, "GB": 2**30}


def told(name: str) -> str:
    """What a variable is set to, in small letters; empty where it is not set."""
    return os.environ.get(name, "").strip().lower()


def size(text: str, total: Callable[[], int]) -> int:
    """Bytes meant by "6000000000", "6 GB", "half" or "40 %"; 0 for no text: no limit.

    total: bytes there are, asked only for a share. Raises BadValue.
    """
    text = text.strip().lower().replace("half", "50 %").replace(",", ".")
    if not text:
        return 0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(gb|mb|%|)", text)
    if found:
        number, unit = float(found[1]), found[2].upper()
        if unit == "%" and 1 <= number <= 100:
            return int(total() * number / 100)
        if unit != "%" and number * _UNITS[unit] >= LEAST:  # 12 is not meant to be 12 bytes
            return int(number * _UNITS[unit])
    raise BadValue("write a size such as 12 GB or half, or nothing for all")
