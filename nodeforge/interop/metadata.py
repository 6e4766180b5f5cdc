"""What a picture tells of how it was made: read from any program's file, written into ours.

PNG holds words in chunks of its own; JPEG and WebP in EXIF (UserComment, as A1111 writes it) and
XMP. One value, `Metadata`, is what all three are read into and written from.
"""

from __future__ import annotations

import json
import re
import warnings
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from nodeforge.errors import BadFile
from nodeforge.graph.document import Document
from nodeforge.graph.file import opened
from nodeforge.graph.file import read as read_file
from nodeforge.interop import xmp
from nodeforge.interop.containers import Parts, is_known, parts

GRAPH, PARAMETERS = "nodeforge", "parameters"  # keywords in PNG, as NodeForge and A1111 say it
USER_COMMENT, DESCRIPTION, MAKE, MODEL, EXIF_IFD = 0x9286, 0x010E, 0x010F, 0x0110, 0x8769
OTHERS = ("AVIF", "HEIF", "TIFF", "GIF", "BMP", "JPEG2000", "TGA", "QOI", "ICO", "PPM")
# How ComfyUI and its nodes mark what they put into the plain fields of EXIF
MARKED = re.compile(r"\s*(workflow|prompt)\s*:\s*(?=\{)", re.IGNORECASE)


@dataclass(frozen=True)
class Metadata:
    """graph: the document as JSON, of ours. parameters: the text that A1111 writes. comfy_prompt,
    comfy_workflow: ComfyUI's two JSON texts. source: the address of the IPTC's
    DigitalSourceType. format: "png", "jpeg", "webp", or Pillow's name in lower case. What is not
    there is empty."""

    graph: str = ""
    parameters: str = ""
    comfy_prompt: str = ""
    comfy_workflow: str = ""
    source: str = ""
    format: str = ""

    def __bool__(self) -> bool:
        """Whether it tells anything."""
        return bool(self.graph or self.parameters or self.source or self.comfy)

    @property
    def comfy(self) -> bool:
        return bool(self.comfy_prompt or self.comfy_workflow)


def read(source: Path | bytes) -> Metadata:
    """What a picture tells; no pixel is decoded. What is damaged or larger than any graph is left
    out. Raises BadFile where there is no picture, or it cannot be read."""
    name = source.name if isinstance(source, Path) else "This"
    try:
        with _opened(source) as file:
            found = parts(file)
            return _of_others(file) if found is None else _told(found)
    except FileNotFoundError:
        raise BadFile(f"There is no picture {name}: was it moved or renamed?") from None
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or "it is damaged"
        raise BadFile(f"{name} is no picture that can be read ({why}): choose another") from None


def graph_of(source: Path | bytes) -> tuple[Document, list[str]]:
    """The graph that made a picture of ours, and a sentence about each thing that was left out.

    Raises BadFile where there is none; the sentence names what the picture has instead.
    """
    told = read(source)
    name = source.name if isinstance(source, Path) else "This picture"
    if told.graph:
        try:
            return opened(told.graph)
        except BadFile as error:
            raise BadFile(f"The graph in {name} cannot be opened. {error}") from error
    raise BadFile(f"{name} holds no NodeForge graph{_instead(told)}")


def is_picture(path: Path) -> bool:
    """Whether a file is one of the pictures that can hold a graph, by how it begins."""
    try:
        with path.open("rb") as file:
            return is_known(file.read(12))
    except (OSError, ValueError):
        return False


def read_graph(path: Path) -> tuple[Document, list[str]]:
    """The graph in a file of ours or in a picture, and a sentence about each thing that was left
    out. Raises BadFile."""
    return graph_of(path) if is_picture(path) else read_file(path)


def _instead(told: Metadata) -> str:
    if told.parameters:
        return ", but the settings of another program: drop it on the canvas to take them"
    if told.comfy:
        return ", but a ComfyUI workflow"
    return ": drop it on the canvas to use it as a picture"


