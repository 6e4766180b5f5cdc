"""What is known of every model, kept in SQLite from one start to the next.

A cache: it can be thrown away at any time, and is when it is damaged. What the artist said of a
model (its family, notes) is no cache and lies in a JSON file of its own.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path, user_data_path

from nodeforge.base import files
from nodeforge.models.entry import Entry
from nodeforge.models.kinds import Kind
from nodeforge.models.sidecars import Beside

VERSION = 1  # another one, and all is looked at anew
_WAIT = 0.5  # seconds for another NodeForge that writes
_TABLE = """
CREATE TABLE IF NOT EXISTS models (
    path TEXT PRIMARY KEY, place TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID
"""
log = logging.getLogger(__name__)


def cache_file() -> Path:
    return user_cache_path("nodeforge", appauthor=False) / "models.sqlite"


def words_file() -> Path:
    return user_data_path("nodeforge", appauthor=False) / "models.json"


class Index:
    """Any thread may use it. said: what was wrong with the file, in one sentence; "" if nothing."""

    def __init__(self, cache: Path | None = None, words: Path | None = None) -> None:
        self.cache, self.words = cache or cache_file(), words or words_file()
        self.said = ""
        self._lock = threading.Lock()
        self._base = self._opened()
        self._own = self._read_words()

    def close(self) -> None:
        with self._lock:
            self._base.close()

    def entries(self) -> dict[str, Entry]:
        """All that are known, by path, with the artist's own words about each."""
        with self._lock:
            rows = self._do("SELECT body FROM models", ())
        found = (_entry(body) for (body,) in rows)
        return {entry.path: self._worded(entry) for entry in found if entry}

    def put(self, entries: Iterable[Entry]) -> None:
        rows = [(entry.path, entry.place, _body(entry)) for entry in entries]
        with self._lock:
            self._do("INSERT OR REPLACE INTO models VALUES (?, ?, ?)", rows)

    def forget(self, paths: Iterable[str]) -> None:
        with self._lock:
            self._do("DELETE FROM models WHERE path = ?", [(path,) for path in paths])

    def say(self, entry: Entry, *, family: str | None = None, remark: str | None = None) -> Entry:
        """Keep what the artist says of a model. Raises DiskError if it cannot be kept."""
        told = dict(self._own.get(entry.path, {}))
        if family is not None:
            told["family"] = family
        if remark is not None:
            told["notes"] = remark
        self._own[entry.path] = {name: text for name, text in told.items() if text}
        if not self._own[entry.path]:
            del self._own[entry.path]
        text = json.dumps(self._own, indent=1, ensure_ascii=False)
        with contextlib.suppress(OSError):  # what follows says it in a sentence
            self.words.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(self.words, text.encode())
        return self._worded(entry)

    def _worded(self, entry: Entry) -> Entry:
        told = self._own.get(entry.path, {})
        return replace(entry, picked=told.get("family", ""), remark=told.get("notes", ""))

    def worded(self, entry: Entry) -> Entry:
        """With what the artist said of it."""
        return self._worded(entry)

    def _read_words(self) -> dict[str, dict[str, str]]:
        try:
            told = json.loads(self.words.read_text("utf-8"))
            return {
                str(path): {str(k): str(v) for k, v in each.items()} for path, each in told.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, RecursionError):
            self.said = f"{self.words} is damaged: what you said of models was left out"
            return {}

    def _opened(self) -> sqlite3.Connection:
        """The file; made anew if it is damaged; in memory if it can be neither read nor made."""
        for anew in (False, True):
            try:
                self.cache.parent.mkdir(parents=True, exist_ok=True)
                if anew:
                    self._put_away()
                return _connected(self.cache)
            except sqlite3.OperationalError as error:
                self.said = _left_alone(self.cache, error)
                break
            except sqlite3.DatabaseError:
                self.said = f"{self.cache.name} was damaged: the list of models is made anew"
            except OSError as error:
                self.said = _left_alone(self.cache, error)
                break
        log.warning("%s", self.said)
        return _connected(None)

    def _put_away(self) -> None:
        for end in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.cache}{end}").unlink()

    def _do(self, statement: str, rows: Any) -> list[tuple[Any, ...]]:
        """Run it; if the file fails under it, go on in memory, once, and say so."""
        try:
            return self._ran(statement, rows)
        except sqlite3.Error as error:
            self.said = _left_alone(self.cache, error)
            log.warning("%s", self.said)
            with contextlib.suppress(sqlite3.Error):
                self._base.close()
            self._base = _connected(None)
            return self._ran(statement, rows)

    def _ran(self, statement: str, rows: Any) -> list[tuple[Any, ...]]:
        with self._base:
            if isinstance(rows, list):
                self._base.executemany(statement, rows)
                return []
            return self._base.execute(statement, rows).fetchall()


def _connected(path: Path | None) -> sqlite3.Connection:
    base = sqlite3.connect(path or ":memory:", timeout=_WAIT, check_same_thread=False)
    try:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            with base:
                base.execute("DROP TABLE IF EXISTS models")
                base.execute(_TABLE)
                base.execute(f"PRAGMA user_version = {VERSION}")
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute("SELECT path, place, body FROM models LIMIT 1")
        if path and base.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.Error:
        base.close()
        raise
    return base


def _left_alone(path: Path, error: Exception) -> str:
    return (
        f"{path.name} cannot be used ({error}): the list of models is made at each start until "
        f"{path.parent} can be written"
    )


def _body(entry: Entry) -> str:
    told = asdict(entry)
    del told["picked"], told["remark"]
    return json.dumps(told, ensure_ascii=False)


def _entry(body: str) -> Entry | None:
    """None for a row of another version, or a damaged one: it is looked at anew."""
    try:
        told = json.loads(body)
        kind, near = _tupled(told.pop("kind")), _tupled(told.pop("beside"))
        return Entry(**told, kind=Kind(**kind), beside=Beside(**near))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _tupled(told: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }
