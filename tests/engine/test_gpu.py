"""A worker with weights on a CUDA device: killed, and starved."""

from __future__ import annotations

import os
import signal
from queue import Queue

import numpy as np
import pytest

from nodeforge import resources
from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.client import Engine
from nodeforge.engine.execute import execute
from nodeforge.engine.messages import Died, Ended, Event, Failed, Finished, Progress, Start
from nodeforge.graph import file
from nodeforge.graph.document import NodeId
from nodeforge.stages.library import Library

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.gpu
STARTER = file.load(resources.path("graphs/text-to-image.nodeforge"))
SAMPLE, SIZE = NodeId("sample"), NodeId("size")
WAIT = 180  # seconds: the first CUDA context of a machine is slow


def used() -> int:
    """Bytes that all processes use on the device."""
    free, total = torch.cuda.mem_get_info()
    return int(total - free)


def test_a_killed_worker_gives_its_memory_back_and_the_next_run_succeeds() -> None:
    before = used()
    queue: Queue[Event] = Queue()
    engine = Engine(queue.put)
    engine.run(STARTER.set(SAMPLE, steps=1000))
    while True:
        event = queue.get(timeout=WAIT)
        if isinstance(event, Progress) and event.node == SAMPLE and event.step > 20:
            break
    assert used() > before + 2**28
    assert engine.pid
    os.kill(engine.pid, signal.SIGKILL)
    while not isinstance(event, Died):
        event = queue.get(timeout=WAIT)
    assert event.node == SAMPLE
    engine.run(STARTER)
    finished = set()
    while not isinstance(event, Ended):
        event = queue.get(timeout=WAIT)
        if isinstance(event, Finished):
            finished.add(event.node)
    assert not event.failed
    assert NodeId("view") in finished
    engine.close()
    assert used() < before + 2**27


def test_too_large_a_picture_is_explained_and_the_next_one_is_made() -> None:
    library, cache = Library.installed(), MemoryCache(2**30)
    whole = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(2**29 / whole)
    try:
        events: list[Event] = []
        large = STARTER.set(SIZE, width=4096, height=4096).set(SAMPLE, steps=1)
        execute(Start(1, large), library, cache, events.append)
        (failed,) = [event for event in events if isinstance(event, Failed)]
        assert failed.node == SAMPLE
        assert "no room left" in failed.message
        assert "make the picture smaller" in failed.message
        print("\nout of memory:", failed.message)  # noqa: T201 - shown with -s
        events.clear()
        execute(Start(2, STARTER), library, cache, events.append)
        assert not [event for event in events if isinstance(event, Failed)]
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_a_batch_that_does_not_fit_at_once_is_made_one_by_one() -> None:
    from nodeforge.diffusion import sampling
    from nodeforge.diffusion.pool import pool
    from nodeforge.stages.load import load_model
    from nodeforge.values import Latent

    model = load_model()
    words = sampling.encode_prompt(model, "a red house")
    settings = sampling.Settings(steps=2, guidance=1.0)
    whole = torch.cuda.get_device_properties(0).total_memory
    many = Latent(512, 512, batch=96)
    pool().free()
    torch.cuda.set_per_process_memory_fraction(3 * 2**29 / whole)
    try:
        made = sampling.sample(model, words, None, many, settings)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert made.samples is not None
    assert made.samples.shape == (96, 4, 64, 64)
    assert np.isfinite(made.samples.float().numpy()).all()
