"""The vocabulary of parameters: name a range once, use it everywhere."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from nodeforge.graph.spec import Dice, File, Number, Text
from nodeforge.imaging import formats

Seed: TypeAlias = Annotated[int, Dice(0, 2**64 - 1)]
Pixels: TypeAlias = Annotated[
    int, Number(8, 16384, step=8, unit="px", whole=True, soft=(64, 2048), bar=False)
]
Count: TypeAlias = Annotated[int, Number(1, 64, whole=True, soft=(1, 16), bar=False)]
Steps: TypeAlias = Annotated[int, Number(1, 1000, whole=True, soft=(1, 60))]
Unit: TypeAlias = Annotated[float, Number(0, 1, step=0.01)]
Amount: TypeAlias = Annotated[float, Number(0, 5, step=0.05, soft=(0, 2))]
Radius: TypeAlias = Annotated[float, Number(0.1, 64, step=0.1, unit="px", soft=(0.1, 8))]
Quality: TypeAlias = Annotated[int, Number(1, 100, whole=True)]
Guidance: TypeAlias = Annotated[float, Number(0, 100, step=0.1, soft=(0, 20))]
Prompt: TypeAlias = Annotated[str, Text(lines=4, prompt=True)]
Lines: TypeAlias = Annotated[str, Text(lines=4)]
IMAGES = formats.pattern()
ImageFile: TypeAlias = Annotated[str, File(what="image", pattern=IMAGES, needed=True)]
Strength: TypeAlias = Annotated[float, Number(-2, 2, step=0.05, soft=(0, 1.5))]
Follow: TypeAlias = Annotated[float, Number(0, 2, step=0.05, soft=(0, 1.5))]
Reach: TypeAlias = Annotated[int, Number(-256, 256, unit="px", whole=True, soft=(-32, 32))]
Feather: TypeAlias = Annotated[float, Number(0, 128, step=0.5, unit="px", soft=(0, 32))]
ModelFile: TypeAlias = Annotated[
    str, File(what="model", pattern="*.safetensors *.gguf model_index.json", needed=True)
]
TextFile: TypeAlias = Annotated[str, File(what="text encoder", pattern="*.safetensors *.gguf")]
VaeFile: TypeAlias = Annotated[str, File(what="vae", pattern="*.safetensors")]
LoraFile: TypeAlias = Annotated[str, File(what="lora", pattern="*.safetensors", needed=True)]
EmbeddingFile: TypeAlias = Annotated[
    str, File(what="embedding", pattern="*.safetensors *.pt *.bin", needed=True)
]
ControlFile: TypeAlias = Annotated[
    str, File(what="control", pattern="config.json *.safetensors", needed=True)
]
UpscalerFile: TypeAlias = Annotated[
    str, File(what="upscaler", pattern="*.safetensors", needed=True)
]
Times: TypeAlias = Annotated[float, Number(1, 4, step=0.25, unit="×", bar=False)]  # noqa: RUF001
Folder: TypeAlias = Annotated[str, File(what="folder", reads=False, needed=True)]
NAME_WORDS = ("title", "seed", "index", "date", "time", "width", "height")
FileName: TypeAlias = Annotated[str, Text(words=NAME_WORDS)]
