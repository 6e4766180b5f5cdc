"""From what an artist typed to a `Model`: a recipe, made from headers alone, never from weights.

A model is a diffusers folder: model_index.json and one folder per component, with weights in
safetensors. A folder in `resources/models` goes by its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nodeforge import resources
from nodeforge.diffusion.families import FAMILIES, family_of
from nodeforge.diffusion.family import Family
from nodeforge.errors import BadModel, MissingModel
from nodeforge.models.header import header
from nodeforge.models.header import short as _short
from nodeforge.values import Model

EMBEDDED = "forge-tiny"
_STEMS = ("diffusion_pytorch_model", "model")
_LIBRARIES = ("diffusers", "transformers")
_PICKLES = (".ckpt", ".pt", ".pth", ".bin")


@dataclass(frozen=True)
class Part:
    """One component of a model: which class of which library reads it, and from which files.

    variant: "fp16" where only such weights are there. weights: empty for a tokenizer. alone: the
    folder is no part of a model, but a network of its own.
    """

    name: str
    folder: Path
    library: str
    cls: str
    variant: str
    weights: tuple[Path, ...]
    files: tuple[Path, ...]
    alone: bool = False

    @property
    def title(self) -> str:
        """As a sentence calls it."""
        if self.alone:
            return f"{self.name} “{self.folder.name}”"
        return f"{self.name} of “{self.folder.parent.name}”"

    @property
    def size(self) -> int:
        """Bytes of its weights on disk."""
        return sum(path.stat().st_size for path in self.weights)

    @property
    def print(self) -> str:
        """Moves when a file of it changes. From sizes and times: nothing is read."""
        return file_print(self.folder, *self.files)


def resolve(file: str, precision: str = "auto") -> Model:
    """The recipe for a folder, or for an embedded model by name.

    Reads model_index.json and the headers of the weights, which takes milliseconds. Raises
    MissingModel when nothing is there, BadModel when what is there cannot be used.
    """
    root = locate(file)
    index = _index(root)
    family = family_of(str(index.get("_class_name")))
    if family is None:
        known = ", ".join(f.title for f in FAMILIES.values())
        raise BadModel(
            f"“{root.name}” is made for {index.get('_class_name', 'an unknown pipeline')}, which "
            f"NodeForge cannot run yet: choose a model of {known}"
        )
    prints = [
        part(root, name).print
        for name in (*family.text, family.denoiser, "vae")
        if _checked(root, name)
    ]
    scheduler = file_print(root, root / "scheduler" / "scheduler_config.json")
    digest = hashlib.sha256("".join([*prints, scheduler]).encode()).hexdigest()[:16]
    return Model(family.id, str(root), digest, precision)


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
    refuse_pickle(root)
    if root.is_file():
        raise BadModel(
            f"“{root.name}” is a single file, which NodeForge cannot read yet: choose the model "
            f"as a diffusers folder (the one that holds model_index.json)"
        )
    if not root.is_dir():
        raise MissingModel(
            f"There is no model “{name}”: choose a folder that exists, or type {EMBEDDED}"
        )
    return root.resolve()


def refuse_pickle(path: Path) -> None:
    """Raise BadModel for a file that could run any program when it is opened."""
    if path.suffix in _PICKLES:
        raise BadModel(
            f"“{path.name}” is a pickle, which could run any program when it is opened: "
            f"choose a file in safetensors"
        )


def family(model: Model) -> Family:
    return FAMILIES[model.family]


def part(root: Path, name: str) -> Part:
    """One component, as model_index.json has it. Raises MissingModel or BadModel."""
    entry = _index(root).get(name)
    folder = root / name
    if not isinstance(entry, list) or len(entry) != 2 or entry[0] not in _LIBRARIES:
        raise BadModel(
            f"The model “{root.name}” names no {name} that diffusers or transformers can read: "
            f"choose another model"
        )
    files = tuple(sorted(p for p in folder.glob("*") if p.is_file()))
    if not files:
        raise MissingModel(f"The model “{root.name}” has no folder {name}: copy it again, whole")
    variant, weights = _weights(root, name, files)
    return Part(name, folder, str(entry[0]), str(entry[1]), variant, weights, files)


def lone(folder: Path, name: str) -> Part:
    """A network that lies in a folder of its own, as its config.json has it; `name` is its kind
    for sentences. Raises MissingModel or BadModel."""
    files = tuple(sorted(p for p in folder.glob("*") if p.is_file()))
    cls = str(_json(folder / "config.json").get("_class_name"))
    variant, weights = _weights(folder, name, files)
    return Part(name, folder, "diffusers", cls, variant, weights, files, alone=True)


def config(root: Path, name: str = "") -> Mapping[str, Any]:
    """The config of one component, or of a network that lies alone, read afresh."""
    return _json(root / name / ("scheduler_config.json" if name == "scheduler" else "config.json"))


def check_weights(found: Part) -> None:
    """Raise BadModel if a file of weights is damaged or cut. Once per version of the file."""
    for path in found.weights:
        _whole(path, path.stat().st_size, path.stat().st_mtime_ns)


def _checked(root: Path, name: str) -> bool:
    check_weights(part(root, name))
    return True


@lru_cache(maxsize=1024)
def _whole(path: Path, size: int, changed: int) -> None:
    """Check a header once per version of the file."""
    header(path)


def _weights(root: Path, name: str, files: tuple[Path, ...]) -> tuple[str, tuple[Path, ...]]:
    """The variant and its files. A folder with pickles only is refused."""
    have = {path.name: path for path in files}
    for variant, stem in ((v, s) for v in ("", "fp16") for s in _STEMS):
        dotted = f".{variant}" if variant else ""
        if whole := have.get(f"{stem}{dotted}.safetensors"):
            return variant, (whole,)
        if index := have.get(f"{stem}.safetensors.index{dotted}.json"):
            return variant, tuple(_shards(root, name, index, have))
    if pickles := [p for p in have if p.endswith((".bin", ".pt", ".ckpt", ".msgpack"))]:
        raise BadModel(
            f"The {name} of “{root.name}” is there only as {pickles[0]}, which could run any "
            f"program when it is opened: get the model in safetensors"
        )
    if "config.json" in have and not name.startswith("tokenizer"):
        raise MissingModel(f"The {name} of “{root.name}” has no weights: copy the model again")
    return "", ()


def _shards(root: Path, name: str, index: Path, have: Mapping[str, Path]) -> Iterator[Path]:
    table = _json(index).get("weight_map")
    if not isinstance(table, dict):
        raise BadModel(f"{_short(index)} lists no weights: copy the model again")
    for shard in sorted({str(s) for s in table.values()}):
        if shard not in have:
            raise MissingModel(
                f"The {name} of “{root.name}” lacks {shard}: copy the model again, whole"
            )
        yield have[shard]


def _index(root: Path) -> Mapping[str, Any]:
    if not (root / "model_index.json").is_file():
        raise BadModel(
            f"“{root.name}” is not a model, for it has no model_index.json: choose a diffusers "
            f"folder, or type {EMBEDDED}"
        )
    return _json(root / "model_index.json")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise MissingModel(f"{_short(path)} is missing: copy the model again, whole") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(f"{_short(path)} cannot be read: copy the model again") from error
    if not isinstance(found, dict):
        raise BadModel(f"{_short(path)} is damaged: copy the model again")
    return found


def file_print(root: Path, *files: Path) -> str:
    """A fingerprint of files below root, from their sizes and times: nothing is read."""
    seen = hashlib.sha256()
    for path in files:
        if path.is_file():
            stat = path.stat()
            seen.update(f"{path.relative_to(root)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]
