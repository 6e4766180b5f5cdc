"""The head of a GGUF file: metadata and tensors, read with every length distrusted.

Layout: "GGUF", version, counts; then metadata as (name, type, value), then tensors as (name,
sizes innermost first, type, offset), all little-endian. Source: the format's description in ggml.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

from nodeforge.errors import BadModel
from nodeforge.models.header import LIMIT, TENSORS, Header, Tensor, short, spoilt

MAGIC = b"GGUF"
_PLAIN = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# type number: (name, numbers in a block, bytes of a block)
TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
}


class Scroll:
    """Reads forward through a file; anything past its end or past `LIMIT` is damage."""

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self.path, self.file = path, file
        self.left = min(size, LIMIT)

    def take(self, count: int) -> bytes:
        self.left -= count
        found = self.file.read(count) if self.left >= 0 else b""
        if len(found) != count:
            raise BadModel(f"{short(self.path)} is cut short in its header: copy it again")
        return found

    def number(self, code: str) -> int | float:
        form = f"<{code}"
        value: int | float = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def whole(self, code: str = "Q") -> int:
        return int(self.number(code))

    def text(self) -> str:
        return self.take(self.whole()).decode("utf-8", "replace")

    def value(self, kind: int) -> str:
        """One value as text. Of lists only how long they are: vocabularies are lists."""
        if kind == _STRING:
            return self.text()
        if kind in _PLAIN:
            return str(self.number(_PLAIN[kind]))
        if kind != _ARRAY:
            spoilt(self.path, f"it has a value of the unknown type {kind}")
        inner, count = self.whole("I"), self.whole()
        if inner in _PLAIN:
            self.take(count * struct.calcsize(f"<{_PLAIN[inner]}"))
        elif inner == _STRING and count <= LIMIT // 8:
            for _ in range(count):
                self.take(self.whole())
        else:
            spoilt(self.path, "it has a list of lists")
        return f"{count} values"


def read(path: Path, file: BinaryIO, size: int) -> Header:
    """The header of an open GGUF file of `size` bytes. Shapes are outermost first, as in torch.

    Raises BadModel.
    """
    file.seek(len(MAGIC))
    scroll = Scroll(path, file, size)
    version = scroll.whole("I")
    if version not in (2, 3):
        raise BadModel(
            f"{short(path)} is GGUF of version {version}, not 2 or 3: get a newer file of it"
        )
    count, notes = scroll.whole(), scroll.whole()
    if count > TENSORS or notes > TENSORS:
        spoilt(path, f"it lists {count:,} tensors and {notes:,} notes")
    metadata: dict[str, str] = {}
    for _ in range(notes):
        name = scroll.text()
        metadata[name] = scroll.value(scroll.whole("I"))
    tensors: dict[str, Tensor] = {}
    for _ in range(count):
        name, tensor = _tensor(scroll)
        if name in tensors:
            spoilt(path, f"{name[:60]!r} is there twice")
        tensors[name] = tensor
    return _fitted(path, size, file.tell(), tensors, metadata)


def _tensor(scroll: Scroll) -> tuple[str, Tensor]:
    name = scroll.text()
    dims = scroll.whole("I")
    if dims > 8:
        spoilt(scroll.path, f"{name[:60]!r} has {dims} dimensions")
    shape = tuple(scroll.whole() for _ in range(dims))[::-1]
    kind, start = scroll.whole("I"), scroll.whole()
    if kind not in TYPES:
        raise BadModel(
            f"{short(scroll.path)} is quantised in a way NodeForge does not know (type {kind}): "
            f"choose another file of this model, as Q8_0 or Q4_K"
        )
    dtype, block, bytes_ = TYPES[kind]
    count = math.prod(shape)
    if count >= 2**48 or count % block:
        spoilt(scroll.path, f"{name[:60]!r} has an impossible size")
    return name, Tensor(dtype, shape, start, start + count // block * bytes_)


def _fitted(
    path: Path, size: int, here: int, tensors: dict[str, Tensor], metadata: dict[str, str]
) -> Header:
    """All in its place: aligned, one behind the other, inside the file."""
    text = metadata.get("general.alignment", "32")
    align = int(text) if text.isdigit() else 0
    if not 0 < align <= 2**20:
        spoilt(path, "its alignment is impossible")
    data = -(-here // align) * align
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].start):
        if tensor.start < end:
            spoilt(path, f"{name[:60]!r} overlaps another")
        end = tensor.end
    if data + end > size:
        raise BadModel(
            f"{short(path)} is cut short ({size:,} bytes, not {data + end:,}): copy it again"
        )
    return Header(path, size, tensors, metadata, data, "gguf")
