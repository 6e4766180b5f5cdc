"""The text beside a picture, as A1111 and Forge write and read it and Civitai shows it.

    a red dragon over a castle <lora:ink:0.8>
    Negative prompt: blurry
    Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5, Seed: 41, Size: 512x768

A1111 takes the last line for the settings, Civitai the first that begins with "Steps: "; both end
the prompt at "Negative prompt:". A prompt that itself holds such signs would be read wrongly, so
it is written with a gap in them, and once more, exactly, among the settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

LIMIT = 2**20  # characters; nothing longer is looked at
NEGATIVE = "Negative prompt:"
EXACT, EXACT_NEGATIVE = "NodeForge prompt", "NodeForge negative prompt"
TAG = re.compile(r"<(?:lora|lyco):([^:<>]+)(?::([^:<>]*))?(?::[^<>]*)?>", re.IGNORECASE)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
SIZE = re.compile(r"(\d{1,9})\s*[x\u00d7]\s*(\d{1,9})")
KEY = re.compile(r"\s*([^\W_][\w +\-/().']*?):\s*")
KNOWN = {
    *("steps", "sampler", "schedule type", "cfg scale", "seed", "size", "model", "model hash"),
    *("denoising strength", "clip skip", "distilled cfg scale", "version"),
}
# The schedule was once part of the sampler's name, and still is in many pictures.
SCHEDULES = ("Karras", "Exponential", "SGM Uniform", "Beta", "Polyexponential", "Simple", "Normal")


@dataclass(frozen=True)
class LoraUse:
    """name: of the file, without folder and suffix. hash: as A1111 tells LoRAs apart, or empty."""

    name: str
    weight: float = 1.0
    hash: str = ""


@dataclass(frozen=True)
class Hires:
    """A second drawing over an enlarged first one; what it shares with the first is empty.

    scale: times larger; or width and height, in px.
    """

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    upscaler: str = ""
    steps: int | None = None
    sampler: str = ""
    schedule: str = ""
    cfg: float | None = None
    prompt: str = ""
    negative: str = ""


@dataclass(frozen=True)
class GenerationData:
    """How a picture was drawn, in A1111's words: "DPM++ 2M", "Karras".

    cfg: how closely to follow the words. strength: "Denoising strength", where a picture was
    changed. extras: every other setting, in order, by its name there. None and "" are: not said.
    """

    prompt: str = ""
    negative: str = ""
    steps: int | None = None
    sampler: str = ""
    schedule: str = ""
    cfg: float | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    model: str = ""
    model_hash: str = ""
    strength: float | None = None
    clip_skip: int | None = None
    loras: tuple[LoraUse, ...] = ()
    hires: Hires | None = None
    extras: tuple[tuple[str, str], ...] = ()


def format_parameters(data: GenerationData) -> str:
    """The whole text. The prompt is written as it is where every reader understands it so."""
    loras = tuple(replace(each, name=_tag_name(each.name)) for each in data.loras)
    data = replace(data, loras=loras)
    if not (_misleads(data.prompt) or _misleads(data.negative)):
        plain = _written(data, data.prompt, data.negative, {})
        if parse_parameters(plain) == data:
            return plain
    exact = {EXACT: _exactly(data.prompt), EXACT_NEGATIVE: _exactly(data.negative)}
    return _written(data, _gapped(data.prompt), _gapped(data.negative), exact)


def parse_parameters(text: str) -> GenerationData | None:
    """What such a text says; None for a text of another kind. Unknown settings are kept."""
    if len(text) > LIMIT:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = next((n for n in reversed(range(len(lines))) if _is_settings(lines[n])), None)
    if at is None and not any(line.strip().startswith(NEGATIVE) for line in lines):
        return None
    settings = dict(_pairs(lines[at])) if at is not None else {}
    for line in lines[at + 1 :] if at is not None else ():
        settings |= {k: v for k, v in _pairs(line) if k not in settings}
    prompt, negative = _prompts(lines[:at])
    return _understood(prompt, negative, settings)


def _tag_name(name: str) -> str:
    """A name as it can stand in a tag and in a list of hashes."""
    return re.sub(r'[<>:,"\\\x00-\x1f]+', "-", name).strip() or "lora"


def _gapped(text: str) -> str:
    """The same words for a reader, without what would end the prompt or add a LoRA."""
    text = text.replace(NEGATIVE, "Negative prompt :")
    text = re.sub(r"<(?=(?:lora|lyco|hypernet):)", "< ", text, flags=re.IGNORECASE)
    lines = re.split(r"\r\n|\r|\n", text)
    return "\n".join(f"- {line.strip()}" if _begins(line) else line.strip() for line in lines)


def _misleads(text: str) -> bool:
    """Whether some reader takes a part of the prompt for something else."""
    return NEGATIVE in text or bool(TAG.search(text)) or any(map(_begins, text.split("\n")))


def _begins(line: str) -> bool:
    return line.strip().startswith("Steps: ") or _is_settings(line)


def _written(data: GenerationData, prompt: str, negative: str, more: Mapping[str, str]) -> str:
    tags = "".join(f" <lora:{each.name}:{_digits(each.weight)}>" for each in data.loras)
    lines = [(prompt + tags).strip()]
    if negative.strip():
        lines.append(f"{NEGATIVE} {negative}")
    pairs = [(name, said) for name, said in _settings(data) if said != ""]
    settings = [f"{name}: {_quoted(said)}" for name, said in (*pairs, *data.extras)]
    lines.append(
        ", ".join([*settings, *(f"{name}: {said}" for name, said in more.items() if said)])
    )
    return "\n".join(lines).strip("\n")


def _settings(data: GenerationData) -> Iterator[tuple[str, str]]:
    """In A1111's order."""
    yield "Steps", _digits(data.steps)
    yield "Sampler", data.sampler
    yield "Schedule type", data.schedule
    yield "CFG scale", _digits(data.cfg)
    yield "Seed", _digits(data.seed)
    if data.width and data.height:
        yield "Size", f"{data.width}x{data.height}"
    yield "Model hash", data.model_hash
    yield "Model", data.model
    yield "Denoising strength", _digits(data.strength)
    yield "Clip skip", _digits(data.clip_skip)
    if hires := data.hires:
        yield "Hires upscale", _digits(hires.scale)
        if hires.width and hires.height:
            yield "Hires resize", f"{hires.width}x{hires.height}"
        yield "Hires steps", _digits(hires.steps)
        yield "Hires upscaler", hires.upscaler
        yield "Hires sampler", hires.sampler
        yield "Hires schedule type", hires.schedule
        yield "Hires CFG Scale", _digits(hires.cfg)
        yield "Hires prompt", hires.prompt
        yield "Hires negative prompt", hires.negative
    yield "Lora hashes", ", ".join(f"{each.name}: {each.hash}" for each in data.loras if each.hash)


