"""Where the data comes from: pinned packages, the build of the pack, the tokenizer's rules."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import CLIPTokenizer

from nodeforge import resources
from nodeforge.errors import NodeForgeError
from nodeforge.training.data import build, packages, raster, sprites, subjects, tokenizer
from nodeforge.training.data.packages import Package
from nodeforge.training.data.sprites import Pack, Subject
from tests.training.test_data import BLUE, RED, picture

# The packages


def archive(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if name.endswith(".whl"):
        with zipfile.ZipFile(path, "w") as wheel:
            for file, content in files.items():
                wheel.writestr(file, content)
        return path
    with tarfile.open(path, "w:gz") as box:
        for file, content in files.items():
            member = tarfile.TarInfo(file)
            member.size = len(content)
            box.addfile(member, io.BytesIO(content))
    return path


def pin(path: Path) -> Package:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return replace(packages.PINNED["3d"], archive=path.name, sha256=digest)


def iconify(colour: str) -> dict[str, bytes]:
    square = f'<rect x="2" y="4" width="8" height="4" fill="{colour}"/>'
    icons = {
        "height": 16,
        "icons": {"red-thing": {"body": square}, "thing": {"body": square, "width": 32}},
        "aliases": {"blue-thing": {"parent": "thing"}},
    }
    chars = {"2764-fe0f": "red-thing", "1f499": "blue-thing"}
    return {
        "package/icons.json": json.dumps(icons).encode(),
        "package/chars.json": json.dumps(chars).encode(),
    }


@pytest.fixture
def shelf(tmp_path: Path) -> dict[str, Package]:
    """Packages like the real ones, with two things in them, as if downloaded."""
    folder = tmp_path / "downloads"
    entries = [
        {"label": "red thing", "hexcode": "2764-FE0F"},
        {"label": "blue thing", "hexcode": "1F499"},
    ]
    assets = {
        "package/assets/2764-fe0f.webp": picture((220, 40, 45, 255), 40),
        "package/assets/1f499.webp": picture((50, 120, 220, 255), 40),
    }
    labels = {"package/en/data.json": json.dumps(entries).encode()}
    return {
        "3d": pin(archive(folder, "3d.tgz", assets)),
        "flat": pin(archive(folder, "flat.tgz", iconify("#dc282d"))),
        "noto": pin(archive(folder, "noto.tgz", iconify("#50aa3c"))),
        "labels": pin(archive(folder, "labels.tgz", labels)),
    }


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        assert name == "npm"

    monkeypatch.setattr("shutil.which", nothing)


def make(tmp_path: Path, shelf: dict[str, Package], things: tuple[Subject, ...]) -> Pack:
    said: list[str] = []
    folder = tmp_path / "downloads"
    pack = build.build(tmp_path / "pack", folder, said.append, things=things, pinned=shelf)
    assert f"making {3 * len(things)} sprites of {len(things)} subjects" in said
    return pack


@pytest.mark.usefixtures("no_npm")
def test_pack_is_built_from_what_was_downloaded(tmp_path: Path, shelf: dict[str, Package]) -> None:
    pytest.importorskip("resvg_py", reason="draws SVG; comes with the extra train")
    pack = make(tmp_path, shelf, (RED, BLUE))
    assert pack.pictures.shape == (0, raster.SIZE, raster.SIZE, 4)
    assert pack.subjects == (RED, BLUE)
    assert [(one.subject, one.look, one.height, one.colour) for one in pack.sprites] == [
        *((0, "3d", 1.0, "red"), (0, "flat", 0.5, "red"), (0, "noto", 0.5, "green")),
        *((1, "3d", 1.0, "blue"), (1, "flat", 0.5, "red"), (1, "noto", 0.5, "green")),
    ]
    pixels = sprites.read(tmp_path / "pack").pictures[:, 104, 104].astype(int)
    expected = [[220, 40, 45], [220, 40, 45], [80, 170, 60]]
    assert np.abs(pixels[:3, :3] - expected).max() <= 8
    licences = (tmp_path / "pack" / build.LICENCES).read_text("utf-8")
    assert licences.count("| MIT | Fluent Emoji, © Microsoft Corporation") == 4


def test_unknown_label_says_so(tmp_path: Path, shelf: dict[str, Package]) -> None:
    with pytest.raises(NodeForgeError, match="No emoji is labelled “green thing”"):
        make(tmp_path, shelf, (replace(RED, label="green thing"),))


@pytest.mark.parametrize("look", ["3d", "flat"])
def test_missing_picture_says_so(tmp_path: Path, shelf: dict[str, Package], look: str) -> None:
    empty = {"package/chars.json": b"{}", "package/icons.json": b'{"icons": {}}'}
    shelf[look] = pin(archive(tmp_path / "downloads", "empty.tgz", empty))
    with pytest.raises(NodeForgeError, match=r"“empty\.tgz” has no picture of 2764"):
        make(tmp_path, shelf, (RED,))


@pytest.mark.usefixtures("no_npm")
def test_no_npm_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NodeForgeError, match=r"not installed: install Node\.js, or put .*\.tgz"):
        packages.fetch(packages.PINNED["noto"], tmp_path, print)


def client(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for npm."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program))


def test_no_network_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, "echo npm notice; echo npm error code ENOTFOUND; exit 1", monkeypatch)
    words = r"could not download @iconify-json/noto 1\.2\.9 \(npm error code ENOTFOUND\): check the"
    with pytest.raises(NodeForgeError, match=words):
        packages.fetch(packages.PINNED["noto"], tmp_path, print)


def test_other_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = packages.PINNED["noto"]
    client(tmp_path, f'echo other > "$4/{package.archive}"', monkeypatch)
    with pytest.raises(NodeForgeError, match="its checksum differs"):
        packages.fetch(package, tmp_path, print)


def test_half_a_download_is_fetched_again(
    tmp_path: Path, shelf: dict[str, Package], monkeypatch: pytest.MonkeyPatch
) -> None:
    package, folder, said = shelf["3d"], tmp_path / "downloads", list[str]()
    whole = folder / package.archive
    (tmp_path / "kept").write_bytes(whole.read_bytes())
    whole.write_bytes(whole.read_bytes()[:100])
    client(tmp_path, f'cp "{tmp_path}/kept" "$4/{package.archive}"', monkeypatch)
    assert packages.fetch(package, folder, said.append) == whole
    assert packages.fetch(package, folder, said.append) == whole
    assert said == [f"downloading {package.name} {package.version}"]


def test_client_that_leaves_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(tmp_path, "exit 0", monkeypatch)
    with pytest.raises(NodeForgeError, match="npm left no “iconify-json-noto"):
        packages.fetch(packages.PINNED["noto"], tmp_path, print)


def test_files_of_a_wheel(tmp_path: Path) -> None:
    wheel = archive(tmp_path, "one.whl", {"a/b": b"1", "c": b"2"})
    assert packages.members(wheel, ["c"]) == {"c": b"2"}
    with pytest.raises(NodeForgeError, match="holds no “d”"):
        packages.members(wheel, ["c", "d"])


@pytest.mark.parametrize("name", ["one.tgz", "one.whl"])
def test_broken_archive_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no archive")
    with pytest.raises(NodeForgeError, match="cannot be read"):
        packages.members(tmp_path / name, ["a"])


def test_every_package_is_pinned_and_attributed() -> None:
    table = packages.licences(packages.PINNED.values())
    for package in packages.PINNED.values():
        assert len(package.sha256) == 64
        assert f"{package.name} {package.version} |" in table
        assert package.licence in ("MIT", "Apache-2.0")
        assert package.attribution in table


# The tokenizer

SHIPPED = resources.path("models") / "forge-tiny" / "tokenizer"


def rules_file(path: Path, rules: list[tuple[str, str]]) -> Path:
    lines = ["#version: 0.2", *(" ".join(rule) for rule in rules), ""]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


TOY = [("i", "n"), ("c", "a"), ("t", "h"), ("ca", "t</w>"), ("d", "o"), ("do", "g</w>")]


def test_needed_rules_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "ENTRIES", 512 + 2 + 3)
    tokenizer.build(["dog"], rules_file(tmp_path / "rules.gz", TOY), tmp_path / "out")
    made = CLIPTokenizer.from_pretrained(tmp_path / "out")
    assert len(made) == 517
    assert made.tokenize("Dog  in cat") == ["dog</w>", "i", "n</w>", "c", "a", "t</w>"]
    assert {"in", "do", "dog</w>"} <= set(made.get_vocab())
    assert made("").input_ids == [515, 516]
    assert made.pad_token_id == 516
    assert made.model_max_length == tokenizer.LENGTH


def test_too_many_words_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "ENTRIES", 512 + 2 + 3)
    rules = rules_file(tmp_path / "rules.gz", TOY)
    with pytest.raises(NodeForgeError, match="need 4 rules, and the tokenizer has room for 3"):
        tokenizer.build(["dog", "cat"], rules, tmp_path / "out")


def test_no_rules_say_so(tmp_path: Path) -> None:
    (tmp_path / "rules.gz").write_bytes(b"nothing")
    with pytest.raises(NodeForgeError, match="is not the list of CLIP's merge rules"):
        tokenizer.build(["dog"], tmp_path / "rules.gz", tmp_path / "out")


def test_rebuilding_gives_the_shipped_tokenizer(tmp_path: Path) -> None:
    shipped = json.loads((SHIPPED / "tokenizer.json").read_text("utf-8"))["model"]
    rules = rules_file(tmp_path / "rules.gz", [(first, last) for first, last in shipped["merges"]])
    words = tokenizer.words()
    for order, folder in ((words, "one"), (words[::-1], "two")):
        tokenizer.build(order, rules, tmp_path / folder)
    one, two = ((tmp_path / folder / "tokenizer.json").read_bytes() for folder in ("one", "two"))
    assert one == two
    assert json.loads(one)["model"] == shipped


def test_words_hold_all_names() -> None:
    named = {word for word in tokenizer.words_of(subjects.load()) if len(word) > 1}
    assert named <= set(tokenizer.words())


def test_shipped_tokenizer_knows_the_names() -> None:
    shipped = CLIPTokenizer.from_pretrained(SHIPPED)
    assert len(shipped) == tokenizer.ENTRIES
    names = " ".join(name for subject in subjects.load() for name in subject.names)
    counts = [len(shipped.tokenize(word)) for word in sorted(set(tokenizer.split(names)))]
    assert max(counts) <= 4
    assert counts.count(1) >= 0.9 * len(counts)
