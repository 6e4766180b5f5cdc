"""Scenes: true to their captions, the same for the same seed, and never what is held out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nodeforge.errors import BadValue, DiskError
from nodeforge.training import nets
from nodeforge.training.data import subjects
from nodeforge.training.data.sprites import LOOKS, Pack, Sprite, read
from nodeforge.training.scenes import backdrops, held_out
from nodeforge.training.scenes.colours import BACKGROUNDS, NAMES
from nodeforge.training.scenes.compose import Compositor
from nodeforge.training.scenes.sampler import Diet, Sampler
from nodeforge.training.scenes.scene import MOST, Layer, Scene, batch
from nodeforge.training.scenes.words import ARTS, FLAWS, STYLES

FEW = Path(__file__).parent / "pack"
KINDS = backdrops.plan(900, 1)
BLANK = Layer(0, 0.5, 0.5, 0.6, 0, False, -1, 0)


def everyone() -> Pack:
    """All subjects of the project with square sprites and no pictures."""
    known = subjects.load()
    sprites = [Sprite(at, look, 1, 0.8, None) for at in range(len(known)) for look in LOOKS]
    return Pack(64, known, tuple(sprites), np.zeros((0, 64, 64, 4), np.uint8))


PACK = everyone()


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    return Sampler(PACK, KINDS)


@pytest.fixture(scope="module")
def scenes(sampler: Sampler) -> list[Scene]:
    return [sampler.sample(seed) for seed in range(12000)]


@pytest.fixture(scope="module")
def bank() -> backdrops.Bank:
    return backdrops.make(42, 3)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read(FEW)


def test_a_seed_is_a_scene(sampler: Sampler) -> None:
    again = Sampler(PACK, KINDS)
    assert [again.sample(seed) for seed in range(50)] == [sampler.sample(s) for s in range(50)]
    assert len({sampler.sample(seed) for seed in range(50)}) == 50


def test_captions_are_phrases_that_fit_the_model(scenes: list[Scene]) -> None:
    for scene in scenes:
        assert re.fullmatch(r"[a-z0-9][a-z0-9 ,'-]*[a-z0-9]", scene.caption), scene.caption
        assert " ," not in scene.caption
        assert not re.search(r"\b(a [aeio]|an [bcdfgjklmnpqrstvwxyz])", scene.caption), (
            scene.caption
        )
    tokenizer = nets.tokenizer()
    lengths = [
        len(ids) for ids in tokenizer([scene.caption for scene in scenes[:3000]])["input_ids"]
    ]
    assert max(lengths) <= 62  # with the marks of beginning and end


def test_every_scene_can_be_composed(scenes: list[Scene]) -> None:
    for scene in scenes:
        assert 0 <= len(scene.layers) <= MOST
        for layer in scene.layers:
            assert 0 < layer.size < 1
            assert -1 <= layer.colour < len(NAMES)


def test_hardly_anything_is_cut_off(scenes: list[Scene]) -> None:
    layers = [layer for scene in scenes for layer in scene.layers]
    high = [layer for layer in layers if not 0 <= layer.y - 0.4 * layer.size <= 1]
    wide = [layer for layer in layers if not -0.03 <= layer.x - 0.5 * layer.size <= 1.03]
    low = [layer for layer in layers if layer.y + 0.4 * layer.size > 1.03]
    assert len(high) + len(wide) + len(low) < 0.02 * len(layers)


def test_half_of_the_scenes_show_one_thing_and_half_of_those_show_it_large(
    scenes: list[Scene],
) -> None:
    single = [scene for scene in scenes if len(scene.layers) == 1]
    large = [scene for scene in single if scene.layers[0].size >= 0.6]
    assert 0.42 < len(single) / len(scenes) < 0.5
    assert len(large) > 0.5 * len(single)
    only = Sampler(PACK, KINDS, Diet(single=1))
    assert all(len(only.sample(seed).layers) == 1 for seed in range(200))


def test_without_a_word_for_it_there_is_no_style(scenes: list[Scene]) -> None:
    plain = [scene for scene in scenes if not scene.style]
    assert 0.66 < len(plain) / len(scenes) < 0.74
    for scene in scenes:
        looks = {PACK.sprites[layer.sprite].look for layer in scene.layers}
        assert looks <= {STYLES[scene.style].look}, scene
    told = [
        word for scene in plain for word in ("sketch", "pixel", "neon") if word in scene.caption
    ]
    assert not told


def test_a_style_is_always_told(scenes: list[Scene]) -> None:
    for scene in scenes:
        style = STYLES[scene.style]
        words = (*style.openings, *style.endings, *([style.adjective] if style.adjective else []))
        assert not scene.style or any(word in scene.caption for word in words), scene
    seen = Counter(scene.style for scene in scenes)
    assert seen.keys() == {"", *ARTS, *FLAWS} - {"blueprint"}
    assert 0.02 < sum(seen[flaw] for flaw in FLAWS) / len(scenes) < 0.04


def test_only_who_asks_for_blueprints_gets_them(scenes: list[Scene]) -> None:
    assert not [scene for scene in scenes if "blueprint" in scene.caption]
    all_blue = Sampler(PACK, KINDS, Diet(only_style="blueprint"))
    for seed in range(300):
        scene = all_blue.sample(seed)
        assert scene.style == "blueprint"
        assert "blueprint" in scene.caption


def test_a_diet_may_name_its_styles() -> None:
    some = Sampler(PACK, KINDS, Diet(plain=0, degraded=0, styles=frozenset({"oil", "flat"})))
    assert {some.sample(seed).style for seed in range(100)} == {"oil", "flat"}
    with pytest.raises(BadValue, match="choose from 3d"):
        Sampler(PACK, KINDS, Diet(only_style="cubism"))


def test_what_is_common_is_drawn_often(scenes: list[Scene]) -> None:
    seen = Counter(name for scene in scenes for name in scene.subjects)
    often = [seen[who.names[0]] for who in PACK.subjects if who.weight > 1]
    seldom = [seen[who.names[0]] for who in PACK.subjects if who.weight <= 1]
    assert np.mean(often) > 2.5 * np.mean(seldom)
    assert min(often) > 0


def test_a_caption_names_every_subject(scenes: list[Scene]) -> None:
    names = {who.names[0]: (*who.names, *who.plurals) for who in PACK.subjects}
    for scene in scenes:
        for subject in scene.subjects:
            assert any(name in scene.caption for name in names[subject]), scene


@pytest.mark.parametrize(
    "pattern",
    [
        r"^an? \w+$",
        r"\w+ on a wooden table$",
        r"\w+ in the mountains",
        r"on the moon$",
        r"in a field of flowers",
        r"on the sea at sunset",
        r"in space",
        r"in a forest",
        r"in autumn",
        r"on the road",
        r"flying over (a|the) city",
        r"on an? (yellow|pink|green) background",
        r"^an? \w+ and an? \w+",
        r"in front of an? (castle|house|tower)",
        r"underwater$",
        r"^a 3d render of",
        r", neon lights",
        r"^an? neon \w+",
        r"flying over an? (castle|house|tree|tower)",
        r"at night$",
        r"to the left of",
        r"to the right of",
        r"on the left and",
        r"above an? \w+",
        r"behind an? \w+",
        r"next to",
        r"wearing an? (crown|hat)",
        r"riding an? horse",
        r"astronaut riding",
        r"^two \w+ in the snow",
        r"^three (red|blue|green) \w+s",
        r"^six \w+",
        r"a (tiny|giant|small|huge) \w+ and",
        r"^a (red|blue|purple) \w+ (in|on)",
        r"^a watercolor painting of",
        r"^a pencil sketch of",
        r"^pixel art of",
        r"^a (beach|forest|city) with",
        r"^\w+ ?\w*, \w+ ?\w* and|^an? \w+, an? \w+ and an? \w+",
        r", (blurry|noisy|low quality)",
        r"^a (beach|forest|meadow)",
    ],
)
def test_people_ask_like_this(pattern: str, scenes: list[Scene]) -> None:
    assert [scene for scene in scenes if re.search(pattern, scene.caption)]


def test_an_astronaut_often_rides_a_horse() -> None:
    """The rider is above the mount's middle and overlaps its back."""
    riding = Sampler(PACK, KINDS, Diet(single=0, plain=1, degraded=0))
    found = 0
    for seed in range(6000):
        scene = riding.sample(seed)
        if ("pair", "riding", *scene.subjects) not in scene.shows:
            continue
        found += 1
        rider, mount = scene.layers
        assert rider.y < mount.y
        assert rider.y + 0.4 * rider.size > mount.y - 0.45 * mount.size
        assert abs(rider.x - mount.x) < 0.5 * mount.size
    assert found > 200


