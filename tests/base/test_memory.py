"""How much memory there is, on machines made of files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import psutil  # type: ignore[import-untyped]
import pytest

from nodeforge.base import memory

GB = 10**9


def machine(folder: Path, files: Mapping[str, object]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", "ascii")
    return folder


@pytest.fixture(autouse=True)
def sixty_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has 64 GB, of which 40 are free."""
    pages = {"SC_PHYS_PAGES": 64 * 10**6, "SC_PAGE_SIZE": 1000}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__, raising=False)
    found = SimpleNamespace(total=64 * GB, available=40 * GB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: found)


TWO, ONE = "sys/fs/cgroup", "sys/fs/cgroup/memory"
MACHINES: dict[str, tuple[dict[str, object], int, int]] = {
    "no container": ({}, 64, 40),
    "no limit, version 2": ({"proc/self/cgroup": "0::/", f"{TWO}/memory.max": "max"}, 64, 40),
    "no limit, version 1": (
        {
            "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/",
            f"{ONE}/memory.limit_in_bytes": 9223372036854771712,
        },
        *(64, 40),
    ),
    "version 2": (
        {
            "proc/self/cgroup": "0::/",
            f"{TWO}/memory.max": 8 * GB,
            f"{TWO}/memory.current": 5 * GB,
            f"{TWO}/memory.stat": f"anon 7\ninactive_file {2 * GB}\nactive_file 9",
        },
        *(8, 5),
    ),
    "version 1": (
        {
            "proc/self/cgroup": "12:hugetlb:/\n4:memory:/",
            f"{ONE}/memory.limit_in_bytes": 8 * GB,
            f"{ONE}/memory.usage_in_bytes": 5 * GB,
            f"{ONE}/memory.stat": f"cache 1\ntotal_inactive_file {GB}",
        },
        *(8, 4),
    ),
    "a path that only the host has": (
        {"proc/self/cgroup": "0::/docker/abc", f"{TWO}/memory.max": 6 * GB},
        *(6, 6),
    ),
    "a path above what is seen": (
        {"proc/self/cgroup": "0::/../../other", f"{TWO}/memory.max": 6 * GB},
        *(6, 6),
    ),
    "a parent that is narrower": (
        {
            "proc/self/cgroup": "0::/user/app",
            f"{TWO}/user/memory.max": 4 * GB,
            f"{TWO}/user/memory.current": 3 * GB,
            f"{TWO}/user/app/memory.max": 16 * GB,
        },
        *(4, 1),
    ),
    "both versions at once": (
        {
            "proc/self/cgroup": "3:memory:/app\n0::/app",
            f"{ONE}/app/memory.limit_in_bytes": 3 * GB,
            f"{TWO}/unified/app/cgroup.procs": 1,
        },
        *(3, 3),
    ),
    "a limit above the machine": (
        {"proc/self/cgroup": "0::/", f"{TWO}/memory.max": 640 * GB},
        *(64, 40),
    ),
    "more held than allowed": (
        {
            "proc/self/cgroup": "0::/",
            f"{TWO}/memory.max": GB,
            f"{TWO}/memory.current": 2 * GB,
        },
        *(1, 0),
    ),
}


@pytest.mark.parametrize("name", MACHINES)
def test_what_a_container_may_take_is_heeded(name: str, tmp_path: Path) -> None:
    files, total, free = MACHINES[name]
    root = machine(tmp_path, files)
    assert memory.total(root) == total * GB
    assert memory.available(root) == free * GB


def test_a_system_without_such_files_is_asked_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sysconf")
    assert memory.total(tmp_path) == 64 * GB


def test_this_process_holds_some_of_it() -> None:
    assert 10**6 < memory.used() < 10**12
