"""What a model hub offers under an id: its files, their sizes and sums, its licence.

The hub is asked only when an artist does so, by huggingface_hub: which hub, through which proxy and
whether at all are its settings (HF_ENDPOINT, HTTPS_PROXY, HF_HUB_OFFLINE).
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from nodeforge import __version__
from nodeforge.errors import HubError

TIMEOUT = 30.0  # seconds without an answer
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
        raise _no_id(text)
    return Wish(id, revision or "main")


def _no_id(text: str) -> HubError:
    return HubError(f"“{text[:80]}” is no id of a model: type one as “org/name”, or its address")


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
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    api = HfApi(host or endpoint(), token or False, "nodeforge", __version__)
    try:
        said = api.model_info(
            wanted.id, revision=wanted.revision, timeout=TIMEOUT, files_metadata=True
        )
        files = tuple(_file(each) for each in said.siblings or ())
    except network_errors() as error:
        raise refused(error, wanted.id) from error
    except HFValidationError as error:
        raise _no_id(wanted.id) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HubError("The hub's answer makes no sense: try again later") from error
    card = said.card_data
    licence = card.get("license") if card else ""
    if card and licence == "other":
        licence = card.get("license_name") or licence
    words = licence if isinstance(licence, str) else ", ".join(map(str, licence or ()))
    return Offer(wanted.id, said.sha or wanted.revision, files, words, bool(said.gated))


def _file(entry: Any) -> File:
    name = str(entry.rfilename)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.name:
        raise ValueError(name)
    size = entry.lfs.size if entry.lfs else entry.size
    return File(name, int(size or 0), str(entry.lfs.sha256 or "") if entry.lfs else "")


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


def located(
    offer: Offer, file: File, token: str = "", host: str = ""
) -> tuple[str, dict[str, str]]:
    """Where a file's bytes are, and what to send along: the token goes to the hub alone.

    Raises HubError for a place that is not safe, or one of `network_errors`.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    home = host or endpoint()
    address = hf_hub_url(offer.id, file.name, revision=offer.revision, endpoint=home)
    us = build_hf_headers(token=False, library_name="nodeforge", library_version=__version__)
    found = get_hf_file_metadata(address, token or False, TIMEOUT, headers=us, endpoint=home)
    old, new = urllib.parse.urlsplit(address), urllib.parse.urlsplit(found.location)
    if new.scheme not in ("http", "https") or (old.scheme, new.scheme) == ("https", "http"):
        raise HubError(f"The hub points to a place for {file.name} that is not safe: try again")
    headers = {**us, "accept-encoding": "identity"}  # sizes are of files as they are
    if token and (old.scheme, old.netloc) == (new.scheme, new.netloc):
        headers["authorization"] = f"Bearer {token}"
    return found.location, headers


def network_errors() -> tuple[type[Exception], ...]:
    """What huggingface_hub raises when the network or the hub says no."""
    from huggingface_hub import errors

    # The base of all errors of its HTTP library, whose name changed between its versions.
    base: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]
    return base, errors.OfflineModeIsEnabled


def code_of(error: BaseException) -> int:
    """The hub's answer: 404, say; 0 where there was none."""
    return int(getattr(getattr(error, "response", None), "status_code", 0))


def is_offline(error: BaseException) -> bool:
    """Whether it was forbidden to ask at all."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    return isinstance(error, OfflineModeIsEnabled)


def refused(error: BaseException, id: str) -> HubError:
    """What went wrong, in a sentence."""
    code = code_of(error)
    if is_offline(error):
        return HubError(
            "HF_HUB_OFFLINE is set, so the hub is not asked: unset it, and start NodeForge again"
        )
    if code in (401, 403):
        return HubError(
            f"“{id}” is not open to everybody, or is not there: agree to its terms on its page, "
            f"then give NodeForge your token of the hub"
        )
    if code == 404:
        return HubError(f"The hub has no model “{id}” like that: check how it is spelt")
    if code == 429:
        return HubError("The hub asks to wait, after too many requests: try again in some minutes")
    return silent(code)


def silent(code: int = 0) -> HubError:
    """The hub does not answer, or only with an error that is its own."""
    if code:
        return HubError(f"The hub cannot answer now (error {code}): try again later")
    return HubError("The hub cannot be reached: check the connection to the network, and try again")
