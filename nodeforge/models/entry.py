"""One model in the library: where it lies, what it is, and what is known about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nodeforge.families.table import FAMILIES
from nodeforge.models.folders import INVOKE
from nodeforge.models.kinds import UNKNOWN, Kind
from nodeforge.models.sidecars import Beside

PICKLES = (".ckpt", ".pt", ".pth", ".bin")
_SAMPLE = 64 * 2**10  # bytes read at each of three places for a mark


@dataclass(frozen=True)
class Entry:
    """path: a file, or the folder of a diffusers model. stamp: moves when it or a sidecar changes.

    mark: fingerprint from its size and three samples; the same on every machine. size: bytes.
    fault: why it cannot be used. away: its disk is not there now. picked: the family that the
    artist chose for it. remark: the artist's own notes. sha256: "" until it was asked for.
    """

    path: str
    place: str
    program: str
    stamp: str
    size: int = 0
    kind: Kind = field(default_factory=lambda: Kind(UNKNOWN))
    beside: Beside = field(default_factory=Beside)
    mark: str = ""
    fault: str = ""
    away: bool = False
    picked: str = ""
    remark: str = ""
    sha256: str = ""

    @cached_property
    def name(self) -> str:
        """As lists show it: the file without its ending, a folder of the hub as maker/name."""
        if self.program == INVOKE and self.beside.title:
            return self.beside.title  # its files have made-up names
        path = Path(self.path)
        for part in path.parts:
            if part.startswith("models--"):
                return part.removeprefix("models--").replace("--", "/")
        return path.name if self.folder else path.stem

    @property
    def folder(self) -> bool:
        return Path(self.path).suffix.lower() not in (".safetensors", ".gguf", ".sft", *PICKLES)

    @property
    def pickle(self) -> bool:
        return Path(self.path).suffix.lower() in PICKLES

    @property
    def family(self) -> str:
        return self.picked or self.kind.family

    @property
    def badge(self) -> str:
        """The family as a badge shows it, as finely as it is known: SD 1.5, SDXL, Flux dev."""
        found = FAMILIES.get(self.family)
        return found.badge("" if self.picked else self.kind.release) if found else ""

    @property
    def autov2(self) -> str:
        """The short hash that A1111 and Civitai show; "" until it is known."""
        return (self.sha256 or self.beside.sha256)[:10].upper()

    def serves(self, family: str) -> bool:
        """Whether it can be used with models of this family, as far as is known."""
        return self.picked == family if self.picked and family else self.kind.serves(family)


def mark(path: Path, size: int) -> str:
    """16 hexadecimal digits from a file's size and three samples of it; "" if it cannot be read.

    Files that differ somewhere else only have the same: it offers, it proves nothing.
    """
    seen = hashlib.sha256(str(size).encode())
    try:
        with path.open("rb") as file:
            for place in (0, size // 2, max(size - _SAMPLE, 0)):
                file.seek(place)
                seen.update(file.read(_SAMPLE))
    except OSError:
        return ""
    return seen.hexdigest()[:16]