def _opened(source: Path | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        return BytesIO(source)
    if source.exists() and not source.is_file():
        raise BadFile(f"{source.name} is no file but a folder or a device: choose a file")
    return source.open("rb")


def _told(found: Parts) -> Metadata:
    """From the parts of a file. Where two places tell the same, the more usual one counts."""
    fields = _exif(found.exif)
    says = xmp.properties(found.xmp)
    more = xmp.properties(found.extended)
    comments = [_decoded(comment) for comment in found.comments]
    texts = [fields.get(USER_COMMENT, ""), *comments, fields.get(DESCRIPTION, "")]
    ours = f"{{{xmp.OURS}}}"
    marked = _marked([*fields.values(), *comments])
    return Metadata(
        graph=_first(found.texts.get(GRAPH), says.get(f"{ours}Graph"), more.get(f"{ours}Graph")),
        parameters=_first(
            found.texts.get(PARAMETERS),
            next((text for text in texts if _is_parameters(text)), ""),
            says.get(f"{ours}Parameters"),
            more.get(f"{ours}Parameters"),
        ),
        comfy_prompt=_first(found.texts.get("prompt"), marked.get("prompt")),
        comfy_workflow=_first(found.texts.get("workflow"), marked.get("workflow")),
        source=says.get(f"{{{xmp.IPTC}}}DigitalSourceType", ""),
        format=found.format,
    )


def _of_others(file: BinaryIO) -> Metadata:
    """Of the kinds that only Pillow knows, by their heads. Raises OSError, ValueError."""
    from PIL import Image as Pil  # here: the window knows the class above long before any picture

    file.seek(0)
    Pil.init()
    try:
        with Pil.open(file, formats=[name for name in OTHERS if name in Pil.OPEN]) as picture:
            exif = picture.info.get("exif") or picture.getexif().tobytes()
            packet = picture.info.get("xmp") or b""
            format = (picture.format or "").lower()
    except Pil.DecompressionBombError as error:
        raise ValueError(str(error)) from error
    packet = packet.encode() if isinstance(packet, str) else bytes(packet)
    return _told(Parts(format, exif=bytes(exif), xmp=packet))


def _first(*texts: str | None) -> str:
    return next((text for text in texts if text), "")


def _is_parameters(text: str) -> bool:
    return "Steps: " in text or "\nNegative prompt:" in text


def _exif(data: bytes) -> dict[int, str]:
    """The fields that may hold words, by tag; none of what is damaged."""
    from PIL import Image as Pil

    found: dict[int, str] = {}
    if not data:
        return found
    # a damaged structure may raise or warn of anything; the rest of it counts
    with suppress(Exception), warnings.catch_warnings(action="ignore"):
        exif = Pil.Exif()
        exif.load(data)
        for tag in (DESCRIPTION, MAKE, MODEL):
            value = exif.get(tag)
            if isinstance(value, str | bytes):
                found[tag] = _decoded(value.encode() if isinstance(value, str) else value)
        comment = exif.get_ifd(EXIF_IFD).get(USER_COMMENT)
        if isinstance(comment, bytes | str):
            raw = comment.encode("latin-1", "replace") if isinstance(comment, str) else comment
            found[USER_COMMENT] = user_comment(raw, big=exif.endian == ">")
    return found


def user_comment(data: bytes, big: bool = True) -> str:
    """The text of EXIF's UserComment, whose first eight bytes name its code. big: the byte order
    of the file, which some programs do not keep to here: what reads as text counts."""
    code, body = data[:8].rstrip(b"\0 "), data[8:]
    if code == b"UNICODE":
        return _utf16(body, big)
    if code == b"JIS":
        return body.decode("iso2022_jp", "replace").strip("\0")
    return _decoded(body if code == b"ASCII" or not data[:8].strip(b"\0 ") else data)


def _utf16(body: bytes, big: bool) -> str:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace").strip("\0")
    high, low = body[0::2].count(0), body[1::2].count(0)
    if high != low:  # Latin letters have their zero in the high byte
        big = high > low
    return body.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\0")


def _decoded(data: bytes) -> str:
    try:
        return data.decode().strip("\0")
    except UnicodeDecodeError:
        return data.decode("latin-1").strip("\0")


def _marked(texts: list[str]) -> dict[str, str]:
    """ComfyUI's texts out of plain fields: with their names in front, or both in one object."""
    found: dict[str, str] = {}
    for text in texts:
        if match := MARKED.match(text):
            found.setdefault(match[1].lower(), text[match.end() :])
        elif text.lstrip().startswith("{"):
            for name, data in _parsed(text).items():
                if name in ("workflow", "prompt") and isinstance(data, dict | str):
                    whole = data if isinstance(data, str) else json.dumps(data)
                    if whole.lstrip().startswith("{"):
                        found.setdefault(name, whole)
    return found


def _parsed(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
