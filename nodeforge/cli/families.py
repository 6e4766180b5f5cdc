"""`nodeforge families`: the kinds of models there are, and what each can do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nodeforge.cli.words import OK, Help, tell

if TYPE_CHECKING:
    from nodeforge.diffusion.family import Family

TASKS = {
    "text_to_image": "text-to-image",
    "image_to_image": "image-to-image",
    "inpaint": "inpaint",
    "references": "edit",
    "controls": "control",
}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge families",
        formatter_class=Help,
        description="List the families of models that can be run: a line each, the id, then what "
        "its models can do.",
    )
    parser.parse_args(argv)
    from nodeforge.diffusion.families import FAMILIES

    width = max(map(len, FAMILIES))
    for family in FAMILIES.values():
        tell(f"{family.id:{width}}  {' '.join(tasks(family))}")
    return OK


def tasks(family: Family) -> Iterator[str]:
    """What at least one kind of checkpoint of this family can do."""
    kinds = [vars(family), *({**vars(family), **variant} for variant in family.variants.values())]
    for field, task in TASKS.items():
        if any(kind[field] and _plain(kind, field) for kind in kinds):
            yield task


def _plain(kind: dict[str, object], field: str) -> bool:
    """A model that needs pictures to edit does nothing from text alone."""
    return field != "text_to_image" or not (kind["references"] and kind["needs_reference"])
