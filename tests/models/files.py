"""Files of weights without weights: headers as a maker, or an attacker, would write them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodeforge.models.header import BITS

Shapes = Mapping[str, Sequence[int]]


def table(shapes: Shapes, dtype: str = "F16", **metadata: str) -> dict[str, object]:
    """The JSON of a sound header."""
    found: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        size = BITS[dtype]
        for length in shape:
            size *= length
        found[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + size // 8]}
        end += size // 8
    return found


def put(path: Path, head: object, data: int, length: int | None = None) -> Path:
    """A safetensors file of this header (JSON, or bytes as they are) and `data` bytes, sparse."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text) if length is None else length) + text)
        file.truncate(8 + len(text) + data)
    return path


def weights(path: Path, shapes: Shapes, dtype: str = "F16", **metadata: str) -> Path:
    """A sound safetensors file, as large as it says, that takes no room on the disk."""
    head = table(shapes, dtype, **metadata)
    ends = [e["data_offsets"][1] for n, e in head.items() if n != "__metadata__"]  # type: ignore[index]
    return put(path, head, max(ends, default=0))


def text(string: str) -> bytes:
    return struct.pack("<Q", len(string.encode())) + string.encode()


def gguf(
    path: Path,
    tensors: Mapping[str, tuple[Sequence[int], int, int]],
    notes: Mapping[str, str] | None = None,
    data: int = 0,
    *,
    version: int = 3,
    count: int | None = None,
) -> Path:
    """GGUF: name to (shape outermost first, type, offset), with `data` bytes behind the header."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors) if count is None else count, 0)
    notes = notes or {}
    head = head[:16] + struct.pack("<Q", len(notes))
    for name, value in notes.items():
        head += text(name) + struct.pack("<I", 8) + text(value)
    for name, (shape, kind, offset) in tensors.items():
        head += text(name) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *reversed(shape)) + struct.pack("<IQ", kind, offset)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(-(-len(head) // 32) * 32 + data)
    return path
