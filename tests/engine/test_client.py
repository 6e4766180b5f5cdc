"""The real process, with a pack of its own, killed on purpose."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import Queue
from time import monotonic
from typing import TypeVar

import numpy as np
import pytest

from nodeforge import ways
from nodeforge.engine import client
from nodeforge.engine.client import Engine, remembered_specs
from nodeforge.engine.messages import (
    Died,
    Ended,
    Event,
    Face,
    Failed,
    Fetched,
    Finished,
    Planned,
    Progress,
    Ready,
)
from nodeforge.graph.document import Document, NodeId
from tests.engine.graphs import graph, node

E = TypeVar("E")
# Seconds, only so that what hangs ends: a worker steps back behind all else that a machine does,
# and each loads torch, so that what takes two seconds took fifty beside ten busy programs.
WAIT = 300
FAST = graph(node("a", "solid"), node("b", "invert", image="a"))
SLOW = FAST.add(node("s", "slow", image="b"))
DEADLY = FAST.add(node("s", "die", image="b"))
ROOT = Path(__file__).parents[2]


class Ears:
    """Hears an engine's events and waits for those that a test is about."""

    def __init__(self, chosen: Callable[[], Mapping[str, str]] = dict[str, str]) -> None:
        self.queue: Queue[Event] = Queue()
        self.engine = Engine(self.queue.put, chosen)

    def until(self, kind: type[E], fits: Callable[[E], object] = lambda event: True) -> E:
        while True:
            event = self.queue.get(timeout=WAIT)
            if isinstance(event, kind) and fits(event):
                return event
            assert not (isinstance(event, Ended) and event.failed), "it will not come"

    def running(self, document: Document, id: str = "s") -> int:
        """Start it, and wait until the node works."""
        job = self.engine.run(document)
        self.until(Progress, lambda event: event.node == id and event.job == job)
        return job


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A pack that works and one that does not, installed as packages are."""
    folder = tmp_path_factory.mktemp("packs")
    for name, module in (("toys", "tests.engine.stages"), ("shards", "no_such_module_at_all")):
        info = folder / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[nodeforge.stages]\n{name} = {module}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))  # for workers, which get the path of their parent
        patch.setenv("PYTHONPATH", os.pathsep.join((str(folder), str(ROOT))))
        yield


@pytest.fixture(scope="module")
def shared(packs: None) -> Iterator[Ears]:
    ears = Ears()
    yield ears
    ears.engine.close()


@pytest.fixture
def ears(shared: Ears) -> Ears:
    """One worker for many tests, each finding it idle."""
    while not shared.queue.empty():
        shared.queue.get()
    return shared


def test_ready_says_what_there_is_and_what_is_broken(packs: None) -> None:
    ears = Ears()
    ready = ears.until(Ready)
    assert {"toy.solid", "picture.resize"} <= {spec.id for spec in ready.specs}
    assert list(ready.broken) == ["shards"]
    assert "no_such_module_at_all" in ready.broken["shards"]
    again = ears.until(Ready)  # with torch loaded, the device has its name
    assert again.device != ready.device
    pid = ears.engine.pid
    ears.engine.close()
    assert pid
    assert not _alive(pid)
    assert {spec.id: spec for spec in remembered_specs()} == {s.id: s for s in ready.specs}


def test_a_run_crosses_the_border(ears: Ears) -> None:
    job = ears.engine.run(FAST)
    assert ears.engine.busy
    assert ears.until(Finished).job == job
    assert not ears.until(Ended).failed
    assert not ears.engine.busy


def test_the_full_picture_is_a_file_of_bytes(ears: Ears) -> None:
    ears.engine.run(FAST.set(NodeId("a"), grey_value=1.0))
    done = ears.until(Finished, lambda event: event.node == "b")
    ears.engine.fetch(done.node, "gone")
    ears.engine.fetch(done.node, done.key)
    fetched = ears.until(Fetched)
    assert (fetched.key, fetched.shape) == (done.key, (8, 8, 3))
    pixels = np.fromfile(fetched.path, np.uint8).reshape(fetched.shape)
    assert not pixels.any()
    Path(fetched.path).unlink()


def test_a_plan_is_answered_while_a_run_goes_on(ears: Ears) -> None:
    ears.running(SLOW)
    outdated, number = ears.engine.plan(DEADLY), ears.engine.plan(SLOW)
    planned = ears.until(Planned)
    assert outdated < planned.job == number
    assert planned.fate["s"] == "run"  # type: ignore[index]
    ears.engine.stop()
    assert ears.until(Ended).cancelled


def test_the_newest_job_wins(ears: Ears) -> None:
    old = ears.running(SLOW)
    new = ears.engine.run(FAST)
    ended = ears.until(Ended)
    assert (ended.job, ended.cancelled) == (new, False)
    assert old < new


def test_a_stage_that_kills_the_process_is_named_and_the_next_run_succeeds(ears: Ears) -> None:
    pid = ears.engine.pid
    job = ears.engine.run(DEADLY)
    died = ears.until(Died)
    assert (died.job, died.node) == (job, "s")
    assert died.message == "The worker stopped while Die ran (exit code 3). Run again."
    assert not ears.engine.busy
    ears.engine.run(FAST)
    assert not ears.until(Ended).failed
    assert ears.engine.pid != pid


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_killed_worker_is_replaced_and_the_next_run_succeeds(ears: Ears) -> None:
    job = ears.running(SLOW.rename(NodeId("s"), "Long one"))
    assert ears.engine.pid
    os.kill(ears.engine.pid, signal.SIGKILL)
    died = ears.until(Died)
    assert (died.job, died.node) == (job, "s")
    assert died.message == "The worker was killed from outside while Long one ran. Run again."
    ears.engine.run(FAST)
    assert not ears.until(Ended).failed


def test_restart_ends_a_stage_that_does_not_listen_and_keeps_what_was_made(packs: None) -> None:
    ears = Ears()
    deaf = FAST.add(node("d", "double"), node("s", "deaf", image="b"))
    job = ears.running(deaf)
    ears.engine.stop()
    before = monotonic()
    ears.engine.restart()
    died = ears.until(Died)
    assert (died.job, died.node, died.asked) == (job, "s", True)
    assert monotonic() - before < 5
    assert died.kept >= 3
    ears.until(Ready)
    number = ears.engine.plan(deaf)
    planned = ears.until(Planned, lambda event: event.job == number)
    assert {id: planned.fate[NodeId(id)] for id in "abds"} == {
        **dict.fromkeys("abd", "cached"),
        "s": "run",
    }
    ears.engine.look(number, {NodeId("b"): planned.keys[NodeId("b")]})
    face = ears.until(Face)
    assert face.node == "b"
    assert face.picture is not None
    ears.engine.run(FAST)
    assert ears.until(Finished, lambda event: event.node == "b").cached
    ears.until(Ended)
    ears.engine.renew()
    ears.engine.run(FAST)
    assert not ears.until(Finished).cached, "a worker that is chosen anew begins afresh"
    ears.engine.close()


def test_the_faces_of_results_are_shown_without_a_run(ears: Ears) -> None:
    ears.engine.run(FAST)
    ears.until(Ended)
    number = ears.engine.plan(FAST)
    planned = ears.until(Planned)
    assert planned.fate == {"a": "cached", "b": "cached"}
    ears.engine.look(number, {**planned.keys, NodeId("x"): "gone"})
    faces = {event.node: event for event in (ears.until(Face), ears.until(Face))}
    assert {id: face.key for id, face in faces.items()} == planned.keys
    assert all(face.picture for face in faces.values())


def test_a_plan_that_takes_long_does_not_keep_stop_from_being_heard(
    ears: Ears,
) -> None:
    """As where a disk does not answer."""
    ears.running(SLOW)
    for seconds in (4.0, 30.0, 30.0):
        ears.engine.plan(graph(node("p", "pensive", {"seconds": seconds})))
    ears.engine.stop()
    before = monotonic()
    assert ears.until(Ended).cancelled
    assert monotonic() - before < 3
    last = ears.engine.plan(FAST)
    assert ears.until(Planned).job == last, "and plans that nobody wants any more are not made"


def test_a_renewed_worker_runs_as_is_chosen_now_and_has_nothing_in_its_cache(
    packs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ways.MEMORY, raising=False)
    monkeypatch.setenv(ways.COMPILE, "blocks")
    chosen = {ways.MEMORY: "stream", ways.COMPILE: "whole"}
    ears = Ears(lambda: chosen)
    memory = graph(node("m", "variable", {"name": ways.MEMORY}))
    ears.engine.run(memory)
    assert ears.until(Finished).text == "stream"
    ears.engine.run(memory)
    assert ears.until(Finished).cached
    before = ears.engine.pid
    chosen = {ways.MEMORY: "offload", ways.COMPILE: "whole"}
    ears.engine.renew()
    job = ears.engine.run(memory)  # at once: it waits in the new worker's line
    assert ears.engine.pid != before
    again = ears.until(Finished)
    assert (again.job, again.text, again.cached) == (job, "offload", False)
    ears.engine.run(graph(node("c", "variable", {"name": ways.COMPILE})))
    assert ears.until(Finished).text == "blocks"  # from outside, and that counts
    ears.engine.close()
    assert not _alive(before or 0)
    assert not [event for event in ears.queue.queue if isinstance(event, Died)]


def test_renewing_ends_a_run_without_a_word(ears: Ears) -> None:
    ears.running(SLOW)
    ears.engine.renew()
    assert not ears.engine.busy
    job = ears.engine.run(FAST)
    heard: list[Event] = []
    while not (heard and isinstance(heard[-1], Ended)):
        heard.append(ears.queue.get(timeout=WAIT))
    assert {getattr(event, "job", job) for event in heard} == {job}
    assert not [event for event in heard if isinstance(event, Died)]


def test_a_mistake_of_the_engine_is_news_and_no_death(ears: Ears) -> None:
    hostile = FAST.set(NodeId("a"), size=[1])  # type: ignore[arg-type]
    ears.engine.run(hostile)
    assert ears.until(Failed).node == "a"
    assert ears.until(Ended).failed


def test_a_worker_that_never_starts_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "boot", _stillborn)
    ears = Ears()
    deaths = [ears.until(Died) for _ in range(client.DEATHS)]
    assert deaths[-1].message.endswith("It failed 3 times, so it stays off.")
    assert not ears.engine.busy
    monkeypatch.undo()
    ears.engine.run(FAST)  # to ask for a run is to ask for another try
    ears.until(Ended)
    ears.engine.close()


def _stillborn(connection: object, folder: str, chosen: object) -> None:
    os._exit(7)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_worker_that_is_not_ready_yet_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "boot", _busy)
    engine = Engine(lambda event: None)
    process = engine._process
    engine.close(timeout=WAIT)
    assert process.exitcode == -signal.SIGKILL


def _busy(connection: object, folder: str, chosen: object) -> None:
    threading.Event().wait()


def test_the_worker_follows_its_window_into_the_grave(packs: None) -> None:
    script = (
        "import os, queue\n"
        "from nodeforge.engine.client import Engine\n"
        "from nodeforge.engine.messages import Ready\n"
        "if __name__ == '__main__':\n"
        "    news = queue.Queue()\n"
        "    engine = Engine(news.put)\n"
        f"    while not isinstance(news.get(timeout={WAIT}), Ready): pass\n"
        "    print(engine.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    # The pipe of its error stream closes when the last process that holds it has ended.
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=WAIT, check=False
    )
    assert not _alive(int(ran.stdout))
    assert "leaked" not in ran.stderr


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_what_stages_print_stays_out_of_the_output(packs: None) -> None:
    script = (
        "import queue\n"
        "from nodeforge.engine.client import Engine\n"
        "from nodeforge.engine.messages import Died\n"
        "from tests.engine.test_client import DEADLY\n"
        "if __name__ == '__main__':\n"
        "    news = queue.Queue()\n"
        "    engine = Engine(news.put)\n"
        "    engine.run(DEADLY)\n"
        f"    while not isinstance(news.get(timeout={WAIT}), Died): pass\n"
        "    engine.close()\n"
        "    print('{}')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=WAIT, check=True
    )
    assert ran.stdout == "{}\n"
    assert "this must not disturb anybody" in ran.stderr


def test_the_client_is_light() -> None:
    script = (
        "import sys, nodeforge.engine.client, nodeforge.engine.messages\n"
        "heavy = {'torch', 'numpy', 'PIL', 'nodeforge.stages', 'nodeforge.diffusion'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
