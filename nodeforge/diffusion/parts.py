"""One component of a model: which class reads it, and from which files; found in folders here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from nodeforge.errors import BadModel, MissingModel
from nodeforge.models.header import header, short

LIBRARIES = ("diffusers", "transformers")
_STEMS = ("diffusion_pytorch_model", "model")


@dataclass(frozen=True)
class Piece:
    """A component inside a single file: the start of its tensors' names, and its config, fitted
    to their shapes. size: bytes on disk. count: how many numbers."""

    prefix: str
    config: Mapping[str, Any] = field(hash=False, compare=False)
    size: int = 0
    count: int = 0


@dataclass(frozen=True)
class Part:
    """One component of a model: which class of which library reads it, and from which files.

    variant: "fp16" where only such weights are there. weights: empty for a tokenizer. alone: the
    folder is no part of a model, but a network of its own. piece: where in a single file it is;
    the folder then is the file and the name, and does not exist. words: further arguments for
    from_pretrained.
    """

    name: str
    folder: Path
    library: str
    cls: str
    variant: str
    weights: tuple[Path, ...]
    files: tuple[Path, ...]
    alone: bool = False
    piece: Piece | None = None
    words: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)

    @property
    def title(self) -> str:
        """As a sentence calls it."""
        if self.alone:
            return f"{self.name} “{self.folder.name}”"
        return f"{self.name} of “{self.folder.parent.name}”"

    @property
    def size(self) -> int:
        """Bytes of its weights on disk."""
        return self.piece.size if self.piece else sum(p.stat().st_size for p in self.weights)

    @property
    def packed(self) -> bool:
        """Whether its weights stay in the blocks of a GGUF file, which only move as a whole."""
        return any(path.suffix.lower() == ".gguf" for path in self.weights)

    @property
    def print(self) -> str:
        """Moves when a file of it changes. From sizes and times: nothing is read."""
        own = "".join(f" {name}={value}" for name, value in sorted(self.words.items()))
        return file_print(self.folder, *self.files) + own


def inside(root: Path, name: str, index: Mapping[str, Any]) -> Part:
    """A component of a diffusers folder, as model_index.json has it.

    Raises MissingModel or BadModel.
    """
    entry = index.get(name)
    folder = root / name
    if not isinstance(entry, list) or len(entry) != 2 or entry[0] not in LIBRARIES:
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
    found = read_json(folder / "config.json")
    named = found.get("architectures") if "_class_name" not in found else None
    library, cls = ("transformers", named[0]) if named else ("diffusers", found.get("_class_name"))
    variant, weights = _weights(folder, name, files)
    return Part(name, folder, library, str(cls), variant, weights, files, alone=True)


def check_weights(found: Part) -> None:
    """Raise BadModel if a file of weights is damaged or cut. Once per version of the file."""
    for path in found.weights:
        if path.suffix == ".safetensors":
            _whole(path, path.stat().st_size, path.stat().st_mtime_ns)


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
    table = read_json(index).get("weight_map")
    if not isinstance(table, dict):
        raise BadModel(f"{short(index)} lists no weights: copy the model again")
    for shard in sorted({str(s) for s in table.values()}):
        if shard not in have:
            raise MissingModel(
                f"The {name} of “{root.name}” lacks {shard}: copy the model again, whole"
            )
        yield have[shard]


def read_json(path: Path) -> dict[str, Any]:
    """An object in a file. Raises MissingModel or BadModel."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise MissingModel(f"{short(path)} is missing: copy the model again, whole") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(f"{short(path)} cannot be read: copy the model again") from error
    if not isinstance(found, dict):
        raise BadModel(f"{short(path)} is damaged: copy the model again")
    return found


def file_print(root: Path, *files: Path) -> str:
    """A fingerprint of files below root, from their sizes and times: nothing is read."""
    seen = hashlib.sha256()
    for path in files:
        if path.is_file():
            stat = path.stat()
            name = path.relative_to(root) if path.is_relative_to(root) else path.name
            seen.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]
