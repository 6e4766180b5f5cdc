"""What README, docs and model cards tell people to type, typed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL import Image as Pil

from nodeforge import cli, resources
from nodeforge.cli import train
from nodeforge.cli.words import COMMANDS
from nodeforge.interop.encode import encode
from nodeforge.interop.metadata import Metadata
from nodeforge.models import hub
from nodeforge.stages.library import Library
from tests.models.hub_server import Hub, serving

ROOT = Path(__file__).parent.parent
DOCS = sorted(
    [ROOT / "README.md", *ROOT.glob("nodeforge/docs/*.md"), *ROOT.glob("resources/**/README.md")]
)
STAGES, CARD = ROOT / "nodeforge/docs/stages.md", ROOT / "resources/models/forge-tiny/README.md"
# What takes minutes, a GPU or the network: its words are read as the program reads them.
ONLY_READ = {"train", "bench"}
ALONE = {"stages", "families"}  # commands that need no more words


def fenced(document: Path, language: str) -> list[str]:
    text = document.read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def typed(document: Path) -> list[list[str]]:
    """The words of each `nodeforge …` in fences and in running text, without those with a gap."""
    lines = [line for block in fenced(document, "bash") for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", document.read_text("utf-8"))
    found = [shlex.split(line, comments=True) for line in lines if "nodeforge " in line]
    calls = [words[words.index("nodeforge") + 1 :] for words in found if "nodeforge" in words]
    return [words for words in calls if words and not any(word == "…" for word in words)]


TYPED = [
    pytest.param(words, id=f"{document.parent.name}-{document.stem}: {shlex.join(words)}")
    for document in DOCS
    for words in typed(document)
]


def test_there_are_commands_to_check() -> None:
    names = {parameter.values[0][0] for parameter in TYPED}  # type: ignore[index]
    assert {"run", "check", "stages", "families", "download", "bench", "train"} <= names


@pytest.mark.parametrize("words", TYPED)
def test_a_command_does_what_it_says(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    castle = tmp_path / "castle.nodeforge"
    shutil.copy(resources.path("graphs/text-to-image.nodeforge"), castle)
    told = Metadata(graph=castle.read_text("utf-8"))
    (tmp_path / "castle-7.png").write_bytes(encode(Pil.new("RGB", (8, 8)), "png", told=told))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hub, "token", lambda: "")
    if words == ["stages", "picture.invert"]:
        words = ["stages", "picture.sharpen"]  # of a pack that is not installed
    named = len(words) == 1 and words[0] not in ALONE
    if words[0] in ONLY_READ or "--help" in words or named:
        assert words[0] in COMMANDS
        assert read(words) is None
        return
    with serving(Hub()) as server:
        monkeypatch.setattr(hub, "endpoint", lambda: server.address)
        monkeypatch.setenv("NODEFORGE_MODELS", str(tmp_path / "models"))
        if words[0] == "download":
            words = [*words, "--to", str(tmp_path / "models")]
        assert cli.main(words) == 0
    out, _ = capfd.readouterr()
    assert out.strip()
    if words[0] == "run":
        assert ".png" in out


def read(words: list[str]) -> str | None:
    """What the program says against these words; None if nothing."""
    name, *rest = words
    try:
        if name == "train" and rest:
            train.parser().parse_args(rest)
        elif name == "bench" and rest:
            options = [each for each in rest[1:] if not each.isupper()]
            module = import_module(f"nodeforge.bench.{rest[0]}")
            assert module.__doc__
            assert all(option in source(module.__file__) for option in options if option[0] == "-")
        elif rest:  # --help
            cli.main(words)
    except SystemExit as stopped:
        return None if stopped.code == 0 else " ".join(words)
    return None


def source(path: str | None) -> str:
    assert path
    folder = Path(path).parent
    return "".join(each.read_text("utf-8") for each in folder.glob("*.py"))


def test_the_card_of_the_model_draws_as_it_is_printed(tmp_path: Path) -> None:
    (code,) = fenced(CARD, "python")
    save = f'.images[0].save(r"{tmp_path / "owl.png"}")'
    code = code.rstrip() + save
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "owl.png") as picture:
        assert picture.size == (256, 256)
        assert np.unique(np.asarray(picture)).size > 100


def test_the_pack_of_the_docs_is_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, changed, check = fenced(STAGES, "python")
    (project,) = fenced(STAGES, "toml")
    entry = tomllib.loads(project)["project"]["entry-points"]["nodeforge.stages"]["invert"]
    (tmp_path / f"{entry}.py").write_text(first, "utf-8")
    (tmp_path / "changed_invert.py").write_text(changed, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    library = Library()
    library.add(import_module(entry))
    assert library.specs["picture.invert"].title == "Invert"
    names: dict[str, object] = {}
    exec(check, names)
    tests = [each for name, each in names.items() if name.startswith("test_") and callable(each)]
    assert tests
    for each in tests:
        each()
    newer = Library()
    newer.add(import_module("changed_invert"))
    assert newer.specs["picture.invert"].version == 2
