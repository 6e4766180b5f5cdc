"""How fast models are told, looked for, listed and searched."""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from nodeforge.bench import Floor, parser, show
from nodeforge.families.table import FAMILIES
from nodeforge.models.entry import Entry
from nodeforge.models.folders import Place
from nodeforge.models.header import header
from nodeforge.models.index import Index
from nodeforge.models.kinds import Kind
from nodeforge.models.probe import probe
from nodeforge.models.scan import scan

FILES, ROWS, REPEATS, FRAMES = 1000, 20_000, 7, 300
TENSORS = 2500  # in an SDXL checkpoint


def checkpoint(path: Path, tensors: int) -> None:
    """A file with the header of a checkpoint, whose weights take no room on the disk."""
    table: dict[str, object] = {}
    end = 0
    block = "model.diffusion_model.input_blocks.{}.1.transformer_blocks.0.attn2.to_k.weight"
    for name in ("input_blocks.0.0.weight", "time_embed.0.weight", "label_emb.0.0.weight"):
        table[f"model.diffusion_model.{name}"] = None
    for number in range(tensors - 3):
        table[block.format(number)] = None
    for name in table:
        table[name] = {"dtype": "F16", "shape": [64, 64], "data_offsets": [end, end + 8192]}
        end += 8192
    text = json.dumps(table).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)


def measure() -> dict[str, float]:
    """The numbers by name; times are medians, in milliseconds.

    probe_ms: one SDXL checkpoint of 2,500 tensors, from its file to its kind. scan_cold_ms,
    scan_warm_ms: 1,000 files (of 250 tensors) that are new, and that are known. open_ms: reading
    20,000 entries from SQLite. fill_ms, refill_ms: 20,000 rows for the first time, and when one
    of them has changed. search_ms: one letter typed over 20,000 rows. scroll_ms,
    scroll_ms_p99: a frame of the list while it scrolls.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        big = root / "big.safetensors"
        checkpoint(big, TENSORS)
        found["probe_ms"] = _timed(lambda: probe(header(big)))
        found["floor_probe_ms"] = _timed(lambda: _parsed(big))
        many = root / "many"
        many.mkdir()
        for number in range(FILES):
            checkpoint(many / f"{number:04}.safetensors", TENSORS // 10)
        place = Place("", many)
        began = perf_counter()
        known = {entry.path: entry for entry in scan(place, {})}
        found["scan_cold_ms"] = 1000 * (perf_counter() - began)
        found["scan_warm_ms"] = _timed(lambda: list(scan(place, known)))
        index = Index(root / "models.sqlite", root / "models.json")
        rows = _rows()
        index.put(rows.values())
        found["open_ms"] = _timed(index.entries)
        index.close()
    return found | _listed(rows)


def _parsed(path: Path) -> object:
    with path.open("rb") as file:
        return json.loads(file.read(int.from_bytes(file.read(8), "little")))


def _rows() -> dict[str, Entry]:
    families = tuple(FAMILIES)
    paths = [f"/models/loras/some style of number {n}.safetensors" for n in range(ROWS)]
    return {
        path: Entry(
            path, "/models", "ComfyUI", "", 2**27, Kind("lora", families[n % 4], precision="fp16")
        )
        for n, path in enumerate(paths)
    }


def _listed(rows: dict[str, Entry]) -> dict[str, float]:
    """The list itself, drawn into a picture as the window draws it."""
    from PySide6.QtWidgets import QApplication, QListView

    from nodeforge.app.models.list import Rows, dress
    from nodeforge.app.models.pictures import Pictures
    from nodeforge.app.theme import DARK

    app = QApplication.instance() or QApplication(["bench"])
    view, model = QListView(), Rows()
    dress(view, model, DARK, Pictures(view))
    view.resize(208, 800)
    view.show()
    found = {
        "fill_ms": _timed(lambda: Rows().fill(rows)),
        "refill_ms": _timed(lambda: model.fill(rows)),
    }
    letters = iter(["1", "2", "3", "4", "5", "6", "7", "8", "9"] * REPEATS)
    found["search_ms"] = _timed(lambda: model.ask(f"style {next(letters)}"))
    model.ask("")
    bar = view.verticalScrollBar()
    frames: list[float] = []
    for step in range(FRAMES):
        began = perf_counter()
        bar.setValue(step * bar.maximum() // FRAMES)
        view.viewport().grab()
        frames.append(1000 * (perf_counter() - began))
    found["scroll_ms"] = median(frames)
    found["scroll_ms_p99"] = sorted(frames)[int(0.99 * len(frames))]
    view.close()
    app.processEvents()
    return found


def _timed(do: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(REPEATS):
        began = perf_counter()
        do()
        times.append(1000 * (perf_counter() - began))
    return median(times)


def main(argv: Sequence[str]) -> None:
    given = parser("library", __doc__).parse_args(argv)
    numbers = measure()
    floors = {"probe_ms": Floor(numbers["floor_probe_ms"], "parsing its JSON alone")}
    show("library", numbers, floors, given.json)
