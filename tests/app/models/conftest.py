"""A window whose models lie in folders that the test made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nodeforge.app.models.stock import Stock
from nodeforge.models.folders import COMFY, Place
from nodeforge.models.index import Index
from tests.app.conftest import Desk
from tests.models import files
from tests.models.test_scan import LORA, UNET

XL = UNET | {
    "model.diffusion_model.label_emb.0.0.weight": (1280, 2816),
    "conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias": (1280,),
}
SD1_LORA = {
    "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (8, 768),
    "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight": (1280, 8),
}


@dataclass
class Shelf:
    """root: the ComfyUI folder. places: what a look for other programs finds."""

    desk: Desk
    qtbot: QtBot
    root: Path
    places: list[Place] = field(default_factory=list[Place])

    @property
    def stock(self) -> Stock:
        return self.desk.window.left.stock

    def look(self) -> None:
        """Look through the places, and wait until it is done."""
        with self.qtbot.waitSignal(self.stock.busy, check_params_cb=lambda on: not on):
            self.stock.start()

    def path(self, name: str) -> str:
        return str(next(self.root.rglob(name)))


@pytest.fixture
def shelf(desk: Desk, qtbot: QtBot, tmp_path: Path) -> Shelf:
    root = tmp_path / "ComfyUI/models"
    files.weights(root / "checkpoints/dreamshaper_8.safetensors", UNET)
    files.weights(root / "checkpoints/juggernautXL_v9.safetensors", XL)
    files.weights(root / "loras/ink_wash.safetensors", SD1_LORA, **{"modelspec.title": "Ink wash"})
    files.weights(root / "loras/flux_realism.safetensors", LORA)
    files.weights(
        root / "upscale_models/4x-UltraSharp.safetensors",
        {"model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)},
    )
    files.weights(root / "checkpoints/strange.safetensors", {"w": (64, 64), "v": (64, 64)})
    files.put(root / "loras/half_copied.safetensors", {"a": 3}, 9000)
    shelf = Shelf(desk, qtbot, root, [Place(COMFY, root)])
    stock = shelf.stock
    stock._find = lambda: shelf.places
    stock._make_index = lambda: Index(tmp_path / "models.sqlite", tmp_path / "models.json")
    return shelf
