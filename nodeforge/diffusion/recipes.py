"""From what an artist typed to a `Model`: a recipe, made from headers alone, never from weights.

A model is a diffusers folder (model_index.json and one folder per component, with weights in
safetensors) or a single file, maybe with others beside it. A folder in `resources/models` goes by
its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nodeforge import resources
from nodeforge.diffusion import parts, single, supplies
from nodeforge.diffusion.families import FAMILIES, family_of, other
from nodeforge.diffusion.family import Family
from nodeforge.diffusion.parts import Part, check_weights, file_print, lone, read_json
from nodeforge.errors import BadModel, MissingModel
from nodeforge.values import Model

__all__ = ["Part", "check_weights", "file_print", "lone"]
EMBEDDED = "forge-tiny"
_PICKLES = (".ckpt", ".pt", ".pth", ".bin")


def resolve(
    file: str, precision: str = "auto", extras: Sequence[str] = (), picked: str = "auto"
) -> Model:
    """The recipe for a folder, a single file, or for an embedded model by name.

    extras: files and folders that bring what the file lacks, or a better one: text encoders, a
    VAE, a whole model to take them from. picked: the family as the artist says; "auto" as the
    model itself does. Reads model_index.json and the headers of the weights,
    which takes milliseconds. Raises MissingModel when nothing is there, BadModel when what is
    there cannot be used.
    """
    root = locate(file)
    found = _family(root, picked)
    names = [
        name
        for name in (*found.text.components, found.pipelines.denoiser, "vae")
        if has(root, name)
    ]
    beside = supplies.assigned(root, index(root), names, extras)
    model = Model(found.id, str(root), "", precision, beside=tuple(beside.items()))
    prints = [_checked(part(model, name)).print for name in names]
    scheduler = file_print(root, root / "scheduler" / "scheduler_config.json")
    digest = hashlib.sha256("".join([*prints, scheduler]).encode()).hexdigest()[:16]
    return replace(model, print=digest)


def _family(root: Path, picked: str = "auto") -> Family:
    """As picked, else as its index or its header tells. Raises BadModel."""
    if picked == other.OTHER.id:
        return _other(root)
    if picked != "auto":
        return _known(root, FAMILIES.get(picked), f"a family called {picked}")
    named = str(index(root).get("_class_name", "an unknown pipeline"))
    if root.is_file():
        return _known(root, FAMILIES.get(single.layout(root).family), named)
    return family_of(named) or _other(root)


def _other(source: Path | Model) -> Family:
    """As its class of diffusers tells. Raises BadModel."""
    name = source.name if isinstance(source, Path) else Path(source.path).name
    return other.made(name, index(source))


def _known(root: Path, family: Family | None, named: str) -> Family:
    if family is None:
        known = ", ".join(f.title for f in FAMILIES.values())
        raise BadModel(
            f"“{root.name}” is made for {named}, which NodeForge cannot run yet: choose a model of "
            f"{known}"
        )
    return family


def locate(file: str) -> Path:
    """The folder that is meant. Raises MissingModel or BadModel."""
    name = file.strip()
    if not name:
        raise MissingModel(f"No model is chosen: choose a folder, or type {EMBEDDED}")
    embedded = resources.path("models") / name
    if name == Path(name).name and embedded.is_dir():
        return embedded
    root = Path(name).expanduser()
    if root.name == "model_index.json":
        root = root.parent
    if not root.exists():
        raise MissingModel(
            f"There is no model “{name}”: choose a file or folder that exists, or type {EMBEDDED}"
        )
    if root.is_file() and not single.packs(root):
        raise BadModel(
            f"“{root.name}” is no model: choose a file in safetensors, or a diffusers folder"
        )
    return root.resolve()


def refuse_pickle(path: Path) -> None:
    """Raise BadModel for a file that could run any program when it is opened."""
    if path.suffix in _PICKLES:
        raise BadModel(
            f"“{path.name}” is a pickle, which could run any program when it is opened: "
            f"choose a file in safetensors"
        )


def _checked(found: Part) -> Part:
    check_weights(found)
    return found


def family(model: Model) -> Family:
    """What sets its family apart; also its own pipeline, where a family has several."""
    found = FAMILIES[model.family]
    if found is other.OTHER:
        return _other(model)
    if not found.entry.variants:
        return found
    return found.of_class(str(index(model).get("_class_name")))


def part(source: Path | Model, name: str) -> Part:
    """One component of a model: of a folder, a single file, or of what a recipe puts beside it.

    Raises MissingModel or BadModel.
    """
    root, beside = _root(source, name)
    if beside:
        return _beside(root, beside, name)
    if root.is_file():
        return single.part(root, name)
    return parts.inside(root, name, index(root))


def config(source: Path | Model, name: str = "") -> Mapping[str, Any]:
    """The config of one component, or of a network that lies alone, read afresh."""
    root, beside = _root(source, name)
    if beside and beside.is_file():
        return single.config(beside, name, single.layout(root))
    if root.is_file() and not beside:
        return single.config(root, name)
    folder = _beside(root, beside, name).folder if beside else root / name
    file = "scheduler_config.json" if name == "scheduler" else "config.json"
    return read_json(folder / file)


def index(source: Path | Model) -> Mapping[str, Any]:
    """What model_index.json says, or would say of a single file. Raises BadModel."""
    root = _root(source, "")[0]
    if root.is_file():
        return single.layout(root).index
    if not root.exists():
        raise MissingModel(
            f"The model “{root.name}” is no longer there: connect its disk again, or choose another"
        )
    if not (root / "model_index.json").is_file():
        raise BadModel(
            f"“{root.name}” is not a model, for it has no model_index.json: choose a diffusers "
            f"folder, a checkpoint in safetensors, or type {EMBEDDED}"
        )
    return read_json(root / "model_index.json")


def has(source: Path | Model, name: str) -> bool:
    """Whether the model has such a component at all: a refiner has one text encoder of two."""
    return (index(source).get(name) or [None])[0] is not None


def _root(source: Path | Model, name: str) -> tuple[Path, Path | None]:
    """The folder or file of a model, and what brings this component instead of it."""
    if isinstance(source, Path):
        return source, None
    found = dict(source.beside).get(name)
    return Path(source.path), Path(found) if found else None


def _beside(root: Path, source: Path, name: str) -> Part:
    if source.is_file():
        return single.part(source, name, single.layout(root))
    if (source / "model_index.json").is_file():
        return parts.inside(source, name, read_json(source / "model_index.json"))
    return parts.lone(source, name)
