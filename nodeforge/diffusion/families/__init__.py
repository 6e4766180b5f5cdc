"""Every family of models NodeForge can run: one module each, found by the class in model_index.

A new one is a module here that makes a `Family` of its entry in `nodeforge.families.table`: see
docs/families.md.
"""

from __future__ import annotations

from nodeforge.diffusion.families.chroma import CHROMA
from nodeforge.diffusion.families.flux import FLUX
from nodeforge.diffusion.families.flux2 import FLUX2
from nodeforge.diffusion.families.lumina2 import LUMINA2
from nodeforge.diffusion.families.other import OTHER
from nodeforge.diffusion.families.pixart import PIXART
from nodeforge.diffusion.families.qwen_image import QWEN_IMAGE
from nodeforge.diffusion.families.sana import SANA
from nodeforge.diffusion.families.sd1 import SD1
from nodeforge.diffusion.families.sd3 import SD3
from nodeforge.diffusion.families.sdxl import SDXL
from nodeforge.diffusion.families.z_image import Z_IMAGE
from nodeforge.diffusion.family import Family

_ALL = (
    SD1,
    SDXL,
    SD3,
    FLUX,
    FLUX2,
    Z_IMAGE,
    QWEN_IMAGE,
    CHROMA,
    SANA,
    PIXART,
    LUMINA2,
    OTHER,
)
FAMILIES: dict[str, Family] = {family.id: family for family in _ALL}


def family_of(pipeline: str) -> Family | None:
    """The family that runs checkpoints whose model_index.json names this pipeline class."""
    return next((f for f in FAMILIES.values() if pipeline in f.entry.classes), None)
