"""What a picture tells is read from every kind of file, and no hostile file does harm."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import time
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo

from nodeforge.errors import BadFile, DiskError
from nodeforge.graph.document import Document, Node, NodeId
from nodeforge.graph.file import dumps
from nodeforge.interop import xmp
from nodeforge.interop.containers import LIMIT, PNG
from nodeforge.interop.encode import Format, encode
from nodeforge.interop.metadata import Metadata, graph_of, read, user_comment

EVERY: list[Format] = ["png", "jpeg", "webp"]
SMALL = Pil.fromarray(np.random.default_rng(0).integers(0, 255, (16, 24, 3), np.uint8))
TOLD = Metadata(
    graph='{"title": "Drachen über Köln & <龍> 🐉 \\"x\\""}',
    parameters="a dragon, 龍\nNegative prompt: ü\nSteps: 20, Sampler: Euler a, Seed: 3",
    source=xmp.DRAWN,
)
exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\1\2\3"))
    return PNG + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", EVERY)
def test_what_is_written_is_read_again(format: Format) -> None:
    found = read(encode(SMALL, format, told=TOLD))
    assert found == Metadata(TOLD.graph, TOLD.parameters, source=TOLD.source, format=format)


@pytest.mark.parametrize("format", EVERY)
@given(graph=st.text(min_size=1), parameters=st.text(min_size=1))
def test_any_text_comes_back(format: Format, graph: str, parameters: str) -> None:
    graph, parameters = json.dumps(graph), f"Steps: 1, x: {json.dumps(parameters)}"
    found = read(encode(SMALL, format, told=Metadata(graph, parameters)))
    assert (found.graph, found.parameters) == (graph, parameters)


@pytest.mark.parametrize("format", EVERY)
def test_pixels_are_the_same_with_and_without_words(format: Format) -> None:
    with (
        Pil.open(io.BytesIO(encode(SMALL, format))) as bare,
        Pil.open(io.BytesIO(encode(SMALL, format, told=TOLD))) as told,
    ):
        assert bare.tobytes() == told.tobytes()
        assert (
            not set(bare.info)
            - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            - {*("loop", "background", "timestamp", "duration")}
        )


@pytest.mark.parametrize("format", EVERY)
def test_a_graph_of_megabytes_comes_back(format: Format) -> None:
    graph = json.dumps({"text": "ü & <b> " * 200_000}, ensure_ascii=False)
    data = encode(SMALL, format, told=Metadata(graph, TOLD.parameters, source=xmp.DRAWN))
    assert read(data).graph == graph
    with Pil.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.size == SMALL.size


@exiftool
@pytest.mark.parametrize("format", EVERY)
@pytest.mark.parametrize("long", [False, True])
def test_exiftool_reads_it(tmp_path: Path, format: Format, long: bool) -> None:
    told = Metadata(TOLD.graph + "x" * 100_000 * long, TOLD.parameters, source=xmp.DRAWN)
    path = tmp_path / f"a.{format}"
    path.write_bytes(encode(SMALL, format, told=told))
    said = subprocess.run(
        ["exiftool", "-j", "-a", "-G1", "-b", "-struct", path],
        capture_output=True,
        check=True,
    )
    (tags,) = json.loads(said.stdout)
    assert tags["XMP-iptcExt:DigitalSourceType"] == xmp.DRAWN
    assert "ExifTool:Warning" not in tags
    place = "PNG:Parameters" if format == "png" else "ExifIFD:UserComment"
    assert tags[place] == TOLD.parameters.replace("\n", "." if format == "png" else "\n") or (
        tags[place] == TOLD.parameters
    )


def test_jpeg_lays_on_white_what_is_transparent() -> None:
    clear = Pil.new("RGBA", (8, 8), (255, 0, 0, 0))
    with Pil.open(io.BytesIO(encode(clear, "jpeg"))) as picture:
        assert picture.convert("RGB").getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(("format", "side"), [("webp", 16_384), ("jpeg", 65_501)])
def test_what_a_format_cannot_hold_is_said(format: Format, side: int) -> None:
    with pytest.raises(DiskError, match=r"px long, and .* at most: choose png"):
        encode(Pil.new("RGB", (side, 1)), format)
    encode(Pil.new("RGB", (side - 1, 1)), format)


def test_a_prompt_too_long_for_a_jpeg_is_said() -> None:
    with pytest.raises(DiskError, match="no room for a prompt this long: choose png"):
        encode(SMALL, "jpeg", told=Metadata(parameters="ü" * 40_000))


def comfy_webp() -> bytes:
    exif = Pil.Exif()
    exif[0x010F] = 'workflow:{"nodes": []}'
    exif[0x0110] = 'prompt:{"1": {"class_type": "KSampler"}}'
    data = io.BytesIO()
    SMALL.save(data, "webp", exif=exif)
    return data.getvalue()


def comfy_png() -> bytes:
    info = PngInfo()
    info.add_text("workflow", '{"nodes": []}')
    info.add_text("prompt", '{"1": {"class_type": "KSampler"}}', zip=True)
    data = io.BytesIO()
    SMALL.save(data, "png", pnginfo=info)
    return data.getvalue()


@pytest.mark.parametrize("data", [comfy_webp(), comfy_png()])
def test_the_workflow_of_comfyui_is_found(data: bytes) -> None:
    found = read(data)
    assert json.loads(found.comfy_workflow) == {"nodes": []}
    assert json.loads(found.comfy_prompt)["1"]["class_type"] == "KSampler"
    assert (found.graph, found.parameters) == ("", "")


@pytest.mark.parametrize(
    ("data", "big"),
    [
        (b"UNICODE\0" + "Steps: 1, 龍".encode("utf-16-be"), True),
        (b"UNICODE\0" + "Steps: 1, 龍".encode("utf-16-be"), False),
        (b"UNICODE\0" + "Steps: 1, 龍".encode("utf-16-le"), True),
        (b"UNICODE\0" + "Steps: 1, 龍".encode("utf-16"), True),
        (b"ASCII\0\0\0" + "Steps: 1, 龍".encode(), True),
        (b"JIS\0\0\0\0\0" + "Steps: 1, 龍".encode("iso2022_jp"), True),
        (b"\0\0\0\0\0\0\0\0" + "Steps: 1, 龍".encode(), True),
        ("Steps: 1, 龍".encode(), True),
    ],
)
def test_a_user_comment_in_any_code(data: bytes, big: bool) -> None:
    assert user_comment(data, big) == "Steps: 1, 龍"


def test_a_comment_of_a_jpeg_and_text_behind_the_pixels_count() -> None:
    data = io.BytesIO()
    SMALL.save(data, "jpeg", comment="a\nSteps: 3, Sampler: Euler, Seed: 1")
    assert read(data.getvalue()).parameters.startswith("a\nSteps: 3")
    late = chunk(b"tEXt", b"parameters\0Steps: 4") + chunk(b"IEND", b"")
    assert read(png()[:-12] + late).parameters == "Steps: 4"


def test_the_graph_comes_back_or_it_is_said_what_there_is(tmp_path: Path) -> None:
    document = Document().add(Node(NodeId("a"), "source.text", values={"text": "ü"}))
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(SMALL, "jpeg", told=Metadata(dumps(document))))
    assert graph_of(path) == (document, [])
    cases = {
        b"tEXt": (b"parameters\0Steps: 4", "settings of another program"),
        b"zTXt": (b"workflow\0\0" + zlib.compress(b"{}"), "a ComfyUI workflow"),
        b"iTXt": (b"x\0\0\0\0\0y", "use it as a picture"),
    }
    for kind, (data, said) in cases.items():
        with pytest.raises(BadFile, match=f"holds no NodeForge graph.*{said}"):
            graph_of(png(chunk(kind, data)))
    with pytest.raises(BadFile, match=r"cannot be opened\. It is damaged"):
        graph_of(png(chunk(b"tEXt", b"nodeforge\0{")))


BOMB = zlib.compress(b"a" * (LIMIT + 1))


@pytest.mark.parametrize(
    "data",
    [
        png(chunk(b"zTXt", b"parameters\0\0" + BOMB)),
        png(chunk(b"iTXt", b"nodeforge\0\1\0\0\0" + BOMB)),
        png(chunk(b"zTXt", b"parameters\0\0no zlib")),
        png(chunk(b"tEXt", b"no end")),
        png(chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff")),
        png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<!DOCTYPE x [<!ENTITY a 'b'>]>")),
        PNG + struct.pack(">I", 2**31 - 1) + b"tEXt" + b"parameters\0a",
        b"\xff\xd8\xff\xe1\0\0" * 1000,
        b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM",
        b"RIFF\xff\xff\xff\xffWEBPEXIF\xff\xff\xff\xff",
    ],
)
def test_a_hostile_file_tells_nothing(data: bytes) -> None:
    assert not read(data)


@given(st.binary(max_size=64), st.sampled_from([PNG, b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b""]))
def test_any_bytes_are_read_or_refused_in_a_sentence(data: bytes, head: bytes) -> None:
    with suppress(BadFile):
        assert isinstance(read(head + data), Metadata)


@pytest.mark.parametrize("format", EVERY)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(format: Format, data: st.DataObject) -> None:
    whole = bytearray(encode(SMALL, format, told=TOLD))
    for _ in range(3):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadFile):
        read(bytes(whole))


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="There is no picture x"):
        read(tmp_path / "x.png")
    with pytest.raises(BadFile, match="a folder or a device"):
        read(tmp_path)


def test_work_that_a_hostile_picture_makes_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    real = zlib.decompressobj

    class Counting:
        def decompress(self, data: bytes, most: int) -> bytes:
            unpacked.append(len(body := real().decompress(data, most)))
            return body

    bomb = zlib.compress(b"\0" * (80 * 2**20))
    bombs = [chunk(b"zTXt", b"k%d\0\0" % n + bomb[: len(bomb) - n % 2]) for n in range(8)]
    monkeypatch.setattr(zlib, "decompressobj", Counting)
    assert not read(png(*bombs))
    assert sum(unpacked) <= 2 * 64 * 2**20 + 8


def test_a_packet_that_is_nested_or_crowded_is_read_in_no_time() -> None:
    rdf = xmp.RDF.encode()
    deep = b"<rdf:Description>" * 50_000 + b"</rdf:Description>" * 50_000
    wide = b"<rdf:Description><a/></rdf:Description>" * 150_000
    began = time.process_time()
    for body in (deep, wide):
        packet = b'<rdf:RDF xmlns:rdf="%s">%s</rdf:RDF>' % (rdf, body)
        assert xmp.properties(packet) == {}
    assert time.process_time() - began < 5
