"""The crash journal: the unsaved document beside its file, there only while it is unsaved.

Write it after an edit (or a moment later), clear it on saving and on closing. What is left behind
by a writer that is gone can be recovered. It is JSON, never pickle: a file from a stranger may lie
beside a graph, too.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from nodeforge.base.files import write_atomically
from nodeforge.errors import BadFile
from nodeforge.graph.document import Document, new_id
from nodeforge.graph.file import content, current, to_json
from nodeforge.graph.reading import document_from
from nodeforge.graph.text import compact, parse

SUFFIX = ".journal"
DAY = 24 * 3600.0


@dataclass(frozen=True)
class Recovered:
    """file: the graph it belongs to, None for one never saved. written: seconds since 1970."""

    document: Document
    file: Path | None
    written: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Writer:
    """A process, such that another one that later gets the same number is told apart."""

    pid: int
    host: str
    born: str


def journal_folder() -> Path:
    """Where journals of graphs that were never saved lie, as the system has it."""
    home = Path.home()
    if sys.platform == "win32":
        state = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        state = home / "Library" / "Application Support"
    else:
        state = Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state")
    return state / "nodeforge" / "journals"


def journal_path(path: Path | None = None, folder: Path | None = None) -> Path:
    """The journal of this process for a file: beside it, or in `folder` (default as above).

    Without a path it is a new name each time: ask once for each untitled document and keep it.
    """
    if path is None:
        return (folder or journal_folder()) / f".untitled.{os.getpid()}.{new_id()}{SUFFIX}"
    return (folder or path.parent) / f".{path.name[:180]}.{os.getpid()}{SUFFIX}"


def write(journal: Path, document: Document, file: Path | None = None) -> None:
    """Note the document down, in one move; a few milliseconds for a thousand nodes.

    Does not wait for the disk: it is there for our crash, not for a power cut. Makes the folder
    where needed. Raises DiskError.
    """
    me = _me()
    data = {
        "journal": 1,
        "pid": me.pid,
        "host": me.host,
        "born": me.born,
        "written": time.time(),
        "file": str(file.absolute()) if file else None,
        "document": to_json(document),
    }
    with contextlib.suppress(OSError):  # if it matters, writing says it better
        journal.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(journal, compact(data).encode(), durable=False)


def read(journal: Path) -> Recovered:
    """What a journal holds. Raises BadFile."""
    data = _data(journal)
    document, warnings = document_from(current(data.get("document")))
    file, written = data.get("file"), data.get("written")
    return Recovered(
        document,
        Path(file) if isinstance(file, str) and file else None,
        float(written) if isinstance(written, int | float) and 0 <= written < 2**40 else 0.0,
        tuple(warnings),
    )


def clear(journal: Path) -> None:
    """The document is saved or given up. Never raises: a journal left behind does no harm."""
    with contextlib.suppress(OSError):
        journal.unlink(missing_ok=True)


def orphans(folder: Path, of: Path | None = None) -> list[Path]:
    """The readable journals in a folder whose writer is gone, the newest first.

    of: only those of this file. One from another computer counts as left behind after a day.
    """
    found: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):
        for journal in sorted(folder.glob(f".*{SUFFIX}")):
            with contextlib.suppress(BadFile):
                recovered = read(journal)
                theirs = of is None or recovered.file == of.absolute()
                if theirs and _is_gone(_writer(_data(journal)), recovered.written):
                    found.append((recovered.written, journal))
    return [journal for _, journal in sorted(found, reverse=True)]


def _data(journal: Path) -> dict[str, object]:
    data, _ = parse(content(journal))
    if not isinstance(data, dict) or data.get("journal") != 1:
        raise BadFile(f"{journal.name} is no journal of NodeForge: delete it.")
    return data


def _me() -> _Writer:
    return _Writer(os.getpid(), platform.node(), _born(os.getpid()))


def _writer(data: dict[str, object]) -> _Writer:
    pid = data.get("pid")
    known = pid if isinstance(pid, int) and 0 < pid < 2**31 else 0
    return _Writer(known, str(data.get("host")), str(data.get("born")))


def _is_gone(writer: _Writer, written: float) -> bool:
    if writer.host != platform.node():
        return time.time() - written > DAY
    return not (_lives(writer.pid) and writer.born == _born(writer.pid))


def _born(pid: int) -> str:
    """When a process began, in clock ticks; empty where the system does not say it simply."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def _lives(pid: int) -> bool:
    if pid <= 0:
        return False
    if sys.platform == "win32":  # there os.kill would end it
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)  # only to ask about it
        if handle:
            kernel.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it lives, and belongs to somebody else
    return True
