"""What a lone diffusion model lacks, and where it comes from: files given with Assemble model, else
files in the folders beside it, as other programs keep them (text_encoders, clip, vae).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nodeforge.diffusion import single
from nodeforge.diffusion.parts import read_json
from nodeforge.errors import BadModel, MissingModel, ModelError

FOLDERS = ("text_encoders", "clip", "vae", "VAE")
_WORDS = {
    "CLIPTextModel": "text encoder CLIP-L",
    "CLIPTextModelWithProjection": "text encoder CLIP",
    "T5EncoderModel": "text encoder T5",
}


def assigned(
    root: Path, index: Mapping[str, Any], names: Sequence[str], extras: Sequence[str]
) -> dict[str, str]:
    """The path that brings each component that the model itself does not, or shall not.

    index: the model's. names: the components it needs. Raises MissingModel or BadModel.
    """
    own = [n for n in names if root.is_dir() or single.holds(root, n)]
    found: dict[str, str] = {}
    for extra in filter(None, map(str.strip, extras)):
        path = Path(extra).expanduser()
        free = [name for name in names if name not in found]
        brought = _brought(root, index, path, free, own)
        if not brought:
            raise BadModel(
                f"“{path.name}” brings nothing that “{root.name}” can use: choose a text encoder "
                f"or a VAE of its family"
            )
        found |= dict.fromkeys(brought, str(path.resolve()))
    lacking = [name for name in names if name not in found and name not in own]
    for path in _neighbours(root) if lacking else ():
        for name in _likely(root, path, [n for n in lacking if n not in found])[:1]:
            found[name] = str(path)
    if missing := [name for name in lacking if name not in found]:
        raise MissingModel(_ask(root, index, missing))
    return found


def _brought(
    root: Path, index: Mapping[str, Any], path: Path, names: Sequence[str], own: Sequence[str]
) -> list[str]:
    """The components a chosen file or folder brings; of a whole model only what is lacking."""
    if path.is_file():
        return _fitting(root, index, path, names)[:1]
    if not path.is_dir():
        raise MissingModel(f"There is no “{path}”: choose a file or folder that exists")
    if (path / "model_index.json").is_file():
        there = read_json(path / "model_index.json")
        has = [name for name in names if (there.get(name) or [None])[0] is not None]
        return [name for name in has if name not in own]
    said = read_json(path / "config.json")
    cls = said.get("_class_name") or next(iter(said.get("architectures") or ("",)))
    return [name for name in names if index[name][1] == cls][:1]


def _fitting(root: Path, index: Mapping[str, Any], path: Path, names: Sequence[str]) -> list[str]:
    """Which of these components a file could be, the likeliest first."""
    if root.is_dir():
        known = single.Layout("", index, {}, {}, {})
        return [name for name in names if name == "vae" and single.fits(path, known, name)]
    known = single.layout(root)
    could = [name for name in names if _extra(name) and single.fits(path, known, name)]
    return sorted(could, key=lambda name: not single.fits(path, known, name, exactly=True))


def _likely(root: Path, path: Path, names: Sequence[str]) -> list[str]:
    """Which of these a file is beyond doubt. What cannot be read is no answer here."""
    known = single.layout(root)
    try:
        could = [n for n in names if _extra(n) and single.fits(path, known, n, exactly=True)]
    except ModelError:
        return []
    return could


def _extra(name: str) -> bool:
    return name == "vae" or name.startswith("text_encoder")


def _neighbours(root: Path) -> Iterator[Path]:
    """Weights in the folders beside the file's own, and beside the folders above."""
    for folder in list(root.parents)[:3]:
        for name in FOLDERS:
            for path in sorted((folder / name).glob("*.safetensors")):
                yield path.resolve()


def _ask(root: Path, index: Mapping[str, Any], missing: Sequence[str]) -> str:
    words = [_WORDS.get(index[n][1], n.replace("_", " ")) for n in missing]
    listed = " and no ".join(dict.fromkeys("VAE" if word == "vae" else word for word in words))
    return (
        f"“{root.name}” holds no {listed}: give them with Assemble model (files, or a "
        f"diffusers folder of this family), or put them in folders text_encoders and vae beside it"
    )
