"""Files are whole or not there, and what is in the way is told in a sentence."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from nodeforge.base.files import replacing, write_atomically, write_new
from nodeforge.errors import DiskError
from nodeforge.graph.file import load, save
from tests.graph.samples import n, picture


def failing(number: int) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (
            errno.ENOSPC,
            "The disk is full, so cat.nodeforge was not saved: make room, or save it elsewhere.",
        ),
        (errno.EDQUOT, "The disk is full, so cat.nodeforge was not saved: make room, or save it "),
        (errno.EROFS, "cat.nodeforge may not be written in "),
        (errno.EIO, "cat.nodeforge could not be saved (Input/output error): save it elsewhere."),
    ],
)
def test_when_saving_fails_the_old_file_is_as_it_was_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, sentence: str
) -> None:
    path = tmp_path / "cat.nodeforge"
    save(path, picture())
    with monkeypatch.context() as broken:
        broken.setattr(os, call, failing(number))
        with pytest.raises(DiskError) as raised:
            save(path, picture().remove(n("view")))
    assert str(raised.value).startswith(sentence)
    assert load(path) == picture()
    assert os.listdir(tmp_path) == ["cat.nodeforge"]


def test_an_interrupt_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "cat.nodeforge", picture())
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("gone/cat.nodeforge", "There is no folder"),
        ("file/cat.nodeforge", "There is no folder"),
        ("folder", "is no file"),
        ("x" * 300, "too long"),
        ("x\0y", "could not be saved"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_in_one_sentence(
    tmp_path: Path, name: str, word: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match=word):
        save(tmp_path / name, picture())
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cat.nodeforge"
    save(path, picture())
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root
    with pytest.raises(DiskError, match="may not be written"):
        save(path, picture().remove(n("view")))
    assert load(path) == picture()


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_the_old_file_keeps_its_permissions_and_a_new_one_gets_the_usual(tmp_path: Path) -> None:
    path, usual = tmp_path / "cat.nodeforge", tmp_path / "usual"
    usual.touch()
    save(path, picture())
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    save(path, picture())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "cat", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_device_is_not_replaced() -> None:
    if Path("/dev/null").exists():
        with pytest.raises(DiskError, match="is no file"):
            write_atomically(Path("/dev/null"), b"")


def test_what_writes_its_file_itself_replaces_the_old_one_only_when_it_is_done(
    tmp_path: Path,
) -> None:
    path = tmp_path / "checkpoint"
    path.write_bytes(b"old")
    with replacing(path) as part:
        part.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"

    def half(error: Exception) -> None:
        with replacing(path) as part:
            part.write_bytes(b"half")
            raise error

    with pytest.raises(ZeroDivisionError):
        half(ZeroDivisionError())
    with pytest.raises(DiskError, match="The disk is full"):
        half(OSError(errno.ENOSPC, "full"))
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["checkpoint"]


def test_a_new_file_takes_the_first_free_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [write_new(tmp_path, "a", ".png", bytes([n])).name for n in range(3)]
    assert names == ["a.png", "a-2.png", "a-3.png"]
    assert (tmp_path / "a-2.png").read_bytes() == b"\1"
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", failing(errno.ENOSPC))
        with pytest.raises(OSError, match="No space"):
            write_new(tmp_path, "b", ".png", b"")
    with pytest.raises(FileNotFoundError):
        write_new(tmp_path / "gone", "b", ".png", b"")
    assert sorted(os.listdir(tmp_path)) == sorted(names)
