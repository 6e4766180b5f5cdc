"""What a model hub offers under an id: its files, their sizes and sums, its licence.

The hub is asked only when an artist does so. Which hub: huggingface_hub's setting (HF_ENDPOINT).
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import PurePosixPath
from typing import IO, Any

from nodeforge import __version__
from nodeforge.errors import HubError

ANSWER = 32 * 2**20  # bytes: no list of files is longer
TIMEOUT = 30.0  # seconds without a byte
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
_WEIGHTS = (".safetensors", ".gguf")
_LOADED = ("diffusion_pytorch_model", "model")


@dataclass(frozen=True)
class Wish:
    """What was typed: a repository, maybe a version of it, maybe one file."""

    id: str
    revision: str = "main"
    file: str = ""


@dataclass(frozen=True)
class File:
    """size: bytes, 0 where the hub does not say. sha256: "" where the hub does not say."""

    name: str
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class Offer:
    """licence: as the model's card names it, "" if it does not. gated: terms to agree to first."""

    id: str
    revision: str
    files: tuple[File, ...]
    licence: str = ""
    gated: bool = False

    @property
    def is_folder(self) -> bool:
        """A diffusers folder, rather than files to choose from."""
        return any(file.name == "model_index.json" for file in self.files)


def endpoint() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT).rstrip("/")


def token() -> str:
    """HF_TOKEN, or what the hub's own program keeps; "" without."""
    from huggingface_hub import get_token

    return get_token() or ""


def wish(text: str) -> Wish:
    """From "org/name", "org/name@version", or a page's or file's address. Raises HubError."""
    text = text.strip().strip("<>\"'")
    address = urllib.parse.urlsplit(text if "://" in text else "")
    if address.scheme:
        return _from_address(text, [urllib.parse.unquote(p) for p in address.path.split("/") if p])
    id, _, revision = text.partition("@")
    if not _ID.fullmatch(id):
        raise HubError(f"“{text[:80]}” is no id of a model: type one as “org/name”, or its address")
    return Wish(id, revision or "main")


def _from_address(text: str, parts: list[str]) -> Wish:
    words = ("tree", "blob", "resolve")
    at = next((n for n, part in enumerate(parts) if n and part in words), len(parts))
    id, rest = "/".join(parts[:at]), parts[at + 1 :]
    if not _ID.fullmatch(id):
        raise HubError(f"“{text[:80]}” is no address of a model: copy it from the model's page")
    is_file = len(rest) > 1 and parts[at] != "tree"
    return Wish(id, rest[0] if rest else "main", "/".join(rest[1:]) if is_file else "")


