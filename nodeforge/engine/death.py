"""Why a process ended, in words."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

OUT_OF_MEMORY = 137  # what a shell says of a process that was killed


def killed_for_memory() -> int:
    """How often this system ended a process because memory ran out; 0 where it does not say."""
    for path in ("/proc/vmstat", "/sys/fs/cgroup/memory.events"):
        with suppress(OSError, ValueError):
            for line in Path(path).read_text(encoding="ascii").splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count)
    return 0


def sentence(code: int | None, node: str, starved: bool) -> str:
    """What to tell the artist.

    code: as `multiprocessing` gives it, negative for a signal. node: the title of what was
    running, or empty. starved: whether memory ran out meanwhile.
    """
    during = f" while {node} ran" if node else ""
    again = "Run again" if node else "A new one is starting"
    killed = code is not None and (code == OUT_OF_MEMORY or -code == getattr(signal, "SIGKILL", 9))
    if killed and starved:
        return f"The system ended the worker{during}: memory ran out. Make a smaller picture."
    if killed:
        return f"The worker was killed from outside{during}. {again}."
    if code is not None and code < 0:
        return f"The worker crashed{during} ({_signal(-code)}). {again}."
    return f"The worker stopped{during} (exit code {code}). {again}."


def _signal(number: int) -> str:
    try:
        return signal.strsignal(number) or f"signal {number}"
    except ValueError:
        return f"signal {number}"
