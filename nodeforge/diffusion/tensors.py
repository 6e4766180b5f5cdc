"""A file of weights as a table of tensors, and any of them read without the rest.

Safetensors and GGUF are read with plain reads, never mapped: a disk that goes away is an error to
tell of, not the end of the process, and a model holds no file open. Pickles go through
`torch.load(weights_only=True)`, which runs nothing.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from nodeforge.errors import BadModel, MissingModel
from nodeforge.models.header import Tensor, header, short

PICKLES = (".ckpt", ".pt", ".pth", ".bin")
_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
FLOAT8 = (torch.float8_e4m3fn, torch.float8_e5m2)


@dataclass(frozen=True, eq=False)
class Table:
    """What is in a file: `header` with pickles besides, whose form is "pickle"."""

    path: Path
    form: str
    entries: Mapping[str, Tensor]
    metadata: Mapping[str, str]
    data: int = 0

    def shape(self, name: str) -> tuple[int, ...]:
        """As torch sees it; () for what is not there."""
        return self.entries[name].shape if name in self.entries else ()

    def size(self, names: Iterable[str]) -> int:
        """Bytes of these tensors on disk."""
        return sum(self.entries[name].end - self.entries[name].start for name in names)


def table(path: Path) -> Table:
    """What is in a file, read once per version of it. Raises MissingModel or BadModel."""
    try:
        stat = path.stat()
    except OSError as error:
        raise MissingModel(f"There is no file {short(path)}: choose one that exists") from error
    return _table(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _table(path: Path, size: int, changed: int) -> Table:
    if path.suffix.lower() in PICKLES:
        return _pickle_table(path)
    found = header(path)
    return Table(path, found.form, found.tensors, found.metadata, found.data)


def read(
    source: Table, names: Iterable[str], dtype: torch.dtype | None = None
) -> dict[str, torch.Tensor]:
    """These tensors, on the CPU; what is a float becomes `dtype` as it is read, so that memory
    holds one copy. What GGUF has packed stays packed.

    Raises MissingModel when the file went away, BadModel when it is cut or damaged.
    """
    names = sorted(names, key=lambda name: source.entries[name].start)
    if source.form == "pickle":
        state = _unpickled(source.path)
        return {name: _cast(state[name], dtype) for name in names}
    make = _packed if source.form == "gguf" else _plain
    found: dict[str, torch.Tensor] = {}
    try:
        with source.path.open("rb", buffering=0) as file:
            for name in names:
                entry = source.entries[name]
                found[name] = make(_bytes(file, source.data + entry.start, entry), entry, dtype)
    except EOFError as error:
        raise BadModel(f"{short(source.path)} is cut short: copy it again") from error
    except OSError as error:
        raise MissingModel(
            f"{short(source.path)} went away while it was read: connect its disk again and run "
            f"once more ({error.strerror or error})"
        ) from error
    return found


def _bytes(file: Any, start: int, entry: Tensor) -> torch.Tensor:
    """uint8, flat. Raises EOFError where the file ends too early."""
    raw = torch.empty(entry.end - entry.start, dtype=torch.uint8)
    rest: Any = memoryview(raw.numpy().data)
    file.seek(start)
    while rest:
        got = file.readinto(rest)
        if not got:
            raise EOFError
        rest = rest[got:]
    return raw


def _plain(raw: torch.Tensor, entry: Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    if entry.dtype not in _DTYPES:
        raise BadModel(f"The weights are stored as {entry.dtype}, which torch does not know")
    return _cast(raw.view(_DTYPES[entry.dtype]).reshape(entry.shape), dtype)


def _cast(tensor: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    return tensor.to(dtype) if dtype and tensor.is_floating_point() else tensor


def _packed(raw: torch.Tensor, entry: Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    from diffusers.quantizers.gguf.utils import SUPPORTED_GGUF_QUANT_TYPES, GGUFParameter
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    kind = GGMLQuantizationType[entry.dtype]
    if entry.dtype in ("F32", "F16"):
        return raw.view(_DTYPES[entry.dtype]).reshape(entry.shape)
    if kind not in SUPPORTED_GGUF_QUANT_TYPES:
        raise BadModel(
            f"The weights are packed as {entry.dtype}, which diffusers cannot read: choose another "
            f"GGUF of this model, as Q8_0 or Q4_K"
        )
    block, size = GGML_QUANT_SIZES[kind]
    shape = (*entry.shape[:-1], entry.shape[-1] // block * size)
    packed: torch.Tensor = GGUFParameter(raw.reshape(shape), quant_type=kind)
    return packed


def _pickle_table(path: Path) -> Table:
    entries = {
        name: Tensor(str(each.dtype), tuple(each.shape), 0, each.numel() * each.element_size())
        for name, each in _unpickled(path, "meta").items()
    }
    return Table(path, "pickle", entries, {})


def _unpickled(path: Path, where: str = "cpu") -> dict[str, torch.Tensor]:
    """The tensors of a pickle, read by torch's own reader that runs nothing; else refused."""
    try:
        state = torch.load(path, map_location=where, weights_only=True)
    except pickle.UnpicklingError as error:
        raise BadModel(
            f"“{path.name}” is a pickle that holds more than weights, and could run any program "
            f"when it is opened: choose a file in safetensors"
        ) from error
    except OSError as error:
        raise MissingModel(f"{short(path)} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged pickle raises anything
        raise BadModel(f"{short(path)} is damaged: copy it again") from error
    for within in ("state_dict", "state_dict", "string_to_param"):  # the last, of embeddings
        if isinstance(state, dict) and isinstance(state.get(within), dict):
            state = state[within]
    if not isinstance(state, dict):
        raise BadModel(f"“{path.name}” holds no weights: choose another file")
    return {str(k): v for k, v in state.items() if isinstance(v, torch.Tensor)}
