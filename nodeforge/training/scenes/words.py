"""What captions say: phrases for backdrops, times of day, places beside each other, and styles."""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]

PLACES: dict[str, Words] = {
    "plain": ("on a {c} background", "on a plain {c} background", "with a {c} background"),
    "gradient": ("on a {c} gradient background", "on a {c} background"),
    "radial": ("on a {c} background", "on a glowing {c} background"),
    "sunburst": ("on a {c} sunburst background", "with {c} rays"),
    "dots": ("on a {c} polka dot background", "with {c} polka dots"),
    "stripes": ("on a {c} striped background", "with {c} stripes"),
    "checker": ("on a {c} checkered background",),
    "paper": ("on paper", "on white paper"),
    "parchment": ("on old parchment", "on old paper"),
    "grid": ("on grid paper",),
    "bokeh": ("with bokeh lights", "with a bokeh background"),
    "confetti": ("with confetti", "at a party"),
    "meadow": (
        *("in a meadow", "on the grass", "in a green field", "on a green hill", "in nature"),
        *("outdoors", "in a park"),
    ),
    "flowers": ("in a field of flowers", "in a flower meadow", "in a garden", "among flowers"),
    "mountains": ("in the mountains", "with mountains in the background", "in front of mountains"),
    "forest": ("in a forest", "in the woods", "in the forest"),
    "snow": ("in the snow", "in the snow", "in winter", "on snow"),
    "autumn": ("in autumn", "in the fall", "among autumn leaves"),
    "desert": ("in the desert", "on sand dunes", "in a desert"),
    "beach": ("on the beach", "on a beach", "at the seaside", "by the sea"),
    "city": ("in the city", "in a city", "on a city street", "downtown"),
    "road": ("on the road", "on a road", "on the street"),
    "lake": ("by a lake", "at a lake"),
    "moon": ("on the moon", "on the surface of the moon"),
    "lava": ("on a lava field", "in a volcanic landscape", "in hell", "with lava"),
    "farm": ("on a farm", "in a farm field"),
    "spring": ("in spring", "among cherry blossom trees"),
    "candy": ("in a candy land", "in a pastel dreamland"),
    "sky": ("in the sky", "in the air"),
    "sea": ("on the sea", "in the ocean", "on the water", "at sea"),
    "underwater": ("underwater", "under the sea", "in the deep sea"),
    "space": ("in space", "in outer space", "among the stars", "in the galaxy"),
    "table": ("on a wooden table", "on a table"),
    "room": ("in a room", "indoors", "at home"),
    "rain": ("in the rain", "on a rainy day"),
    "fog": ("in the fog", "on a foggy day", "in the mist"),
    "clouds": ("above the clouds", "in the clouds"),
    "storm": ("in a storm", "in a thunderstorm", "with lightning"),
}
OVER: dict[str, Words] = {  # what something in the air is above
    "meadow": ("a meadow", "green hills"),
    "flowers": ("a field of flowers",),
    "mountains": ("the mountains", "mountains"),
    "forest": ("a forest", "the trees"),
    "snow": ("the snow", "a snowy landscape"),
    "autumn": ("an autumn landscape",),
    "desert": ("the desert",),
    "beach": ("the beach", "a beach"),
    "city": ("a city", "the city"),
    "road": ("a road", "the road"),
    "lake": ("a lake",),
    "moon": ("the surface of the moon",),
    "lava": ("a lava field",),
    "farm": ("a farm",),
    "spring": ("cherry blossom trees",),
    "sea": ("the sea", "the ocean"),
    "clouds": ("the clouds",),
}
TIMES: dict[str, Words] = {
    "": ("",),
    "day": ("on a sunny day", "in daylight", "during the day"),
    "sunset": ("at sunset", "at sunset", "at dusk", "in the evening", "in golden light"),
    "night": ("at night", "at night", "under the stars", "in the moonlight"),
    "dawn": ("at dawn", "in the early morning", "at sunrise"),
    "grey": ("",),
}
SKIES: dict[str, Words] = {
    "day": ("in the sky", "in a blue sky", "in the blue sky"),
    "sunset": ("in the sunset sky", "in the sky at sunset"),
    "night": ("in the night sky", "in a starry night sky", "in the sky at night"),
    "dawn": ("in a pink sky", "in a pastel sky", "in the sky at dawn"),
}
TIMELESS = frozenset({"moon", "lava", "candy", "rain", "fog", "storm", "clouds", "space"})
SCENERY: dict[str, Words] = {
    "meadow": ("a meadow", "a green field", "a landscape with green hills"),
    "flowers": ("a field of flowers", "a flower meadow"),
    "mountains": ("mountains", "a mountain landscape"),
    "forest": ("a forest", "trees in a forest"),
    "snow": ("a snowy landscape", "a winter landscape"),
    "autumn": ("an autumn landscape", "autumn trees"),
    "desert": ("a desert", "sand dunes"),
    "beach": ("a beach", "a sandy beach by the sea"),
    "city": ("a city", "a city skyline"),
    "road": ("a road",),
    "lake": ("a lake", "a lake in the mountains"),
    "moon": ("the surface of the moon",),
    "lava": ("a lava landscape",),
    "farm": ("a farm field",),
    "spring": ("cherry blossom trees", "a spring landscape"),
    "candy": ("a candy land",),
    "sky": ("the sky",),
    "sea": ("the sea", "the ocean"),
    "underwater": ("an underwater scene",),
    "space": ("outer space", "a galaxy", "stars in space"),
    "table": ("an empty wooden table",),
    "room": ("an empty room",),
    "clouds": ("a sea of clouds",),
    "storm": ("a thunderstorm",),
    "rain": ("a rainy landscape",),
    "fog": ("a foggy landscape",),
}


