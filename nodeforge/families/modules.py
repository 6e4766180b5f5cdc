"""Module names of a LoRA or a control network, with the widths of what changes them."""

from __future__ import annotations

import re


class Modules(dict[str, list[int]]):
    """Module names with underscores, each with [inputs, outputs] of its change; 0: not told."""

    def width(self, *parts: str) -> int:
        """Inputs of the first module whose name has the first of these parts that tells; else 0."""
        widths = (io[0] for part in parts for name, io in self.items() if part in name and io[0])
        return next(widths, 0)

    def ratio(self, part: str) -> int:
        """Outputs by inputs of the first module that has this part; else 0."""
        found = (io for name, io in self.items() if part in name and io[0] and io[1])
        return next((io[1] // io[0] for io in found), 0)

    def has(self, *parts: str) -> bool:
        return any(part in name for name in self for part in parts)

    def last(self, part: str) -> int:
        """The highest number behind this part of a name; -1 if none has it."""
        numbers = (re.search(rf"{part}_(\d+)", name) for name in self)
        return max((int(n[1]) for n in numbers if n), default=-1)
