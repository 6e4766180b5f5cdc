"""What is known of a family of models without torch: its names, and the marks it is told by."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from nodeforge.families.modules import Modules

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]  # of the tensors in a file, by name
NONE = r"(?!)"  # a pattern that nothing fits
Release: TypeAlias = tuple[str, str]  # a finer name as "2.x", a variant as "inpaint"; "" unknown


@dataclass(frozen=True)
class TensorMark:
    """Names of tensors that are all in the denoiser of a family. layout: whose names they are,
    "original" (the makers') or "diffusers". release: what of the family it is."""

    layout: str
    names: tuple[str, ...]
    release: str = ""


@dataclass(frozen=True)
class Pipelines:
    """The classes of diffusers that run a family, empty where there is none.

    denoiser: the component that denoises, as model_index.json names it. inpaint: keeps what a mask
    does not cover. controls: classes of the control networks that can guide it.
    """

    text_to_image: str = ""
    image_to_image: str = ""
    inpaint: str = ""
    denoiser: str = "transformer"
    controls: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Editing:
    """What a family reads of the pictures that a prompt speaks of.

    references: how many it takes at most. needs_reference: whether it draws with none.
    least_reference: pixels that each has at least on a side. repeats: whether the pipeline repeats
    one prompt for a batch, and takes no more.
    """

    references: int = 0
    needs_reference: bool = True
    least_reference: int = 1
    repeats: bool = False


@dataclass(frozen=True)
class Limits:
    """What a family can do, and what not.

    multiple: of how many pixels its pipeline asks sides to be, whatever its VAE. negates: whether
    it takes a negative prompt. weighs: whether weights of words in a prompt can act. learns:
    whether prompts may use the words of embeddings. splits: whether a drawing may be left
    unfinished, and another model go on. fills: whether it was trained to fill, and does nothing
    else. coarse: whether a mask covers whole patches, not single latent cells.
    """

    multiple: int = 8
    negates: bool = True
    weighs: bool = True
    learns: bool = False
    splits: bool = False
    fills: bool = False
    coarse: bool = False


def no_release(shapes: Shapes) -> Release:
    return "", ""


def no_unet(shapes: Shapes) -> Release | None:
    return None


def no_lora(structure: str, modules: Modules) -> str | None:
    return None


def one_file(config: Mapping[str, Any], names: Container[str]) -> str | None:
    """The resource is called as the family."""
    return ""


@dataclass(frozen=True)
class FamilyEntry:
    """The table's entry of one family.

    id: as files and recipes name it. title: as sentences name it. short: as a badge shows it.
    classes: the pipeline classes in model_index.json that mean this family and that run.
    variants: for some of these the records (pipelines, edit, limits) that are otherwise, as for a
    model that edits.
    class_prefix: a pattern of how the names of its pipelines and networks in diffusers begin.
    named: a pattern of how makers name it in a file's notes, in small letters. precedence: a
    family whose models bear the marks of another as well is looked for before it, so has more.
    badges: for releases that a badge shows, what it shows; badge_is_release: any of them, as it is.

    marks: of its denoiser. unet: release and variant of a UNet of this family, None for another.
    release: the same for a denoiser with one of the marks. text_marks: how names of tensors beside
    the denoiser begin that tell release and variant. lora: the release of a LoRA, by how its
    modules are built (see `nodeforge.models.adapters`), None for one of another family. lora_like:
    another family whose LoRAs look the same; the notes decide. control_prefixes: how names in its
    control networks begin. t2i_channels: what its T2I-Adapters read. embedding_names: of the
    tensors in an embedding; text_widths: how wide its text encoders are, with the release.
    vae: what kind of VAE it has: "4", "16" or "32" channels, "video" or "deep".

    network: the class in diffusers of a denoiser that may come in one file; "" if none may.
    resource: which file in resources/families describes it, by the config that shapes tell and
    the names of tensors: "" is the family's own, None that it is of another family.
    """

    id: str
    title: str
    short: str
    classes: frozenset[str] = frozenset()
    pipelines: Pipelines = field(default_factory=Pipelines)
    edit: Editing = field(default_factory=Editing)
    limits: Limits = field(default_factory=Limits)
    variants: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]], hash=False
    )
    class_prefix: str = NONE
    named: str = NONE
    precedence: int = 0
    badges: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    badge_is_release: bool = False
    marks: tuple[TensorMark, ...] = ()
    unet: Callable[[Shapes], Release | None] = no_unet
    release: Callable[[Shapes], Release] = no_release
    text_marks: Mapping[str, Release] = field(default_factory=dict[str, Release], hash=False)
    lora: Callable[[str, Modules], str | None] = no_lora
    lora_like: str = ""
    control_prefixes: tuple[str, ...] = ()
    t2i_channels: tuple[int, ...] = ()
    embedding_names: frozenset[str] = frozenset()
    text_widths: Mapping[int, str] = field(default_factory=dict[int, str], hash=False)
    vae: str = ""
    network: str = ""
    resource: Callable[[Mapping[str, Any], Container[str]], str | None] = one_file

    def badge(self, release: str) -> str:
        """The family as finely as it is known, as a badge shows it: SD 1.5, SDXL, Flux dev."""
        if self.badge_is_release:
            return release or self.short
        return self.badges.get(release, self.short)

    def of_class(self, pipeline: str) -> FamilyEntry:
        """What is known of models whose model_index.json names this pipeline class."""
        return replace(self, **self.variants.get(pipeline, {}))
