"""Two models to test with: Forge Tiny, and a random one whose VAE has a factor of 2, not 8."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from nodeforge import resources
from nodeforge.diffusion import devices, recipes, weights
from nodeforge.values import Model
from tests.diffusion import tiny as tiny_models

PROMPT = "a dragon flying over a castle"
Reference = Callable[[Model, str], Any]


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Such small pictures gain nothing from threads; on a busy machine these wait for another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def forge() -> Model:
    return recipes.resolve("forge-tiny")


@pytest.fixture(scope="session")
def random_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A diffusers folder of Stable Diffusion 1 with random weights."""
    import diffusers
    import transformers

    torch.manual_seed(7)
    embedded = resources.path("models/forge-tiny")
    root = tmp_path_factory.mktemp("models") / "random"
    pipeline = diffusers.StableDiffusionPipeline(
        vae=diffusers.AutoencoderKL(
            down_block_types=["DownEncoderBlock2D"] * 2,
            up_block_types=["UpDecoderBlock2D"] * 2,
            block_out_channels=[16, 32],
            norm_num_groups=8,
            latent_channels=4,
        ),
        text_encoder=transformers.CLIPTextModel(
            transformers.CLIPTextConfig(
                vocab_size=8192,
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=2,
            )
        ),
        tokenizer=transformers.CLIPTokenizer.from_pretrained(embedded / "tokenizer"),
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(16, 32),
            layers_per_block=1,
            norm_num_groups=8,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=32,
            attention_head_dim=4,
            sample_size=32,
        ),
        scheduler=diffusers.PNDMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(root)
    return root


@pytest.fixture(scope="session")
def random(random_folder: Path) -> Model:
    return recipes.resolve(str(random_folder))


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The bare diffusers pipeline of a model, loaded the plain way."""
    loaded: dict[tuple[str, str], Any] = {}

    def get(model: Model, cls: str = "StableDiffusionPipeline") -> Any:
        import diffusers

        if (model.path, cls) not in loaded:
            pipeline = getattr(diffusers, cls).from_pretrained(
                model.path, torch_dtype=weights.precision(model), local_files_only=True
            )
            pipeline.set_progress_bar_config(disable=True)
            loaded[model.path, cls] = pipeline.to(devices.device().torch)
        return loaded[model.path, cls]

    return get


@pytest.fixture
def broken_copy(random_folder: Path, tmp_path: Path) -> Path:
    """A model to spoil."""
    return Path(shutil.copytree(random_folder, tmp_path / "broken"))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Model]:
    """tiny("sd3") is the recipe of a random model of that family; names are in `tiny.MODELS`."""
    root = tmp_path_factory.mktemp("tiny")

    @functools.cache
    def get(name: str) -> Model:
        return recipes.resolve(str(tiny_models.MODELS[name](root / name)))

    return get


@pytest.fixture(scope="session")
def tiny_control(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """tiny_control("sd3") is the folder of a random ControlNet for that model."""
    root = tmp_path_factory.mktemp("controls")

    @functools.cache
    def get(name: str) -> Path:
        return tiny_models.CONTROLS[name](root / name)

    return get
