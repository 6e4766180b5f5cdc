"""Tells what a diffusers folder is from its small JSON files, and one header for its precision."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nodeforge.errors import BadModel
from nodeforge.families.foreign import OTHER
from nodeforge.families.table import TOLD
from nodeforge.models.header import header, short
from nodeforge.models.kinds import (
    CHECKPOINT,
    CONTROL,
    DENOISER,
    LORA,
    TEXT,
    UNKNOWN,
    VAE,
    Kind,
)
from nodeforge.models.probe import precision, probe

INDEX, CONFIG = "model_index.json", "config.json"
_LIMIT = 4 * 2**20  # bytes of a config
_VARIANTS = (
    (r"Inpaint", "inpaint"),
    (r"Fill", "fill"),
    (r"Kontext|Edit|Pix2Pix", "edit"),
    (r"Upscale", "upscale"),
    (r"Control", "control"),
)
_DENOISERS = ("unet", "transformer", "prior", "decoder")


def is_model(folder: Path) -> bool:
    """Whether a folder is one model, and not a place where models lie."""
    return (folder / INDEX).is_file() or (folder / CONFIG).is_file()


def folder_kind(folder: Path) -> Kind:
    """What a folder with model_index.json or config.json holds.

    Raises BadModel if neither is there or can be read, or the weights for it are damaged.
    """
    if (folder / INDEX).is_file():
        return _pipeline(folder, config(folder / INDEX))
    if (folder / CONFIG).is_file():
        return _component(folder, config(folder / CONFIG))
    raise BadModel(
        f"“{folder.name}” has neither {INDEX} nor {CONFIG}: choose a diffusers folder or a file"
    )


def config(path: Path) -> dict[str, Any]:
    """A small JSON file. Raises BadModel."""
    try:
        found = json.loads(path.read_bytes()) if path.stat().st_size <= _LIMIT else None
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(f"{short(path)} cannot be read: copy the model again") from error
    if not isinstance(found, dict):
        raise BadModel(f"{short(path)} is damaged: copy the model again")
    return found


def family_of_class(name: str) -> str:
    """The family whose pipelines or networks are called so; OTHER's if none is known."""
    return next((entry.id for entry in TOLD if re.match(entry.class_prefix, name)), OTHER.id)


def weights(folder: Path) -> list[Path]:
    """The files with weights right in a folder."""
    return sorted(folder.glob("*.safetensors"))


def size(folder: Path) -> int:
    """Bytes of all weights in a folder and in those below it."""
    found = (*weights(folder), *folder.glob("*/*.safetensors"))
    return sum(path.stat().st_size for path in found)


def _pipeline(folder: Path, index: Mapping[str, Any]) -> Kind:
    cls = str(index.get("_class_name"))
    found = Kind(CHECKPOINT, family_of_class(cls), layout="diffusers", parts=_held(index))
    found = replace(found, variant=next((v for m, v in _VARIANTS if re.search(m, cls)), ""))
    if index.get("requires_aesthetics_score") is True:
        found = replace(found, variant="refiner")
    inner = next((folder / part for part in _DENOISERS if (folder / part).is_dir()), folder)
    found = _as_the_denoiser(found, _of_weights(inner))
    scheduler = folder / "scheduler" / "scheduler_config.json"
    told = config(scheduler).get("prediction_type", "") if scheduler.is_file() else ""
    return replace(found, prediction={"v_prediction": "v"}.get(told, ""))


def _as_the_denoiser(found: Kind, inner: Kind) -> Kind:
    """The finer things, which the class does not tell, from the denoiser's header."""
    if inner.family != found.family:
        return replace(found, precision=inner.precision)
    return replace(
        found,
        precision=inner.precision,
        release=inner.release,
        variant=inner.variant or found.variant,
    )


def _held(index: Mapping[str, Any]) -> tuple[str, ...]:
    there = {name for name, entry in index.items() if isinstance(entry, list) and any(entry)}
    parts = {
        "denoiser": there & set(_DENOISERS),
        "vae": {name for name in there if name.startswith(("vae", "vqvae", "movq"))},
        "text": {name for name in there if name.startswith("text_encoder")},
    }
    return tuple(part for part, names in parts.items() if names)


def _component(folder: Path, told: Mapping[str, Any]) -> Kind:
    cls = str(told.get("_class_name") or (told.get("architectures") or [""])[0])
    inner = _of_weights(folder)
    if "peft_type" in told:
        return replace(inner, kind=LORA)
    kind = next((kind for mark, kind in _CLASSES if re.search(mark, cls)), UNKNOWN)
    if kind == UNKNOWN:
        return inner
    return replace(inner, kind=kind, layout="diffusers", parts=())


def _of_weights(folder: Path) -> Kind:
    """By the headers of all its files together, since large networks are cut into several."""
    found = Kind(UNKNOWN)
    heads = [header(path) for path in weights(folder)[:64]]
    if heads:
        tensors = {name: tensor for head in heads for name, tensor in head.tensors.items()}
        found = replace(probe(replace(heads[0], tensors=tensors)), precision=precision(tensors))
    return found


_CLASSES = (
    (r"ControlNet|T2IAdapter", CONTROL),
    (r"^Autoencoder|VQModel", VAE),
    (r"Transformer\dDModel|UNet\w*Model", DENOISER),
    (r"CLIPText|T5|Gemma|Qwen\d|Mistral|Llama|CLIPModel", TEXT),
)
