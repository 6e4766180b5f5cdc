"""Which family a denoiser is of, by the names of its tensors and a few of their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nodeforge.families.table import FAMILIES, TOLD
from nodeforge.models.header import Tensor
from nodeforge.models.kinds import DENOISER, Kind

Tensors = Mapping[str, Tensor]


def bare(names: Tensors, prefixes: Sequence[str]) -> Tensors:
    """The tensors below the first of these prefixes that any has, without it; else all."""
    for prefix in prefixes:
        below = {n[len(prefix) :]: t for n, t in names.items() if n.startswith(prefix)}
        if below:
            return below
    return names


def of(names: Tensors) -> Kind | None:
    """The family of a denoiser by its own names, without a prefix; None if it is none."""
    for entry in TOLD:
        for mark in entry.marks:
            if all(name in names for name in mark.names):
                release, variant = entry.release(shapes(names))
                return Kind(
                    DENOISER, entry.id, mark.release or release, variant, layout=mark.layout
                )
    return of_unet(names) if _unet(names) else None


def of_unet(names: Tensors) -> Kind:
    """SD 1, 2 or XL by the width of the words it reads, or, of unusual sizes, by its structure."""
    layout = "diffusers" if "conv_in.weight" in names else "original"
    told = shapes(names)
    for entry in TOLD:
        if (found := entry.unet(told)) is not None:
            return Kind(DENOISER, entry.id, *found, layout=layout)
    return Kind(DENOISER, layout=layout)


def with_text(found: Kind, names: Tensors) -> Kind:
    """What the text encoders and loose marks beside a denoiser tell of it."""
    if "v_pred" in names:
        found = replace(found, prediction="v")
    if "edm_mean" in names:
        found = replace(found, prediction="edm", release="Playground 2.5")
    marks = FAMILIES[found.family].text_marks if found.family else {}
    for prefix, (release, variant) in marks.items():
        if any(name.startswith(prefix) for name in names):
            found = replace(
                found, release=release or found.release, variant=variant or found.variant
            )
    return found


def shapes(names: Tensors) -> dict[str, tuple[int, ...]]:
    return {name: tensor.shape for name, tensor in names.items()}


def _unet(names: Tensors) -> bool:
    plain = "conv_in.weight" in names
    if not plain and "input_blocks.0.0.weight" not in names:
        return False
    return "time_embed.0.weight" in names or (plain and "time_embedding.linear_1.weight" in names)