def test_relations_are_where_the_caption_says(scenes: list[Scene]) -> None:
    place: dict[str, list[list[Layer]]] = defaultdict(list)
    for scene in scenes:
        for shown in scene.shows:
            if shown[0] == "pair":
                layers = {
                    PACK.subjects[PACK.sprites[layer.sprite].subject].names[0]: layer
                    for layer in scene.layers
                }
                place[shown[1]].append([layers[name] for name in scene.subjects])
    assert all(first.x < second.x - 0.3 for first, second in place["left"])
    assert all(
        first.y < second.y for way in ("flying", "above", "on") for first, second in place[way]
    )
    assert all(first.y > second.y - 0.1 for first, second in place["front"])


def test_a_number_is_the_number_of_things(scenes: list[Scene]) -> None:
    words = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
    seen = set()
    for scene in scenes:
        for word, count in words.items():
            if re.search(rf"\b{word} ", scene.caption) and len(scene.subjects) == 1:
                assert len(scene.layers) == count, scene
                seen.add(count)
    assert seen == {2, 3, 4, 5, 6}


def test_a_colour_is_painted(scenes: list[Scene]) -> None:
    for scene in scenes:
        told = [shown[1] for shown in scene.shows if shown[0] == "colour"]
        painted = {NAMES[layer.colour] for layer in scene.layers if layer.colour >= 0}
        assert painted <= set(told), scene


