"""Pictures of every kind come in; what cannot is said in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageCms

from nodeforge.errors import DiskError
from nodeforge.stages.source import load_image, number, text


def saved(path: Path, picture: Pil.Image, **options: object) -> str:
    picture.save(path, **options)  # type: ignore[arg-type]
    return str(path)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK"])
def test_opaque_pictures_become_rgb(tmp_path: Path, mode: str) -> None:
    file = saved(tmp_path / "a.tiff", Pil.new("RGB", (6, 4), "white").convert(mode))
    pixels = load_image(file).pixels
    assert pixels.shape == (1, 4, 6, 3)
    assert pixels.dtype == np.float32
    assert (pixels == 1).all()


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_kept(tmp_path: Path, mode: str) -> None:
    file = saved(tmp_path / "a.png", Pil.new("RGBA", (6, 4), (255, 255, 255, 51)).convert(mode))
    np.testing.assert_allclose(load_image(file).pixels[0, 0, 0], (1, 1, 1, 0.2))


@pytest.mark.parametrize("mode", ["P", "RGB"])
def test_a_colour_marked_as_transparent_becomes_alpha(tmp_path: Path, mode: str) -> None:
    picture = Pil.new(mode, (6, 4))
    file = saved(tmp_path / "a.png", picture, transparency=0 if mode == "P" else (0, 0, 0))
    assert not load_image(file).pixels[..., 3].any()


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bits_of_grey_are_kept(tmp_path: Path, suffix: str) -> None:
    grey = np.array([[0, 1, 257, 65535]], np.uint16)
    file = saved(tmp_path / f"a.{suffix}", Pil.fromarray(grey))
    pixels = load_image(file).pixels
    assert pixels.shape == (1, 1, 4, 3)
    np.testing.assert_allclose(pixels[0, 0, :, 1] * 65535, grey[0], rtol=1e-6)


@pytest.mark.parametrize("white", [1, 255, 65535])
def test_float_grey_finds_its_white(tmp_path: Path, white: int) -> None:
    values = np.array([[0, white / 2, white, np.nan]], np.float32)
    file = saved(tmp_path / "a.tiff", Pil.fromarray(values))
    np.testing.assert_allclose(load_image(file).pixels[0, 0, :, 0], [0, 0.5, 1, 0])


def test_a_picture_is_turned_as_the_camera_was_held(tmp_path: Path) -> None:
    picture = Pil.new("RGB", (6, 4))
    exif = picture.getexif()
    exif[0x0112] = 6
    image = load_image(saved(tmp_path / "a.jpg", picture, exif=exif))
    assert (image.width, image.height) == (4, 6)


def test_a_damaged_profile_and_damaged_exif_do_not_matter(tmp_path: Path) -> None:
    picture = Pil.new("RGB", (6, 4), "white")
    file = saved(tmp_path / "a.jpg", picture, icc_profile=b"junk", exif=b"Exif\0\0junk")
    assert (load_image(file).pixels == 1).all()


def test_a_picture_that_is_srgb_already_is_not_touched(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = saved(tmp_path / "a.png", Pil.fromarray(values), icc_profile=profile)
    np.testing.assert_array_equal(load_image(file).bytes8()[0], values)


def swapped_profile() -> bytes:
    """A profile of our own: as sRGB, but what it calls red is blue."""
    profile: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    swap = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    return re.sub(b"[rb]XYZ", lambda match: swap[match[0]], profile)


@pytest.mark.parametrize("colour", [(255, 0, 0), (255, 0, 0, 51)])
def test_other_profiles_are_converted(tmp_path: Path, colour: tuple[int, ...]) -> None:
    picture = Pil.new("RGBA" if len(colour) == 4 else "RGB", (8, 8), colour)
    file = saved(tmp_path / "a.png", picture, icc_profile=swapped_profile())
    seen = load_image(file).bytes8()[0, 0, 0].astype(int)
    np.testing.assert_allclose(seen, (0, 0, *colour[:1], *colour[3:]), atol=2)


def test_of_an_animation_the_first_picture_is_taken(tmp_path: Path) -> None:
    frames = [Pil.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    file = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert (load_image(file).pixels[..., 0] == 1).all()


def test_your_own_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    saved(tmp_path / "a.png", Pil.new("RGB", (6, 4)))
    assert load_image("~/a.png").width == 6


def test_no_picture_is_said() -> None:
    with pytest.raises(DiskError, match="No picture is chosen"):
        load_image(" ")


def test_a_missing_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"There is no picture .*gone\.png: choose another"):
        load_image(str(tmp_path / "gone.png"))


def test_a_folder_is_not_a_picture(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be read"):
        load_image(str(tmp_path))


def test_text_is_not_a_picture(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(DiskError, match="is not a picture"):
        load_image(str(tmp_path / "a.png"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff", "gif", "bmp"])
def test_a_picture_cut_short_is_said(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = tmp_path / f"a.{suffix}"
    whole = Path(saved(path, Pil.fromarray(noise))).read_bytes()
    for part in (0.1, 0.5, 0.9):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(DiskError, match=r"a\..*: choose another file"):
            load_image(str(path))


def test_a_decompression_bomb_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saved(tmp_path / "a.png", Pil.new("L", (2000, 1500)))
    monkeypatch.setattr(Pil, "MAX_IMAGE_PIXELS", 1_000_000)
    with pytest.raises(DiskError, match="too large to open: make it smaller than 2 megapixels"):
        load_image(file)
    monkeypatch.setattr(Pil, "MAX_IMAGE_PIXELS", 2_000_000)
    assert load_image(file).width == 2000


def test_a_name_that_cannot_be_is_said() -> None:
    with pytest.raises(DiskError, match="cannot be read"):
        load_image("a\0.png")


def test_text_and_number_hand_on_what_they_hold() -> None:
    assert (text("a\nb"), number(2.5)) == ("a\nb", 2.5)
    assert [s.spec.outputs[0].type for s in (text, number)] == ["Text", "Number"]
