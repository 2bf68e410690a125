# SPDX-License-Identifier: Apache-2.0
"""One picture file into an array: as a viewer shows it, in its own range."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define

from drawplate.data.safe import check_room, file_size
from drawplate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""What is opened, whatever a file is called."""
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})
WIDE = {"I;16": "uint16", "I;16L": "uint16", "I;16B": "uint16", "I": "int32", "F": "float32"}
"""Pillow's modes of one channel with more than 8 bits, and the types that keep their range."""
WHITE = (255, 255, 255, 255)


@define
class Gallery:
    """Reads pictures that shall be alike, and remembers what has to be said of them."""

    transparent: int = 0
    animated: int = 0
    narrowed: int = 0

    def read(self, files: Sequence[Path]) -> Iterator[NDArray[Any]]:
        """Yield (H, W) grey and (H, W, 3) colour pictures, all of one size and type.

        Raises:
            DataError: naming the file that is damaged, no picture, of another size or another type, or what memory has
                no room for.
        """
        first: tuple[NDArray[Any], Path] | None = None
        for file in files:
            pixels = self._open(file)
            if first is None:
                first = (pixels, file)
                check_room(len(files) * pixels.nbytes, f"{len(files):,} pictures like {file}")
            _check_alike(pixels, file, *first)
            yield pixels

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said beside results."""
        said = (
            (self.transparent, "partly transparent, laid on white"),
            (self.animated, "animated or of several pages, of which the first is taken"),
            (self.narrowed, "of more than 8 bits per colour, of which the upper 8 are read"),
        )
        return tuple(f"{count:,} picture{'s are' if count > 1 else ' is'} {what}" for count, what in said if count)

    def _open(self, file: Path) -> NDArray[Any]:
        from PIL import Image, ImageOps, UnidentifiedImageError

        file_size(file)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what decoders think of a file
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(file, formats=FORMATS) as image:
                    self._remember(image)
                    return self._pixels(ImageOps.exif_transpose(image))
        except UnidentifiedImageError as error:
            raise DataError("is damaged, or no picture", where=str(file), allowed=FORMATS) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise DataError(
                "is too large", where=str(file), allowed=f"up to {Image.MAX_IMAGE_PIXELS:,} pixels"
            ) from error
        except DataError:
            raise
        except Exception as error:  # decoders raise whatever damaged files make them
            raise DataError(f"is damaged: {error or type(error).__name__}", where=str(file)) from error

    def _remember(self, image: Any) -> None:
        self.animated += getattr(image, "is_animated", False)
        self.narrowed += image.mode not in WIDE and ";16" in str(image.tile)

    def _pixels(self, image: Image) -> NDArray[Any]:
        import numpy as np

        if image.mode in WIDE:
            return np.array(image).astype(WIDE[image.mode])
        if image.mode in ("1", "L"):
            return np.array(image.convert("L"))
        if image.has_transparency_data:
            return self._on_white(image)
        return np.array(image.convert("RGB"))

    def _on_white(self, image: Image) -> NDArray[Any]:
        import numpy as np
        from PIL import Image as Pillow

        grey, full = image.mode in ("LA", "La"), image.convert("RGBA")
        if full.getchannel("A").getextrema() != (255, 255):
            self.transparent += 1
            full = Pillow.alpha_composite(Pillow.new("RGBA", full.size, WHITE), full)
        return np.array(full.convert("L" if grey else "RGB"))


def _check_alike(pixels: NDArray[Any], file: Path, first: NDArray[Any], first_file: Path) -> None:
    for here, there, hint in (
        (pixels.shape[:2], first.shape[:2], "resize them first"),
        (pixels.dtype, first.dtype, "save all pictures in one type"),
    ):
        if here != there:
            raise DataError(f"is {here}, but {first_file} is {there}", where=str(file), hint=hint)
