"""What the maker wrote into a file about it: modelspec.*, kohya's ss_*, GGUF's general.*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from nodeforge.families.table import FAMILIES, NAMED
from nodeforge.models.kinds import CHECKPOINT, DENOISER, LORA, TEXT, UNKNOWN, Kind

_PLACES = ("modelspec.architecture", "ss_base_model_version", "general.architecture", "base_model")


def family(metadata: Mapping[str, str]) -> str:
    """The family that the notes name; "" if none does."""
    text = " ".join(metadata.get(place, "") for place in _PLACES).lower()
    return next((entry.id for entry in NAMED if re.search(entry.named, text)), "")


def refined(found: Kind, metadata: Mapping[str, str]) -> Kind:
    """What the weights left open, from the notes; the weights are believed first."""
    named = family(metadata)
    if found.kind == UNKNOWN and not found.release:
        found = replace(found, kind=_kind(metadata))
    if not found.family and named and found.kind != TEXT:
        found = replace(found, family=named)
    if found.kind == LORA and named and FAMILIES[named].lora_like == found.family:
        found = replace(found, family=named)
    return replace(
        found,
        prediction=found.prediction or _prediction(metadata),
        variant=found.variant or _variant(found, metadata),
    )


def _kind(metadata: Mapping[str, str]) -> str:
    architecture = metadata.get("modelspec.architecture", "").lower()
    if architecture.endswith("/lora") or "ss_network_module" in metadata:
        return LORA
    if metadata.get("general.architecture", "") in (
        "t5",
        "t5encoder",
        "qwen2vl",
        "qwen3",
        "gemma3",
    ):
        return TEXT
    if family({"general.architecture": metadata.get("general.architecture", "")}):
        return DENOISER
    return UNKNOWN


def _prediction(metadata: Mapping[str, str]) -> str:
    if metadata.get("ss_v_parameterization", "").lower() == "true":
        return "v"
    told = metadata.get("modelspec.prediction_type", "").lower()
    return {"v": "v", "v_prediction": "v", "epsilon": "epsilon"}.get(told, "")


def _variant(found: Kind, metadata: Mapping[str, str]) -> str:
    places = ("modelspec.architecture", "general.name")
    name = " ".join(metadata.get(place, "") for place in places).lower()
    if found.kind not in (CHECKPOINT, DENOISER):
        return ""
    variants = {"inpaint": "inpaint", "kontext": "edit", "edit": "edit", "refiner": "refiner"}
    return next((variant for word, variant in variants.items() if word in name), "")
