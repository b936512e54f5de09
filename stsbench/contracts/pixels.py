"""The pixels of an image, the same for whoever asks: what is no plain still picture is refused, never shown as something else."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stsbench.errors import MissingExtra

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Pixels = NDArray[np.uint8]
MOST_PIXELS: Final = 2**26  # 67 million, as the largest cameras give: 200 MB once they are decoded
MOST_BYTES: Final = 2**26
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_STARTS: Final = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF.{4}WEBP", re.DOTALL)  # how their files begin
_SIXTEEN: Final = 16  # bits a colour, at the place where a PNG says so: Pillow would drop half of them without a word
_ORIENTATION: Final = 0x0112  # the tag of EXIF data that says how the camera was held
_SAVE: Final = "save it anew as PNG, JPEG or WEBP in RGB"


class Unfit(ValueError):
    """What keeps an image from being taken, its verb in braces (`{is} animated`), and what to do about it."""

    def __init__(self, says: str, step: str = _SAVE) -> None:
        super().__init__(f"an image {says.replace('{', '').replace('}', '')}; {step}")
        self.says, self.step = says, step


@dataclass(frozen=True)
class Decoded:
    """Pixels, uint8[height, width, 3], and whether they were `turned` as the camera said in its EXIF data."""

    pixels: Pixels
    turned: bool


def decoded(data: bytes) -> Decoded:
    """The image that these bytes are; raises Unfit for what is no plain still picture, MissingExtra without Pillow."""
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise MissingExtra("reading images takes Pillow, which comes with `pip install 'stsbench[vision]'`") from error
    if len(data) > MOST_BYTES:
        raise Unfit(f"{{is}} larger than {MOST_BYTES // 2**20} MB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes, which are checked here, and of tags that nobody reads
        try:
            picture: Picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise _too_large() from error
        except Exception as error:  # whatever a broken header makes of a reader
            raise _damaged() if _STARTS.match(data) else Unfit("{is} no PNG, JPEG or WEBP image") from error
        try:
            _refuse(picture, data)
            picture.load()
            return Decoded(_colours(ImageOps.exif_transpose(picture)), picture.getexif().get(_ORIENTATION, 1) != 1)
        except Unfit:
            raise
        except Exception as error:
            raise _damaged() from error


def _refuse(picture: Picture, data: bytes) -> None:
    """Raises Unfit for what its header says that would be lost, or fills the memory."""
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()
    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:  # a camera's JPEG may hold a preview besides
        raise Unfit("{is} animated", "save one of its frames")
    if picture.mode.startswith(("I", "F")) or (picture.format == "PNG" and data[24] == _SIXTEEN):
        raise Unfit("{has} 16 bits a colour, where 8 are read")
    if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):
        raise Unfit("{is} of print colours (CMYK)")


def _damaged() -> Unfit:
    return Unfit("{is} cut short or damaged", "copy or save it anew")


def _too_large() -> Unfit:
    return Unfit(f"{{has}} more than {MOST_PIXELS / 1e6:.0f} million pixels", "save it smaller")


def _colours(picture: Picture) -> Pixels:
    if picture.has_transparency_data and np.asarray(picture.convert("RGBA"))[..., 3].min() < 255:
        raise Unfit("{is} transparent in part, and what shows there is not said", "save it on a background")
    return np.asarray(picture.convert("RGB"))
