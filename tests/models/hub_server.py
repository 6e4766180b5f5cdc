"""A hub on this machine: its lists of files, its files in ranges, and its ways of saying no."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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
    bytes each next answer with a file ends. lie: a file whose bytes are not those of its sum.
    asked: each request, as (path, range, token). aside: another hub's address to send files from.
    """

    models: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"org/name": dict(FOLDER)})
    gated: set[str] = field(default_factory=set[str])
    cut: list[int] = field(default_factory=list[int])
    lie: str = ""
    ranges: bool = True
    aside: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    address: str = ""

    def listing(self, id: str) -> dict[str, Any]:
        siblings = []
        for name, content in self.models[id].items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(content)}
            if name.endswith((".safetensors", ".bin")):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(content)}
            siblings.append(entry)
        gated = "auto" if id in self.gated else False
        card = {"license": "openrail++"}
        return {"sha": "0" * 40, "gated": gated, "cardData": card, "siblings": siblings}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "")
        self.hub.asked.append((self.path, self.headers.get("Range", ""), token))
        parts = self.path.partition("?")[0].strip("/").split("/")
        is_list = parts[:2] == ["api", "models"]
        id = "/".join(parts[2:4] if is_list else parts[:2])
        if id not in self.hub.models:
            self.send_error(404)
        elif id in self.hub.gated and token != "Bearer secret":
            self.send_error(401)
        elif is_list:
            self._send(json.dumps(self.hub.listing(id)).encode())
        else:
            self._file(id, "/".join(parts[4:]))

    def _file(self, id: str, name: str) -> None:
        if self.hub.aside:
            self.send_response(302)
            self.send_header("Location", self.hub.aside + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = self.hub.models[id][name]
        if name == self.hub.lie:
            content = bytes(len(content))
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.hub.ranges else 0
        self._send(content[start:], 206 if start else 200, cut=True)

    def _send(self, content: bytes, code: int = 200, cut: bool = False) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        end = self.hub.cut.pop(0) if cut and self.hub.cut else len(content)
        self.wfile.write(content[:end])
        if end < len(content):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
