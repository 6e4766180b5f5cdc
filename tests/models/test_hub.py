"""Downloads from a hub on this machine: what is wanted, and everything that can go wrong."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
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
    return Transfer(offer, files, folder, host=server.address, waits=(0.0,), **words)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """huggingface_hub waits a second after each cut."""
    monkeypatch.setattr("huggingface_hub.file_download.time", SimpleNamespace(sleep=lambda _: 0))


def gets(server: Hub) -> list[tuple[str, str, str]]:
    """The requests for bytes of files."""
    return [asked for asked in server.asked if not asked[0].startswith("/api/")]


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


@pytest.mark.parametrize("aside", [False, True])
def test_a_cut_connection_goes_on_where_it_was(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aside: bool
) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 100)
    with serving(Hub()) as elsewhere:
        sender = elsewhere if aside else server
        server.aside = elsewhere.address if aside else ""
        sender.cut = [1000, 550]
        assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]
        assert [asked[1] for asked in gets(sender)] == ["", "bytes=1000-", "bytes=1500-"]


def test_a_hub_without_ranges_begins_again(server: Hub, tmp_path: Path) -> None:
    server.cut, server.ranges = [1000], False
    assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]


def test_a_connection_that_stays_broken(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "CHUNK", 10)
    server.cut = [10, 10, 10, *[0] * 30]
    with pytest.raises(HubError, match="cannot be reached"):
        bound(server, tmp_path, HALF).run()
    assert (tmp_path / f"{HALF}.part").stat().st_size == 30
    server.cut.clear()
    monkeypatch.setattr(transfer, "CHUNK", 2**18)
    assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]
    assert server.asked[-1][1] == "bytes=30-"


def test_an_address_that_is_no_longer_good_is_asked_for_anew(server: Hub, tmp_path: Path) -> None:
    """Files lie behind addresses that are good for an hour; no answer there is about terms."""
    with serving(Hub(codes=[403])) as elsewhere:
        server.aside = elsewhere.address
        assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]
        elsewhere.codes = [403, 403]
        with pytest.raises(HubError, match=r"cannot answer now \(error 403\)"):
            bound(server, tmp_path / "other", HALF).run()
    assert len(server.sought) == 4


def test_an_answer_of_the_hub_itself_is_final(server: Hub, tmp_path: Path) -> None:
    move = bound(server, tmp_path, HALF)
    server.gated = {"org/name"}
    with pytest.raises(HubError, match="agree to its terms"):
        move.run()
    assert len(server.sought) == 1
    server.gated, server.closed = set(), 503
    with pytest.raises(HubError, match=r"cannot answer now \(error 503\)"):
        move.run()
    assert len(server.sought) == 3, "that may pass"
    assert not gets(server)


def test_a_process_that_was_killed_goes_on_where_it_was(server: Hub, tmp_path: Path) -> None:
    server.stall = 700_000
    script = (
        "import sys; from pathlib import Path; from nodeforge.models import hub, transfer\n"
        "offer = hub.look(hub.Wish('org/name'), host=sys.argv[1])\n"
        "files = [file for file in offer.files if file.name == sys.argv[3]]\n"
        "transfer.Transfer(offer, files, Path(sys.argv[2]), host=sys.argv[1]).run()"
    )
    words = [sys.executable, "-c", script, server.address, str(tmp_path), HALF]
    child = subprocess.Popen(words, env={**os.environ, "HF_HUB_OFFLINE": "0"})
    part = tmp_path / f"{HALF}.part"
    try:
        assert server.stalled.wait(60)
        until = time.monotonic() + 60
        while not (part.exists() and part.stat().st_size == 2 * transfer.CHUNK):
            assert time.monotonic() < until
            assert child.poll() is None
    finally:
        child.kill()
        child.wait()
    server.stall = 0
    server.go.set()
    assert bound(server, tmp_path, HALF).run().read_bytes() == FOLDER[HALF]
    assert server.asked[-1][1] == f"bytes={2 * transfer.CHUNK}-"
    assert not part.exists()


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


def test_a_stop_is_heeded_as_soon_as_a_chunk_has_come(server: Hub, tmp_path: Path) -> None:
    """Though the rest of the file does not come."""
    server.stall = transfer.CHUNK + 1000
    move = bound(server, tmp_path, HALF)
    move.news = lambda status: move.stop()
    with pytest.raises(Cancelled):
        move.run()
    assert server.stalled.is_set()
    assert (tmp_path / f"{HALF}.part").stat().st_size == transfer.CHUNK


def test_more_than_the_hub_said_is_not_taken(server: Hub, tmp_path: Path) -> None:
    offer = offered(server)
    for file in (File(HALF, 10), File("model_index.json", 3)):
        with pytest.raises(HubError, match="its sum is another"):
            Transfer(offer, [file], tmp_path / "m", host=server.address).run()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_of_a_size_that_is_not_said_begins_anew(server: Hub, tmp_path: Path) -> None:
    (tmp_path / "README.md.part").write_bytes(b"old")
    move = Transfer(offered(server), [File("README.md", 0)], tmp_path, host=server.address)
    assert move.run().read_bytes() == FOLDER["README.md"]


def test_nothing_is_drawn(server: Hub, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bound(server, tmp_path).run()
    assert capfd.readouterr() == ("", "")


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
    with serving(Hub()), pytest.raises(HubError, match="cannot be reached: check the connection"):
        hub.look(Wish("org/name"), host=address)


def test_the_token_goes_to_the_hub_only(server: Hub, tmp_path: Path) -> None:
    """Files lie elsewhere; who keeps them must not learn the token."""
    server.gated = {"org/name"}
    with serving(Hub()) as elsewhere:
        server.aside = elsewhere.address
        offer = offered(server, "secret")
        file = next(f for f in offer.files if f.name == HALF)
        Transfer(offer, [file], tmp_path, "secret", server.address).run()
        assert server.sought[-1][1] == "Bearer secret"
        assert [asked[2] for asked in elsewhere.asked] == [""]
        assert not elsewhere.sought
    server.aside = ""
    Transfer(offer, [file], tmp_path / "other", "secret", server.address).run()
    assert gets(server)[-1][2] == "Bearer secret"


def test_an_own_token_of_the_machine_is_not_sent_unasked(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "of-the-machine")
    bound(server, tmp_path, HALF).run()
    assert {asked[2] for asked in server.asked} | {each[1] for each in server.sought} == {""}


@pytest.mark.parametrize("place", ["ftp://elsewhere.test", "file://", "nowhere:"])
def test_a_place_that_is_not_safe(server: Hub, tmp_path: Path, place: str) -> None:
    server.aside = place
    with pytest.raises(HubError, match="not safe"):
        bound(server, tmp_path, HALF).run()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (401, "agree to its terms"),
        (403, "agree to its terms"),
        (404, "no model “org/name”"),
        (429, "asks to wait"),
        (500, "cannot answer now (error 500)"),
        (503, "cannot answer now (error 503)"),
    ],
)
def test_ways_of_saying_no(server: Hub, code: int, words: str) -> None:
    server.closed = code
    with pytest.raises(HubError, match=re.escape(words)):
        offered(server)


def test_a_machine_that_is_to_stay_offline(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = bound(server, tmp_path, HALF)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        offered(server)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        move.run()
    assert len(server.asked) == 1


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

    monkeypatch.setattr(transfer._Growing, "write", full)
    with pytest.raises(DiskError, match=r"No space left on device.*make room"):
        bound(server, tmp_path, HALF).run()
