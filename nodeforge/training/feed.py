"""An endless stream of scenes: captions and layouts from worker processes, pictures on the device.

Composing a picture from sprites needs the device; choosing what is on it needs only numpy, and
is done by processes that are forked before CUDA starts.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nodeforge.training import nets, ranks
from nodeforge.training.data.sprites import read
from nodeforge.training.loop import Settings
from nodeforge.training.scenes import backdrops
from nodeforge.training.scenes.compose import Compositor
from nodeforge.training.scenes.sampler import Diet, Sampler
from nodeforge.training.scenes.scene import Batch, batch

CHUNK = 256  # scenes a worker makes at a time
AHEAD = 48  # chunks that may wait
APART = 10**12  # between the seeds of two processes of one run: they never meet

Made = tuple[Batch, list[str], NDArray[np.int16]]


@dataclass(frozen=True)
class Taken:
    """A number of scenes.

    Attributes:
        pictures: [n, 3, size, size] float32 on the device, -1..1.
        captions: n sentences.
        ids: [n, 77] int64 on the device.
    """

    pictures: Tensor
    captions: list[str]
    ids: Tensor


class Feed:
    """Scenes without end.

    Args:
        settings: Folder of the pack, device, seed, workers.
        size: Pixels of a side.
        diet: Which scenes.
        count: Backdrops to draw from; the bank is kept beside the pack.
        seed: Added to the seed of the settings: feeds of one run must not repeat each other.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        size: int = 256,
        diet: Diet | None = None,
        count: int = 6000,
        seed: int = 0,
    ) -> None:
        count = 40 if settings.small else count
        chunk = 8 if settings.small else CHUNK
        self.size, self.device = size, settings.device
        self.pack = read(settings.data, processes=max(1, settings.workers))
        self.bank = bank(settings.data, count, max(1, settings.workers))
        self.diet = diet or Diet()
        start = (settings.seed * 1009 + seed) * 10**9 + ranks.rank() * APART
        self.processes: list[BaseProcess] = []
        self.made = self.start(start, chunk, settings.workers)
        self.compositors: dict[int, Compositor] = {}
        self.waiting: dict[int, Taken] = {}

    def start(self, seed: int, chunk: int, workers: int) -> Iterator[Made]:
        """Made scenes, from this process or from others."""
        light = replace(self.pack, pictures=self.pack.pictures[:0])
        sampler = Sampler(light, self.bank.kinds, self.diet)
        if not workers:
            return make(sampler, seed, chunk, 0, 1)
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        context = multiprocessing.get_context("fork")
        queue: Queue[Made] = context.Queue(AHEAD)
        for index in range(workers):
            process = context.Process(
                target=work, args=(queue, sampler, seed, chunk, index, workers), daemon=True
            )
            process.start()
            self.processes.append(process)
        return iter(queue.get, None)

    def compositor(self, size: int) -> Compositor:
        if size not in self.compositors:
            self.compositors[size] = Compositor(self.pack, self.bank, self.device, size)
        return self.compositors[size]

    def take(self, count: int, size: int | None = None) -> Taken:
        """The next scenes, at this feed's size or another."""
        size = size or self.size
        parts: list[Taken] = []
        held = 0
        if rest := self.waiting.pop(size, None):
            parts, held = [rest], len(rest.captions)
        while held < count:
            parts.append(self.compose(size))
            held += len(parts[-1].captions)
        pictures = torch.cat([part.pictures for part in parts])
        ids = torch.cat([part.ids for part in parts])
        captions = [caption for part in parts for caption in part.captions]
        if held > count:
            self.waiting[size] = Taken(pictures[count:], captions[count:], ids[count:])
        return Taken(pictures[:count], captions[:count], ids[:count])

    @torch.no_grad()
    def compose(self, size: int) -> Taken:
        scenes, captions, ids = next(self.made)
        pictures = self.compositor(size)(scenes) * 2 - 1
        return Taken(pictures, captions, torch.from_numpy(ids.astype(np.int64)).to(self.device))

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()
        self.processes = []


def bank(folder: Path, count: int, processes: int) -> backdrops.Bank:
    """The backdrops that lie beside a pack; drawn and kept there the first time."""
    path = folder / f"backdrops-{count}.npz"
    if path.exists():
        return backdrops.load(path)
    made = backdrops.make(count, seed=1, processes=processes)
    if ranks.first():
        backdrops.save(made, path)
    return made


def make(sampler: Sampler, seed: int, chunk: int, index: int, step: int) -> Iterator[Made]:
    """Scenes of consecutive seeds, every `step`th chunk of them."""
    tokenizer = nets.tokenizer()
    while True:
        scenes = [sampler.sample(seed + index * chunk + place) for place in range(chunk)]
        captions = [scene.caption for scene in scenes]
        yield batch(scenes), captions, nets.ids(tokenizer, captions).numpy().astype(np.int16)
        index += step


def work(queue: Queue[Made], sampler: Sampler, *places: int) -> None:
    """A worker process: it ends with its parent."""
    torch.set_num_threads(1)
    for made in make(sampler, *places):
        queue.put(made)
