from nodeforge.stages.params import Unit
from nodeforge.stages.stage import stage
from nodeforge.values import Image


@stage(category="picture", icon="contrast")
def invert(image: Image, amount: Unit = 1.0) -> Image:
    """Turn light into dark and dark into light; transparency is dropped."""
    light = image.pixels[..., :3]
    return Image(light + amount * (1 - 2 * light), image.seeds)
