"""A file of weights seen through its table of contents: never the weights themselves.

Safetensors: 8 bytes of length, that many bytes of JSON, then the numbers. Everything in it is the
word of a stranger, so all of it is checked before anybody believes it. GGUF: see gguf.
"""

from __future__ import annotations

import json
import math
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from nodeforge.errors import BadModel

LIMIT = 100 * 2**20  # bytes of a header: safetensors' own limit
TENSORS = 200_000  # the largest model known has some 5,000
BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """dtype as the file names it ("F16", "Q4_K"). start, end: bytes behind the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int = 0
    end: int = 0

    @property
    def count(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """path: the file. size: its bytes. data: where the numbers begin. form: safetensors or gguf.

    metadata: what the maker wrote in it, all of it text.
    """

    path: Path
    size: int
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)
    data: int = 0
    form: str = "safetensors"


def header(path: Path) -> Header:
    """The table of contents of a safetensors or GGUF file; milliseconds, whatever its size.

    Raises BadModel if the file is damaged, cut short, lies about itself, or cannot be read.
    """
    from nodeforge.models import gguf

    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadModel(f"{short(path)} is not a file: choose a model in safetensors")
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            start = file.read(8)
            if start[:4] == gguf.MAGIC:
                return gguf.read(path, file, size)
            return _safetensors(path, file, int.from_bytes(start, "little"), size)
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise BadModel(f"{short(path)} cannot be read: copy it again ({reason})") from error


def short(path: Path) -> str:
    """As a sentence names a file: with the two folders above it."""
    return "/".join(path.parts[-3:])


def spoilt(path: Path, why: str) -> NoReturn:
    """Raise BadModel: the header says something that cannot be."""
    raise BadModel(f"{short(path)} has a damaged header ({why}): copy it again")


def _safetensors(path: Path, file: BinaryIO, length: int, size: int) -> Header:
    if not 2 <= length <= LIMIT:
        raise BadModel(f"{short(path)} is not a safetensors file: copy it again")
    if 8 + length > size:
        raise BadModel(
            f"{short(path)} is cut short ({size:,} bytes, {8 + length:,} or more were meant): "
            f"copy it again"
        )
    table = _table(path, file.read(length))
    metadata = table.pop("__metadata__", {})
    if len(table) > TENSORS:
        spoilt(path, f"it lists {len(table):,} tensors")
    tensors = {name: _tensor(path, name, entry) for name, entry in table.items()}
    end = _end(path, tensors.items())
    if 8 + length + end != size:
        raise BadModel(
            f"{short(path)} is cut short or damaged ({size:,} bytes, not {8 + length + end:,}): "
            f"copy it again"
        )
    return Header(path, size, tensors, _notes(path, metadata), 8 + length)


def _table(path: Path, text: bytes) -> dict[str, Any]:
    if text[:1] != b"{":
        raise BadModel(f"{short(path)} is not a safetensors file: copy it again")
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except KeyError as error:
        spoilt(path, f"{error.args[0][:60]!r} is there twice")
    except (ValueError, RecursionError, MemoryError):
        spoilt(path, "it is not JSON")
    return dict(found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; KeyError if a name in it is there twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise KeyError(Counter(name for name, _ in pairs).most_common(1)[0][0])
    return found


def _tensor(path: Path, name: str, entry: object) -> Tensor:
    if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= entry.keys():
        spoilt(path, f"{name[:60]!r} is described wrongly")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or not _sizes(shape) or not _sizes(offsets):
        spoilt(path, f"{name[:60]!r} is described wrongly")
    if len(offsets) != 2 or offsets[0] > offsets[1]:
        spoilt(path, f"{name[:60]!r} ends before it begins")
    if dtype not in BITS:
        raise BadModel(
            f"{short(path)} holds numbers of the kind {dtype[:20]!r}, which NodeForge does not "
            f"know: choose another file of this model"
        )
    if (math.prod(shape) * BITS[dtype] + 7) // 8 != offsets[1] - offsets[0]:
        spoilt(path, f"{name[:60]!r} has not as many bytes as its shape needs")
    return Tensor(dtype, tuple(shape), *offsets)


def _sizes(numbers: object) -> bool:
    """A list of whole numbers, none below 0 or beyond what any disk holds."""
    return (
        isinstance(numbers, list)
        and len(numbers) <= 16
        and all(type(n) is int and 0 <= n < 2**48 for n in numbers)
    )


def _end(path: Path, tensors: Iterable[tuple[str, Tensor]]) -> int:
    """Where the last tensor ends, if they lie one behind the other without a gap."""
    end = 0
    for name, tensor in sorted(tensors, key=lambda item: (item[1].start, item[1].end)):
        if tensor.start != end:
            between = "overlaps another" if tensor.start < end else "leaves a gap before it"
            spoilt(path, f"{name[:60]!r} {between}")
        end = tensor.end
    return end


def _notes(path: Path, metadata: object) -> dict[str, str]:
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        spoilt(path, "its notes are not text")
    return metadata