def look(wanted: Wish, token: str = "", host: str = "") -> Offer:
    """What there is. host: another hub's address. Raises HubError; waits for the network."""
    id, revision = (urllib.parse.quote(part, safe="/") for part in (wanted.id, wanted.revision))
    address = f"{host or endpoint()}/api/models/{id}/revision/{revision}?blobs=true"
    try:
        with opened(address, token) as answer:
            said = json.loads(answer.read(ANSWER))
        files = tuple(_file(entry) for entry in said["siblings"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HubError("The hub's answer makes no sense: try again later") from error
    except (OSError, HTTPException) as error:
        raise refused(error, wanted.id) from error
    card = said.get("cardData")
    licence = card.get("license", "") if isinstance(card, dict) else ""
    if licence == "other" and isinstance(card, dict):
        licence = card.get("license_name") or licence
    words = licence if isinstance(licence, str) else ", ".join(map(str, licence or ()))
    commit = str(said.get("sha") or wanted.revision)
    return Offer(wanted.id, commit, files, words, bool(said.get("gated")))


def _file(entry: Mapping[str, Any]) -> File:
    name, lfs = str(entry["rfilename"]), entry.get("lfs") or {}
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.name:
        raise ValueError(name)
    return File(name, int(lfs.get("size") or entry.get("size") or 0), str(lfs.get("sha256") or ""))


def needed(offer: Offer, file: str = "", half: bool = True) -> tuple[File, ...]:
    """The files that NodeForge would read, one precision of each; `file` alone if one was asked.

    half: 16-bit weights where there are both. Of a repository without model_index.json: its
    largest file of weights. Raises HubError if there is nothing to read.
    """
    if file:
        found = [each for each in offer.files if each.name == file]
    elif offer.is_folder:
        found = [*_small(offer.files), *_loaded(offer.files, half)]
    else:
        weights = [each for each in offer.files if each.name.endswith(_WEIGHTS)]
        found = sorted(weights, key=lambda each: -each.size)[:1]
    if not any(each.name.endswith(_WEIGHTS) for each in found):
        what = f"no file {file}" if file else "no weights in safetensors or GGUF"
        raise HubError(f"“{offer.id}” has {what}: choose another model")
    return tuple(sorted(found, key=lambda each: each.name))


def _small(files: Iterable[File]) -> list[File]:
    """What says how to read the weights: configs, tokenizers."""
    ends = (".json", ".txt", ".model", ".jinja")
    return [
        f
        for f in files
        if (f.name == "model_index.json" or f.name.count("/") == 1)
        and f.name.endswith(ends)
        and ".index." not in f.name
        and not f.name.endswith("flax_model.json")
    ]


def _loaded(files: Iterable[File], half: bool) -> list[File]:
    """One set of safetensors of each component: whole or in shards, with its index."""
    folders: dict[str, list[File]] = {}
    for file in files:
        if file.name.count("/") == 1 and PurePosixPath(file.name).name.startswith(_LOADED):
            folders.setdefault(file.name.partition("/")[0], []).append(file)
    found: list[File] = []
    for each in folders.values():
        sets = {True: [f for f in each if _is_half(f)], False: [f for f in each if _is_full(f)]}
        found += sets[half] if _weighs(sets[half]) else sets[not half]
    return found


def _weighs(files: Iterable[File]) -> bool:
    return any(file.name.endswith(".safetensors") for file in files)


def _is_half(file: File) -> bool:
    name = PurePosixPath(file.name).name
    return ".fp16" in name and (name.endswith(".safetensors") or ".safetensors.index." in name)


def _is_full(file: File) -> bool:
    name = PurePosixPath(file.name).name
    stem = name.partition(".")[0]
    weights = name == f"{stem}.safetensors" or name == f"{stem}.safetensors.index.json"
    return weights and not any(word in stem for word in ("non_ema", "ema_only"))


def address(offer: Offer, file: File, host: str = "") -> str:
    """Where a file's bytes are."""
    name = urllib.parse.quote(file.name)
    return f"{host or endpoint()}/{offer.id}/resolve/{offer.revision}/{name}"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows the hub to where its files lie, but takes the token only to the hub itself."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if new.scheme not in ("http", "https") or (old.scheme, new.scheme) == ("https", "http"):
            raise urllib.error.URLError("the hub points to a place that is not safe")
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.unredirected_hdrs.get("Authorization")
        if made is not None and token and old.netloc == new.netloc:
            made.add_unredirected_header("Authorization", token)
        return made


_OPENER = urllib.request.build_opener(_Redirects)


def opened(address: str, token: str = "", start: int = 0) -> Any:
    """The answer to a request; start: the first byte wanted. Raises OSError."""
    request = urllib.request.Request(address, headers={"User-Agent": f"nodeforge/{__version__}"})
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    if start:
        request.add_header("Range", f"bytes={start}-")
    return _OPENER.open(request, timeout=TIMEOUT)


def refused(error: Exception, id: str) -> HubError:
    """What went wrong, in a sentence."""
    code = error.code if isinstance(error, urllib.error.HTTPError) else 0
    if code in (401, 403):
        return HubError(
            f"“{id}” is not open to everybody, or is not there: agree to its terms on its page, "
            f"then give NodeForge your token of the hub"
        )
    if code == 404:
        return HubError(f"The hub has no model “{id}” like that: check how it is spelt")
    if code == 429:
        return HubError("The hub asks to wait, after too many requests: try again in some minutes")
    if code:
        return HubError(f"The hub cannot answer now (error {code}): try again later")
    return HubError("The hub cannot be reached: check the connection to the network, and try again")
