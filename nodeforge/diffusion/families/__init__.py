"""Every family of models NodeForge can run: one module each, found by the class in model_index.

A new one is a module here, called as its entry in `nodeforge.families.table`, that makes a
`Family` of the same name in capitals: see docs/families.md.
"""

from __future__ import annotations

from importlib import import_module

from nodeforge.diffusion.family import Family
from nodeforge.families import table


def _made(id: str) -> Family:
    name = id.replace("-", "_")
    found: Family = getattr(import_module(f"{__name__}.{name}"), name.upper())
    return found


FAMILIES: dict[str, Family] = {id: _made(id) for id in table.FAMILIES}


def family_of(pipeline: str) -> Family | None:
    """The family that runs checkpoints whose model_index.json names this pipeline class."""
    return next((f for f in FAMILIES.values() if pipeline in f.entry.classes), None)
