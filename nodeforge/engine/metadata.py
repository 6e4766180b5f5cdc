"""How a picture was really made: noted while it is, told to whoever writes it into a file.

Each result has an `Origin`, made of what its stage was really called with and of the origins of
its inputs. So it does not matter whether a value came from a node, a wire, the face of a group or
an expression, and which of two prompts was to be avoided is told by the port it went into.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from nodeforge import resources
from nodeforge.base.numbers import written
from nodeforge.errors import NodeForgeError
from nodeforge.graph.spec import Dice, File, StageSpec, Text
from nodeforge.interop.a1111 import GenerationData, Hires, LoraUse, format_parameters
from nodeforge.interop.metadata import Metadata, read
from nodeforge.interop.paths import file_name, without_paths
from nodeforge.interop.xmp import COMPOSED, DRAWN
from nodeforge.models import hashes
from nodeforge.values import Conditioning, Control, Drawn, Image, Latent, Model

SEEDS = 2**64
WAIT = 2.0  # seconds that a run is held up for the hash of a model that is still being read
SCHEDULES = {
    "exponential": "Exponential",
    "beta": "Beta",
    "lu": "Lu",
    "SGM uniform": "SGM Uniform",
    "normal": "Normal",
    "DDIM uniform": "DDIM",
    "simple": "Simple",
}  # ours in A1111's spelling; Karras is Karras
OWN = ("model default", "default")
TOLD = ("steps", "guidance", "sampler", "schedule", "strength", "start", "end")


@dataclass(frozen=True)
class Drawing:
    """One time that something was drawn. data: with the seed of the first picture, without hashes.

    count: pictures. model, loras, words: files to be told by a hash. before: what it went on from.
    enlarged: by what that was made larger. start: the share of the steps at which it took over.
    """

    data: GenerationData
    count: int = 1
    model: str = ""
    loras: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    before: Drawing | None = None
    enlarged: str = ""
    start: float = 0.0


@dataclass(frozen=True)
class Origin:
    """drawings: the last ones that show in it. enlarged: by what they were made larger since.
    text: the words of a prompt. drawn, loaded: whether a model drew any of it, and whether a
    picture from a file had a part in it. source: what such a file said of itself, as the address
    of the IPTC's DigitalSourceType."""

    drawings: tuple[Drawing, ...] = ()
    enlarged: str = ""
    text: str = ""
    drawn: bool = False
    loaded: bool = False
    source: str = ""

    @property
    def mark(self) -> str:
        """What a file with it says for everyone: that a model drew it, or a part, or nothing."""
        if self.drawn:
            return COMPOSED if self.loaded else DRAWN
        return self.source


NOWHERE = Origin()


def origin(
    spec: StageSpec,
    arguments: Mapping[str, Any],
    results: Sequence[object],
    inputs: Mapping[str, Sequence[Origin]],
) -> Origin:
    """Of what a stage made. arguments: what it was really called with. inputs: whence those came,
    by port."""
    made = next((r for r in results if isinstance(r, Latent | Image)), None)
    seed = next((p.name for p in spec.params if isinstance(p.kind, Dice)), "")
    idle = isinstance(made, Latent) and made.drawn == Drawn()
    if seed and made is not None and not idle:
        return _drawn(spec, arguments, made, inputs, arguments[seed])
    whole = _merged(_shows(spec, inputs))
    seen = [p.name for p in spec.inputs if p.type in ("Image", "Latent")] or [*inputs]
    shown = _merged([each for name in seen for each in inputs.get(name, ())])
    texts = [r.text for r in results if isinstance(r, Conditioning) and r.text]
    files = [arguments.get(p.name) for p in spec.params if _loads(p.kind, arguments.get(p.name))]
    said = [Origin(loaded=True, source=_source_of(str(file))) for file in files]
    return Origin(
        shown.drawings,
        _enlarger(spec, arguments, made) or shown.enlarged,
        texts[0] if texts else whole.text,
        whole.drawn,
        whole.loaded or bool(files),
        _merged([whole, *said]).source,
    )


