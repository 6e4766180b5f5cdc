"""Each step of a run told as it is done, without stopping the GPU for it.

A GPU works behind the program that feeds it. There, a step is told when the next one has been
sent: so the GPU never waits, what is said is at most a step late, and the program is never further
ahead than that, so that a cancelled run ends soon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nodeforge.diffusion import previews
from nodeforge.diffusion.family import Colours
from nodeforge.diffusion.job import Step


@dataclass(eq=False)
class Teller:
    """step: as `Run.step`. steps: how many there are. colours: of previews."""

    step: Step
    steps: int
    colours: Colours
    _late: tuple[int, Tensor, Any] | None = None

    def tell(self, done: int, on: str, grid: Callable[[], Tensor]) -> None:
        """So many steps are done. on: the kind of device. grid: makes the latents that the
        denoiser has in mind, (batch, channels, h, w), where they are computed."""
        if on != "cuda":
            self.step(done, self.steps, lambda: previews.picture(grid(), self.colours))
            return
        seen = grid().detach().float()
        copy = torch.empty(seen.shape, dtype=seen.dtype, pin_memory=True)
        copy.copy_(seen, non_blocking=True)
        ready: Any = torch.cuda.Event()  # type: ignore[no-untyped-call]
        ready.record()
        late, self._late = self._late, (done, copy, ready)
        self._say(late)

    def finish(self) -> None:
        """Tell the last step, too."""
        late, self._late = self._late, None
        self._say(late)

    def _say(self, late: tuple[int, Tensor, Any] | None) -> None:
        if late is not None:
            done, copy, ready = late
            ready.synchronize()
            self.step(done, self.steps, lambda: previews.picture(copy, self.colours))
