"""Downloads from a hub on this machine: what is wanted, and everything that can go wrong."""

from __future__ import annotations

import errno
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodeforge.errors import Cancelled, DiskError, HubError
from nodeforge.models import hub, transfer
from nodeforge.models.hub import File, Wish
from nodeforge.models.transfer import Status, Transfer
from tests.models.hub_server import FOLDER, Hub, serving

HALF = "unet/diffusion_pytorch_model.fp16.safetensors"
WANTED = [
    "model_index.json",
    "scheduler/scheduler_config.json",
    "unet/config.json",
    HALF,
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
]


@pytest.fixture
def server() -> Iterator[Hub]:
    with serving(Hub()) as found:
        yield found


def offered(server: Hub, token: str = "") -> hub.Offer:
    return hub.look(Wish("org/name"), token, server.address)


def bound(server: Hub, folder: Path, *names: str, **words: Any) -> Transfer:
    offer = offered(server)
    files = hub.needed(offer)
    if names:
        files = tuple(file for file in offer.files if file.name in names)
    return Transfer(offer, files, folder, host=server.address, waits=(0.0, 0.0), **words)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (" org/name ", Wish("org/name")),
        ("org/name@v2", Wish("org/name", "v2")),
        ("https://hub.test/org/name", Wish("org/name")),
        ("https://hub.test/org/name/tree/fp16", Wish("org/name", "fp16")),
        ("https://hub.test/org/name/tree/main/unet", Wish("org/name", "main")),
        (
            "https://hub.test/org/name/blob/main/a%20b/c.safetensors?x=1",
            Wish("org/name", "main", "a b/c.safetensors"),
        ),
        ("http://hub.test/org/name/resolve/main/c.gguf", Wish("org/name", "main", "c.gguf")),
    ],
)
def test_what_is_pasted(text: str, wanted: Wish) -> None:
    assert hub.wish(text) == wanted


@pytest.mark.parametrize("text", ["", "a b", "../x", "a/b/c", "https://hub.test/", "/etc/passwd"])
def test_what_is_no_model(text: str) -> None:
    with pytest.raises(HubError, match="is no "):
        hub.wish(text)


def test_an_offer_has_files_sizes_and_a_licence(server: Hub) -> None:
    offer = offered(server)
    assert offer.licence == "openrail++"
    assert not offer.gated
    assert {f.name: f.size for f in offer.files} == {n: len(c) for n, c in FOLDER.items()}


def test_only_what_is_needed_in_one_precision(server: Hub) -> None:
    offer = offered(server)
    assert [file.name for file in hub.needed(offer)] == WANTED
    full = [file.name for file in hub.needed(offer, half=False)]
    assert full == [n.replace(".fp16", "") for n in WANTED]
    assert [f.name for f in hub.needed(offer, "v1.safetensors")] == ["v1.safetensors"]


def test_shards_come_with_their_index() -> None:
    stem = "transformer/diffusion_pytorch_model"
    shards = [f"{stem}-0000{n}-of-00002.safetensors" for n in (1, 2)]
    names = ["model_index.json", *shards, f"{stem}.safetensors.index.json"]
    offer = hub.Offer("a/b", "main", tuple(File(name, 1) for name in names))
    assert [file.name for file in hub.needed(offer)] == sorted(names)


def test_without_an_index_the_largest_file() -> None:
    names = ("README.md", "small.safetensors", "large.safetensors", "huge.bin")
    offer = hub.Offer("a/b", "main", tuple(File(name, n) for n, name in enumerate(names)))
    assert [file.name for file in hub.needed(offer)] == ["large.safetensors"]
    with pytest.raises(HubError, match="no weights"):
        hub.needed(hub.Offer("a/b", "main", (File("huge.bin", 9),)))


def test_a_model_comes_over_whole(server: Hub, tmp_path: Path) -> None:
    heard: list[Status] = []
    ticks = iter(range(100_000))
    move = bound(server, tmp_path / "m", news=heard.append, now=lambda: float(next(ticks)))
    assert move.run() == tmp_path / "m"
    for name in WANTED:
        assert (tmp_path / "m" / name).read_bytes() == FOLDER[name]
    found = [p for p in (tmp_path / "m").rglob("*") if p.is_file()]
    assert len(found) == len(WANTED)
    assert heard[-1].done == heard[-1].total == sum(len(FOLDER[n]) for n in WANTED)
    assert heard[-1].left == 0
    assert any(status.speed > 0 for status in heard)
    before = len(server.asked)
    move.run()  # it is here
    assert len(server.asked) == before


