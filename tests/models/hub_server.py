"""A hub on this machine: its lists of files, its files in ranges, and its ways of saying no.

It answers what huggingface_hub asks: for lists of files, where a file lies and what its sum is, and
for its bytes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from unittest import mock

from huggingface_hub import constants

COMMIT = "0" * 40
FOLDER = {
    "README.md": b"words",
    "model_index.json": b'{"_class_name": "StableDiffusionPipeline"}',
    "scheduler/scheduler_config.json": b"{}",
    "unet/config.json": b'{"in_channels": 4}',
    "unet/diffusion_pytorch_model.safetensors": b"full" * 300_000,
    "unet/diffusion_pytorch_model.fp16.safetensors": bytes(range(256)) * 4_000,
    "unet/diffusion_pytorch_model.bin": b"pickle" * 1000,
    "vae/config.json": b"{}",
    "vae/diffusion_pytorch_model.safetensors": b"vae" * 1000,
    "v1.safetensors": b"all in one" * 1000,
}


@dataclass
class Hub:
    """models: files by repository. gated: those that want the token "secret". cut: after how many
    bytes each next answer with a file ends. stall: after how many it waits for `go`. lie: a file
    whose bytes are not those of its sum. codes: of errors, for the next requests for bytes.
    closed: an error for all else. asked: each request for a list or bytes, as (path, range, token);
    sought: each for where a file lies. aside: another hub's address to send files from.
    """

    models: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"org/name": dict(FOLDER)})
    gated: set[str] = field(default_factory=set[str])
    cut: list[int] = field(default_factory=list[int])
    stall: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    lie: str = ""
    codes: list[int] = field(default_factory=list[int])
    closed: int = 0
    ranges: bool = True
    aside: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    sought: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    address: str = ""

    def listing(self, id: str) -> dict[str, Any]:
        siblings = []
        for name, content in self.models[id].items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(content)}
            if name.endswith((".safetensors", ".bin")):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        gated = "auto" if id in self.gated else False
        card = {"license": "openrail++"}
        said = {"sha": COMMIT, "gated": gated, "cardData": card, "siblings": siblings}
        return {"_id": "1", "id": id, "private": False, "tags": [], **said}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with mock.patch.object(constants, "HF_HUB_OFFLINE", False):
            yield hub
    finally:
        hub.go.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "")
        self.hub.asked.append((self.path, self.headers.get("Range", ""), token))
        if (found := self._found()) is None:
            return
        id, name = found
        if not name:
            self._send(json.dumps(self.hub.listing(id)).encode())
        elif self.hub.codes:
            self._refuse(self.hub.codes.pop(0))
        elif self.hub.aside:
            self._redirect()
        else:
            self._file(self.hub.models[id][name], name)

    def do_HEAD(self) -> None:
        self.hub.sought.append((self.path, self.headers.get("Authorization", "")))
        if (found := self._found()) is None:
            return
        content = self.hub.models[found[0]][found[1]]
        sha256 = hashlib.sha256(content).hexdigest()
        said = {"X-Repo-Commit": COMMIT, "ETag": f'"{sha256}"'}
        if self.hub.aside:
            self._redirect(said | {"X-Linked-Size": str(len(content)), "X-Linked-Etag": sha256})
            return
        self.send_response(200)
        for name, value in (said | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()

    def _found(self) -> tuple[str, str] | None:
        """The repository and the file, if one was asked for; None if the answer was no."""
        token = self.headers.get("Authorization", "")
        parts = self.path.partition("?")[0].strip("/").split("/")
        is_list = parts[:2] == ["api", "models"]
        id = "/".join(parts[2:4] if is_list else parts[:2])
        name = "" if is_list else "/".join(parts[4:])
        if self.hub.closed:
            self._refuse(self.hub.closed)
        elif id not in self.hub.models:
            self._refuse(404, "RepoNotFound")
        elif name and name not in self.hub.models[id]:
            self._refuse(404, "EntryNotFound")
        elif id in self.hub.gated and token != "Bearer secret":
            self._refuse(401, "GatedRepo")
        else:
            return id, name
        return None

    def _refuse(self, code: int, why: str = "") -> None:
        self.send_response(code)
        self.send_header("X-Error-Code", why)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self, also: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(302)
        for name, value in also.items():
            self.send_header(name, value)
        self.send_header("Location", self.hub.aside + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, content: bytes, name: str) -> None:
        if name == self.hub.lie:
            content = bytes(len(content))
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.hub.ranges else 0
        self._send(content, start, cut=True)

    def _send(self, content: bytes, start: int = 0, cut: bool = False) -> None:
        self.send_response(206 if start else 200)
        if start:
            end = len(content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        content = content[start:]
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        end = self.hub.cut.pop(0) if cut and self.hub.cut else len(content)
        if cut and 0 < self.hub.stall < end:
            self.wfile.write(content[: self.hub.stall])
            self.hub.stalled.set()
            self.hub.go.wait(30)
            content, end = content[self.hub.stall :], end - self.hub.stall
        with suppress(ConnectionError):  # who asked may be gone
            self.wfile.write(content[:end])
        if end < len(content):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
