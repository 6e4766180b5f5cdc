"""A model's files are read ahead: once, in the order of their use, and only where there is room."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodeforge.base import memory
from nodeforge.diffusion import ahead, recipes, sampling
from nodeforge.values import Model

Tiny = Callable[[str], Model]


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    """A copy of a tiny model that nobody has read yet."""
    return Path(shutil.copytree(tiny("sdxl").path, tmp_path / "model"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The folders of the files of weights that were read, and how many bytes of each."""
    found: list[tuple[str, int]] = []

    class Told(io.FileIO):
        def close(self) -> None:
            if not self.closed and str(self.name).endswith(".safetensors"):
                found.append((Path(str(self.name)).parent.name, self.tell()))
            super().close()

    plain = Path.open

    def opened(path: Path, mode: str = "r", *rest: Any, **words: Any) -> Any:
        return Told(str(path)) if mode == "rb" else plain(path, mode, *rest, **words)

    monkeypatch.setattr(Path, "open", opened)
    return found


def test_all_files_are_read_once_in_the_order_of_their_use(
    folder: Path, read: list[tuple[str, int]]
) -> None:
    model = recipes.resolve(str(folder))
    read.clear()
    thread = ahead.begin(model)
    assert thread is not None
    thread.join()
    names = ["text_encoder", "text_encoder_2", "unet", "vae"]
    sizes = [recipes.part(model, name).size for name in names]
    assert read == list(zip(names, sizes, strict=True))
    assert ahead.begin(model) is None
    weights = recipes.part(model, "unet").weights[0]
    os.utime(weights, (1, 1))
    again = ahead.begin(recipes.resolve(str(folder)))
    assert again is not None, "another file by the same name"
    again.join()
    assert {name for name, _ in read[len(names) :]} == {"unet"}  # its header, too
    assert read[-1] == ("unet", weights.stat().st_size)


def test_what_does_not_fit_into_half_of_the_free_memory_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = recipes.resolve(str(folder))
    size = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
    monkeypatch.setattr(memory, "available", lambda: 2 * size - 2)
    assert ahead.begin(model) is None


def test_a_file_that_vanishes_is_for_others_to_tell(folder: Path) -> None:
    model = recipes.resolve(str(folder))
    shutil.rmtree(folder / "unet")
    assert ahead.begin(model) is None


def test_a_prompt_begins_it(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Model] = []
    monkeypatch.setattr(ahead, "begin", begun.append)
    model = tiny("sd1")
    sampling.encode_prompt(model, "a dragon")
    assert begun == [model]