def _shows(spec: StageSpec, inputs: Mapping[str, Sequence[Origin]]) -> list[Origin]:
    """Whence that comes which shows in the result: where a mask comes from does not."""
    masks = {port.name for port in spec.inputs if port.type == "Mask"}
    return [each for name, some in inputs.items() if name not in masks for each in some]


def _source_of(file: str) -> str:
    """What a picture says of how it was made, of the two things that concern a model."""
    path, ours = Path(file.strip()).expanduser(), resources.path(file)
    try:
        source = read(path if path.exists() else ours).source
    except (NodeForgeError, OSError, ValueError):
        return ""
    return source if source in (DRAWN, COMPOSED) else ""


def _loads(kind: object, value: object) -> bool:
    return isinstance(kind, File) and kind.what == "image" and bool(value)


def _merged(origins: Iterable[Origin]) -> Origin:
    found = list(origins)
    texts = list(dict.fromkeys(each.text for each in found if each.text))
    return Origin(
        tuple(dict.fromkeys(d for each in found for d in each.drawings)),
        next((each.enlarged for each in found if each.enlarged), ""),
        ", ".join(texts),
        any(each.drawn for each in found),
        any(each.loaded for each in found),
        _of_several([each.source for each in found if each.loaded]),
    )


def _of_several(sources: Sequence[str]) -> str:
    """What pictures from files are together."""
    if not any(sources):
        return ""
    return DRAWN if all(source == DRAWN for source in sources) else COMPOSED


def _enlarger(spec: StageSpec, arguments: Mapping[str, Any], made: object) -> str:
    """By what a stage made its picture larger, if it did."""
    before = next((v for v in arguments.values() if isinstance(v, Image | Latent)), None)
    if before is None or not isinstance(made, Image | Latent):
        return ""
    if made.width <= before.width and made.height <= before.height:
        return ""
    for param in spec.params:
        if isinstance(param.kind, File) and param.kind.what == "upscaler":
            return PurePath(file_name(str(arguments.get(param.name, "")))).stem
    filter = str(arguments.get("filter", ""))
    return filter[:1].upper() + filter[1:] or ("Latent" if isinstance(made, Latent) else "")


def _drawn(
    spec: StageSpec,
    arguments: Mapping[str, Any],
    made: Latent | Image,
    inputs: Mapping[str, Sequence[Origin]],
    seed: int,
) -> Origin:
    """What a stage drew that has a seed."""
    model = next((v for v in arguments.values() if isinstance(v, Model)), None)
    latent = next((v for v in arguments.values() if isinstance(v, Latent)), None)
    start = float(arguments.get("start", 0))
    keeps = (
        latent is not None
        and latent.samples is not None
        and (arguments.get("strength", 1) < 1 or arguments.get("mask") is not None or start > 0)
    )
    unused = [p.name for p in spec.inputs if p.type == "Latent" and not keeps]
    used = {name: some for name, some in inputs.items() if name not in unused}
    whole = _merged(_shows(spec, used))
    under = _merged([o for p in spec.inputs if p.type == "Latent" for o in inputs.get(p.name, ())])
    data = _data(spec, arguments, made, inputs, seed)
    if keeps and start <= 0:
        data = replace(data, strength=float(arguments.get("strength", 1)))
    drawing = Drawing(
        data,
        made.batch,
        model.path if model else "",
        tuple(lora.path for lora in model.loras) if model else (),
        tuple((each.word, each.path) for each in model.embeddings) if model else (),
        under.drawings[0] if keeps and under.drawings else None,
        under.enlarged,
        start,
    )
    _hashed(drawing, 0.0)  # a large file is read meanwhile
    return Origin((drawing,), "", "", model is not None or whole.drawn, whole.loaded, whole.source)