@dataclass(frozen=True)
class Relation:
    """How two subjects are to each other. forward: "A forward B"; backward: "B backward A"."""

    forward: Words
    backward: Words = ()


RELATIONS: dict[str, Relation] = {
    "flying": Relation(
        ("flying over", "flying over", "flying over", "flying above", "soaring over", "above"),
        ("below", "under"),
    ),
    "above": Relation(("above", "above", "over", "floating above"), ("below", "under", "beneath")),
    "left": Relation(
        ("to the left of", "to the left of", "on the left of", "left of"),
        ("to the right of", "to the right of", "on the right of", "right of"),
    ),
    "beside": Relation(("and", "and", "and", "next to", "next to", "beside", "with", "near")),
    "on": Relation(("on", "on top of", "sitting on", "standing on")),
    "riding": Relation(("riding", "riding", "riding", "riding on", "on")),
    "front": Relation(("in front of", "in front of", "in front of", "near"), ("behind",)),
    "under": Relation(("under", "under", "in front of", "beside"), ("behind",)),
    "wearing": Relation(("wearing", "wearing", "wearing", "with", "in")),
}
NUMBERS: dict[int, Words] = {
    2: ("two", "two", "two", "a pair of", "2"),
    3: ("three", "three", "three", "3"),
    4: ("four", "four", "four", "4"),
    5: ("five", "five", "five", "5"),
    6: ("six", "six", "six", "6"),
}
SIZES: dict[str, float] = {  # how much larger than usual
    "big": 1.3,
    "large": 1.3,
    "huge": 1.55,
    "giant": 1.55,
    "small": 0.58,
    "little": 0.58,
    "tiny": 0.4,
}
CHARMS = ("cute", "beautiful", "happy", "lovely", "nice")
OPENINGS = (
    *("a picture of", "an illustration of", "an image of", "a drawing of", "art of"),
    *("a photo of", "a scene with"),
)
FLATTERY = (
    *("highly detailed", "masterpiece", "best quality", "digital art", "beautiful", "colorful"),
    *("cinematic lighting", "4k", "8k", "sharp focus", "trending on artstation", "cute"),
    *("fantasy art", "vibrant colors", "illustration"),
)


@dataclass(frozen=True)
class Style:
    """How a picture is made. look: of its sprites. weight: how often it is drawn, relative.

    openings stand before a caption, endings after it; adjective before a subject's noun, or "".
    plain: whether its filter leaves nothing of a place. colourless: of colours. spoilt: whether it
    is a flaw rather than a style.
    """

    look: str = "3d"
    weight: float = 0.0
    openings: Words = ()
    endings: Words = ()
    adjective: str = ""
    plain: bool = False
    colourless: bool = False
    spoilt: bool = False


STYLES: dict[str, Style] = {
    "": Style(),
    "3d": Style(
        weight=0.1,
        openings=("a 3d render of", "a 3d illustration of"),
        endings=("3d render", "3d", "3d style", "glossy 3d render"),
        adjective="3d",
    ),
    "cartoon": Style(
        look="noto",
        weight=0.09,
        openings=("a cartoon of", "a cartoon drawing of", "an emoji of"),
        endings=("cartoon", "cartoon style", "emoji"),
        adjective="cartoon",
    ),
    "flat": Style(
        look="flat",
        weight=0.1,
        openings=("a flat icon of", "a flat illustration of", "a vector illustration of"),
        endings=("flat icon", "flat design", "flat style", "vector art"),
    ),
    "sticker": Style(
        look="flat",
        weight=0.07,
        openings=("a sticker of",),
        endings=("sticker", "sticker with a white outline"),
    ),
    "pixel": Style(
        weight=0.13,
        openings=("pixel art of", "a pixel art of"),
        endings=("pixel art", "8-bit pixel art"),
        adjective="pixel art",
    ),
    "sketch": Style(
        weight=0.12,
        openings=("a pencil sketch of", "a line drawing of", "a sketch of"),
        endings=("pencil sketch", "line art", "line sketch", "pencil drawing"),
        colourless=True,
    ),
    "watercolor": Style(
        weight=0.13,
        openings=("a watercolor painting of", "a watercolour of", "a watercolor of"),
        endings=("watercolor", "watercolor painting"),
        adjective="watercolor",
    ),
    "oil": Style(
        weight=0.12,
        openings=("an oil painting of", "a painting of"),
        endings=("oil painting", "painterly"),
    ),
    "bw": Style(
        weight=0.06,
        openings=("a black and white picture of", "a black and white photo of"),
        endings=("black and white", "monochrome"),
        colourless=True,
    ),
    "sepia": Style(
        weight=0.05,
        openings=("an old photo of", "a vintage photo of"),
        endings=("sepia", "vintage photo"),
        colourless=True,
    ),
    "neon": Style(
        weight=0.08,
        openings=("a neon sign of",),
        endings=("neon", "neon lights", "neon glow"),
        adjective="neon",
        plain=True,
    ),
    "blueprint": Style(
        openings=("a blueprint of",),
        endings=("blueprint",),
        adjective="blueprint",
        plain=True,
        colourless=True,
    ),
    "blurry": Style(endings=("blurry", "out of focus", "blurred"), spoilt=True),
    "noisy": Style(endings=("noisy", "grainy"), spoilt=True),
    "poor": Style(
        endings=("low quality", "worst quality", "jpeg artifacts", "bad quality", "ugly"),
        spoilt=True,
    ),
}
FLAWS = tuple(name for name, style in STYLES.items() if style.spoilt)
ARTS = tuple(name for name, style in STYLES.items() if style.openings)
