"""Other programs' folders are found where they put themselves and where their settings point."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.models.folders import A1111, COMFY, HUB, INVOKE, Place, found


def made(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True)


def test_nothing_is_there(tmp_path: Path) -> None:
    assert found(tmp_path, {}, "linux") == []


def test_the_usual_places(tmp_path: Path) -> None:
    comfy, forge = tmp_path / "ComfyUI/models", tmp_path / "AI/stable-diffusion-webui-forge"
    invoke, hub = tmp_path / "invokeai/models", tmp_path / ".cache/huggingface/hub"
    made(comfy, forge / "models", forge / "embeddings", invoke, hub)
    assert found(tmp_path, {}, "linux") == [
        Place(COMFY, comfy),
        Place(A1111, forge / "models"),
        Place(A1111, forge / "embeddings"),
        Place(INVOKE, invoke),
        Place(HUB, hub),
    ]


def test_variables_come_first_and_each_folder_once(tmp_path: Path) -> None:
    far, hub = tmp_path / "far/comfy", tmp_path / "far/hf/hub"
    made(far / "models", hub, tmp_path / "home")
    (tmp_path / "home/ComfyUI").symlink_to(far)
    variables = {"COMFYUI_PATH": str(far), "HF_HOME": str(tmp_path / "far/hf")}
    places = found(tmp_path / "home", variables, "darwin")
    assert places == [Place(COMFY, far / "models"), Place(HUB, hub)]


def test_extra_model_paths_of_comfyui(tmp_path: Path) -> None:
    root, disk = tmp_path / "ComfyUI", tmp_path / "disk"
    made(root / "models", disk / "models/Stable-diffusion", disk / "models/Lora", root / "near/vae")
    (root / "extra_model_paths.yaml").write_text(
        f"""
a111:
    base_path: {disk}
    checkpoints: models/Stable-diffusion
    loras: |
        models/Lora
        models/LyCORIS
near:
    base_path: near
    is_default: true
    vae: vae
"""
    )
    paths = [place.path for place in found(tmp_path, {}, "linux")]
    assert paths == [
        root / "models",
        disk / "models/Stable-diffusion",
        disk / "models/Lora",
        root / "near/vae",
    ]


def test_the_desktop_program_of_comfyui(tmp_path: Path) -> None:
    disk = tmp_path / "Documents/My ComfyUI/models"
    made(disk / "checkpoints", tmp_path / "Roaming/ComfyUI")
    (tmp_path / "Roaming/ComfyUI/extra_models_config.yaml").write_text(
        f"comfyui_desktop:\n  base_path: {disk.parent}\n  checkpoints: models/checkpoints/\n"
    )
    places = found(tmp_path, {"APPDATA": str(tmp_path / "Roaming")}, "win32")
    assert places == [Place(COMFY, disk / "checkpoints")]


@pytest.mark.parametrize(
    "text",
    [
        "models_dir: {0}\nlora_dir: loras",
        "InvokeAI:\n  Paths:\n    models_dir: {0}\n    lora_dir: loras",
    ],
)
def test_invokeai_of_both_ages(tmp_path: Path, text: str) -> None:
    root, far = tmp_path / "invokeai", tmp_path / "far"
    made(root / "loras", root / "autoimport", far)
    (root / "invokeai.yaml").write_text(text.format(far))
    paths = [place.path for place in found(tmp_path, {}, "linux")]
    assert paths == [far, root / "loras", root / "autoimport"]


@pytest.mark.parametrize("text", ["", "[1", "a: &a [*a]", "- 1", "3", "a: b: c", "x: {y: 3}", "\0"])
def test_settings_that_cannot_be_read_hide_nothing(tmp_path: Path, text: str) -> None:
    root = tmp_path / "ComfyUI"
    made(root / "models")
    (root / "extra_model_paths.yaml").write_text(text)
    assert found(tmp_path, {}, "linux") == [Place(COMFY, root / "models")]
