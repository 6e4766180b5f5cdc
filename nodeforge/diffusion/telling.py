"""Each step of a run told as it is done, without stopping the GPU for it.

A GPU works behind the program that feeds it. There, a step is told as soon as it is found done
when a later one is sent. The program waits for the GPU only where it is too far ahead: by a step,
or where steps are quick by as many as take AHEAD. So the GPU never waits, what is said is hardly
late, and a cancelled run ends soon.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from nodeforge.diffusion import previews
from nodeforge.diffusion.family import Colours
from nodeforge.diffusion.job import Step

AHEAD, MOST = 0.25, 4  # seconds; steps


@dataclass(eq=False)
class Teller:
    """step: as `Run.step`. steps: how many there are. colours: of previews. seen: columns and rows
    of cells, also in parts of one, that the picture covers."""

    step: Step
    steps: int
    colours: Colours
    seen: tuple[float, float]
    _late: deque[tuple[int, Tensor, Any]] = field(default_factory=deque[tuple[int, Tensor, Any]])
    _began: float = 0.0
    _sent: int = 0

    def tell(self, done: int, on: str, grid: Callable[[], Tensor]) -> None:
        """So many steps are done. on: the kind of device. grid: makes the latents that the
        denoiser has in mind, (batch, channels, h, w), where they are computed."""
        if on != "cuda":
            self.step(done, self.steps, lambda: previews.picture(grid(), self.colours, self.seen))
            return
        seen = grid().detach().float()
        copy = _pinned(seen)
        copy.copy_(seen, non_blocking=True)
        ready: Any = torch.cuda.Event()  # type: ignore[no-untyped-call]
        ready.record()
        self._late.append((done, copy, ready))
        most = self._ahead()
        while self._late and (len(self._late) > most or self._late[0][2].query()):
            self._say()

    def finish(self) -> None:
        """Tell the last steps, too."""
        while self._late:
            self._say()

    def _ahead(self) -> int:
        """How many steps may have been sent and not told."""
        now = perf_counter()
        if not self._sent:
            self._began = now
        each = (now - self._began) / self._sent if self._sent else AHEAD
        self._sent += 1
        return min(max(int(AHEAD / max(each, 1e-6)), 1), MOST)

    def _say(self) -> None:
        done, copy, ready = self._late.popleft()
        ready.synchronize()
        self.step(done, self.steps, lambda: previews.picture(copy, self.colours, self.seen))


def _pinned(like: Tensor) -> Tensor:
    """Main memory that a GPU can write to while the program goes on."""
    return torch.empty(like.shape, dtype=like.dtype, pin_memory=True)