def _data(
    spec: StageSpec,
    arguments: Mapping[str, Any],
    made: Latent | Image,
    inputs: Mapping[str, Sequence[Origin]],
    seed: int,
) -> GenerationData:
    drawn = made.drawn if isinstance(made, Latent) and made.drawn else Drawn()
    positive, negative = _prompts(spec, arguments, inputs)
    sampler = drawn.sampler or str(arguments.get("sampler", ""))
    schedule = drawn.schedule or str(arguments.get("schedule", ""))
    steps, guidance = arguments.get("steps"), arguments.get("guidance")
    model = next((v for v in arguments.values() if isinstance(v, Model)), None)
    return GenerationData(
        without_paths(positive),
        without_paths(negative) if drawn.negates else "",
        int(steps) if steps is not None else None,
        "" if sampler in OWN else sampler,
        "" if schedule in OWN else SCHEDULES.get(schedule, schedule),
        float(guidance) if guidance is not None and drawn.negates else None,
        int(seed),
        made.width,
        made.height,
        _stem(model.path) if model else "",
        loras=tuple(LoraUse(_stem(each.path), each.strength) for each in model.loras)
        if model
        else (),
        extras=tuple(_extras(spec, arguments, model, drawn)),
    )


def _extras(
    spec: StageSpec, arguments: Mapping[str, Any], model: Model | None, drawn: Drawn
) -> Iterable[tuple[str, str]]:
    if not drawn.negates and (guidance := arguments.get("guidance")) is not None:
        yield "Distilled CFG Scale", written(guidance)
    for name, path in model.beside if model else ():
        yield ("VAE" if name == "vae" else name.replace("_", " ").capitalize()), _stem(path)
    controls = arguments.get("control")
    for number, each in enumerate(controls if isinstance(controls, list) else ()):
        if isinstance(each, Control):
            strength, start, end = map(written, (each.strength, each.start, each.end))
            told = f"Weight: {strength}, Guidance Start: {start}, Guidance End: {end}"
            yield f"ControlNet {number}", f"Model: {_stem(each.path)}, {told}"
    for param in spec.params:  # of a stage of a pack, whose settings A1111 has no names for
        plain = isinstance(param.kind, Dice | File | Text) or param.kind.cosmetic
        if not plain and param.name not in TOLD:
            yield param.name.replace("_", " ").capitalize(), str(arguments.get(param.name))


def _prompts(
    spec: StageSpec, arguments: Mapping[str, Any], inputs: Mapping[str, Sequence[Origin]]
) -> tuple[str, str]:
    """What to draw and what to avoid, by the ports they went into."""
    ports = [p.name for p in spec.inputs if p.type == "Conditioning"]
    avoided = [name for name in ports if "negative" in name] or ports[1:2]
    wanted = [name for name in ports if name not in avoided][:1]
    own = [p.name for p in spec.params if isinstance(p.kind, Text) and p.kind.prompt]
    own_avoided = [name for name in own if "negative" in name]

    def said(names: list[str]) -> str:
        for name in names:
            value = arguments.get(name)
            if isinstance(value, str):
                return value
            if text := getattr(value, "text", "") or _merged(inputs.get(name, ())).text:
                return str(text)
        return ""

    return (
        said(wanted) or said([name for name in own if name not in own_avoided]),
        said(avoided[:1]) or said(own_avoided),
    )


def _stem(path: str) -> str:
    """A model by its name: that of a file without its ending."""
    name = file_name(path)
    for ending in (".safetensors", ".gguf", ".sft", ".ckpt", ".pt", ".bin"):
        name = name.removesuffix(ending)
    return name


def seed_of(made: Origin, image: Image, index: int) -> int | None:
    """The seed of one picture of a batch, as its file is named."""
    if len(image.seeds) == image.batch:
        return image.seeds[index]
    drawing = _shown(made, image)
    if drawing is None or drawing.data.seed is None:
        return None
    return _next(drawing.data.seed, index if drawing.count == image.batch else 0)


def _next(seed: int, by: int) -> int:
    """The seed of a later picture: after the largest comes 0."""
    return (seed + by) % SEEDS


def prompt_of(made: Origin, image: Image) -> str:
    drawing = _shown(made, image)
    return drawing.data.prompt if drawing else ""