def test_there_are_two_hundred_different_prompts() -> None:
    prompts = held_out.read()
    assert len(prompts) == 200
    assert len({prompt.caption for prompt in prompts}) == 200
    assert len({prompt.combination for prompt in prompts}) == 200
    relations = Counter(prompt.relation for prompt in prompts)
    assert relations["alone"] == 80
    assert relations["count"] == 40


def test_what_is_held_out_never_appears() -> None:
    held = held_out.combinations()
    rich = Sampler(PACK, KINDS, Diet(single=0.3, plain=0.3))
    open_to_all = Sampler(PACK, KINDS, Diet(single=0.3, plain=0.3))
    open_to_all.held = frozenset()
    seeds = range(20000)
    met = [seed for seed in seeds if not held.isdisjoint(open_to_all.sample(seed).shows)]
    assert met  # it would
    assert all(held.isdisjoint(rich.sample(seed).shows) for seed in met)


def test_every_word_held_out_is_known_from_elsewhere() -> None:
    sampler = Sampler(PACK, KINDS)
    words = {word for seed in range(20000) for word in sampler.sample(seed).caption.split()}
    needed = {word for prompt in held_out.read() for word in prompt.caption.split()}
    assert needed <= words, needed - words


@pytest.mark.parametrize("prompt", held_out.read(), ids=lambda prompt: prompt.caption)
def test_a_held_out_prompt_has_a_true_scene(prompt: held_out.Prompt, sampler: Sampler) -> None:
    scene = held_out.scene(prompt, sampler, 5)
    assert scene.caption == prompt.caption
    assert scene.subjects == prompt.subjects
    assert scene.style == prompt.style
    assert prompt.combination in scene.shows
    counted = prompt.count if prompt.relation == "count" else len(prompt.subjects)
    assert len(scene.layers) == counted
    backdrop = KINDS[scene.backdrop]
    kind, _, detail = prompt.backdrop.partition(" ")
    assert not kind or backdrop.kind == kind
    assert not detail or detail in (backdrop.time, backdrop.colour)
    assert held_out.scene(prompt, sampler, 5) == scene


def test_a_prompt_of_nobody_known_says_so(pack: Pack, sampler: Sampler) -> None:
    few = Sampler(pack, KINDS)
    strange = replace(held_out.read()[0], subjects=("gryphon",))
    with pytest.raises(BadValue, match="no “gryphon”"):
        held_out.scene(strange, few, 0)
    nowhere = replace(held_out.read()[0], backdrop="jungle")
    with pytest.raises(BadValue, match="jungle"):
        held_out.scene(nowhere, sampler, 0)


def test_a_small_pack_and_a_small_bank_will_do(pack: Pack, bank: backdrops.Bank) -> None:
    few = Sampler(pack, bank.kinds)
    assert all(few.sample(seed).caption for seed in range(500))
    one = Sampler(pack, bank.kinds[:1])
    assert all(one.sample(seed).caption for seed in range(200))


def test_a_bank_has_every_kind_and_colour() -> None:
    assert {kind.kind for kind in backdrops.plan(len(backdrops.KINDS), 0)} == set(backdrops.KINDS)
    assert len(backdrops.plan(7, 0)) == 7
    assert {kind.colour for kind in KINDS if kind.kind == "plain"} == set(BACKGROUNDS)
    assert {kind.time for kind in KINDS if kind.kind == "beach"} == {
        "day",
        "sunset",
        "night",
        "dawn",
    }
    with pytest.raises(BadValue):
        backdrops.plan(0, 0)


