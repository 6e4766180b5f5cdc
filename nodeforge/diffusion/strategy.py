"""How a model is held so that it fits: a plain rule from sizes and free memory.

From the quickest to the most frugal. The first three give the same picture, bit by bit; the last
three keep the denoiser's numbers with fewer bits, which changes the picture a little.

resident  all of the model stays on the device
offload   its parts take turns there; who waits lies in main memory
stream    of the denoiser only some blocks stay, the others come in turns while it computes
fp8       the denoiser's numbers are kept with 8 bits and computed with as many as before
int8      the same with integers and a scale for each row (needs torchao)
nf4       kept with 4 bits (needs bitsandbytes)
"""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge import ways
from nodeforge.base.units import amount
from nodeforge.errors import BadValue
from nodeforge.ways import HELD

LOSSY = ("fp8", "int8", "nf4")
BLOCKS = 6 * 96 * 2**20  # bytes: a ring of blocks, and what of a model never travels
FP8 = 0.55  # of 16 bits; norms and embeddings keep theirs


@dataclass(frozen=True)
class Need:
    """Bytes. text, denoiser, vae: of weights. working: beside the denoiser while it computes."""

    text: int
    denoiser: int
    vae: int
    working: int

    @property
    def whole(self) -> int:
        return self.text + self.denoiser + self.vae + self.working

    @property
    def largest(self) -> int:
        """What the fullest moment takes if parts take turns."""
        return max(self.text, self.denoiser + self.working, self.vae + self.working)


@dataclass(frozen=True)
class Plan:
    """way: one of HELD. why: the end of a sentence, with the numbers."""

    way: str
    why: str

    def __str__(self) -> str:
        return f"{self.way}: {self.why}"


def choose(need: Need, room: int, ram: int, wish: str = "auto") -> Plan:
    """room: bytes free on the device. ram: bytes free in main memory. wish: one of HELD to have
    that, "auto" for the quickest that fits."""
    if wish != "auto":
        return Plan(wish, "as it is set")
    if need.whole <= room:
        return Plan("resident", f"all {amount(need.whole)} fit into {amount(room)}")
    if need.largest <= room:
        return Plan(
            "offload",
            f"the parts take turns, for {amount(need.whole)} do not fit into {amount(room)} "
            f"at once",
        )
    least = min(BLOCKS, need.denoiser) + need.working
    small = int(need.denoiser * FP8) + need.working
    if need.denoiser > ram and small <= room:
        return Plan(
            "fp8",
            f"8 bits a number, for neither the device ({amount(room)}) nor main memory "
            f"({amount(ram)}) holds the denoiser ({amount(need.denoiser)})",
        )
    tight = "" if least <= room else ", and even that may not fit"
    return Plan(
        "stream",
        f"blocks come in turns, for the denoiser needs {amount(need.denoiser + need.working)} and "
        f"{amount(room)} are free{tight}",
    )


def wish(own: str = "auto") -> str:
    """What the model asks for, else NODEFORGE_MEMORY, else "auto". Raises BadValue."""
    if own != "auto":
        return own
    told = ways.told(ways.MEMORY) or "auto"
    if told not in ("auto", *HELD):
        raise BadValue(f"{ways.MEMORY} is “{told}”: set it to auto, {', '.join(HELD[:-1])} or nf4")
    return told