def told(made: Origin, image: Image, index: int, graph: str = "", wait: float = 0.0) -> Metadata:
    """What a file with this picture of a batch may tell. wait: seconds, for hashes that are not
    known yet; after that they are left out."""
    drawing = _shown(made, image)
    text = ""
    if drawing is not None:
        first = image.seeds[index] if len(image.seeds) == image.batch else None
        own = drawing.data.seed or 0
        known = first is not None and (first - own) % SEEDS < drawing.count
        offset = (first - own) % SEEDS if known and first is not None else index % drawing.count
        data = _as_told(drawing, offset, wait)
        more = _enlarged(made, drawing, image)
        text = format_parameters(replace(data, extras=(*data.extras, *more)))
    return Metadata(graph, text, source=made.mark)


def _enlarged(made: Origin, drawing: Drawing, image: Image) -> Iterable[tuple[str, str]]:
    """How the picture was made larger after it was drawn."""
    width, height = drawing.data.width or 0, drawing.data.height or 0
    if made.enlarged and width and image.width > width and image.height > height:
        yield "Postprocess upscale by", f"{image.width / width:.4g}"
        yield "Postprocess upscaler", made.enlarged


def _shown(made: Origin, image: Image) -> Drawing | None:
    """Of several drawings in one picture, that whose seeds the picture has; else the first."""
    for drawing in made.drawings:
        if image.seeds and drawing.data.seed == image.seeds[0]:
            return drawing
    return made.drawings[0] if made.drawings else None


def _as_told(drawing: Drawing, offset: int, wait: float) -> GenerationData:
    """With its hashes and the seed of the picture; over a smaller drawing as A1111's hires fix."""
    own, before = _hashed(drawing, wait), drawing.before
    if own.seed is not None:
        own = replace(own, seed=_next(own.seed, offset))
    if before is None:
        return own
    first = _as_told(before, offset, wait)
    if drawing.start > 0:
        if drawing.model == before.model:
            return first
        more = [("Refiner", own.model), ("Refiner switch at", written(drawing.start))]
        return replace(first, extras=(*first.extras, *(m for m in more if m[1])))
    if (own.width or 0) * (own.height or 0) > (first.width or 0) * (first.height or 0):
        more = [("Hires seed", str(own.seed))] if own.seed != first.seed else []
        extras = (*first.extras, *more)
        return replace(
            first, strength=own.strength, hires=_hires(first, own, drawing), extras=extras
        )
    return own


def _hires(first: GenerationData, own: GenerationData, drawing: Drawing) -> Hires:
    """What differs in the second drawing."""
    wide = (own.width or 0) / (first.width or 1)
    high = (own.height or 0) / (first.height or 1)
    even = wide == high
    return Hires(
        wide if even else None,
        None if even else own.width,
        None if even else own.height,
        drawing.enlarged or "Latent",
        own.steps if own.steps != first.steps else None,
        own.sampler if own.sampler != first.sampler else "",
        own.schedule if own.schedule != first.schedule else "",
        own.cfg if own.cfg != first.cfg else None,
        own.prompt if own.prompt != first.prompt else "",
        own.negative if own.negative != first.negative else "",
    )


def _hashed(drawing: Drawing, wait: float) -> GenerationData:
    data, until = drawing.data, time.monotonic() + wait

    def left() -> float:
        return until - time.monotonic()

    known = hashes.autov2(drawing.model, left()) if drawing.model else ""
    loras = [
        replace(use, hash=hashes.autov3(path, left()))
        for use, path in zip(data.loras, drawing.loras, strict=True)
    ]
    said = f"{data.prompt}\n{data.negative}"
    words = [(w, hashes.autov2(path, left())) for w, path in drawing.words if w and w in said]
    extras = list(data.extras)
    if taught := [f"{word}: {hash}" for word, hash in words if hash]:
        extras.append(("TI hashes", ", ".join(taught)))
    return replace(data, model_hash=known, loras=tuple(loras), extras=tuple(extras))