def test_a_cut_connection_goes_on_where_it_was(server: Hub, tmp_path: Path) -> None:
    server.cut = [1000, 500]
    assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]
    assert [asked[1] for asked in server.asked[1:]] == ["", "bytes=1000-", "bytes=1500-"]


def test_a_hub_without_ranges_begins_again(server: Hub, tmp_path: Path) -> None:
    server.cut, server.ranges = [1000], False
    assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]


def test_a_connection_that_stays_broken(server: Hub, tmp_path: Path) -> None:
    server.cut = [10, 10, 10]
    with pytest.raises(HubError, match="cannot be reached"):
        bound(server, tmp_path, HALF).run()
    assert (tmp_path / f"{HALF}.part").stat().st_size == 30
    assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]
    assert server.asked[-1][1] == "bytes=30-"


def test_pause_and_resume(server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 100_000)
    move = bound(server, tmp_path, HALF)
    move.news = lambda status: move.stop()
    with pytest.raises(Cancelled):
        move.run()
    assert (tmp_path / f"{HALF}.part").stat().st_size == 100_000
    assert not (tmp_path / HALF).exists()
    move.news = transfer.no_news
    assert move.run().read_bytes() == FOLDER[HALF]
    assert server.asked[-1][1] == "bytes=100000-"


def test_cancel_leaves_nothing(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 100_000)
    move = bound(server, tmp_path / "new", HALF)
    move.news = lambda status: move.stop()
    with pytest.raises(Cancelled):
        move.run()
    move.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_sum_is_thrown_away(server: Hub, tmp_path: Path) -> None:
    server.lie = HALF
    with pytest.raises(HubError, match="its sum is another"):
        bound(server, tmp_path, HALF).run()
    assert not (tmp_path / HALF).exists()
    assert not (tmp_path / f"{HALF}.part").exists()


def test_a_part_that_was_spoilt_on_disk(server: Hub, tmp_path: Path) -> None:
    part = tmp_path / f"{HALF}.part"
    part.parent.mkdir()
    part.write_bytes(bytes(1000))
    move = bound(server, tmp_path, HALF)
    with pytest.raises(HubError, match="its sum is another"):
        move.run()
    assert move.run().read_bytes() == FOLDER[HALF]


def test_a_model_behind_terms(server: Hub, tmp_path: Path) -> None:
    server.gated = {"org/name"}
    with pytest.raises(HubError, match=r"agree to its terms.*token"):
        offered(server)
    assert offered(server, "secret").gated


def test_a_model_that_is_not_there(server: Hub) -> None:
    with pytest.raises(HubError, match=r"no model “no/body”"):
        hub.look(Wish("no/body"), host=server.address)


def test_no_network() -> None:
    with serving(Hub()) as gone:
        address = gone.address
    with pytest.raises(HubError, match="cannot be reached: check the connection"):
        hub.look(Wish("org/name"), host=address)


def test_the_token_goes_to_the_hub_only(server: Hub, tmp_path: Path) -> None:
    """Files lie elsewhere; who keeps them must not learn the token."""
    server.gated = {"org/name"}
    with serving(Hub()) as elsewhere:
        server.aside = elsewhere.address
        offer = offered(server, "secret")
        file = next(f for f in offer.files if f.name == HALF)
        Transfer(offer, [file], tmp_path, "secret", server.address).run()
        assert server.asked[-1][2] == "Bearer secret"
        assert [asked[2] for asked in elsewhere.asked] == [""]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:evil", "a\\b"])
def test_names_that_lead_elsewhere(name: str, server: Hub) -> None:
    server.models["org/name"][name] = b"x"
    with pytest.raises(HubError, match="makes no sense"):
        offered(server)


def test_a_disk_without_room(server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6))
    with pytest.raises(DiskError, match=r"no room for “org/name”.*1.0 MB are free"):
        bound(server, tmp_path / "m").run()
    assert len(server.asked) == 1
    assert not (tmp_path / "m").exists()


def test_a_disk_that_fills_up_meanwhile(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Transfer, "_copy", full)
    with pytest.raises(DiskError, match=r"No space left on device.*make room"):
        bound(server, tmp_path, HALF).run()