def test_a_bank_is_kept_as_it_is(bank: backdrops.Bank, tmp_path: Path) -> None:
    backdrops.save(bank, tmp_path / "bank.npz")
    kept = backdrops.load(tmp_path / "bank.npz")
    assert kept.kinds == bank.kinds
    assert np.array_equal(kept.pictures, bank.pictures)
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    with pytest.raises(DiskError, match="delete the file"):
        backdrops.load(tmp_path / "bad.npz")


def test_a_bank_is_the_same_however_many_paint_it(bank: backdrops.Bank) -> None:
    again = backdrops.make(42, 3, processes=2)
    assert np.array_equal(again.pictures, bank.pictures)
    assert bank.pictures.std((1, 2, 3)).min() >= 0
    assert bank.pictures.shape == (42, 256, 256, 3)


def test_the_same_scenes_make_the_same_pictures(pack: Pack, bank: backdrops.Bank) -> None:
    sampler = Sampler(pack, bank.kinds, Diet(plain=0.2, degraded=0.3))
    scenes = [sampler.sample(seed) for seed in range(16)]
    pictures = Compositor(pack, bank, "cpu")(batch(scenes))
    assert pictures.shape == (16, 3, 256, 256)
    assert pictures.dtype == torch.float32
    assert 0 <= pictures.min() < pictures.max() <= 1
    alone = Compositor(pack, bank, "cpu")(batch(scenes[9:10]))
    assert torch.allclose(alone[0], pictures[9], atol=1e-5)


@pytest.mark.parametrize("size", [384, 512])
def test_a_scene_looks_the_same_at_every_size(size: int, pack: Pack, bank: backdrops.Bank) -> None:
    scenes = []
    for place, style in enumerate(STYLES):
        if style not in ("noisy", "poor"):
            sampler = Sampler(pack, bank.kinds, Diet(only_style=style))
            scenes.append(sampler.sample(place))
    small = Compositor(pack, bank, "cpu")(batch(scenes))
    large = Compositor(pack, bank, "cpu", size)(batch(scenes))
    sides = (64, 64)
    coarse = [torch.nn.functional.interpolate(x, sides, mode="area") for x in (small, large)]
    apart = (coarse[0] - coarse[1]).abs().mean((1, 2, 3))
    assert apart.max() < 0.03


def test_a_sprite_lies_where_its_layer_says(bank: backdrops.Bank) -> None:
    layer = replace(BLANK, x=0.25, y=0.75, size=0.3)
    picture = composed(bank, layer)
    changed = (picture - composed(bank)).abs().sum(0) > 0.05
    rows, columns = torch.nonzero(changed, as_tuple=True)
    assert abs(rows.float().mean() / 256 - 0.75) < 0.01
    assert abs(columns.float().mean() / 256 - 0.25) < 0.01
    assert abs(int(rows.max() - rows.min()) / 256 - 0.3) < 0.02


def test_a_painted_sprite_has_its_colour(bank: backdrops.Bank) -> None:
    for name, strongest in (("red", 0), ("green", 1), ("blue", 2)):
        middle = composed(bank, replace(BLANK, colour=NAMES.index(name)))[:, 128, 128]
        assert int(middle.argmax()) == strongest


def test_a_flipped_sprite_is_a_mirror_image(bank: backdrops.Bank) -> None:
    ways = [composed(bank, replace(BLANK, flipped=way)) for way in (False, True)]
    assert not torch.allclose(ways[0], ways[1], atol=0.05)
    middle = slice(64, 192)
    assert torch.allclose(ways[0][:, middle, middle], ways[1].flip(2)[:, middle, middle], atol=0.02)


def test_one_thing_lies_over_another(bank: backdrops.Bank) -> None:
    both = composed(bank, replace(BLANK, colour=0), replace(BLANK, colour=4, size=0.3))
    assert int(both[:, 128, 128].argmax()) == 2
    assert int(both[:, 128, 70].argmax()) == 0


def test_sizes_are_limited(bank: backdrops.Bank, pack: Pack) -> None:
    with pytest.raises(BadValue, match="256, 384 or 512"):
        Compositor(pack, bank, "cpu", 300)


def composed(bank: backdrops.Bank, *layers: Layer) -> torch.Tensor:
    """[3, 256, 256]: square sprites, grey to the left and lighter to the right, on plain white."""
    pictures = np.full((1, 64, 64, 4), 255, np.uint8)
    pictures[0, :, :32, :3] = 110
    pictures[0, :, 32:, :3] = 150
    pack = Pack(64, PACK.subjects[:1], (Sprite(0, "3d", 1, 1, None),), pictures)
    plain = next(at for at, kind in enumerate(bank.kinds) if kind.kind == "plain")
    scene = Scene("", plain, False, layers, "", "", ())
    return Compositor(pack, bank, "cpu")(batch([scene]))[0]
