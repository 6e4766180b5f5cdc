"""`nodeforge families`: the kinds of models there are, and what each can do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from nodeforge.cli.words import OK, Help, tell
from nodeforge.families.family_entry import FamilyEntry
from nodeforge.families.table import FAMILIES


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="nodeforge families",
        formatter_class=Help,
        description="List the families of models that can be run: a line each, the id, then what "
        "its models can do.",
    )
    parser.parse_args(argv)
    width = max(map(len, FAMILIES))
    for entry in FAMILIES.values():
        tell(f"{entry.id:{width}}  {' '.join(tasks(entry))}")
    return OK


def tasks(entry: FamilyEntry) -> Iterator[str]:
    """What at least one kind of checkpoint of this family can do."""
    kinds = [entry, *map(entry.of_class, entry.variants)]
    # a model that needs pictures to edit does nothing from text alone
    edits = [kind.edit.references > 0 for kind in kinds]
    needs = [kind.edit.references and kind.edit.needs_reference for kind in kinds]
    can = {
        "text-to-image": any(
            kind.pipelines.text_to_image and not need
            for kind, need in zip(kinds, needs, strict=True)
        ),
        "image-to-image": any(kind.pipelines.image_to_image for kind in kinds),
        "inpaint": any(kind.pipelines.inpaint for kind in kinds),
        "edit": any(edits),
        "control": any(kind.pipelines.controls for kind in kinds),
    }
    return (task for task, does in can.items() if does)
