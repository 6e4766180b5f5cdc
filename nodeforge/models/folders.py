"""Where models lie already: the folders of other programs, found and linked, never copied.

Looked for at the places where each of them puts itself, and where its own settings point to:
ComfyUI's extra_model_paths.yaml, InvokeAI's invokeai.yaml, the hub's variables.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nodeforge import resources
from nodeforge.models.kinds import (
    CHECKPOINT,
    CONTROL,
    DENOISER,
    EMBEDDING,
    LORA,
    TEXT,
    UPSCALER,
    VAE,
)

BOX, COMFY, A1111, INVOKE, HUB = "NodeForge", "ComfyUI", "A1111", "InvokeAI", "Hub cache"
# What a program keeps in a folder of this name (without regard to case), for files that no
# header explains.
HINTS = {
    **dict.fromkeys(("checkpoints", "stable-diffusion", "main"), CHECKPOINT),
    **dict.fromkeys(("diffusion_models", "unet"), DENOISER),
    **dict.fromkeys(("clip", "text_encoders", "text_encoder", "t5_encoder"), TEXT),
    **dict.fromkeys(("loras", "lora", "lycoris"), LORA),
    **dict.fromkeys(("vae", "vae_approx"), VAE),
    **dict.fromkeys(("controlnet", "control_net", "t2i_adapter"), CONTROL),
    **dict.fromkeys(("embeddings", "embedding"), EMBEDDING),
    **dict.fromkeys(
        ("upscale_models", "esrgan", "realesrgan", "swinir", "dat", "hat", "latent_upscale_models"),
        UPSCALER,
    ),
}
_NAMES = {
    COMFY: ("ComfyUI", "comfyui", "ComfyUI_windows_portable/ComfyUI", "Comfy"),
    A1111: (
        "stable-diffusion-webui",
        "stable-diffusion-webui-forge",
        "stable-diffusion-webui-reForge",
        "sd-webui-forge-neo",
        "forge",
        "webui_forge_cu121_torch231/webui",
        "sd.webui/webui",
    ),
    INVOKE: ("invokeai", "InvokeAI", "invoke"),
}
_VARIABLES = {
    COMFY: ("COMFYUI_PATH", "COMFYUI_HOME", "COMFYUI_DIR"),
    A1111: ("SD_WEBUI_DIR", "WEBUI_DIR", "FORGE_DIR"),
    INVOKE: ("INVOKEAI_ROOT",),
}
_ROOTS = ("", "AI", "ai", "apps", "Apps", "src", "git", "code", "Documents", "Downloads", "Desktop")
_DRIVES = ("C:/", "D:/", "E:/", "F:/", "C:/AI", "D:/AI", "E:/AI")
_LIMIT = 2**20  # bytes of a settings file


@dataclass(frozen=True)
class Place:
    """A folder with models. program: whose it is; "" for one that the artist added."""

    program: str
    path: Path


def embedded() -> Place:
    """The models that come with NodeForge."""
    return Place(BOX, resources.path("models"))


def found(
    home: Path | None = None, variables: Mapping[str, str] | None = None, system: str = ""
) -> list[Place]:
    """The places that other programs keep models in and that are there now; each once.

    home, variables, system ("linux", "win32", "darwin"): as this machine has them, unless told.
    Never raises: settings that cannot be read are passed over.
    """
    home = home or Path.home()
    variables = os.environ if variables is None else variables
    places: dict[Path, Place] = {}
    for place in _all(home, variables, system or sys.platform):
        if place.path.is_dir():
            places.setdefault(place.path.resolve(), place)
    return [place for path, place in places.items() if not _inside(path, places)]


def _inside(path: Path, places: Iterable[Path]) -> bool:
    """Whether a folder lies in another one of them, and so is looked through anyway."""
    return any(path != other and path.is_relative_to(other) for other in places)


def _all(home: Path, variables: Mapping[str, str], system: str) -> Iterator[Place]:
    for program, look in ((COMFY, _comfy), (A1111, _a1111), (INVOKE, _invoke)):
        for root in _installed(program, home, variables, system):
            for path in look(root):
                yield Place(program, path)
    for path in _desktop_comfy(home, variables, system):
        yield Place(COMFY, path)
    for path in _hub(home, variables):
        yield Place(HUB, path)


def _installed(
    program: str, home: Path, variables: Mapping[str, str], system: str
) -> Iterator[Path]:
    """Where a program may be: what its variables say, then home and the usual folders in it."""
    for name in _VARIABLES[program]:
        if root := variables.get(name):
            yield Path(root).expanduser()
    tops = [home / name for name in _ROOTS]
    tops += [Path(drive) for drive in _DRIVES] if system == "win32" else [Path("/opt")]
    for top in tops:
        for name in _NAMES[program]:
            if (top / name).is_dir():
                yield top / name


def _comfy(root: Path) -> Iterator[Path]:
    yield root / "models"
    for name in ("extra_model_paths.yaml", "extra_models_config.yaml"):
        yield from comfy_paths(root / name)


def _desktop_comfy(home: Path, variables: Mapping[str, str], system: str) -> Iterator[Path]:
    """ComfyUI's desktop program keeps its folder in Documents, its settings elsewhere."""
    settings = {
        "win32": Path(variables.get("APPDATA", home / "AppData/Roaming")) / "ComfyUI",
        "darwin": home / "Library/Application Support/ComfyUI",
    }.get(system, home / ".config/ComfyUI")
    for name in ("extra_models_config.yaml", "extra_model_paths.yaml"):
        yield from comfy_paths(settings / name)


def comfy_paths(file: Path) -> Iterator[Path]:
    """The folders that an extra_model_paths.yaml of ComfyUI names."""
    for section in _settings(file).values():
        if not isinstance(section, dict):
            continue
        base = Path(str(section.get("base_path") or file.parent)).expanduser()
        base = base if base.is_absolute() else file.parent / base
        for name, lines in section.items():
            if name not in ("base_path", "is_default", "custom_nodes") and isinstance(lines, str):
                yield from (base / line.strip() for line in lines.splitlines() if line.strip())


def _a1111(root: Path) -> Iterator[Path]:
    yield root / "models"
    yield root / "embeddings"


def _invoke(root: Path) -> Iterator[Path]:
    told = _settings(root / "invokeai.yaml")
    flat = {**told, **_section(told, "InvokeAI", "Paths"), **_section(told, "InvokeAI", "General")}
    models = Path(str(flat.get("models_dir") or "models")).expanduser()
    yield models if models.is_absolute() else root / models
    for name in ("autoimport_dir", "lora_dir", "embedding_dir", "controlnet_dir"):
        if isinstance(flat.get(name), str) and flat[name]:
            path = Path(flat[name]).expanduser()
            yield path if path.is_absolute() else root / path
    yield root / "autoimport"


def _section(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    found: Any = told
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _hub(home: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if path := variables.get(name):
            yield Path(path).expanduser()
    if path := variables.get("HF_HOME"):
        yield Path(path).expanduser() / "hub"
    cache = variables.get("XDG_CACHE_HOME")
    yield (Path(cache) if cache else home / ".cache") / "huggingface" / "hub"


def _settings(file: Path) -> dict[str, Any]:
    """A YAML file of settings; empty if it is not there or cannot be read."""
    try:
        if file.stat().st_size > _LIMIT:
            return {}
        told = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