def _digits(value: float | None) -> str:
    """As few digits as say exactly this number."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)


def _quoted(text: str) -> str:
    """A value with signs of the format in it stands in quotes, as JSON writes it."""
    signs = text.strip() != text or text[:1] in ('"', "{", "[") or re.search(r"[,:\n\r]", text)
    return json.dumps(text, ensure_ascii=False) if signs else text


def _exactly(text: str) -> str:
    """In quotes, without a sign that any reader takes for the end of a name or of a value."""
    quoted = json.dumps(text, ensure_ascii=False)[1:-1]
    bare = re.sub(r'\\(["\\])|([:,])', lambda m: f"\\u{ord(m[1] or m[2]):04x}", quoted)
    return f'"{bare}"' if text else ""


def _is_settings(line: str) -> bool:
    """Whether this line holds the settings: it begins with Steps, or has several known names."""
    line = line.strip()
    if re.match(r"Steps:\s*\d+\s*(,|$)", line):
        return True
    names = [name.lower() for name, _ in _pairs(line)] if line.count(":") >= 3 else []
    return len(names) >= 3 and len(KNOWN.intersection(names)) >= 2


def _prompts(lines: list[str]) -> tuple[str, str]:
    prompt: list[str] = []
    negative: list[str] | None = None
    for line in lines:
        if negative is None and line.strip().startswith(NEGATIVE):
            negative = [line.strip().removeprefix(NEGATIVE)]
        elif negative is None:
            prompt.append(line)
        else:
            negative.append(line)
    return "\n".join(prompt).strip(), "\n".join(negative or ()).strip()


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """The names and values of a line. A value ends at a comma, but for what is quoted or in
    brackets; a piece without a colon belongs to the value before it."""
    at, name = 0, ""
    value: list[str] = []
    while at < len(line):
        match = KEY.match(line, at)
        comma = line.find(",", at)
        if match is None or (0 <= comma < match.end(1)):
            end = len(line) if comma < 0 else comma
            value.append(line[at:end])
            at = end + 1
            continue
        if name:
            yield name, _joined(value)
        name = match[1]
        first, at = _value(line, match.end())
        value = [first]
    if name:
        yield name, _joined(value)


def _joined(value: list[str]) -> str:
    return ",".join(value).rstrip() if len(value) > 1 else "".join(value)


def _value(line: str, at: int) -> tuple[str, int]:
    """The value that begins here, and where the next name may begin."""
    if line[at : at + 1] in ('"', "{", "["):
        try:
            data, end = json.JSONDecoder().raw_decode(line, at)
        except (ValueError, RecursionError):
            pass
        else:
            rest = re.compile(r"\s*(,|$)").match(line, end)
            if rest:
                return data if isinstance(data, str) else line[at:end], rest.end()
    end = line.find(",", at)
    end = len(line) if end < 0 else end
    return line[at:end].strip(), end + 1


def _understood(prompt: str, negative: str, settings: dict[str, str]) -> GenerationData:
    keys = {name.lower(): name for name in reversed(settings)}

    def take(name: str) -> str:
        return settings.pop(keys.pop(name.lower(), ""), "")

    exact, exact_negative = take(EXACT), take(EXACT_NEGATIVE)
    bare, tags = _without_tags(prompt)
    sampler, schedule = _told_apart(take("Sampler"), take("Schedule type"))
    size = _size(take("Size")) or (_whole(take("width")), _whole(take("height")))
    hires = _hires(take)
    loras = _with_hashes(tags, take("Lora hashes")) or _resources(settings)
    return GenerationData(
        exact or bare,
        exact_negative or negative,
        _whole(take("Steps")),
        sampler,
        schedule,
        _number(take("CFG scale")),
        _whole(take("Seed")),
        *size,
        take("Model"),
        take("Model hash"),
        _number(take("Denoising strength")),
        _whole(take("Clip skip")),
        loras,
        hires,
        tuple(settings.items()),
    )


def _hires(take: Callable[[str], str]) -> Hires | None:
    width, height = _size(take("Hires resize")) or (None, None)
    found = Hires(
        _number(take("Hires upscale")),
        width or None,
        height or None,
        take("Hires upscaler"),
        _whole(take("Hires steps")),
        *_told_apart(take("Hires sampler"), take("Hires schedule type")),
        _number(take("Hires CFG Scale")),
        take("Hires prompt"),
        take("Hires negative prompt"),
    )
    return None if found == Hires() else found


def _without_tags(prompt: str) -> tuple[str, list[LoraUse]]:
    """The words alone, and the LoRAs that stood between them."""
    found: dict[str, LoraUse] = {}
    for match in TAG.finditer(prompt):
        weight = _number(match[2] or "")
        found.setdefault(match[1], LoraUse(match[1].strip(), 1.0 if weight is None else weight))
    if not found:
        return prompt, []
    alone = re.sub(rf",\s*{TAG.pattern}(?=\s*,)", "", prompt, flags=re.IGNORECASE)
    return re.sub(rf"[^\S\n]*{TAG.pattern}", "", alone, flags=re.IGNORECASE).strip(), [
        *found.values()
    ]


def _with_hashes(tags: list[LoraUse], told: str) -> tuple[LoraUse, ...]:
    pairs = [each.rpartition(":") for each in told.split(",")]
    hashes = {name.strip(): hash.strip() for name, colon, hash in pairs if colon}
    return tuple(replace(tag, hash=hashes.get(tag.name, "")) for tag in tags)


def _resources(settings: Mapping[str, str]) -> tuple[LoraUse, ...]:
    """The LoRAs that Civitai's own generator lists by itself."""
    try:
        told = json.loads(settings.get("Civitai resources", "[]"))
    except (ValueError, RecursionError):
        return ()
    found: list[LoraUse] = []
    for each in told if isinstance(told, list) else ():
        if isinstance(each, dict) and str(each.get("type", "")).lower() in ("lora", "lycoris"):
            weight = _number(str(each.get("weight", 1)))
            name = str(each.get("modelName") or each.get("modelVersionId") or "")
            found.append(LoraUse(name, 1.0 if weight is None else weight))
    return tuple(found)


def _told_apart(sampler: str, schedule: str) -> tuple[str, str]:
    """A sampler and a schedule of what was once written as one: "DPM++ 2M Karras"."""
    for name in SCHEDULES if not schedule else ():
        if sampler.lower().endswith(f" {name.lower()}"):
            return sampler[: -len(name) - 1].strip(), name
    return sampler, schedule


def _size(text: str) -> tuple[int, int] | None:
    match = SIZE.fullmatch(text.strip())
    return (int(match[1]), int(match[2])) if match else None


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,40}", text.strip(), re.ASCII) else None


def _number(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text.strip()) else None
