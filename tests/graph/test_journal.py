from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nodeforge.errors import BadFile, DiskError
from nodeforge.graph import journal
from nodeforge.graph.document import Document
from nodeforge.graph.file import save
from nodeforge.graph.journal import clear, journal_path, orphans, read, write
from tests.graph.samples import n, picture


def forged(path: Path, **changes: object) -> Path:
    """A journal as another process would have left it."""
    write(path, picture())
    data: Any = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(data))
    return path


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_journal_holds_the_document_and_its_file(tmp_path: Path) -> None:
    path = tmp_path / "cat.nodeforge"
    place = journal_path(path)
    assert place.parent == tmp_path
    assert place == journal_path(path)
    write(place, picture(), path)
    write(place, picture().remove(n("view")), path)
    found = read(place)
    assert (found.document, found.file) == (picture().remove(n("view")), path)
    assert found.written > 1.7e9
    clear(place)
    clear(place)
    assert os.listdir(tmp_path) == []


def test_untitled_documents_have_journals_of_their_own(tmp_path: Path) -> None:
    one, two = (journal_path(None, tmp_path / "new" / "folder") for _ in range(2))
    assert one != two
    write(one, picture())
    assert (read(one).document, read(one).file) == (picture(), None)


def test_the_journal_of_a_living_window_is_not_offered(tmp_path: Path, dead: int) -> None:
    write(journal_path(tmp_path / "mine.nodeforge"), picture())
    left = forged(tmp_path / ".left.journal", pid=dead)
    assert orphans(tmp_path) == [left]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the birth of a process")
def test_a_journal_whose_writer_gave_its_number_to_another_process_is_offered(
    tmp_path: Path,
) -> None:
    left = forged(tmp_path / ".left.journal", born="1")
    assert orphans(tmp_path) == [left]


def test_a_journal_from_another_computer_is_offered_after_a_day(tmp_path: Path) -> None:
    forged(tmp_path / ".fresh.journal", host="elsewhere")
    old = forged(tmp_path / ".old.journal", host="elsewhere", written=1.0)
    assert orphans(tmp_path) == [old]


def test_orphans_come_newest_first_and_can_be_of_one_file(tmp_path: Path, dead: int) -> None:
    file = str(tmp_path / "cat.nodeforge")
    old = forged(tmp_path / ".1.journal", pid=dead, written=100.0, file=file)
    new = forged(tmp_path / ".2.journal", pid=dead, written=200.0)
    assert orphans(tmp_path) == [new, old]
    assert orphans(tmp_path, Path(file)) == [old]
    assert orphans(tmp_path / "gone") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"journal": 2}',
        '{"journal": 1}',
        '{"journal": 1, "document": {"format": 99}}',
        '{"journal": 1, "document": []}',
    ],
)
def test_a_damaged_journal_is_refused_and_not_offered(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".x.journal"
    path.write_text(text)
    with pytest.raises(BadFile):
        read(path)
    assert orphans(tmp_path) == []


@pytest.mark.parametrize("pid", [None, -1, 0, True, "1", 10**30, 1.5])
def test_a_journal_with_a_senseless_writer_is_offered(tmp_path: Path, pid: object) -> None:
    left = forged(tmp_path / ".left.journal", pid=pid, file=3, written="never", born=[])
    assert orphans(tmp_path) == [left]
    assert (read(left).file, read(left).written) == (None, 0.0)


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError):
        write(tmp_path / "file" / "x.journal", Document())


def test_the_folder_of_journals_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert journal.journal_folder() == Path("/state/nodeforge/journals")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "Application Support" in str(journal.journal_folder())


def test_what_was_edited_survives_the_death_of_the_window(tmp_path: Path) -> None:
    path = tmp_path / "cat.nodeforge"
    save(path, picture())
    code = (
        "import os, sys; from pathlib import Path\n"
        "from nodeforge.graph import file, journal\n"
        "path = Path(sys.argv[1]); document = file.load(path).remove('view')\n"
        "journal.write(journal.journal_path(path), document, path); os.abort()\n"
    )
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": root}
    died = subprocess.run([sys.executable, "-c", code, str(path)], env=env, capture_output=True)
    assert died.returncode != 0
    (left,) = orphans(tmp_path, path)
    assert read(left).document == picture().remove(n("view"))
