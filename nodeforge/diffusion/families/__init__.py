"""Every family of models NodeForge can run: one module each, found by the class in model_index."""

from __future__ import annotations

from nodeforge.diffusion.families.sd1 import SD1
from nodeforge.diffusion.family import Family

FAMILIES: dict[str, Family] = {family.id: family for family in (SD1,)}


def family_of(pipeline: str) -> Family | None:
    """The family that runs checkpoints whose model_index.json names this pipeline class."""
    return next((f for f in FAMILIES.values() if pipeline in f.classes), None)
