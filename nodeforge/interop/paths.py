"""Paths in any text, of this system or another: found, and told without where they lie."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path, PureWindowsPath

SEPARATORS = re.compile(r"[/\\]+")
# Folders at the root of systems other than this one: "/imagine" alone begins no path.
ROOTS = {
    *("home", "root", "Users", "media", "mnt", "Volumes", "run", "tmp", "var", "private", "srv"),
    *("opt", "data", "usr", "etc", "work", "workspace", "content", "kaggle", "nix", "snap"),
    *("storage", "sdcard", "app", "Applications", "Library", "cygdrive"),
}
# The home folder of anybody; in Windows a name may hold blanks, where a folder follows.
HOMES = re.compile(
    r"""(?ix) (?<![\w.~-])
    (?: (?:[\\/]{2}\?[\\/])? [a-z]: [\\/]+ (?:Users|Documents[ ]and[ ]Settings) [\\/]+
        (?: [^\\/:*?"<>|\r\n]{1,64} (?=[\\/]) | [^\\/:*?"<>|\s,;()]+ )
      | (?: /[a-z] | /mnt/[a-z] | /cygdrive/[a-z] )? / (?:home|Users) /+ [^\s/\\:*?"<>|,;()]+
      | /root (?![\w.-])
      | ~ [a-z_] [\w.-]* (?=[\\/]) )"""
)
WINDOWS = re.compile(
    r"""(?ix) (?<! [\w/\\] ) (?: (?:[\\/]{2}\?[\\/])? [a-z]: [\\/]+ | \\\\ (?= [\w.$-]+ \\ ) )
    (?: [^\\/:*?"<>|\r\n]{1,128} [\\/]+ )* [^\\/:*?"<>|\s,;()]+ [\\/]*"""
)
POSIX = re.compile(
    r"(?<![\w.~/\\:>)])/+([^\s/\\:*?\"<>|,;()]+)(?:/[^\s/\\*?\"<>|()]+(?=/))*/[^\s/:*?\"<>|,;()]+/?"
)
URL = re.compile(r"(?i)\bfile:(?://[^\s/\\]*(?=/))?/*(?=/|[a-z]:|~)")

# Windows keeps these names for devices, with any suffix
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def is_whole(path: str) -> bool:
    """Whether it is a whole path, of this system or another, or begins at a home folder."""
    path = path.strip()
    return (
        Path(path).is_absolute()
        or PureWindowsPath(path).is_absolute()
        or path[:1] in ("~", "/", "\\")
        or bool(PureWindowsPath(path).drive or URL.match(path))
    )


def file_name(path: str) -> str:
    """How a file or the folder of a model is called, without where it lies."""
    parts = [part for part in SEPARATORS.split(path.strip()) if part]
    for part in parts:
        if part.startswith("models--"):  # a folder of the hub's cache
            return part.removeprefix("models--").replace("--", "/")
    if len(parts) > 1 and parts[-1] == "model_index.json":
        parts.pop()
    return parts[-1] if parts else ""


def fit_name(name: str, usual: str) -> str:
    """One name, fit for every system; the usual one if nothing is left of it."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]+', "-", name)
    name = re.sub(r"-{2,}", "-", name).strip("-. ")
    name = name.encode()[:180].decode(errors="ignore").rstrip("-. ")  # most systems allow 255
    return f"_{name}" if DEVICES.fullmatch(name) else name or usual


def without_paths(text: str) -> str:
    """Without whole paths: "~" for anybody's home folder, of every other path its last name."""
    if "/" not in text and "\\" not in text:
        return text
    text = _own_home().sub("~", URL.sub("", text))
    text = HOMES.sub("~", text)
    return POSIX.sub(_of_a_root, WINDOWS.sub(_last, text))


def _last(match: re.Match[str]) -> str:
    return file_name(match[0]) if SEPARATORS.search(match[0]) else match[0]


def _of_a_root(match: re.Match[str]) -> str:
    """The last name, where the first is that of a folder at the root of some system."""
    if match[1] not in ROOTS and not os.path.isdir(f"/{match[1]}"):
        return match[0]
    return file_name(match[0])


def _own_home() -> re.Pattern[str]:
    home = os.path.expanduser("~")
    return _pattern(home, os.path.realpath(home))


@lru_cache(maxsize=8)
def _pattern(*homes: str) -> re.Pattern[str]:
    """These folders, written with any separators."""
    found: list[str] = []
    for home in dict.fromkeys(homes):
        parts = [re.escape(part) for part in SEPARATORS.split(home)]
        if len(home) >= 3 and len(parts) > 1:
            found.append(r"[/\\]+".join(parts))
    return re.compile(rf"(?:{'|'.join(found)})(?![\w.-])" if found else r"(?!)")
